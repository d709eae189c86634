"""How far the method itself is off, by keypoint source and parameter, and intervals that hold it.

``method_error.json`` says for each parameter the standard error ``sd`` that, together with the
error of the mean over the strides, covers 95 % of the differences to the truth of rendered walks,
which is the mean over all their strides, seen or not, with heights told as people tell them
(split conformal prediction, Lei et al. 2018, J Am Stat Assoc 113:1094, with the interval's half
width as score). Events of a limping walk are found more even than they are, so an asymmetry that is
found is rather too small than too large: of parameters of symmetry the two sides of the interval,
``inward`` (towards symmetry) and outward, each leave out 2.5 % (Linusson, Johansson and Löfström
2014, PAKDD: signed error conformal regression), and the error grows with the distance from symmetry
(locally weighted, Lei et al. 2018, section 5.2): of a limp about a third is lost, whatever its
size. The errors are measured on other walks than those that judge them (``docs/validation.md``); a
source that was not measured has no entry, and what was measured with one event method is not told
of another. Walks that are not seen from the side have errors of their own, measured at 36 to 54
degrees; what was not measured there has that of the side. Walks in depth, whose contacts are those
of :class:`~host.gait.depth_walk.DepthWalks`, have theirs.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from host.codes import ViewKind
from host.gait.parameters.catalogue import neutral
from host.gait.types import Parameter

Z_95 = 1.96
IN_DEPTH = "ankle_rhythm"
"""Events of walks towards the camera or away from it."""
TABLE = Path(__file__).parent / "method_error.json"
_SIDE, _OBLIQUE, DEPTH = "errors", "errors_oblique", "errors_depth"


@dataclass(frozen=True)
class MethodError:
    """Error of one parameter beyond that of its strides.

    Attributes
    ----------
    sd
        In the unit of the parameter, or as a share of its value.
    relative
        Whether ``sd`` is a share.
    inward_sd
        Of a parameter of symmetry: the same for the side of the interval towards symmetry, ``sd``
        being that of the other side; None where both sides have one ``sd``.
    usual
        Of a parameter of symmetry: the distance from symmetry, in its unit, at which both errors
        are twice those of a symmetric walk; None where they are the same at every distance.
    """

    sd: float
    relative: bool
    inward_sd: float | None = None
    usual: float | None = None

    def at(self, value: float) -> float:
        """SD in the unit of the parameter, at a value."""
        return abs(value) * self.sd if self.relative else self.sd

    def growth(self, distance: float) -> float:
        """How many times larger the error is at a distance from symmetry."""
        return 1.0 if self.usual is None else 1.0 + abs(distance) / self.usual


MethodErrors = Mapping[str, MethodError]


def method_errors(source: str, events: str, view: ViewKind = ViewKind.SIDE) -> MethodErrors:
    """Errors by parameter of one keypoint source and event method; empty where none are known.

    Not from the side none is smaller than from the side: few clips measured it.
    """
    of_view = {kind: tables().get((source, events, kind), {}) for kind in (_SIDE, _OBLIQUE)}
    side, oblique = of_view[_SIDE], of_view[_OBLIQUE]
    if view is ViewKind.SIDE:
        return side
    return {
        name: _larger([t[name] for t in (side, oblique) if name in t])
        for name in (*side, *(n for n in oblique if n not in side))
    }


def _larger(errors: list[MethodError]) -> MethodError:
    """The larger of each side of the interval, and the faster growth."""
    inward = [e.inward_sd for e in errors if e.inward_sd is not None]
    usual = [e.usual for e in errors if e.usual is not None]
    return replace(
        errors[0],
        sd=max(e.sd for e in errors),
        inward_sd=max(inward) if inward else None,
        usual=min(usual) if usual else None,
    )


def with_method_error(parameter: Parameter, errors: MethodErrors) -> Parameter:
    """The parameter with an interval that also holds the error of the method.

    Half widths add by squares, each side of the value for itself. A parameter without an interval
    or without a measured error stays as it is.
    """
    error = errors.get(parameter.name)
    if error is None or parameter.interval_95 is None:
        return parameter
    value, (low, high) = parameter.value, parameter.interval_95
    below = above = Z_95 * error.at(value)
    even = neutral(parameter.name)
    if error.inward_sd is not None and even is not None:
        growth = error.growth(value - even)
        inward, outward = growth * Z_95 * error.inward_sd, growth * above
        below, above = (inward, outward) if value > even else (outward, inward)
    return replace(
        parameter,
        interval_95=(
            float(value - np.hypot(max(value - low, 0.0), below)),
            float(value + np.hypot(max(high - value, 0.0), above)),
        ),
    )


@lru_cache(maxsize=1)
def tables() -> Mapping[tuple[str, str, str], MethodErrors]:
    """All that was measured, by source, event method and kind of view."""
    document = json.loads(TABLE.read_text(encoding="utf-8"))
    return {
        (source, events, as_kind): {
            name: MethodError(
                float(error["sd"]),
                bool(error["relative"]),
                error.get("inward_sd"),
                error.get("usual"),
            )
            for name, error in entry.get(kind, {}).items()
        }
        for source, entry in document["sources"].items()
        for events, kind, as_kind in (
            (entry["events"], _SIDE, _SIDE),
            (entry["events"], _OBLIQUE, _OBLIQUE),
            (IN_DEPTH, DEPTH, _SIDE),
        )
    }
