"""The parameters of the contract, put together from samples and gates."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from host.codes import Absence
from host.gait.norms import norm_for
from host.gait.parameters.catalogue import BY_NAME, ENTRIES, NAMES
from host.gait.parameters.method_error import MethodErrors, with_method_error
from host.gait.parameters.profile import SCORES
from host.gait.parameters.samples import Measured, Samples, percentiles
from host.gait.parameters.symmetry import (
    Index,
    SideRatio,
    SymmetryAngle,
    SymmetryIndex,
    SymmetryRatio,
)
from host.gait.parameters.variability import CoefficientOfVariation
from host.gait.signals import Array
from host.gait.types import Parameter, Person
from model_zoo.skeleton import Side

_BASES = {
    "step_time": "step_time",
    "step_length": "relative_step_length",  # an index needs no scale
    "stance": "stance_percent",
    "swing": "swing_percent",
}
_INDICES: dict[str, Index] = {
    "asymmetry": SymmetryIndex(),
    "ratio": SymmetryRatio(),
    "symmetry_angle": SymmetryAngle(),
}
_SYMMETRY: dict[str, tuple[str, Index]] = {
    f"{quantity}_{suffix}": (base, index)
    for quantity, base in _BASES.items()
    for suffix, index in _INDICES.items()
} | {"arm_swing_symmetry_angle": ("arm_swing", SymmetryAngle())}
# Near and far foot or arm look different: told only where both directions were walked.
_NEAR_AND_FAR = ("relative_step_length", "arm_swing")
_TIMED = ("stride_time", "step_time", "stance_time", "swing_time")
_LEAST_PER_SIDE = 2
# The walk ratio of healthy people is constant above this speed only (62 m/min, PMC5430280).
_LEAST_SPEED_OF_RATIO_MPS = 62 / 60


@dataclass(frozen=True)
class Gates:
    """Why groups of parameters have no value; None = free.

    Attributes
    ----------
    everything
        Closes all parameters.
    phases
        Closes what needs the moment of foot off, or of contact itself.
    lengths
        Closes lengths and speed.
    sides
        Closes left, right and symmetry; the feet still take turns, so the mean of both stands.
    single
        Closes what tells single strides from each other.
    sagittal
        Closes angles in the plane of the walk.
    clearance
        Closes the clearance of the foot.
    frame_rate_hz
        Rate of the recording.
    timing_noise_s
        SD of a time between two events of this keypoint source.
    """

    everything: Absence | None = None
    phases: Absence | None = None
    lengths: Absence | None = None
    sides: Absence | None = None
    single: Absence | None = None
    sagittal: Absence | None = None
    clearance: Absence | None = None
    frame_rate_hz: float = float("nan")
    timing_noise_s: float = 0.0


def build_parameters(
    measured: Measured, gates: Gates, person: Person, errors: MethodErrors | None = None
) -> dict[str, Parameter]:
    """All parameters of :data:`NAMES`, with a value or with the reason of its absence.

    Parameters
    ----------
    measured
        Samples per parameter, or why there are none; what is not named was not measured.
    gates
        Reasons of absence.
    person
        For the norms.
    errors
        Error of the method by parameter, which widens the intervals; none when None.
    """
    if gates.everything is not None:
        return {name: _absent(name, gates.everything) for name in NAMES}
    out = {}
    for entry in ENTRIES:
        closed = next((r for g in entry.gates if (r := getattr(gates, g)) is not None), None)
        made = _absent(entry.name, closed) if closed else _made(entry.name, measured, gates)
        if gates.sides is not None:
            made = replace(made, left=None, right=None)
        out[entry.name] = _with_norm(with_method_error(made, errors or {}), person)
    if not out["walking_speed"].value >= _LEAST_SPEED_OF_RATIO_MPS:
        out["walk_ratio"] = _without_norm(out["walk_ratio"], Absence.NO_NORM_AT_SPEED)
    return out


def _made(name: str, measured: Measured, gates: Gates) -> Parameter:
    if name == "cadence":
        return _cadence(measured)
    if name == "walk_ratio":
        return _walk_ratio(measured)
    if name == "temporal_symmetry":
        return _temporal_symmetry(measured)
    if name == "step_length_difference":
        return _step_length_difference(measured)
    if name == "sagittal_profile_score":
        return _profile_score(measured)
    if name in _SYMMETRY:
        base, index = _SYMMETRY[name]
        return _symmetry(name, base, index, measured)
    if name.endswith("_variability"):
        return _variability(name, measured, gates)
    samples = measured.get(name, Absence.TOO_FEW_STRIDES)
    return _absent(name, samples) if isinstance(samples, Absence) else _plain(name, samples)


def _absent(name: str, reason: Absence) -> Parameter:
    return Parameter(
        name,
        float("nan"),
        BY_NAME[name].unit,
        f"definition.{name}",
        0,
        float("nan"),
        absent_reason=reason,
        norm_absent_reason=reason,
    )


def _present(
    name: str, value: float, n: int, sd: float, interval: tuple[float, float] | None
) -> Parameter:
    return Parameter(name, value, BY_NAME[name].unit, f"definition.{name}", n, sd, interval)


def _plain(name: str, samples: Samples) -> Parameter:
    if samples.n == 0:
        return _absent(name, Absence.TOO_FEW_STRIDES)
    made = _present(name, samples.mean(), samples.n, samples.sd(), samples.interval_95())
    if not BY_NAME[name].sided:
        return made
    return replace(made, left=samples.side(Side.LEFT), right=samples.side(Side.RIGHT))


def _cadence(measured: Measured) -> Parameter:
    """60 / mean step time; the spread is that of the single steps' cadence."""
    step_s = measured.get("step_time")
    if not isinstance(step_s, Samples) or step_s.n == 0:
        return _absent("cadence", Absence.TOO_FEW_STRIDES)
    means = step_s.resampled_means()
    interval = percentiles(None if means is None else 60 / means)
    spread = Samples(60 / step_s.value, step_s.right, step_s.direction).sd()
    return _present("cadence", 60 / step_s.mean(), step_s.n, spread, interval)


def _walk_ratio(measured: Measured) -> Parameter:
    """Mean step length in centimetres over cadence; the interval is that of the length."""
    name, length_m = "walk_ratio", measured.get("step_length", Absence.TOO_FEW_STRIDES)
    cadence = _cadence(measured)
    if isinstance(length_m, Absence):
        return _absent(name, length_m)
    if length_m.n == 0 or cadence.absent_reason is not None:
        return _absent(name, Absence.TOO_FEW_STRIDES)
    ratio = length_m.times(100 / cadence.value)
    return _present(name, ratio.mean(), ratio.n, ratio.sd(), ratio.interval_95())


def _symmetry(name: str, base: str, index: Index, measured: Measured) -> Parameter:
    """One index of one quantity; its spread is the bootstrap's standard error of the index."""
    samples = _of_both_sides(measured, base, both_ways=base in _NEAR_AND_FAR)
    if isinstance(samples, Absence):
        return _absent(name, samples)
    left, right = samples.side_means()
    value = float(index.of(np.array(left), np.array(right)))
    if not np.isfinite(value):
        return _absent(name, Absence.NOT_DEFINED)
    drawn = samples.resampled_side_means()
    if drawn is None:
        return _present(name, value, samples.n, float("nan"), None)
    # The ratio keeps the larger side on top through all draws, or its interval could not hold 1.
    if isinstance(index, SymmetryRatio):
        smaller, larger = drawn if right >= left else drawn[::-1]
        spread = SideRatio().of(smaller, larger)
    else:
        spread = index.of(*drawn)
    return _present(name, value, samples.n, *_drawn(spread))


def _temporal_symmetry(measured: Measured) -> Parameter:
    """Swing over stance of the right, over the same of the left (Patterson et al. 2008)."""
    name = "temporal_symmetry"
    stance = _of_both_sides(measured, "stance_percent")
    if isinstance(stance, Absence):
        return _absent(name, stance)
    sides = [np.array(v) for v in stance.side_means()]
    value = float(SideRatio().of(*((100 - v) / v for v in sides)))
    drawn = stance.resampled_side_means()
    if drawn is None:
        return _present(name, value, stance.n, float("nan"), None)
    return _present(name, value, stance.n, *_drawn(SideRatio().of(*((100 - v) / v for v in drawn))))


def _step_length_difference(measured: Measured) -> Parameter:
    """Step length of the right less that of the left, in body heights.

    Told from one direction too: what the near and the far foot differ in is held by the error of
    the method, which is measured on walks in one direction. Unlike a ratio it is defined where a
    foot is not set down past the other.
    """
    name = "step_length_difference"
    length = _of_both_sides(measured, "relative_step_length")
    if isinstance(length, Absence):
        return _absent(name, length)
    left, right = length.side_means()
    drawn = length.resampled_side_means()
    if drawn is None:
        return _present(name, right - left, length.n, float("nan"), None)
    return _present(name, right - left, length.n, *_drawn(drawn[1] - drawn[0]))


def _profile_score(measured: Measured) -> Parameter:
    """Root mean square of the scores of the joints; all of them must be there."""
    name = "sagittal_profile_score"
    scores: list[Samples] = []
    for part in SCORES:
        found = measured.get(part, Absence.TOO_FEW_STRIDES)
        if isinstance(found, Absence):
            return _absent(name, found)
        scores.append(found)
    n = min(found.n for found in scores)
    if n == 0:
        return _absent(name, Absence.TOO_FEW_STRIDES)
    value = float(np.sqrt(np.mean([found.mean() ** 2 for found in scores])))
    drawn = [means for found in scores if (means := found.resampled_means()) is not None]
    if len(drawn) < len(scores):
        return _present(name, value, n, float("nan"), None)
    return _present(name, value, n, *_drawn(np.sqrt(np.mean(np.square(drawn), axis=0))))


def _of_both_sides(measured: Measured, base: str, *, both_ways: bool = False) -> Samples | Absence:
    """Samples of a quantity whose two sides can be compared, or why they cannot be.

    With ``both_ways`` only those of walks in both directions.
    """
    samples = measured.get(base, Absence.TOO_FEW_STRIDES)
    if isinstance(samples, Absence):
        return samples
    if samples.side(Side.LEFT) is None or samples.side(Side.RIGHT) is None:
        return Absence.ONE_SIDE_ONLY
    if both_ways and len(np.unique(samples.direction[samples.direction != 0])) == 1:
        return Absence.ONE_DIRECTION_ONLY
    return Absence.TOO_FEW_STRIDES if samples.least_in_cell() < _LEAST_PER_SIDE else samples


def _drawn(values: Array) -> tuple[float, tuple[float, float] | None]:
    """Spread and interval of bootstrap values; none where the index was not always defined."""
    if not np.isfinite(values).all():
        return float("nan"), None
    return float(values.std(ddof=1)), percentiles(values)


def _variability(name: str, measured: Measured, gates: Gates) -> Parameter:
    base = name.removesuffix("_variability")
    samples = measured.get(base, Absence.TOO_FEW_STRIDES)
    if isinstance(samples, Absence):
        return _absent(name, samples)
    noise = gates.timing_noise_s if base in _TIMED else 0.0
    spread = CoefficientOfVariation(noise, gates.frame_rate_hz).measure(samples)
    if isinstance(spread, Absence):
        return _absent(name, spread)
    return _present(name, spread.value, samples.n, spread.error, spread.interval_95)


def _without_norm(parameter: Parameter, reason: Absence) -> Parameter:
    if parameter.norm is None:
        return parameter
    return replace(parameter, norm=None, norm_absent_reason=reason)


def _with_norm(parameter: Parameter, person: Person) -> Parameter:
    if parameter.absent_reason is not None:
        return parameter
    if person.age_years is None or person.sex is None:
        return replace(parameter, norm_absent_reason=Absence.AGE_SEX_UNKNOWN)
    norm = norm_for(parameter.name, parameter.value, person)
    if norm is None:
        return replace(parameter, norm_absent_reason=Absence.NO_NORM)
    return replace(parameter, norm=norm)
