"""Stroke against control on real joint curves, leave one person out; the model meets our walks.

    python -m tests.validation.stroke --data DATA [--renders R] --out DOC

Features do not know which side is paretic and leave the ankle's ab/adduction out (its mean differs
between the groups like a shifted marker). Which joints count and how strong the penalty is are
chosen inside the loop. The last model is then run, unchanged, on curves of our own pipeline.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from host.gait.types import GaitResult
from model_zoo.skeleton import Side
from quantize.markdown import table
from tests.validation.acceptance import Bar, at_least, write_section
from tests.validation.logistic import (
    Logistic,
    auc,
    balanced_accuracy,
    calibration_line,
    interval,
)
from tests.validation.pattern_walks import HEALTHY, KnownWalk, drawn_walks
from tests.validation.plots import calibration_svg

Array = NDArray[np.float64]
JOINTS = {"knee": "Knee_Flex_Ext", "ankle": "Ankle_Flex_Ext"}
CHOICES: dict[str, tuple[str, ...]] = {"knee": ("knee",), "knee and ankle": ("knee", "ankle")}
PENALTIES = (0.3, 1.0, 3.0, 10.0)
_FOLDS = 5
_HALF = 50


def side_blind(one: Array, other: Array) -> list[float]:
    """Four features of the two curves of a joint, float64[101] each, on one side's time axis.

    Smaller and larger range, their difference over their mean, and the root of the mean square
    difference of the curves after half a cycle, means removed: it holds shape and timing.
    """
    ranges = sorted((float(np.ptp(one)), float(np.ptp(other))))
    turned = np.roll(other[:-1], _HALF)
    away = (one[:-1] - one[:-1].mean()) - (turned - turned.mean())
    relative = (ranges[1] - ranges[0]) / (0.5 * (ranges[0] + ranges[1]))
    return [*ranges, relative, float(np.sqrt(np.mean(away**2)))]


def people(data: Path) -> tuple[dict[str, Array], NDArray[np.bool_]]:
    """Features float64[67, 4] per joint, and who had a stroke."""
    with np.load(data / "gait" / "stroke_curves.npz") as store:
        curves, group = store["curves_deg"].astype(float), store["group"]
        channel = list(store["channel"])
    features = {
        joint: np.array(
            [
                side_blind(*(c[:, channel.index(f"{side}_{name}")] for side in ("P", "NP")))
                for c in curves
            ]
        )
        for joint, name in JOINTS.items()
    }
    return features, np.asarray(group == "stroke")


def of_gait(gait: GaitResult, joint: str) -> list[float] | None:
    """The same features of a walk of ours; None where a side or its timing is missing.

    Our curves begin with each foot's own contact; the right one is moved to where the right foot
    lands in the left foot's cycle.
    """
    curves = {c.side: c.mean_deg for c in gait.curves if c.joint == joint}
    step = gait.parameters["step_time"]
    if set(curves) != set(Side) or step.left is None or step.right is None:
        return None
    landing = step.right.value / (step.left.value + step.right.value)
    right = np.append(np.roll(curves[Side.RIGHT][:-1], round(100 * landing)), np.nan)
    right[-1] = right[0]
    return side_blind(curves[Side.LEFT], right)


@dataclass(frozen=True)
class Chosen:
    """A fitted model and the joints that it reads."""

    joints: tuple[str, ...]
    penalty: float
    model: Logistic

    def log_odds(self, features: dict[str, Array]) -> Array:
        """Log odds of stroke, float64[N]."""
        return self.model.log_odds(_together(features, self.joints))


def _together(features: dict[str, Array], joints: tuple[str, ...]) -> Array:
    return np.concatenate([features[j] for j in joints], axis=1)


def choose(features: dict[str, Array], y: NDArray[np.bool_]) -> Chosen:
    """Joints and penalty with the least log loss in five folds of these people; fitted on all."""
    fold = np.random.default_rng(1).permutation(len(y)) % _FOLDS
    best: tuple[float, tuple[str, ...], float] | None = None
    for joints in CHOICES.values():
        x = _together(features, joints)
        for penalty in PENALTIES:
            odds = np.empty(len(y))
            for k in range(_FOLDS):
                odds[fold == k] = Logistic(x[fold != k], y[fold != k], penalty).log_odds(
                    x[fold == k]
                )
            loss = float(np.mean(np.logaddexp(0, np.where(y, -odds, odds))))
            if best is None or loss < best[0]:
                best = loss, joints, penalty
    assert best is not None
    _, joints, penalty = best
    return Chosen(joints, penalty, Logistic(_together(features, joints), y, penalty))


def left_out(features: dict[str, Array], y: NDArray[np.bool_]) -> tuple[Array, list[Chosen]]:
    """Log odds of each person by a model chosen and fitted without that person."""
    odds, models = np.empty(len(y)), []
    for i in range(len(y)):
        rest = np.arange(len(y)) != i
        chosen = choose({j: x[rest] for j, x in features.items()}, y[rest])
        odds[i] = chosen.log_odds({j: x[i : i + 1] for j, x in features.items()})[0]
        models.append(chosen)
    return odds, models


def report(data: Path, plot: Path, walks: dict[str, list[KnownWalk]]) -> tuple[str, list[Bar]]:
    """The section of the validation document and its bar; writes the calibration plot."""
    features, y = people(data)
    odds, models = left_out(features, y)
    probability = 1 / (1 + np.exp(-odds))
    low, high = interval(lambda rows: auc(odds[rows], y[rows]), y)
    slope, intercept = calibration_line(odds, y)
    plot.write_text(calibration_svg(probability, y), encoding="utf-8")
    counts = {name: sum(m.joints == j for m in models) for name, j in CHOICES.items()}
    shuffled = _shuffled(features, y)
    rows = [
        ["AUC", f"{auc(odds, y):.2f} ({low:.2f} to {high:.2f})"],
        ["balanced accuracy at one half", f"{balanced_accuracy(probability, y):.2f}"],
        ["Brier score", f"{float(np.mean((probability - y) ** 2)):.3f}"],
        ["calibration slope, intercept", f"{slope:.2f}, {intercept:+.2f}"],
        ["joints chosen in the loop", ", ".join(f"{n}: {c}" for n, c in counts.items())],
        ["AUC with shuffled groups, 5 runs", f"{min(shuffled):.2f} to {max(shuffled):.2f}"],
    ]
    parts = [
        "## Stroke and control, real curves",
        f"{y.sum()} people after stroke, {(~y).sum()} controls; leave one person out, all choices\n"
        "inside the loop, the ankle's ab/adduction left out. Leave-one-out is biased below one\n"
        "half where there is no effect. The model serves this test only and is not shipped.",
        table(["measure", "value"], rows),
        "![Calibration of the stroke model](images/stroke-calibration.svg)",
    ]
    if walks:
        parts += ["### The same model, unchanged, on rendered walks", _on_walks(features, y, walks)]
    bar = at_least("stroke and control, real curves, AUC", auc(odds, y), 0.90, "", 2)
    return "\n\n".join(parts) + "\n", [bar]


def _shuffled(features: dict[str, Array], y: NDArray[np.bool_]) -> list[float]:
    out = []
    for seed in range(5):
        mixed = np.random.default_rng(seed).permutation(y)
        out.append(auc(left_out(features, mixed)[0], mixed))
    return out


def _on_walks(
    features: dict[str, Array], y: NDArray[np.bool_], walks: dict[str, list[KnownWalk]]
) -> str:
    chosen, rows = choose(features, y), []
    for name, own in walks.items():
        found = {
            kind: _odds(chosen, (w for w in own if (w.pattern, w.severity) in kinds))
            for kind, kinds in _KINDS.items()
        }
        hemi = np.concatenate([v for k, v in found.items() if k != "no pattern"])
        well = found["no pattern"]
        area = auc(np.concatenate([well, hemi]), np.repeat([False, True], [len(well), len(hemi)]))
        shown = [f"{np.mean(v > 0):.2f} of {len(v)}" for v in found.values()]
        rows.append([name, *shown, f"{area:.2f}"])
    head = ["walks", *(f"called stroke: {k}" for k in _KINDS), "AUC"]
    return table(head, rows)


_KINDS = {
    "no pattern": [(HEALTHY, HEALTHY)],
    "hemiparetic, mild": [("hemiparetic", "mild")],
    "moderate": [("hemiparetic", "moderate")],
    "severe": [("hemiparetic", "severe")],
}


def _odds(chosen: Chosen, walks: Iterable[KnownWalk]) -> Array:
    rows = [[of_gait(w.gait, j) for j in chosen.joints] for w in walks]
    kept = [np.concatenate([np.array(v) for v in row]) for row in rows if None not in row]
    return chosen.model.log_odds(np.array(kept)) if kept else np.zeros(0)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--renders", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    walks = {}
    if options.renders is not None:
        for name in ("pathological", "pathological-2"):
            walks[name] = list(drawn_walks(options.renders / name))
    plot = options.out.parent / "images" / "stroke-calibration.svg"
    write_section(options.out, "stroke", *report(options.data, plot, walks))


if __name__ == "__main__":
    main()
