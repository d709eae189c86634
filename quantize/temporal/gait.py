"""What ``gait-events`` learns: on which moments the events of a foot fall.

``--data WALKS ... CLIPS KEYPOINTS``: folders of walks (``python -m quantize render --walks``);
rendered clips and the keypoints that a pose network gave for them, whose errors are laid over the
walks.

Walks are seen anew all the time (:mod:`quantize.temporal.sight`) and go through the gait room's own
resampling, body height and streams, so that the network learns on what it will be given.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from host.gait.events.streams import (
    CHANNELS,
    RATE_HZ,
    SummitRule,
    first_answer,
    streams_of,
    summits,
    windows,
)
from host.gait.types import Bout, Trajectories
from model_zoo.chain import ChainSpec
from model_zoo.skeleton import Side
from quantize.event_metric import KINDS
from quantize.release import HeadPlan
from quantize.render.walk_file import WalkPoints
from quantize.temporal import seen_walks
from quantize.temporal.seen_walks import is_held_out
from quantize.temporal.sight import Seen, Sight
from quantize.temporal.task import Examples, Predict

Array = NDArray[np.float64]
_SHORTEST_S = 1.2
_GOLDEN = 4


@dataclass(frozen=True)
class Foot:
    """One foot's stream int8[M, 16] and the share of an event on each moment, float32[M, 2]."""

    x: NDArray[np.int8]
    target: NDArray[np.float32]


def feet_of(seen: Seen) -> list[Foot]:
    """Both feet of a walk that was seen."""
    n = len(seen.time_s)
    score = np.isfinite(seen.xyz_px[..., 0]).astype(np.float64)
    points = Trajectories(seen.time_s, seen.xyz_px, "px", score.reshape(n, -1), "simulated")
    bout = Bout(0, 0.0, float(seen.time_s[-1]), seen.direction)
    out = []
    for stream in streams_of(points, bout):
        target = np.zeros((len(stream.x), len(KINDS)), np.float32)
        side = list(Side).index(stream.side)
        for _, kind, at_s in seen.events[seen.events[:, 0] == side]:
            place = (at_s - stream.time_s[0]) * RATE_HZ
            low = int(np.floor(place))
            for moment, share in ((low, low + 1 - place), (low + 1, place - low)):
                if 0 <= moment < len(target):
                    target[moment, int(kind)] += share
        out.append(Foot(stream.x, target))
    return out


class EventTask:
    """Draws windows of feet from a pool of walks seen at random; the pool is renewed steadily.

    Parameters
    ----------
    walks
        All walks; some bodies are held out.
    sight
        How they are seen.
    spec
        The network's layers.
    size, renew
        Walks in the pool, and how many of them are replaced per batch.
    """

    def __init__(
        self, walks: list[WalkPoints], sight: Sight, spec: ChainSpec, *, size: int, renew: float
    ) -> None:
        self._walks = [w for w in walks if not is_held_out(w)]
        self._sight, self._spec, self._size, self._renew = sight, spec, size, renew
        self._pool: list[Foot] = []
        self._due = 0.0
        self._answers = spec.head.channels_out // len(KINDS) * _cells(spec)
        rng = np.random.default_rng(1)
        self._kept = [foot for w in walks if is_held_out(w) for foot in self._look(rng, w)]

    @property
    def head(self) -> HeadPlan:
        """Log-odds of both kinds for the moments of a cell."""
        return HeadPlan("events", "event_odds")

    def _look(self, rng: np.random.Generator, walk: WalkPoints) -> list[Foot]:
        seen = self._sight.see(rng, walk.xyz_m, walk.rate_hz, walk.events)
        if len(seen.time_s) < 2 or seen.time_s[-1] < _SHORTEST_S:
            return []
        return feet_of(seen)

    def _fill(self, rng: np.random.Generator) -> None:
        missing = 2 * self._size - len(self._pool)
        self._due += self._renew if missing <= 0 else missing
        while self._due >= 1:
            walk = self._walks[int(rng.integers(len(self._walks)))]
            feet = self._look(rng, walk)
            self._pool += feet
            self._due -= 1 if missing <= 0 else len(feet)
        self._pool = self._pool[-2 * self._size :]

    def batch(self, n: int, rng: np.random.Generator) -> Examples:
        """``n`` windows of feet at random places, some reaching beyond the track."""
        self._fill(rng)
        moments, answers = self._spec.width, self._answers
        first = first_answer(moments, answers)
        x = np.zeros((n, 1, moments, CHANNELS), np.int8)
        target = np.zeros((n, answers, len(KINDS)), np.float32)
        weight = np.zeros((n, answers, 1), np.float32)
        for i in range(n):
            foot = self._pool[int(rng.integers(len(self._pool)))]
            m = len(foot.x)
            start = int(rng.integers(-first, max(m - answers, 0) + first + 1))
            _paste(x[i, 0], foot.x, start)
            _paste(target[i], foot.target, start + first)
            _paste(weight[i], np.ones((m, 1), np.float32), start + first)
        return Examples(x, target, weight)

    def loss(self, output: Tensor, target: Tensor, weight: Tensor) -> Tensor:
        """Cross-entropy per moment, both kinds; an event counts on the two moments beside it."""
        odds = output.reshape(target.shape)
        each = binary_cross_entropy_with_logits(odds, target, reduction="none")
        total: Tensor = (each * weight).sum() / weight.sum().clamp(min=1.0)
        return total

    @torch.no_grad()
    def scores(self, predict: Predict) -> dict[str, float]:
        """Errors on held-out bodies: milliseconds, and the harmonic mean of hits within 50 ms."""
        out: dict[str, float] = {}
        found = [self._answer(predict, foot.x) for foot in self._kept]
        for column, kind in enumerate(KINDS):
            errors: list[float] = []
            true = given = 0
            for foot, chance in zip(self._kept, found, strict=True):
                wanted = _events(foot.target[:, column])
                places, _ = summits(chance[:, column], SummitRule())
                true, given = true + len(wanted), given + len(places)
                gaps = [float(p) - w for w in wanted for p in places]
                errors += [1000 * g / RATE_HZ for g in gaps if abs(g) <= 0.1 * RATE_HZ]
            near = [e for e in errors if abs(e) <= 50]
            out[f"{kind}_f1_50ms"] = 2 * len(near) / max(true + given, 1)
            out[f"{kind}_mae_ms"] = float(np.mean(np.abs(errors))) if errors else float("nan")
            out[f"{kind}_bias_ms"] = float(np.mean(errors)) if errors else float("nan")
        return out

    def _answer(self, predict: Predict, x: NDArray[np.int8]) -> Array:
        cut = windows(x, self._spec.width, self._answers)
        odds = predict(cut).reshape(-1, len(KINDS))[: len(x)].astype(np.float64)
        return np.asarray(1 / (1 + np.exp(-odds)))

    def golden(self) -> NDArray[np.int8]:
        """Windows of held-out simulated walks: recorded walks with a credit line, and our own."""
        chosen = self._kept[:: max(1, len(self._kept) // _GOLDEN)][:_GOLDEN]
        return np.stack([windows(f.x, self._spec.width, self._answers)[0] for f in chosen])


def _cells(spec: ChainSpec) -> int:
    size = (spec.height, spec.width)
    for layer in (*spec.trunk, spec.head):
        size = layer.output_size(*size)
    return size[1]


def _paste(window: NDArray[Any], stream: NDArray[Any], start: int) -> None:
    """Copy ``stream[start : start + len(window)]`` where it exists, in place."""
    low, high = max(start, 0), min(start + len(window), len(stream))
    if low < high:
        window[low - start : high - start] = stream[low:high]


def _events(target: NDArray[np.float32]) -> list[float]:
    """Places of events whose shares lie on one moment or two neighbours."""
    out, i = [], 0
    while i < len(target):
        if target[i] > 0:
            after = target[i + 1] if i + 1 < len(target) else np.float32(0)
            out.append(i + float(after / (target[i] + after)))
            i += 1
        i += 1
    return out


def make_task(recipe: dict[str, Any], spec: ChainSpec, data: list[Path]) -> EventTask:
    """The task of a recipe; see the module's text for ``data``."""
    walks, sight = seen_walks.read(recipe, data)
    return EventTask(walks, sight, spec, **recipe["pool"])
