"""A multinomial logistic model over named features: every log odds is a sum that can be read.

The model is a table: for each class one weight per standardised feature and one constant. Log odds
of a class against "none" are the difference of two such sums; a feature's contribution is its term
in that difference. Features are standardised, cut at ``limit`` standard deviations, and 0 (no
contribution) where they are missing. The sums are divided by a temperature that was fitted on walks
of people whom the weights had not seen, so that probabilities are calibrated.

A walk lies outside what the model has seen when it is further from every class of the fit than all
but 1 % of the walks of that fit: Mahalanobis distance with one spread for all classes.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from host.diagnosis.patterns.features import NAMES, SIGNS

Array = NDArray[np.float64]
FILE = Path(__file__).with_name("model.json")
NONE = "none"
FORMAT = 1


@dataclass(frozen=True)
class PatternModel:
    """The fitted model; K classes, F features.

    Attributes
    ----------
    classes
        ``"none"`` or ``PATTERN`` or ``PATTERN/left``, ``PATTERN/right``.
    mean, sd
        float64[F], standardisation; the mean of a signed feature is 0.
    limit
        Standardised features are cut at this size.
    weights, constants
        float64[K, F] and float64[K].
    temperature
        Divides the sums.
    centres
        float64[K, F], mean of each class, standardised.
    covariance
        float64[F, F], of the standardised features within classes.
    usual
        float64[F, 2], the middle 95 % of the walks without a pattern, in the features' own units.
    farthest
        Distance per measured feature above which a walk lies outside.
    threshold
        Least probability of what is told, a pattern or none.
    provenance
        What it was fitted on and how.
    """

    classes: tuple[str, ...]
    mean: Array
    sd: Array
    limit: float
    weights: Array
    constants: Array
    temperature: float
    centres: Array
    covariance: Array
    usual: Array
    farthest: float
    threshold: float
    provenance: dict[str, Any]

    def __post_init__(self) -> None:
        k, f = len(self.classes), len(NAMES)
        shapes = {"mean": (f,), "sd": (f,), "weights": (k, f), "constants": (k,)}
        shapes |= {"centres": (k, f), "covariance": (f, f), "usual": (f, 2)}
        for name, shape in shapes.items():
            if getattr(self, name).shape != shape:
                raise ValueError(f"{name} is {getattr(self, name).shape}, expected {shape}")
        if self.classes[0] != NONE:
            raise ValueError(f"the first class is {self.classes[0]!r}, not {NONE!r}")

    def standardised(self, features: Array) -> Array:
        """float64[F] of measured features; NaN stays NaN."""
        return np.asarray(np.clip((features - self.mean) / self.sd, -self.limit, self.limit))

    def probabilities(self, features: Array) -> dict[str, float]:
        """Calibrated probability of each class, from features float64[F] (NaN where missing)."""
        z = np.nan_to_num(self.standardised(features))
        sums = (self.weights @ z + self.constants) / self.temperature
        parts = np.exp(sums - sums.max())
        return dict(zip(self.classes, (parts / parts.sum()).tolist(), strict=True))

    def contributions(self, features: Array, name: str) -> dict[str, float]:
        """Log odds that each measured feature adds to a class against none.

        They and the difference of the constants sum to the log odds of the probabilities.
        """
        z = self.standardised(features)
        row = self.weights[self.classes.index(name)] - self.weights[0]
        terms = row * z / self.temperature
        return {n: float(t) for n, t in zip(NAMES, terms, strict=True) if np.isfinite(t)}

    def outside(self, features: Array, share: float = 1.0) -> tuple[str, ...]:
        """Names of the features outside the middle 95 % of the walks without a pattern.

        ``share``: of that range, about its middle, outside of which a feature must lie.
        """
        low, high = self.usual.T
        out = np.abs(features - (low + high) / 2) > share * (high - low) / 2
        return tuple(name for name, is_out in zip(NAMES, out, strict=True) if is_out)

    def distance(self, features: Array) -> float:
        """Mahalanobis distance to the nearest class over the square root of what was measured.

        Missing features are left out of the covariance; NaN where nothing is measured.
        """
        z = self.standardised(features)
        seen = np.isfinite(z)
        if not seen.any():
            return float("nan")
        inverse = np.linalg.inv(self.covariance[np.ix_(seen, seen)])
        away = z[seen] - self.centres[:, seen]
        squares = np.einsum("kf,fg,kg->k", away, inverse, away)
        return float(np.sqrt(squares.min() / seen.sum()))


def mirrored_class(name: str) -> str:
    """The class of the mirrored walk."""
    turned = {"left": "right", "right": "left"}
    pattern, _, side = name.partition("/")
    return f"{pattern}/{turned[side]}" if side else name


@lru_cache(maxsize=1)
def shipped_model() -> PatternModel:
    """The model of this folder.

    Raises
    ------
    ValueError
        When the file is of other features than this program measures.
    """
    return from_table(json.loads(FILE.read_text(encoding="utf-8")))


def from_table(table: dict[str, Any]) -> PatternModel:
    """A model from the content of its file."""
    if table["format"] != FORMAT or tuple(table["features"]) != NAMES:
        raise ValueError("the pattern model was made for other features: fit it again")
    values: dict[str, Any] = {k: np.array(table[k], float) for k in _ARRAYS}
    values |= {k: float(table[k]) for k in _NUMBERS}
    return PatternModel(classes=tuple(table["classes"]), provenance=table["provenance"], **values)


def to_table(model: PatternModel) -> dict[str, Any]:
    """Content of the model's file; numbers with five significant digits."""
    table: dict[str, Any] = {
        "format": FORMAT,
        "provenance": model.provenance,
        "features": list(NAMES),
        "signed": [bool(s < 0) for s in SIGNS],
        "classes": list(model.classes),
    }
    table |= {k: float(f"{getattr(model, k):.5g}") for k in _NUMBERS}
    return table | {k: _short(getattr(model, k)) for k in _ARRAYS}


def _short(values: Array) -> Any:
    rounded = [float(f"{v:.5g}") for v in values.ravel()]
    return np.array(rounded).reshape(values.shape).tolist()


_ARRAYS = ("mean", "sd", "weights", "constants", "centres", "covariance", "usual")
_NUMBERS = ("limit", "temperature", "farthest", "threshold")
