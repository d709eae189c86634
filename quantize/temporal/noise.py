"""The errors that our pose networks really make over time, measured and made again.

    python -m quantize.temporal.noise --truth DIR --keypoints DIR... --out noise.json

compares the keypoints of analysed clips (``<clip>/keypoints.npz``, legs put right by the side
stage, as every later stage sees them) with the clips' exact points (``<clip>.points.npz`` of a
render). Errors are told in body sizes (see :mod:`host.pose.windows`) at 30 moments per second.

The model of a point's error is a bias that lasts a whole window, a first-order autoregressive
part, and rare gross errors; points go missing, and the legs are exchanged, for runs of moments.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console

from host.pose.recording import load_recording, sided
from host.pose.windows import body_size, sample
from model_zoo.skeleton import INDEX, LEG_NAMES, MIRROR, N_KEYPOINTS
from model_zoo.table import read_table

RATE_HZ = 30.0
GROSS = 0.10
"""Errors larger than this (in body sizes, after the bias) are gross: about 13 cm."""
MEASURED = Path(__file__).with_name("noise.json")

_SIZE_MOMENTS = 27
_LEAST_APART = 0.10
_LEGS = np.array([[INDEX[f"{s}_{n}"] for n in LEG_NAMES] for s in ("left", "right")])

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Runs:
    """Something that is so for runs of moments: its share of all moments, mean length of a run."""

    share: float
    moments: float

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...], t: int) -> Mask:
        """A two-state Markov chain over ``t`` moments, bool[shape[0], t, *shape[1:]]."""
        out = np.empty((shape[0], t, *shape[1:]), bool)
        leave = 1 / self.moments
        enter = leave * self.share / max(1 - self.share, 1e-9)
        state = rng.random(shape) < self.share
        for k in range(t):
            out[:, k] = state
            chance = rng.random(shape)
            state = np.where(state, chance >= leave, chance < enter)
        return out


@dataclass(frozen=True)
class NoiseModel:
    """Errors of a network's keypoints, per point and axis (x, z), in body sizes.

    Attributes
    ----------
    bias_sd
        [23][2] spread of the bias from walk to walk (its mean over walks included).
    core_sd
        [23][2] spread of the remaining small errors.
    correlation
        Of small errors from one moment to the next, 1/30 s later.
    gross, missing
        Share and run length, for each point.
    gross_sd
        [23] spread of gross errors along each axis.
    exchanged
        Of the legs.
    clips, moments
        How much was measured.
    """

    bias_sd: tuple[tuple[float, ...], ...]
    core_sd: tuple[tuple[float, ...], ...]
    correlation: float
    gross: Runs
    gross_share: tuple[float, ...]
    gross_sd: tuple[float, ...]
    missing: Runs
    exchanged: Runs
    clips: int
    moments: int

    def apply(self, rng: np.random.Generator, xz: Array, strength: Array) -> Array:
        """The points as a network would give them, float64[N, T, 23, 2] in body sizes; NaN missing.

        Parameters
        ----------
        xz
            Exact points, float64[N, T, 23, 2] in body sizes.
        strength
            float64[N], factor of all errors and shares; 0 gives the exact points.
        """
        n, t = xz.shape[:2]
        scale = strength[:, None, None, None]
        turned = self.exchanged.draw(rng, (n,), t) & (rng.random(n) < strength)[:, None]
        out = np.where(turned[..., None, None], xz[..., _OTHER_LEG, :], xz)
        core = rng.standard_normal((n, t, N_KEYPOINTS, 2))
        fresh = np.sqrt(1 - self.correlation**2)
        for k in range(1, t):
            core[:, k] = self.correlation * core[:, k - 1] + fresh * core[:, k]
        bias = rng.standard_normal((n, 1, N_KEYPOINTS, 2)) * np.array(self.bias_sd)
        error = bias + core * np.array(self.core_sd)
        happens = self.gross.draw(rng, (n, N_KEYPOINTS), t)
        relative = np.array(self.gross_share) / max(self.gross.share, 1e-9)
        happens &= rng.random((n, 1, N_KEYPOINTS)) < relative
        burst = rng.standard_normal((n, 1, N_KEYPOINTS, 2)) * np.array(self.gross_sd)[:, None]
        out = out + scale * (error + happens[..., None] * burst)
        lost = self.missing.draw(rng, (n, N_KEYPOINTS), t) & (strength > 0)[:, None, None]
        out[lost] = np.nan
        return np.asarray(out)


_OTHER_LEG = np.arange(N_KEYPOINTS)
_OTHER_LEG[_LEGS.ravel()] = MIRROR[_LEGS.ravel()]


@dataclass(frozen=True)
class Measured:
    """Errors of one clip at 30 Hz: float64[T, 23, 2] in body sizes, NaN missing or gone; legs."""

    error: Array
    truth: Array
    exchanged: Mask


def compare(truth_file: Path, keypoints_file: Path) -> Measured:
    """Errors of one analysed clip while the whole body is in the picture."""
    with np.load(truth_file) as stored:
        time_s, true_px, seen = stored["time_s"], stored["xy_px"].astype(float), stored["seen"]
    whole = (seen > 0).all(axis=1)
    at_s = np.arange(time_s[whole][0], time_s[whole][-1], 1 / RATE_HZ)
    recording = sided(load_recording(keypoints_file))
    truth = sample(time_s, true_px, at_s)
    found = np.stack(
        [
            sample(recording.time_s, recording.xy_px[:, p].astype(float), at_s)
            for p in range(len(recording.track))
        ]
    )
    away = np.median(np.nan_to_num(np.linalg.norm(found - truth, axis=-1), nan=np.inf), axis=2)
    nearest = np.argmin(away, axis=0)
    xy = np.take_along_axis(found, nearest[None, :, None, None], axis=0)[0]
    about = np.arange(len(at_s))[:, None] + np.arange(_SIZE_MOMENTS) - _SIZE_MOMENTS // 2
    size = body_size(truth[np.clip(about, 0, len(at_s) - 1)])[:, None, None]
    exchanged = _exchanged(xy / size, truth / size)
    xy[exchanged] = xy[exchanged][:, _OTHER_LEG]
    return Measured((xy - truth) * (1, -1) / size, truth / size, exchanged)


def _exchanged(xy: Array, truth: Array) -> Mask:
    """Moments at which the legs fit the truth much better the other way round."""
    points = [p for leg in _LEGS for p in leg[1:]]
    apart = np.linalg.norm(truth - truth[:, _OTHER_LEG], axis=-1)[:, points].mean(axis=1)
    straight = np.linalg.norm(xy - truth, axis=-1)[:, points]
    turned = np.linalg.norm(xy[:, _OTHER_LEG] - truth, axis=-1)[:, points]
    better = np.nansum(turned, axis=1) < 0.5 * np.nansum(straight, axis=1)
    return np.asarray(better & (apart > _LEAST_APART))


def fit(measured: list[Measured]) -> NoiseModel:
    """The model of several clips; left and right share their numbers."""
    bias = np.stack([np.nanmedian(m.error, axis=0) for m in measured])
    small, gross, gone, core_pairs = [], [], [], []
    for m, b in zip(measured, bias, strict=True):
        rest = m.error - b
        large = np.linalg.norm(rest, axis=-1) > GROSS
        gross.append(large)
        gone.append(np.isnan(rest).any(axis=-1))
        kept = np.where((large | gone[-1])[..., None], np.nan, rest)
        small.append(kept)
        core_pairs.append((kept[:-1] * kept[1:], kept[:-1] ** 2))
    every = np.concatenate(small)
    large_all = np.concatenate(gross)
    rests = np.concatenate([m.error - b for m, b in zip(measured, bias, strict=True)])
    gross_sd = np.sqrt(_mean_where(rests**2, large_all))
    product = np.nansum(np.concatenate([p for p, _ in core_pairs]))
    square = np.nansum(np.concatenate([q for _, q in core_pairs]))
    lost = np.concatenate(gone)
    turned = np.concatenate([m.exchanged for m in measured])
    return NoiseModel(
        bias_sd=_table(np.sqrt(np.nanmean(bias**2, axis=0))),
        core_sd=_table(np.nanstd(every, axis=0)),
        correlation=round(float(product / square), 3),
        gross=_runs(gross),
        gross_share=tuple(_both_sides(large_all.mean(axis=0)).round(5).tolist()),
        gross_sd=tuple(_both_sides(gross_sd).round(4).tolist()),
        missing=_runs(gone) if lost.any() else Runs(0.0, 1.0),
        exchanged=_runs([m.exchanged for m in measured]) if turned.any() else Runs(0.0, 1.0),
        clips=len(measured),
        moments=len(turned),
    )


def _mean_where(values: Array, where: Mask) -> Array:
    """Mean per point of float64[T, 23, 2] over moments of bool[T, 23]; 0 where there is none."""
    count = where.sum(axis=0) * 2
    total = np.where(where[..., None], np.nan_to_num(values), 0.0).sum(axis=(0, 2))
    return np.asarray(total / np.maximum(count, 1))


def _runs(states: list[Mask]) -> Runs:
    share = float(np.mean(np.concatenate([s.ravel() for s in states])))
    starts = sum(int(np.count_nonzero(s[1:] & ~s[:-1])) + int(s[0].sum()) for s in states)
    length = sum(int(s.sum()) for s in states) / max(starts, 1)
    return Runs(round(share, 5), round(max(length, 1.0), 2))


def _both_sides(values: Array) -> Array:
    return np.asarray((values + values[MIRROR]) / 2)


def _table(values: Array) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(row) for row in _both_sides(values).round(5).tolist())


def read_noise(path: Path = MEASURED) -> dict[str, NoiseModel]:
    """Measured models by the name of what was measured (network and view)."""
    table = json.loads(path.read_text(encoding="utf-8"))
    return {name: read_table(NoiseModel, entry, name) for name, entry in table.items()}


def main(argv: list[str] | None = None) -> int:
    """Measure clips and enter the result in the file under a name."""
    p = argparse.ArgumentParser(prog="python -m quantize.temporal.noise", description=__doc__)
    p.add_argument("name", help="what is measured, such as gait-pose-s.side")
    p.add_argument("--truth", type=Path, required=True, help="folder of rendered clips")
    p.add_argument("--keypoints", type=Path, required=True, help="folder of their analyses")
    p.add_argument("--out", type=Path, default=MEASURED)
    args = p.parse_args(argv)
    measured = []
    for file in sorted(args.truth.glob("*.points.npz")):
        keypoints = args.keypoints / file.name.removesuffix(".points.npz") / "keypoints.npz"
        if keypoints.is_file():
            measured.append(compare(file, keypoints))
    model = fit(measured)
    table = json.loads(args.out.read_text(encoding="utf-8")) if args.out.is_file() else {}
    table[args.name] = asdict(model)
    args.out.write_text(json.dumps(table, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    Console().print(
        f"{args.name}: {model.clips} clips, {model.moments} moments, core "
        f"{np.mean(model.core_sd):.4f}, bias {np.mean(model.bias_sd):.4f} sizes, "
        f"gross {model.gross}, missing {model.missing}, exchanged {model.exchanged}, "
        f"correlation {model.correlation}"
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
