"""Measure a network of the role ``pattern``: which pattern it finds likeliest in each walk.

DATA is a folder of rendered clips that no training saw (``pathological-2``, ``moderate-2a``), read
with their exact points, or with ``--keypoints`` as a pose network saw them. Runs the integer form
on windows all along the host's bouts, in the core environment. Silence is set aside: the likeliest
pattern counts. A Trendelenburg walk, whose signs lie across the picture, shows none from the side.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_softmax, softmax

from host import accelerator
from host.accelerator import AcceleratorSettings
from host.gait.body import BodyHeight
from host.gait.bouts import ProgressionBouts
from host.gait.track import Resampler
from host.gait.types import Bout, Trajectories
from host.pose.windows import cut
from model_zoo.package import Metric, ReleasedModel
from model_zoo.pattern.gait_patterns import CLASSES, UNSEEN_FROM_THE_SIDE
from quantize.evaluated import Reading, evaluated, metric_of_walks
from quantize.event_cases import clip_cases, seen_cases
from quantize.event_metric import Case

NONE = CLASSES[0]
_NOTHING_TO_SEE = ("healthy", UNSEEN_FROM_THE_SIDE)
_EVERY_S = 0.5
_MIN_SCORE = 0.3


class PatternNetwork(Protocol):
    """An open network of the role ``pattern``."""

    @property
    def model(self) -> ReleasedModel:
        """What it is."""

    def run(self, batch: NDArray[Any]) -> NDArray[Any]:
        """Integers of a batch of windows."""


def probabilities(
    network: PatternNetwork, bouts: Sequence[Bout], points: Trajectories
) -> dict[str, float]:
    """Probabilities of a walk by class, sides apart; all walking of the recording together.

    The network looks at windows every half second, turned to walk to the right; the mean of their
    log probabilities is the walk's. Empty where nobody walks to a side for two frames.
    """
    model = network.model
    head, moments = model.output.heads[0], model.input.shape[1]
    rate_hz = float(model.input.rate_hz or 0.0)
    xy = points.xyz[..., [0, 2]] * (1, -1)
    xy[points.score < _MIN_SCORE] = np.nan
    odds = []
    for bout in bouts:
        rows = (points.time_s >= bout.start_s) & (points.time_s < bout.end_s)
        if bout.direction == 0 or rows.sum() < 2:
            continue
        reach = min(bout.end_s - bout.start_s, moments / rate_hz) / 2
        middles = np.arange(bout.start_s + reach, bout.end_s - reach + 1e-6, _EVERY_S)
        own = cut(points.time_s[rows], xy[rows] * (bout.direction, 1), middles, rate_hz, moments)
        out = network.run(own.x).astype(np.float64).reshape(len(middles), -1)
        odds.append((out + np.array(head.bias)) * np.array(head.scale))
    if not odds:
        return {}
    mean = log_softmax(np.concatenate(odds), axis=1).mean(axis=0)
    return dict(zip(CLASSES, softmax(mean).tolist(), strict=True))


def likeliest(by_class: dict[str, float]) -> str:
    """Pattern with the largest probability, both its sides together; "" of none."""
    whole: dict[str, float] = {}
    for name, probability in by_class.items():
        pattern = name.partition("/")[0]
        whole[pattern] = whole.get(pattern, 0.0) + probability
    return max(whole, key=whole.__getitem__) if whole else ""


def evaluate(
    model: str, data: Path, settings: AcceleratorSettings, reading: Reading
) -> tuple[dict[str, Any], list[Case], list[str]]:
    """Figures of ``model`` on the clips in ``data``, the clips, and the pattern found in each.

    Raises
    ------
    FileNotFoundError
        When there are no clips, or a clip has no key points.
    ValueError
        When a mirrored or validation reading is asked for: there is none.
    """
    reading.only("pattern", "keypoints")
    cases, seen = clip_cases(data), "exact"
    if reading.keypoints is not None:
        cases, seen = seen_cases(data, reading.keypoints)
    if not cases:
        raise FileNotFoundError(f"{data} holds no rendered clips")
    network = accelerator.open(model, settings)
    try:
        found = [likeliest(probabilities(network, _bouts(c.points), c.points)) for c in cases]
        result = {**evaluated(network), "set": data.name, "points": seen, **figures(cases, found)}
    finally:
        network.close()
    return result, cases, found


def _bouts(points: Trajectories) -> tuple[Bout, ...]:
    track = Resampler().resample(points)
    return ProgressionBouts().find(track, BodyHeight().measure(track))


def shown(case: Case) -> str:
    """What can be seen of a walk from the side."""
    pattern = case.tags["pathology"]
    return NONE if pattern in _NOTHING_TO_SEE else pattern


def figures(cases: Sequence[Case], found: Sequence[str]) -> dict[str, Any]:
    """Balanced accuracy of all walks and of each severity, and how each pattern was named."""
    severities = sorted({case.tags.get("severity", "") for case in cases} - {""})
    by_severity = {}
    for severity in severities:
        of = [i for i, c in enumerate(cases) if c.tags.get("severity", severity) == severity]
        by_severity[severity] = _balanced([cases[i] for i in of], [found[i] for i in of])
    kinds = sorted({shown(case) for case in cases})
    named = {
        kind: {
            told: sum(f == told for c, f in zip(cases, found, strict=True) if shown(c) == kind)
            for told in sorted({f for c, f in zip(cases, found, strict=True) if shown(c) == kind})
        }
        for kind in kinds
    }
    return {
        "walks": len(cases),
        "balanced_accuracy": _balanced(cases, found),
        "balanced_accuracy_by_severity": by_severity,
        "named": named,
    }


def _balanced(cases: Sequence[Case], found: Sequence[str]) -> float:
    """Mean over the patterns of the share named rightly; a walk of which nothing is told is not."""
    right: dict[str, list[bool]] = {}
    for case, told in zip(cases, found, strict=True):
        right.setdefault(shown(case), []).append(told == shown(case))
    return round(float(np.mean([np.mean(one) for one in right.values()])), 4)


def metric_of(result: dict[str, Any]) -> Metric:
    """The figures that a card shows."""
    values: dict[str, float | None] = {
        "walks": float(result["walks"]),
        "balanced_accuracy": result["balanced_accuracy"],
    }
    by_severity: dict[str, float] = result["balanced_accuracy_by_severity"]
    values |= {f"balanced_accuracy_{severity}": v for severity, v in by_severity.items()}
    return metric_of_walks(result, values)
