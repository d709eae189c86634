"""The task of ``gait-lift``: points of the picture into space, in the camera's frame.

The network answers with 69 numbers in body sizes: for each point what is to be added to the
picture's x, its depth, and what is to be added to the picture's z. The host adds the picture's own
coordinates (``host.pose.lift.picture_base``), so the 4-bit chain need not carry them through.

Loss of labelled windows (Pavllo et al., VideoPose3D, CVPR 2019): mean distance of the points
(MPJPE) and of the lengths of the bones. Windows without truth take its semi-supervised form: the
answer, projected back, must meet the picture, and the mean length of each bone must be that of the
labelled windows in the batch.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from host.pose.lift import picture_base
from host.pose.recording import load_recording
from host.pose.trajectories import to_trajectories
from host.pose.windows import Windows, cut
from model_zoo.chain import ChainSpec
from model_zoo.skeleton import BONES, INDEX, N_KEYPOINTS
from quantize.release import HeadPlan
from quantize.render.ranges import build
from quantize.temporal.lift_windows import Base, LiftWindows, Seen, read_pool, targets
from quantize.temporal.pose3d import Error3D
from quantize.temporal.task import Examples, Predict, Renewed

_A, _B = (torch.tensor([INDEX[bone[end]] for bone in BONES]) for end in (0, 1))
_FREE_DISTANCE = 4.0
"""Distance of the camera in body sizes assumed where nothing is known (5 m)."""
_GOLDEN = 4


@dataclass(frozen=True)
class LiftLoss:
    """``[loss]`` of the recipe: weights of the terms.

    ``bones``: lengths of bones in labelled windows; ``back``: projection of unlabelled windows;
    ``mean_bones``: mean bone lengths of unlabelled windows against labelled ones;
    ``unlabelled``: share of a batch.
    """

    bones: float
    back: float
    mean_bones: float
    unlabelled: float

    def __call__(self, output: Tensor, target: Tensor, weight: Tensor) -> Tensor:
        """The loss; target [N, 23, 6]: truth x y z, picture x z, 1 / distance (body sizes).

        ``weight`` [N, 23, 2]: of the truth, and of the picture where there is no truth.
        """
        answer = placed(output, target[..., 3:5])
        known, seen = weight[..., 0], weight[..., 1]
        away = (((answer - target[..., :3]) ** 2).sum(-1) + 1e-6).sqrt()
        total = (known * away).sum() / known.sum().clamp(min=1)
        bone, true = _lengths(answer), _lengths(target[..., :3])
        whole = known[:, _A] * known[:, _B]
        total = total + self.bones * (whole * (bone - true).abs()).sum() / whole.sum().clamp(min=1)
        free = seen.sum(dim=1) > 0
        if not free.any():
            return total
        back = answer[..., [0, 2]] / (1 + answer[..., 1:2] * target[..., 5:6])
        missed = (((back - target[..., 3:5]) ** 2).sum(-1) + 1e-6).sqrt()
        total = total + self.back * (seen * missed).sum() / seen.sum()
        labelled = (whole * true).sum(0) / whole.sum(0).clamp(min=1)
        both = seen[:, _A] * seen[:, _B]
        unlabelled = (both * bone).sum(0) / both.sum(0).clamp(min=1)
        comparable = (whole.sum(0) > 0) & (both.sum(0) > 0)
        drift = (labelled - unlabelled).abs()[comparable].mean()
        return total + self.mean_bones * torch.nan_to_num(drift)


def placed(output: Tensor, base: Tensor) -> Tensor:
    """Points float[N, 23, 3] of outputs [N, 1, 69] and the picture's points [N, 23, 2]."""
    answer = output[:, 0].reshape(-1, 3, N_KEYPOINTS).transpose(1, 2)
    return answer + torch.stack(
        [base[..., 0], torch.zeros_like(base[..., 0]), base[..., 1]], dim=-1
    )


def _lengths(points: Tensor) -> Tensor:
    return ((((points[:, _A] - points[:, _B]) ** 2).sum(-1)) + 1e-8).sqrt()


class LiftTask:
    """Learns from projected walks with the errors of real networks, and unlabelled recordings.

    Parameters
    ----------
    recipe
        With ``[data]``, ``[cameras]`` and ``[loss]``.
    spec, rate_hz
        Of the network.
    root
        Folder that holds the folders of walks.
    recordings
        Analysed recordings (``keypoints.npz``) to learn from without truth.
    base
        How the picture's coordinates of the middle moment are read off a window.
    """

    head = HeadPlan("points", "vector")

    def __init__(
        self,
        recipe: dict[str, Any],
        spec: ChainSpec,
        rate_hz: float,
        root: Path,
        recordings: list[Path],
        base: Base = picture_base,
    ) -> None:
        self.source = LiftWindows(recipe, spec.width, rate_hz)
        self.loss_of = build(LiftLoss, recipe["loss"], "loss")
        self.base = base
        self._pool = read_pool(root, self.source.data.walks)
        self._free = [self._free_windows(path) for path in recordings]
        self._renewed = Renewed(self._labelled, self.source.data.kept, self.source.data.fresh)
        test = read_pool(root, {self.source.data.held_out: 1.0})
        self.exact = self.source.held_out(test, strength=0.0)
        self.noisy = self.source.held_out(test, strength=1.0)

    def batch(self, n: int, rng: np.random.Generator) -> Examples:
        """``n`` windows, ``loss.unlabelled`` of them without truth where there are recordings."""
        free = round(n * self.loss_of.unlabelled) if self._free else 0
        labelled = self._renewed.batch(n - free, rng)
        if not free:
            return labelled
        parts = [labelled, self._unlabelled(free, rng)]
        return Examples(
            np.concatenate([p.x for p in parts]),
            np.concatenate([p.target for p in parts]),
            np.concatenate([p.weight for p in parts]),
        )

    def loss(self, output: Tensor, target: Tensor, weight: Tensor) -> Tensor:
        """As :class:`LiftLoss`."""
        return self.loss_of(output, target, weight)

    def scores(self, predict: Predict) -> dict[str, float]:
        """Errors in mm on held-out walks, exact points and points with errors."""
        figures: dict[str, float] = {}
        for name, seen in (("exact", self.exact), ("noisy", self.noisy)):
            error = self.errors(predict, seen)
            figures |= {
                f"{name}_mpjpe_mm": float(error.mpjpe_mm.mean()),
                f"{name}_p_mpjpe_mm": float(error.p_mpjpe_mm.mean()),
            }
        return figures

    def errors(self, predict: Predict, seen: Seen) -> Error3D:
        """Errors of each window."""
        answer = placed(
            torch.from_numpy(predict(seen.windows.x)), torch.from_numpy(self.base(seen.windows))
        )
        return Error3D.of(answer.numpy(), seen.truth, seen.size_m)

    def golden(self) -> NDArray[np.int8]:
        """Windows of held-out recorded walks with errors of a network."""
        return self.noisy.windows.x[:_GOLDEN]

    def _labelled(self, n: int, rng: np.random.Generator) -> Examples:
        seen = self.source.training(self._pool, n, rng)
        target, known = targets(seen, self.base)
        weight = np.stack([known, np.zeros_like(known)], axis=-1).astype(np.float32)
        return Examples(seen.windows.x, target, weight)

    def _free_windows(self, path: Path) -> Windows:
        recording = load_recording(path)
        track = int(recording.meta["subject"]["track"])
        points = to_trajectories(recording, track, "free")
        xy = points.xyz[..., [0, 2]] * (1, -1)
        source = self.source
        return cut(points.time_s, xy, points.time_s, source.rate_hz, source.moments)

    def _unlabelled(self, n: int, rng: np.random.Generator) -> Examples:
        windows = self._free[int(rng.integers(len(self._free)))]
        chosen = rng.choice(np.flatnonzero(np.isfinite(windows.size_px)), n)
        target = np.zeros((n, N_KEYPOINTS, 6), np.float32)
        target[..., 3:5] = self.base(windows)[chosen]
        target[..., 5] = 1 / _FREE_DISTANCE
        seen = np.isfinite(windows.points[chosen, windows.points.shape[1] // 2]).all(axis=-1)
        weight = np.stack([np.zeros_like(seen), seen], axis=-1).astype(np.float32)
        return Examples(windows.x[chosen], target, weight)


def make_task(recipe: dict[str, Any], spec: ChainSpec, data: list[Path]) -> LiftTask:
    """The task; the first of ``data`` is the folder of walks, the others are recordings."""
    from quantize.recipe import architecture

    rate_hz = architecture(recipe["name"]).RATE_HZ
    return LiftTask(recipe, spec, rate_hz, data[0], data[1:])
