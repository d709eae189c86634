"""Fit the pattern model and write ``host/diagnosis/patterns/model.json``.

    python -m tests.validation.fit_patterns --renders FOLDER

FOLDER holds ``pathological`` and ``calibration`` (``python -m quantize render --clip``),
``patterns-1`` and ``old-walkers`` (``--walks``): the first description only, and old people without
a pattern. The strength of the penalty and the temperature are chosen on people whom the weights had
not seen (5 folds); the threshold on these and on the old people, who are in no fit and judge
nothing.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_softmax, softmax

from host.diagnosis.patterns.features import NAMES, SIGNS, measure
from host.diagnosis.patterns.find import assessable, together
from host.diagnosis.patterns.model import FILE, NONE, PatternModel, mirrored_class, to_table
from model_zoo.package import load_released
from model_zoo.pattern.gait_patterns import UNSEEN_FROM_THE_SIDE
from tests.validation.logistic import softmax_weights
from tests.validation.pattern_walks import (
    MODEL,
    KnownWalk,
    NetworkErrors,
    drawn_walks,
    point_walks,
)

Array = NDArray[np.float64]
CLASSES = (
    NONE,
    "parkinsonian",
    "ataxic",
    "crouch",
    *(f"{p}/{s}" for p in ("hemiparetic", "antalgic", "foot_drop") for s in ("left", "right")),
)
_LIMIT = 4.0
_FOLDS = 5
_PENALTIES = (1.0, 3.0, 10.0, 30.0)
_SHARE_NONE = 0.5
_FALSE_ALARMS = 0.02
_FARTHEST = 0.99
_LIFTED = "foot_drop"
_LIFTS = (
    "thigh_range",
    "thigh_range_difference",
    "thigh_swing_peak_difference",
    "knee_range_difference",
    "knee_swing_peak",
    "knee_swing_peak_difference",
    "knee_curves",
)
"""What lifting a hanging foot by thigh and knee changes. Others hike the hip or swing the leg out,
which cannot be seen from the side: lifting is no sign that a hanging foot must have."""
_LEAST_THRESHOLD = 0.5
"""A pattern that is told is likelier than all others and none together."""


@dataclass(frozen=True)
class Examples:
    """Features float64[N, F], class numbers int[N], people and whether the walk is mirrored."""

    x: Array
    y: NDArray[np.intp]
    group: NDArray[np.str_]

    def rows(self, rows: NDArray[np.bool_]) -> Examples:
        """Some of them."""
        return Examples(self.x[rows], self.y[rows], self.group[rows])

    def with_other_lifts(self) -> Examples:
        """Every walk with a hanging foot once more, with thigh and knee of one without a pattern.

        The first description always lifts the foot by thigh and knee; a model of these walks alone
        looks for the lift and not for the foot.
        """
        plain = np.flatnonzero(self.y == 0)
        own = np.flatnonzero([CLASSES[k].partition("/")[0] == _LIFTED for k in self.y])
        if not len(plain) or not len(own):
            return self
        other, columns = self.x[own], [NAMES.index(name) for name in _LIFTS]
        drawn = np.random.default_rng(0).choice(plain, len(own))
        other[:, columns] = self.x[np.ix_(drawn, columns)]
        return Examples(
            np.concatenate([self.x, other]),
            np.concatenate([self.y, self.y[own]]),
            np.concatenate([self.group, self.group[own]]),
        )

    def with_mirrored(self) -> Examples:
        """Every walk and its mirror image, so that left and right are treated alike."""
        turned = np.array([CLASSES.index(mirrored_class(c)) for c in CLASSES])
        return Examples(
            np.concatenate([self.x, self.x * SIGNS]),
            np.concatenate([self.y, turned[self.y]]),
            np.concatenate([self.group, self.group]),
        )


def class_of(pattern: str, side: str) -> str:
    """Class of a walk with a pattern."""
    if pattern in (NONE, UNSEEN_FROM_THE_SIDE):
        return NONE
    return pattern if side == "both" else f"{pattern}/{side}"


def examples(walks: Iterable[KnownWalk]) -> Examples:
    """Those walks that the program would judge."""
    kept = [w for w in walks if assessable(w.gait) is None]
    return Examples(
        np.array([measure(w.gait) for w in kept]),
        np.array([CLASSES.index(class_of(w.pattern, w.side)) for w in kept]),
        np.array([w.group for w in kept]),
    )


def fit(data: Examples, penalty: float) -> PatternModel:
    """Weights of one penalty; temperature 1, no threshold."""
    both = data.with_other_lifts().with_mirrored()
    mean = np.where(SIGNS < 0, 0.0, np.nanmean(both.x, axis=0))
    sd = np.sqrt(np.nanmean((both.x - mean) ** 2, axis=0))
    z = np.clip((both.x - mean) / sd, -_LIMIT, _LIMIT)
    target = np.eye(len(CLASSES))[both.y]
    weights, constants = softmax_weights(
        np.nan_to_num(z), target, _row_weights(both.y), 2 * penalty
    )
    k = range(len(CLASSES))
    centres = np.nan_to_num(np.array([np.nanmean(z[both.y == i], axis=0) for i in k]))
    inside = np.nan_to_num(z - centres[both.y])
    usual = np.nanpercentile(both.x[both.y == 0], [2.5, 97.5], axis=0).T
    return PatternModel(
        classes=CLASSES,
        mean=mean,
        sd=sd,
        limit=_LIMIT,
        weights=weights,
        constants=constants,
        temperature=1.0,
        centres=centres,
        covariance=inside.T @ inside / len(inside) + 0.05 * np.eye(len(NAMES)),
        usual=usual,
        farthest=np.inf,
        threshold=_LEAST_THRESHOLD,
        provenance={},
    )


def _row_weights(y: NDArray[np.intp]) -> Array:
    """Half of the weight lies on walks without a pattern, the rest is shared alike."""
    patterns = [c.partition("/")[0] for c in CLASSES]
    kinds = len(set(patterns)) - 1
    share = [
        _SHARE_NONE if p == NONE else (1 - _SHARE_NONE) / kinds / patterns.count(p)
        for p in patterns
    ]
    return np.array([share[i] / np.sum(y == i) for i in y]) * len(y)


def folds(data: Examples) -> Iterator[tuple[NDArray[np.bool_], NDArray[np.bool_]]]:
    """Five parts by person: rows to fit on, rows to judge."""
    people = np.unique(data.group)
    turn = np.random.default_rng(0).permutation(len(people)) % _FOLDS
    number = np.array([dict(zip(people, turn, strict=True))[g] for g in data.group])
    for k in range(_FOLDS):
        yield number != k, number == k


def refit(data: Examples, model: PatternModel) -> PatternModel:
    """The same model with weights of other people."""
    return replace(
        fit(data, float(model.provenance["penalty"])),
        temperature=model.temperature,
        threshold=model.threshold,
        farthest=model.farthest,
    )


def held_out(data: Examples, penalty: float) -> list[dict[str, float]]:
    """Probabilities of each walk from a model that has not seen its person."""
    out: list[dict[str, float]] = [{} for _ in data.y]
    for seen, left_out in folds(data):
        model = fit(data.rows(seen), penalty)
        for i in np.flatnonzero(left_out):
            out[i] = model.probabilities(data.x[i])
    return out


def log_losses(table: list[dict[str, float]], y: NDArray[np.intp], temperature: float) -> Array:
    """Log loss of each walk after the temperature, weighted so that classes count alike."""
    p = np.log(np.array([[row[c] for c in CLASSES] for row in table]) + 1e-12) / temperature
    each = -log_softmax(p, axis=1)[np.arange(len(y)), y]
    counts = np.bincount(y, minlength=len(CLASSES))
    return np.asarray(each * len(y) / (counts[y] * np.sum(counts > 0)))


def _strongest(losses: dict[float, Array]) -> float:
    """The strongest penalty that is no worse than the best by a standard error (Breiman 1984).

    Walks of patients differ from those of the fit: the weaker model is the safer one.
    """
    best = min(losses.values(), key=np.mean)
    limit = best.mean() + best.std(ddof=1) / np.sqrt(len(best))
    return max(c for c, each in losses.items() if each.mean() <= limit)


def build(data: Examples, spare: Examples, provenance: dict[str, Any]) -> PatternModel:
    """The model with penalty, temperature, threshold and border chosen on unseen people.

    ``spare``: walks without a pattern that are in no fit; they share in the choice of threshold.
    """
    tables = {c: held_out(data, c) for c in _PENALTIES}
    heats = np.geomspace(0.4, 3.0, 40)
    coolest = {
        c: min(heats, key=lambda h: log_losses(t, data.y, h).mean()) for c, t in tables.items()
    }
    losses = {c: log_losses(t, data.y, coolest[c]) for c, t in tables.items()}
    penalty = _strongest(losses)
    temperature = float(coolest[penalty])
    model = replace(fit(data, penalty), temperature=temperature)
    farthest = float(np.quantile([model.distance(x) for x in data.x], _FARTHEST))
    unseen = _heated(tables[penalty], temperature)
    alarms = [unseen[i] for i in np.flatnonzero(data.y == 0)]
    alarms += [model.probabilities(x) for x in spare.x]
    threshold = _threshold(alarms)
    provenance = {
        **provenance,
        "walks": {c: int(np.sum(data.y == i)) for i, c in enumerate(CLASSES)},
        "people": len(np.unique(data.group)),
        "penalty": penalty,
        "log_loss_unseen_people": round(float(losses[penalty].mean()), 4),
    }
    return replace(model, farthest=farthest, threshold=threshold, provenance=provenance)


def _heated(table: list[dict[str, float]], temperature: float) -> list[dict[str, float]]:
    """The same probabilities after the temperature."""
    p = np.log(np.array([[row[c] for c in CLASSES] for row in table]) + 1e-12) / temperature
    return [dict(zip(CLASSES, row.tolist(), strict=True)) for row in softmax(p, axis=1)]


def _threshold(table: list[dict[str, float]]) -> float:
    """Least probability at which at most 2 % of these walks without a pattern are given one."""
    # A finding is of a pattern, whichever its side.
    best = np.sort([max(p for n, p in together(row).items() if n != NONE) for row in table])
    allowed = best[int(np.ceil((1 - _FALSE_ALARMS) * len(best))) - 1]
    return float(max(allowed + 1e-6, _LEAST_THRESHOLD))


def training_walks(renders: Path) -> list[KnownWalk]:
    """All walks of the first description."""
    errors = NetworkErrors([renders / "pathological", renders / "calibration"])
    drawn = drawn_walks(renders / "pathological")
    return [*drawn, *point_walks(renders / "patterns-1", errors, seed=1)]


def spare_walks(renders: Path) -> list[KnownWalk]:
    """Old people without a pattern, who only share in the choice of the threshold."""
    errors = NetworkErrors([renders / "pathological", renders / "calibration"])
    return list(point_walks(renders / "old-walkers", errors, seed=3))


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--renders", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=FILE)
    options = parser.parse_args()
    told = {
        "made_by": "python -m tests.validation.fit_patterns",
        "from": "rendered walks, first description: clips pathological (real network), walks "
        "patterns-1 (exact points with the network's errors on those clips)",
        "foot_drop": "each walk once more with thigh and knee of a walk without a pattern",
        "network": f"{MODEL} {load_released(MODEL).version}",
        "prior": "half of the walks without a pattern, patterns alike",
        "threshold": f"{_FALSE_ALARMS:.0%} of unseen people without a pattern, walks old-walkers "
        "among them, are given one",
    }
    walks, spare = training_walks(options.renders), spare_walks(options.renders)
    model = build(examples(walks), examples(spare), told)
    options.out.write_text(json.dumps(to_table(model), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
