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

from collections.abc import Callable
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
from host.pose.windows import Windows, body_size, cut, windows_of
from model_zoo.chain import ChainSpec
from model_zoo.skeleton import BONES, INDEX, KEYPOINTS, N_KEYPOINTS
from quantize.release import HeadPlan
from quantize.render.ranges import Span, build
from quantize.temporal.noise import read_noise
from quantize.temporal.pose3d import Error3D
from quantize.temporal.projection import Cameras, Views, WalkPool, see
from quantize.temporal.task import Examples, Predict, Renewed

Array = NDArray[np.float64]

_A, _B = (torch.tensor([INDEX[bone[end]] for bone in BONES]) for end in (0, 1))
_FACE = [INDEX[n] for n in ("nose", "left_eye", "right_eye", "left_ear", "right_ear")]
_FEET = [i for i, n in enumerate(KEYPOINTS) if n.endswith(("toe", "heel"))]
_ARMS = [i for i, n in enumerate(KEYPOINTS) if n.endswith(("elbow", "wrist"))]
_HELD_OUT = 1200
_GOLDEN = 4


@dataclass(frozen=True)
class LiftData:
    """``[data]`` of the recipe: folders of walks below ``--data`` and their shares of a batch.

    ``pace``: walks made faster; ``no_*``: shares of windows without these points; ``exact_share``
    of the windows have no errors, the others those of one of the networks ``noise`` times a factor
    whose logarithm has the SD ``strength_sd``. ``kept`` and ``fresh``: see
    :class:`quantize.temporal.task.Renewed`.
    """

    walks: dict[str, float]
    held_out: str
    pace: Span
    no_face_feet: float
    no_feet: float
    no_arms: float
    exact_share: float
    strength_sd: float
    noise: tuple[str, ...]
    kept: int
    fresh: float


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


@dataclass(frozen=True)
class HeldOut:
    """Windows that no training sees, and their truth in body sizes."""

    windows: Windows
    truth: Array
    size_m: Array
    views: Views


class LiftTask:
    """Draws projected walks with the errors of real networks, and unlabelled recordings.

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
        base: Callable[[Windows], Array] = picture_base,
    ) -> None:
        self.data: LiftData = build_data(recipe["data"])
        self.cameras = build(Cameras, recipe["cameras"], "cameras")
        self.loss_of = build(LiftLoss, recipe["loss"], "loss")
        self.moments, self.rate_hz, self.base = spec.width, rate_hz, base
        known = read_noise()
        self.noise = [known[name] for name in self.data.noise]
        self.pool = WalkPool({root / name: s for name, s in self.data.walks.items()})
        self.free = [self._free_windows(path) for path in recordings]
        self.labelled = Renewed(self._labelled, self.data.kept, self.data.fresh)
        seed = recipe["seed"]
        test = WalkPool({root / self.data.held_out: 1.0})
        rng = np.random.default_rng([seed, 99])
        self.exact = self._held_out(rng, test, strength=0.0)
        self.noisy = self._held_out(rng, test, strength=1.0)

    def batch(self, n: int, rng: np.random.Generator) -> Examples:
        """``n`` windows, ``loss.unlabelled`` of them without truth where there are recordings."""
        free = round(n * self.loss_of.unlabelled) if self.free else 0
        labelled = self.labelled.batch(n - free, rng)
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
        for name, held_out in (("exact", self.exact), ("noisy", self.noisy)):
            error = self.errors(predict, held_out)
            figures |= {
                f"{name}_mpjpe_mm": float(error.mpjpe_mm.mean()),
                f"{name}_p_mpjpe_mm": float(error.p_mpjpe_mm.mean()),
            }
        return figures

    def errors(self, predict: Predict, held_out: HeldOut) -> Error3D:
        """Errors of each held-out window."""
        base = torch.from_numpy(np.nan_to_num(self.base(held_out.windows)))
        answer = placed(torch.from_numpy(predict(held_out.windows.x)), base).numpy()
        return Error3D.of(answer, held_out.truth, held_out.size_m)

    def golden(self) -> NDArray[np.int8]:
        """Windows of held-out recorded walks with errors of a network."""
        return self.noisy.windows.x[:_GOLDEN]

    def _labelled(self, n: int, rng: np.random.Generator) -> Examples:
        points, covered, _ = self.pool.draw(
            rng, n, self.moments, self.rate_hz, self.data.pace, mirror=True
        )
        views = see(rng, np.nan_to_num(points), self.cameras)
        strength = np.exp(rng.normal(0, self.data.strength_sd, n))
        strength[rng.random(n) < self.data.exact_share] = 0.0
        windows = self._seen(rng, views, points, covered, strength)
        truth, size_m = self._truth(views, points)
        target = np.zeros((n, N_KEYPOINTS, 6), np.float32)
        known = np.isfinite(truth).all(axis=-1) & np.isfinite(windows.size_px)[:, None]
        target[..., :3] = np.nan_to_num(truth)
        target[..., 3:5] = np.nan_to_num(self.base(windows))
        target[..., 5] = (size_m / views.distance_m)[:, None]
        weight = np.stack([known, np.zeros_like(known)], axis=-1).astype(np.float32)
        return Examples(windows.x, target, weight)

    def _seen(
        self,
        rng: np.random.Generator,
        views: Views,
        points: Array,
        covered: NDArray[np.bool_],
        strength: Array,
    ) -> Windows:
        """The windows as a network would give them."""
        size = body_size(np.nan_to_num(views.xy))[:, None, None, None]
        model = self.noise[int(rng.integers(len(self.noise)))]
        xz = model.apply(rng, views.xy / size * (1, -1), strength) * (1, -1)
        gone = ~np.isfinite(points).all(axis=-1) | ~covered[..., None]
        for group, share in (
            ([*_FACE, *_FEET], self.data.no_face_feet),
            (_FEET, self.data.no_feet),
            (_ARMS, self.data.no_arms),
        ):
            chosen = np.flatnonzero(rng.random(len(gone)) < share)
            gone[np.ix_(chosen, np.arange(gone.shape[1]), np.array(group))] = True
        xz[gone] = np.nan
        return windows_of(xz, self.rate_hz)

    @staticmethod
    def _truth(views: Views, points: Array) -> tuple[Array, Array]:
        """Points at the middle moment in body sizes, float64[N, 23, 3], and the size in metres."""
        size_m = body_size(np.nan_to_num(views.xyz_m))
        middle = points.shape[1] // 2
        truth = views.xyz_m[:, middle] / size_m[:, None, None]
        truth[~np.isfinite(points[:, middle]).all(axis=-1)] = np.nan
        return truth, size_m

    def _held_out(self, rng: np.random.Generator, pool: WalkPool, strength: float) -> HeldOut:
        points, covered, _ = pool.draw(rng, _HELD_OUT, self.moments, self.rate_hz)
        views = see(rng, np.nan_to_num(points), self.cameras)
        gone = ~np.isfinite(points).all(axis=-1) | ~covered[..., None]
        size = body_size(np.nan_to_num(views.xy))[:, None, None, None]
        errors = np.full(_HELD_OUT, strength)
        xz = self.noise[0].apply(rng, views.xy / size * (1, -1), errors) * (1, -1)
        xz[gone] = np.nan
        truth, size_m = self._truth(views, points)
        return HeldOut(windows_of(xz, self.rate_hz), truth, size_m, views)

    def _free_windows(self, path: Path) -> Windows:
        recording = load_recording(path)
        track = int(recording.meta["subject"]["track"])
        points = to_trajectories(recording, track, "free")
        xy = points.xyz[..., [0, 2]] * (1, -1)
        return cut(points.time_s, xy, points.time_s, self.rate_hz, self.moments)

    def _unlabelled(self, n: int, rng: np.random.Generator) -> Examples:
        windows = self.free[int(rng.integers(len(self.free)))]
        usable = np.flatnonzero(np.isfinite(windows.size_px))
        chosen = rng.choice(usable, n)
        base = self.base(windows)[chosen]
        target = np.zeros((n, N_KEYPOINTS, 6), np.float32)
        target[..., 3:5] = np.nan_to_num(base)
        target[..., 5] = 1 / np.mean(self.cameras.distance_m)
        seen = np.isfinite(base).all(axis=-1)
        weight = np.stack([np.zeros_like(seen), seen], axis=-1).astype(np.float32)
        return Examples(windows.x[chosen], target, weight)


def build_data(table: dict[str, Any]) -> LiftData:
    """``[data]`` of a recipe."""
    values: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in table.items()}
    return LiftData(**values)


def make_task(recipe: dict[str, Any], spec: ChainSpec, data: list[Path]) -> LiftTask:
    """The task; the first of ``data`` is the folder of walks, the others are recordings."""
    from quantize.train import architecture

    rate_hz = architecture(recipe["name"]).RATE_HZ
    return LiftTask(recipe, spec, rate_hz, data[0], data[1:])
