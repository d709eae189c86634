"""What ``gait-patterns`` learns: which pattern a window of a walk shows.

``--data WALKS ... CLIPS KEYPOINTS`` as of ``gait-events`` (:mod:`quantize.temporal.gait`): folders
of walks in the first description, rendered clips, and the keypoints that a pose network gave for
them. Walks are seen anew all the time (:mod:`quantize.temporal.sight`), half of them in the mirror.
Half of what is drawn shows no pattern, patterns share the rest; a Trendelenburg walk, whose signs
lie across the picture, shows none.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import cross_entropy

from host.pose.windows import cut
from model_zoo.chain import ChainSpec
from model_zoo.pattern.gait_patterns import CLASSES, RATE_HZ, UNSEEN_FROM_THE_SIDE
from model_zoo.skeleton import MIRROR, Side
from quantize.release import HeadPlan
from quantize.render.walk_file import WalkPoints
from quantize.temporal import seen_walks
from quantize.temporal.seen_walks import is_held_out
from quantize.temporal.sight import Seen, Sight
from quantize.temporal.task import Examples, Predict, Renewed

Array = NDArray[np.float64]
_SHORTEST_S = 2.0
_LOOKS = 2
"""At each kept walk for the learning curve."""
_GOLDEN = 4


def class_of(walk: WalkPoints) -> int:
    """Number of the class of a walk, by its tags."""
    name = walk.tags["pathology"]
    if name in (CLASSES[0], UNSEEN_FROM_THE_SIDE):
        return 0
    side = walk.tags["side"]
    return CLASSES.index(name if side == "both" else f"{name}/{side}")


def mirrored(walk: WalkPoints, number: int) -> tuple[Array, Array, int]:
    """Points, events and class of the walk in the mirror."""
    events = walk.events.copy()
    events[:, 0] = 1 - events[:, 0]
    name, _, side = CLASSES[number].partition("/")
    turned = CLASSES.index(f"{name}/{Side(side).other.value}") if side else number
    return walk.xyz_m[:, MIRROR] * (-1, 1, 1), events, turned


class PatternTask:
    """Draws windows of walks seen at random.

    Parameters
    ----------
    walks
        All walks; some bodies are held out.
    sight
        How they are seen.
    moments
        Of a window.
    size, fresh
        See :class:`quantize.temporal.task.Renewed`.
    share_none
        Share of windows without a pattern.
    """

    def __init__(
        self,
        walks: list[WalkPoints],
        sight: Sight,
        moments: int,
        *,
        size: int,
        fresh: float,
        share_none: float,
    ) -> None:
        self._sight, self._moments = sight, moments
        self._by_class: dict[int, list[WalkPoints]] = defaultdict(list)
        for walk in walks:
            if not is_held_out(walk):
                self._by_class[class_of(walk)].append(walk)
        self._classes = sorted(self._by_class)
        self._share = _shares(self._classes, share_none)
        self._renewed = Renewed(self._draw, size, fresh)
        rng = np.random.default_rng(1)
        kept = [walk for walk in walks if is_held_out(walk)]
        looks = [self._look(rng, walk) for walk in kept for _ in range(_LOOKS)]
        self._kept = _examples([look for look in looks if look is not None])

    @property
    def head(self) -> HeadPlan:
        """One number per class: log odds up to a constant."""
        return HeadPlan("pattern", "vector")

    def batch(self, n: int, rng: np.random.Generator) -> Examples:
        """``n`` windows, each of a walk seen anew."""
        return self._renewed.batch(n, rng)

    def loss(self, output: Tensor, target: Tensor, weight: Tensor) -> Tensor:
        """Cross-entropy."""
        each = cross_entropy(output[:, 0], target.long()[:, 0], reduction="none")
        total: Tensor = (each * weight[:, 0]).mean()
        return total

    @torch.no_grad()
    def scores(self, predict: Predict) -> dict[str, float]:
        """On held-out bodies: mean over patterns of the share of windows named rightly, and more.

        Sides count together; how often the side is right is told of what was named rightly.
        """
        out = predict(self._kept.x)[:, 0].argmax(axis=1)
        names = [name.partition("/")[0] for name in CLASSES]
        told = np.array([names[i] for i in out])
        true = np.array([names[int(i)] for i in self._kept.target[:, 0]])
        shares = [float(np.mean(told[true == name] == name)) for name in sorted(set(true))]
        sided = np.array(["/" in CLASSES[int(i)] for i in self._kept.target[:, 0]])
        right = sided & (told == true)
        same = out[right] == self._kept.target[right, 0]
        return {
            "balanced_accuracy": float(np.mean(shares)),
            "none_named_none": float(np.mean(told[true == CLASSES[0]] == CLASSES[0])),
            "side_right": float(np.mean(same)) if len(same) else float("nan"),
        }

    def golden(self) -> NDArray[np.int8]:
        """Windows of held-out simulated walks."""
        return self._kept.x[:: max(1, len(self._kept) // _GOLDEN)][:_GOLDEN]

    def _draw(self, n: int, rng: np.random.Generator) -> Examples:
        found: list[tuple[NDArray[np.int8], int]] = []
        while len(found) < n:
            number = self._classes[int(rng.choice(len(self._classes), p=self._share))]
            own = self._by_class[number]
            look = self._look(rng, own[int(rng.integers(len(own)))])
            if look is not None:
                found.append(look)
        return _examples(found)

    def _look(
        self, rng: np.random.Generator, walk: WalkPoints
    ) -> tuple[NDArray[np.int8], int] | None:
        """A window of a walk from anywhere, and its class; None where it is seen too shortly."""
        xyz, events, number = walk.xyz_m, walk.events, class_of(walk)
        if rng.random() < 0.5:
            xyz, events, number = mirrored(walk, number)
        seen = self._sight.see(rng, xyz, walk.rate_hz, events)
        if len(seen.time_s) < 2 or seen.time_s[-1] < _SHORTEST_S:
            return None
        reach = min(float(seen.time_s[-1]), self._moments / RATE_HZ) / 2
        middle = rng.uniform(reach, seen.time_s[-1] - reach)
        return window(seen, float(middle), self._moments), number


def window(seen: Seen, middle_s: float, moments: int) -> NDArray[np.int8]:
    """Window int8[1, T, 72] about a time, turned to walk to the right."""
    xy = seen.xyz_px[..., [0, 2]] * (seen.direction, -1)
    return cut(seen.time_s, xy, np.array([middle_s]), RATE_HZ, moments).x[0]


def _shares(classes: list[int], share_none: float) -> Array:
    """How often each class is drawn: patterns alike, both sides of a pattern alike."""
    names = [CLASSES[i].partition("/")[0] for i in classes]
    kinds = len(set(names)) - 1
    return np.array(
        [
            share_none if n == CLASSES[0] else (1 - share_none) / kinds / names.count(n)
            for n in names
        ]
    )


def _examples(looks: list[tuple[NDArray[np.int8], int]]) -> Examples:
    numbers = np.array([[n] for _, n in looks], np.float32)
    return Examples(np.stack([x for x, _ in looks]), numbers, np.ones_like(numbers))


def make_task(recipe: dict[str, Any], spec: ChainSpec, data: list[Path]) -> PatternTask:
    """The task of a recipe; see the module's text for ``data``."""
    walks, sight = seen_walks.read(recipe, data)
    return PatternTask(walks, sight, spec.width, **recipe["pool"])
