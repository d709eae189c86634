"""How far the method itself is off, by keypoint source and parameter, and intervals that hold it.

``method_error.json`` says for each parameter the standard error ``sd`` that, together with the
error of the mean over the strides, covers 95 % of the differences to the truth of rendered walks
(split conformal prediction, Lei et al. 2018, J Am Stat Assoc 113:1094, with the interval's half
width as score). It is measured on other walks than those that judge it
(``docs/validation.md``); a source that was not measured has no entry, and what was measured with
one event method is not told of another.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from host.gait.types import Parameter

Z_95 = 1.96
TABLE = Path(__file__).parent / "method_error.json"


@dataclass(frozen=True)
class MethodError:
    """Error of one parameter beyond that of its strides.

    Attributes
    ----------
    sd
        In the unit of the parameter, or as a share of its value.
    relative
        Whether ``sd`` is a share.
    """

    sd: float
    relative: bool

    def at(self, value: float) -> float:
        """SD in the unit of the parameter, at a value."""
        return abs(value) * self.sd if self.relative else self.sd


MethodErrors = Mapping[str, MethodError]


def method_errors(source: str, events: str) -> MethodErrors:
    """Errors by parameter of one keypoint source and event method; empty where none are known."""
    return _tables().get((source, events), {})


def with_method_error(parameter: Parameter, errors: MethodErrors) -> Parameter:
    """The parameter with an interval that also holds the error of the method.

    Half widths add by squares, each side of the value for itself. A parameter without an interval
    or without a measured error stays as it is.
    """
    error = errors.get(parameter.name)
    if error is None or parameter.interval_95 is None:
        return parameter
    low, high = parameter.interval_95
    own = Z_95 * error.at(parameter.value)
    return replace(
        parameter,
        interval_95=(
            float(parameter.value - np.hypot(max(parameter.value - low, 0.0), own)),
            float(parameter.value + np.hypot(max(high - parameter.value, 0.0), own)),
        ),
    )


@lru_cache(maxsize=1)
def _tables() -> Mapping[tuple[str, str], MethodErrors]:
    document = json.loads(TABLE.read_text(encoding="utf-8"))
    return {
        (source, entry["events"]): {
            name: MethodError(float(error["sd"]), bool(error["relative"]))
            for name, error in entry["errors"].items()
        }
        for source, entry in document["sources"].items()
    }
