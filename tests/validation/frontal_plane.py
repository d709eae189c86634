"""Whether angles across the walk can be told from one camera: a section of the document.

    python -m tests.validation.frontal_plane --renders RENDERS --out FILE [--models NAME ...]

RENDERS holds the folders of :data:`FOLDERS` (first description: they judge nothing else) with
``CLIP.joints.npz`` (``python -m quantize render --clip NAME --joints``). True are the skeleton's
joint centres, not the key points. Strides are the true ones, and the lifter is given the true
stature, lens and level: all but the points is right, so the errors are the least that can be had. A
curve is worth showing when its error is clearly smaller than that of a guess, which tells everybody
the mean curve of the other walkers.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from host import accelerator
from host.gait.types import Trajectories
from host.pose.lift import Lifter, Picture, lift_track
from model_zoo.package import load_released
from model_zoo.skeleton import Side, part
from quantize.markdown import table
from tests.validation.acceptance import Bar, told, write_section
from tests.validation.recorded import CACHE, recorded
from tests.validation.rendered_truth import ClipTruth

Array = NDArray[np.float64]
Legs = dict[tuple[str, str, Side], Array]

OBLIQUITY, ADDUCTION, LEAN = ANGLES = ("pelvis_obliquity", "hip_adduction", "trunk_lateral_lean")
FOLDERS = {
    "side": ("calibration",),
    "oblique": ("oblique-calibration",),
    "frontal": ("frontal",),
}
EXACT, FLAT = "exact key points", "their exact picture"
ROOM, PICTURE, SPACE = "room", "picture", "gait-lift"
_LIFTER = "gait-lift"
_GRID = np.arange(101) / 100
_HARMONICS = 4
_LEAST_SEEN = 0.8
_LEAST_CLIPS = 3
_WORTH = 0.5
_JOINTS = [part(name, side) for name in ("hip", "knee") for side in Side]
_SHOULDERS = [part("shoulder", side) for side in Side]
_HEAD = ["angle", "view", "points", "read from", "legs", "error", "less its mean", "of a guess"]
_HEAD += ["range true", "found", "r"]


def across_angles(xyz: Array, side: Side) -> dict[str, Array]:
    """Angles across the walk, seen from one side of the body; degrees, float64[T].

    Pelvic obliquity: rise of the line through the hips above the horizontal, positive with this
    side up (Baker 2001, Gait and Posture 13:1-6). Hip adduction: a right angle less that between
    the long axis of the thigh and the line to the other hip, positive with the knee towards the
    midline (Grood and Suntay 1983; Wu et al. 2002, J Biomech 35:543-548; the line of the hips'
    centres stands for that of the anterior superior iliac spines, which no key point shows).
    Trunk: lean of the line from the hips' to the shoulders' middle to this side, against the
    upright, in the plane of the hips' line and the upright.

    Parameters
    ----------
    xyz
        float64[T, 23, 3], any unit, third axis up; NaN where missing.
    """
    own, other, knee = (
        xyz[:, part(name, of)] for name, of in (("hip", side), ("hip", side.other), ("knee", side))
    )
    inward = _unit(other - own)
    level = _unit(inward * (1.0, 1.0, 0.0))
    hips, shoulders = (xyz[:, [part(n, s) for s in Side]].mean(axis=1) for n in ("hip", "shoulder"))
    trunk = shoulders - hips
    return {
        OBLIQUITY: np.degrees(np.arcsin(-inward[:, 2])),
        ADDUCTION: np.degrees(np.arcsin((_unit(knee - own) * inward).sum(axis=1))),
        LEAN: np.degrees(np.arctan2(-(trunk * level).sum(axis=1), trunk[:, 2])),
    }


def mean_curve(time_s: Array, angle_deg: Array, strides: Sequence[tuple[float, float]]) -> Array:
    """Mean over strides, first harmonics of the cycle; NaN where no stride is seen enough."""
    good = np.isfinite(angle_deg)
    cycles = []
    for start_s, end_s in strides:
        if good[(time_s >= start_s) & (time_s <= end_s)].mean() >= _LEAST_SEEN:
            grid = start_s + _GRID * (end_s - start_s)
            cycles.append(np.interp(grid, time_s[good], angle_deg[good]))
    if not cycles:
        return np.full(len(_GRID), np.nan)
    spectrum = np.fft.rfft(np.mean(cycles, axis=0)[:-1])
    spectrum[_HARMONICS + 1 :] = 0
    smooth = np.fft.irfft(spectrum, len(_GRID) - 1)
    return np.append(smooth, smooth[0])


def legs_of(clip: str, time_s: Array, xyz: Array, truth: ClipTruth) -> Legs:
    """Mean curve of each angle and side of one clip over the true strides inside."""
    return {
        (clip, angle, side): mean_curve(time_s, values, _strides(truth, side))
        for side in Side
        for angle, values in across_angles(xyz, side).items()
    }


def _strides(truth: ClipTruth, side: Side) -> list[tuple[float, float]]:
    first, last = truth.span_s
    spans = [(s["start_s"], s["end_s"]) for s in truth.told["strides"] if s["foot"] == side.value]
    return [(start, end) for start, end in spans if first <= start and end <= last]


@dataclass(frozen=True)
class Camera:
    """The true camera of a clip; ``turn`` float64[3, 3]: rows right, away and up in the room."""

    eye_m: Array
    turn: Array
    focal_px: float
    size_px: tuple[float, float]

    @classmethod
    def of(cls, truth: ClipTruth) -> Camera:
        """As the renderer tells it."""
        camera = truth.told["camera"]
        right, up, back = np.array(camera["axes"])
        size = float(truth.told["width_px"]), float(truth.told["height_px"])
        turn = np.stack([right, -back, up])
        return cls(np.array(camera["eye_m"]), turn, float(camera["focal_px"]), size)

    def seen(self, truth: ClipTruth) -> Trajectories:
        """The exact points as the picture shows them, in pixels, z up."""
        x, away, up = np.moveaxis((truth.xyz_m - self.eye_m) @ self.turn.T, -1, 0)
        width, height = self.size_px
        flat = np.stack((x, np.full_like(x, np.nan), up), axis=-1) * self.focal_px / away[..., None]
        flat += (width / 2, 0.0, -height / 2)
        return Trajectories(truth.time_s, flat, "px", np.ones_like(x), "truth")


def skeleton(video: Path, truth: ClipTruth) -> Array:
    """Joint centres in the room in the places of their key points, float64[T, 23, 3].

    The shoulders are the key points; the others are NaN.
    """
    xyz = np.full_like(truth.xyz_m, np.nan)
    xyz[:, _SHOULDERS] = truth.xyz_m[:, _SHOULDERS]
    with np.load(video.with_suffix(".joints.npz")) as stored:
        xyz[:, _JOINTS] = stored["xyz_m"]
    return xyz


def found_legs(
    clip: str, points: Trajectories, truth: ClipTruth, lifter: Lifter
) -> Iterator[tuple[str, Legs]]:
    """Curves read from the picture and from space."""
    flat = points.xyz * (1.0, 0.0, 1.0)
    flat[..., 1] = 0.0
    yield PICTURE, legs_of(clip, points.time_s, flat, truth)
    camera = Camera.of(truth)
    picture = Picture(*camera.size_px, camera.focal_px)
    lifted = lift_track(points, lifter, picture, float(truth.told["stature_m"]))
    yield SPACE, legs_of(clip, points.time_s, lifted.xyz @ camera.turn, truth)


@dataclass(frozen=True)
class Judged:
    """Errors over the legs of one view, degrees.

    ``raw``: root mean square distance of the mean curves; ``fitted``: less the mean error of the
    other clips; ``guess``: of the mean true curve of the other clips; ``ranges``: mean true and
    found range; ``range_r``: their correlation over legs.
    """

    legs: int
    raw_deg: float
    fitted_deg: float
    guess_deg: float
    ranges_deg: tuple[float, float]
    range_r: float


def judge(found: Legs, true: Legs, angle: str) -> Judged | None:
    """Compare the curves of one angle; None where too few clips have one."""
    keys = [k for k in found if k[1] == angle and np.isfinite(found[k]).all()]
    clips = np.array([clip for clip, _angle, _side in keys])
    if len(set(clips)) < _LEAST_CLIPS:
        return None
    ours, theirs = (np.stack([of[k] for k in keys]) for of in (found, true))
    error = ours - theirs
    others = [clips != clip for clip in clips]
    fitted = np.stack([e - error[o].mean(axis=0) for e, o in zip(error, others, strict=True)])
    guess = np.stack([t - theirs[o].mean(axis=0) for t, o in zip(theirs, others, strict=True)])
    ranges = np.ptp(theirs, axis=1), np.ptp(ours, axis=1)
    return Judged(
        len(keys),
        _rms(error),
        _rms(fitted),
        _rms(guess),
        (float(ranges[0].mean()), float(ranges[1].mean())),
        float(np.corrcoef(*ranges)[0, 1]),
    )


Measured = dict[tuple[str, str, str, str], Judged]
"""By angle, view, points and way of reading them."""


def measure(renders: Path, models: Sequence[str], cache: Path) -> Measured:
    """Everything that the section tells; the picture alone is read from the front only."""
    network = accelerator.open(_LIFTER)
    lifter, out = Lifter(network), Measured()
    for view, folders in FOLDERS.items():
        true: Legs = {}
        found: dict[tuple[str, str], Legs] = {}
        for video in (v for name in folders for v in sorted((renders / name).glob("*.mp4"))):
            truth, clip = ClipTruth.read(video), f"{video.parent.name}/{video.stem}"
            true |= legs_of(clip, truth.time_s, skeleton(video, truth), truth)
            exact = legs_of(clip, truth.time_s, truth.xyz_m, truth)
            found.setdefault((EXACT, ROOM), {}).update(exact)
            seen = {FLAT: Camera.of(truth).seen(truth)}
            seen |= {model: recorded(video, model, cache)[1] for model in models}
            for source, points in seen.items():
                for way, legs in found_legs(clip, points, truth, lifter):
                    if way == SPACE or view == "frontal":
                        found.setdefault((source, way), {}).update(legs)
        for (source, way), legs in found.items():
            for angle in ANGLES:
                if (judged := judge(legs, true, angle)) is not None:
                    out[angle, view, source, way] = judged
    network.close()
    return out


def section(measured: Measured) -> str:
    """The text of the section."""
    rows, folders = [], ", ".join(name for names in FOLDERS.values() for name in names)
    worth = ", ".join(
        f"{angle} ({view}, {source}, {way})"
        for (angle, view, source, way), j in measured.items()
        if source not in (EXACT, FLAT) and j.fitted_deg <= _WORTH * j.guess_deg
    )
    for angle in ANGLES:
        for (of, view, source, way), j in measured.items():
            if of == angle:
                degrees = (j.raw_deg, j.fitted_deg, j.guess_deg, *j.ranges_deg)
                cells = [f"{v:.1f}" for v in degrees]
                rows.append([angle, view, source, way, str(j.legs), *cells, f"{j.range_r:+.2f}"])
    return (
        "## Angles across the walk\n\n"
        f"Rendered walks ({folders}), mean curve of each leg over the\ntrue strides against "
        "that of the skeleton's joint centres, degrees. The lifter knows stature, lens and\nlevel. "
        "Error: root mean square distance; less its mean: less the mean error curve of the other\n"
        "clips; of a guess: of the mean true curve of the other clips, which knows nothing of the "
        "walker.\nRange: mean over legs; r: correlation of the ranges over legs. Worth showing is "
        "a curve whose error,\nless its mean, is at most half the guess's; read by a network: "
        f"{worth or 'none'}.\n\n"
        f"{table(_HEAD, rows)}\n"
    )


def bars(measured: Measured, models: Sequence[str]) -> list[Bar]:
    """Lines for the head of the document: from the front, the view that shows most."""
    lines = []
    for model in models:
        for angle in (OBLIQUITY, ADDUCTION):
            j = measured.get((angle, "frontal", model, PICTURE))
            if j is not None:
                words = f"{j.raw_deg:.1f}; {j.fitted_deg:.1f}; {j.guess_deg:.1f} deg"
                what = f"{model}: {angle} from the front, error; less its mean; of a guess"
                lines.append(told(what, words))
    return lines


def _unit(vectors: Array) -> Array:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=-1, keepdims=True))


def _rms(values: Array) -> float:
    return float(np.sqrt(np.mean(values**2)))


def main() -> None:
    """Command line."""
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--renders", type=Path, required=True)
    p.add_argument("--models", nargs="+", default=["gait-pose-s", "gait-pose-m"])
    p.add_argument("--cache", type=Path, default=CACHE)
    p.add_argument("--out", type=Path, required=True)
    args = p.parse_args()
    named = {f"{m} {load_released(m).version}": m for m in args.models}
    measured = measure(args.renders, args.models, args.cache)
    lines = bars(measured, list(named.values()))
    write_section(args.out, "frontal-plane", section(measured), lines)


if __name__ == "__main__":
    main()
