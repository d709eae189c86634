"""The parameters of the contract, put together from samples and gates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from host.codes import Absence
from host.gait.norms import norm_for
from host.gait.parameters.samples import Samples, percentiles
from host.gait.parameters.spatial import SpatialSamples
from host.gait.parameters.temporal import TemporalSamples
from host.gait.types import Parameter, Person, SideValue
from model_zoo.skeleton import Side

MIN_STRIDES_VARIABILITY = 20
"""Kroneberg 2019: up to 20 strides are needed for a stable coefficient of variation."""
MIN_RATE_VARIABILITY_HZ = 50.0
"""Below 50 frames/s the timing noise of a frame adds more than half of a healthy spread."""

_PHASES = ("stance_percent", "swing_percent", "double_support_percent", "single_support_percent")
_LENGTHS = ("walking_speed", "step_length", "stride_length", "walk_ratio", "step_length_asymmetry")
_UNITS = {
    "cadence": "steps/min",
    "walking_speed": "m/s",
    "step_time": "s",
    "stride_time": "s",
    "step_length": "m",
    "stride_length": "m",
    "stance_percent": "%",
    "swing_percent": "%",
    "double_support_percent": "%",
    "single_support_percent": "%",
    "step_width": "m",
    "walk_ratio": "cm.min",
    "step_time_asymmetry": "%",
    "step_length_asymmetry": "%",
    "stance_asymmetry": "%",
    "stride_time_variability": "%",
    "step_time_variability": "%",
    "stride_length_variability": "%",
}
NAMES: tuple[str, ...] = tuple(_UNITS)
"""All parameters, in the order of the report."""


@dataclass(frozen=True)
class Gates:
    """Why groups of parameters have no value; None = free.

    Attributes
    ----------
    everything
        Closes all parameters.
    phases
        Closes stance, swing and support.
    lengths
        Closes lengths and speed.
    sides
        Closes left, right and asymmetry; the feet still take turns, so the mean of both stands.
    frame_rate_hz
        Rate of the recording.
    """

    everything: Absence | None = None
    phases: Absence | None = None
    lengths: Absence | None = None
    sides: Absence | None = None
    frame_rate_hz: float = field(default=float("nan"))


def build_parameters(
    temporal: TemporalSamples | None,
    spatial: SpatialSamples | None,
    gates: Gates,
    person: Person,
) -> dict[str, Parameter]:
    """All parameters of :data:`NAMES`, with a value or with the reason of its absence.

    Parameters
    ----------
    temporal, spatial
        Samples; None where they could not be taken (closed by the gates).
    gates
        Reasons of absence.
    person
        For the norms.
    """
    out = {name: _absent(name, Absence.TOO_FEW_STRIDES) for name in NAMES}
    if gates.everything is not None or temporal is None:
        reason = gates.everything or Absence.NO_WALKING
        return {name: _absent(name, reason) for name in NAMES}
    out.update(_plain("step_time", temporal.step_time_s))
    out.update(_plain("stride_time", temporal.stride_time_s))
    out.update(_cadence(temporal.step_time_s))
    for name in _PHASES:
        out.update(_plain(name, getattr(temporal, name)))
    out.update(_asymmetry("step_time_asymmetry", temporal.step_time_s))
    out.update(_asymmetry("stance_asymmetry", temporal.stance_percent))
    rate = gates.frame_rate_hz
    out.update(_variability("step_time_variability", temporal.step_time_s, rate))
    out.update(_variability("stride_time_variability", temporal.stride_time_s, rate))
    out.update(_lengths(spatial, out["cadence"], rate))
    out = _closed(out, gates)
    return {name: _with_norm(parameter, person) for name, parameter in out.items()}


def _lengths(
    spatial: SpatialSamples | None, cadence: Parameter, rate_hz: float
) -> Mapping[str, Parameter]:
    out: dict[str, Parameter] = {"step_width": _absent("step_width", Absence.NOT_OBSERVABLE)}
    if spatial is None:
        for name in (*_LENGTHS, "stride_length_variability"):
            out[name] = _absent(name, Absence.NO_SCALE)
        return out
    for name in ("walking_speed", "step_length", "stride_length"):
        out.update(_plain(name, getattr(spatial, name)))
    if spatial.step_width.n:
        out.update(_plain("step_width", spatial.step_width))
    out.update(_length_asymmetry(spatial))
    out.update(_variability("stride_length_variability", spatial.stride_length, rate_hz))
    out.update(_walk_ratio(spatial.step_length, cadence))
    return out


def _absent(name: str, reason: Absence) -> Parameter:
    return Parameter(
        name,
        float("nan"),
        _UNITS[name],
        f"definition.{name}",
        0,
        float("nan"),
        absent_reason=reason,
        norm_absent_reason=reason,
    )


def _plain(name: str, samples: Samples) -> Mapping[str, Parameter]:
    if samples.n == 0:
        return {name: _absent(name, Absence.TOO_FEW_STRIDES)}
    sides = (samples.side(Side.LEFT), samples.side(Side.RIGHT))
    parameter = Parameter(
        name,
        samples.mean(),
        _UNITS[name],
        f"definition.{name}",
        samples.n,
        samples.sd(),
        samples.interval_95(),
        *sides,
    )
    return {name: parameter}


def _cadence(step_time_s: Samples) -> Mapping[str, Parameter]:
    """60 / mean step time; the spread is that of the single steps' cadence."""
    if step_time_s.n == 0:
        return {"cadence": _absent("cadence", Absence.TOO_FEW_STRIDES)}
    means = step_time_s.resampled_means()
    spread = Samples(60 / step_time_s.value, step_time_s.right).sd()
    interval = percentiles(None if means is None else 60 / means)
    name = "cadence"
    value = 60 / step_time_s.mean()
    definition = f"definition.{name}"
    parameter = Parameter(name, value, _UNITS[name], definition, step_time_s.n, spread, interval)
    return {name: parameter}


def _walk_ratio(step_length_m: Samples, cadence: Parameter) -> Mapping[str, Parameter]:
    name = "walk_ratio"
    if step_length_m.n == 0 or cadence.absent_reason is not None:
        return {name: _absent(name, Absence.TOO_FEW_STRIDES)}
    scale = 100 / cadence.value
    interval = step_length_m.interval_95()
    return {
        name: Parameter(
            name,
            step_length_m.mean() * scale,
            _UNITS[name],
            f"definition.{name}",
            step_length_m.n,
            step_length_m.sd() * scale,
            None if interval is None else (interval[0] * scale, interval[1] * scale),
        )
    }


def _asymmetry(name: str, samples: Samples) -> Mapping[str, Parameter]:
    """Symmetry index of Robinson (1987): 100 (right - left) / mean of both; 0 = symmetric."""
    left, right = samples.side(Side.LEFT), samples.side(Side.RIGHT)
    if left is None or right is None:
        return {name: _absent(name, Absence.ONE_SIDE_ONLY)}
    if min(left.n, right.n) < 2:
        return {name: _absent(name, Absence.TOO_FEW_STRIDES)}
    value = symmetry_index(left.value, right.value)
    if not np.isfinite(value):
        return {name: _absent(name, Absence.NOT_OBSERVABLE)}
    spread = _asymmetry_spread(left, right)
    unit, definition = _UNITS[name], f"definition.{name}"
    return {name: Parameter(name, value, unit, definition, samples.n, spread)}


def _length_asymmetry(spatial: SpatialSamples) -> Mapping[str, Parameter]:
    """Mean of the two directions' index, in which the difference of near and far foot cancels.

    Points with a lateral coordinate have no near and far side and need one direction only.
    """
    name = "step_length_asymmetry"
    if spatial.step_width.n:
        return _asymmetry(name, spatial.step_length)
    parts = [_asymmetry(name, s)[name] for s in spatial.step_length_by_direction]
    measured = [p for p in parts if p.absent_reason is None]
    if len(measured) < 2:
        return {name: _absent(name, Absence.ONE_DIRECTION_ONLY)}
    value = float(np.mean([p.value for p in measured]))
    spread = float(np.sqrt(sum(p.sd**2 for p in measured))) / len(measured)
    count = sum(p.n for p in measured)
    return {name: Parameter(name, value, _UNITS[name], f"definition.{name}", count, spread)}


def symmetry_index(left: float, right: float) -> float:
    """Robinson et al. (1987): 100 (R - L) / (0.5 (R + L)), percent; NaN when both sum to zero."""
    total = right + left
    return 100 * (right - left) / (0.5 * total) if total else float("nan")


def _asymmetry_spread(left: SideValue, right: SideValue) -> float:
    """Standard error of the index from the spread of both sides, percent (first order)."""
    error = np.hypot(left.sd / np.sqrt(left.n), right.sd / np.sqrt(right.n))
    return float(100 * error / abs(0.5 * (left.value + right.value)))


def _variability(name: str, samples: Samples, rate_hz: float) -> Mapping[str, Parameter]:
    """Coefficient of variation in percent, each side around its own mean.

    Withheld below 20 values or 50 frames/s. Events lie between frames here, so the rounding noise
    of whole frames (dt^2 / 6) is not in the samples and is not taken off.
    """
    if not rate_hz >= MIN_RATE_VARIABILITY_HZ:
        return {name: _absent(name, Absence.FRAME_RATE_LOW)}
    if samples.n < MIN_STRIDES_VARIABILITY:
        return {name: _absent(name, Absence.TOO_FEW_STRIDES)}
    value = 100 * samples.sd_within_sides() / samples.mean()
    spread = value / np.sqrt(2 * (samples.n - 1))  # standard error of a standard deviation
    unit, definition = _UNITS[name], f"definition.{name}"
    return {name: Parameter(name, value, unit, definition, samples.n, float(spread))}


def _closed(parameters: dict[str, Parameter], gates: Gates) -> dict[str, Parameter]:
    """Parameters whose group is closed lose their value and name the reason."""
    groups = (
        (gates.phases, (*_PHASES, "stance_asymmetry")),
        (gates.lengths, (*_LENGTHS, "stride_length_variability")),
        (gates.sides, tuple(name for name in NAMES if name.endswith("asymmetry"))),
    )
    out = dict(parameters)
    if gates.sides is not None:
        out = {name: replace(p, left=None, right=None) for name, p in out.items()}
    for reason, names in groups:
        if reason is not None:
            out.update({name: _absent(name, reason) for name in names})
    return out


def _with_norm(parameter: Parameter, person: Person) -> Parameter:
    if parameter.absent_reason is not None:
        return parameter
    if person.age_years is None or person.sex is None:
        return replace(parameter, norm_absent_reason=Absence.AGE_SEX_UNKNOWN)
    norm = norm_for(parameter.name, parameter.value, person)
    if norm is None:
        return replace(parameter, norm_absent_reason=Absence.NO_NORM)
    return replace(parameter, norm=norm)
