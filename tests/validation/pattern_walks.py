"""Walks with a known pattern, as the gait room sees them: drawn ones and points with network noise.

Drawn clips (``python -m quantize render --clip``) go through the real network. Walks without
pictures (``--walks``) are projected by a camera at the side, and the errors that the network made
on drawn clips are laid over them: at every moment of the stride those of the same moment of another
walk, so that what the network does wrong in each phase stays in its phase.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from host.gait.analyse import analyse_gait
from host.gait.types import CaptureFacts, GaitResult, Person, Trajectories
from host.pipeline import capture_facts
from model_zoo.skeleton import MIRROR, N_KEYPOINTS
from tests.validation.recorded import lead_named, recorded

Array = NDArray[np.float64]
HEALTHY = "none"
MODEL = "gait-pose-s"
_RIGHTWARD = "left_to_right"
_PICTURE_PX = (960, 576)
_FIELD_DEG = 62.0
_LEAST_S = 2.5


@dataclass(frozen=True)
class KnownWalk:
    """A walk's measurements and what it shows.

    Attributes
    ----------
    name, group
        Of the walk; walks of one group are of one person.
    pattern, side, severity
        ``"none"`` without a pattern; side ``"left"``, ``"right"`` or ``"both"``.
    gait
        What the gait room measured.
    person
        What an operator would have told.
    points
        What the gait room measured it from.
    """

    name: str
    group: str
    pattern: str
    side: str
    severity: str
    gait: GaitResult
    person: Person
    points: Trajectories


def drawn_walks(clips: Path, model: str = MODEL) -> Iterator[KnownWalk]:
    """Clips of a folder through a released network."""
    for path in sorted(clips.glob("*.truth.json")):
        told = json.loads(path.read_text(encoding="utf-8"))
        recording, points = recorded(clips / f"{told['clip']}.mp4", model)
        person = Person(told["stature_m"], float(told["age_years"]), told["sex"])
        shown = _pattern(told.get("pattern", {}))
        gait = analyse_gait(points, person, capture_facts(recording), lead=lead_named())
        yield KnownWalk(told["clip"], f"{clips.name}/{told['clip']}", *shown, gait, person, points)


def _pattern(told: dict[str, Any]) -> tuple[str, str, str]:
    name = told.get("name", "healthy")
    if name == "healthy":
        return HEALTHY, "both", HEALTHY
    return name, told["side"], told["severity"]


_Kind = tuple[str, str, bool | None]


@dataclass(frozen=True)
class _Donor:
    """Errors of one clip: phase float64[T] in strides of the left foot, error in body heights.

    ``kind`` is its pattern, its severity and, of a one-sided one, whether the affected leg is the
    near one.
    """

    kind: _Kind
    phase: Array
    error: Array
    score: Array
    sure: Array
    source: str

    def mirrored(self) -> _Donor:
        """The same walk seen the other way round: left is right, half a stride apart."""
        error = self.error[:, MIRROR] * [-1.0, 1.0]
        score = self.score[:, MIRROR]
        return replace(self, phase=self.phase + 0.5, error=error, score=score)


class NetworkErrors:
    """What the network does wrong on drawn clips, to be laid over exact points.

    A network draws what it does not see well as it usually is: its errors depend on the walk, and
    grow with what is unusual in it. So the errors of a walk come from a clip of the same pattern
    and severity, with the affected leg as near or far. (Those of a foot that hangs by 30 degrees,
    laid over one that hangs by 11, lift its toes.)

    Parameters
    ----------
    clips
        Folders of drawn clips with truth and exact points.
    model
        The released network.
    """

    def __init__(self, clips: Sequence[Path], model: str = MODEL) -> None:
        donors = [
            donor
            for folder in clips
            for path in sorted(folder.glob("*.truth.json"))
            if (donor := _donor(path, model)) is not None
        ]
        self._donors: dict[_Kind, list[_Donor]] = {}
        for donor in donors:
            self._donors.setdefault(donor.kind, []).append(donor)

    def seen(
        self,
        kind: _Kind,
        time_s: Array,
        xy_px: Array,
        phase: Array,
        onward: int,
        rng: np.random.Generator,
    ) -> Trajectories:
        """Points as the network would have seen them.

        Parameters
        ----------
        kind
            Pattern and severity of the walk, and whether its affected leg is the near one (None:
            no side).
        time_s, xy_px
            float64[T] and float64[T, 23, 2], exact, NaN outside the picture.
        phase
            float64[T], strides of the left foot since any of its contacts.
        onward
            +1 for a walk to the right, -1 to the left.
        """
        pattern, severity, near = kind
        donors = self._donors.get(kind) or self._donors[pattern, severity, not near]
        donor = donors[int(rng.integers(len(donors)))]
        if onward < 0:  # donors are kept as walks to the right
            donor = donor.mirrored()
        whole = np.floor(donor.phase[-1] - donor.phase[0])
        wanted = donor.phase[0] + np.mod(phase - donor.phase[0], whole)
        rows = np.searchsorted(donor.phase, wanted).clip(0, len(donor.phase) - 1)
        height = np.nanmedian(np.nanmax(xy_px[..., 1], 1) - np.nanmin(xy_px[..., 1], 1))
        xy = xy_px + donor.error[rows] * height
        xyz = np.full((len(time_s), N_KEYPOINTS, 3), np.nan)
        xyz[..., 0], xyz[..., 2] = xy[..., 0], -xy[..., 1]
        score = np.where(np.isfinite(xy[..., 0]), donor.score[rows], 0.0)
        return Trajectories(time_s, xyz, "px", score, donor.source, donor.sure[rows])


def _donor(path: Path, model: str) -> _Donor | None:
    """Errors of one clip while the walker is whole in the picture, turned to walk to the right."""
    told = json.loads(path.read_text(encoding="utf-8"))
    _, points = recorded(path.with_name(f"{told['clip']}.mp4"), model)
    with np.load(path.with_name(f"{told['clip']}.points.npz")) as store:
        time_s, xy = store["time_s"].astype(float), store["xy_px"].astype(float)
        box = store["box_px"].astype(float)
    first, last = told["whole_in_picture_s"]
    rows = np.flatnonzero((time_s >= first) & (time_s <= last))
    other = np.abs(points.time_s[:, None] - time_s[rows]).argmin(0)
    left = [(e["time_s"], e["foot"], e["kind"]) for e in told["events"]]
    phase = stride_phase([t for t, f, k in left if (f, k) == ("left", "initial_contact")], time_s)
    found = points.xyz[other][..., [0, 2]] * [1.0, -1.0]
    height = float(np.median(box[rows, 3] - box[rows, 1]))
    sure = points.side_confidence
    donor = _Donor(
        _kind(*_pattern(told.get("pattern", {})), 1 if told["direction"] == _RIGHTWARD else -1),
        phase[rows],
        (found - xy[rows]) / height,
        points.score[other],
        np.ones(len(rows)) if sure is None else sure[other],
        points.source,
    )
    if np.ptp(donor.phase) < 1:
        return None
    return donor if told["direction"] == _RIGHTWARD else donor.mirrored()


def _kind(pattern: str, side: str, severity: str, onward: int) -> _Kind:
    """Who walks to the right shows the right side."""
    near = "right" if onward > 0 else "left"
    return pattern, severity, None if side == "both" else side == near


def stride_phase(contacts_s: list[float], time_s: Array) -> Array:
    """Strides since the first of the contacts, continuous, float64[T]; straight on beyond."""
    contacts = np.array(contacts_s)
    number = np.arange(len(contacts), dtype=float)
    inside = np.interp(time_s, contacts, number)
    stride_s = float(np.median(np.diff(contacts)))
    before, after = time_s < contacts[0], time_s > contacts[-1]
    inside[before] = (time_s[before] - contacts[0]) / stride_s
    inside[after] = number[-1] + (time_s[after] - contacts[-1]) / stride_s
    return inside


def point_walks(folder: Path, errors: NetworkErrors, seed: int) -> Iterator[KnownWalk]:
    """All walks of a folder that a camera sees for long enough."""
    for path in sorted(folder.glob("walk-*.npz")):
        walk = point_walk(path, errors, seed)
        if walk is not None:
            yield walk


def point_walk(path: Path, errors: NetworkErrors, seed: int) -> KnownWalk | None:
    """One walk without pictures as a camera at its side and the network would have seen it.

    None where it is seen for less than 2.5 s.
    """
    with np.load(path) as store:
        xyz_m, rate = store["xyz_m"].astype(float), float(store["rate_hz"])
        stature, events = float(store["stature_m"]), store["events"]
        tags = json.loads(str(store["tags"]))
    shown = (tags["pathology"], tags.get("side", "both"), tags.get("severity", HEALTHY))
    rng = np.random.default_rng([seed, int(path.stem[-5:])])
    onward = 1 if rng.random() < 0.5 else -1
    xy_px = side_view(xyz_m, onward, rng)
    inside = np.flatnonzero(np.isfinite(xy_px).all(axis=(1, 2)))
    left = events[(events[:, 0] == 0) & (events[:, 1] == 0), 2]
    if len(inside) < _LEAST_S * rate or len(left) < 2:
        return None
    rows = np.arange(inside[0], inside[-1] + 1)
    phase = stride_phase(list(left), rows / rate)
    time_s = (rows - rows[0]) / rate
    seen = errors.seen(_kind(*shown, onward), time_s, xy_px[rows], phase, onward, rng)
    person = Person(stature)
    facts = CaptureFacts(rate, 0, False, picture_px=_PICTURE_PX)
    gait = analyse_gait(seen, person, facts, lead=lead_named())
    group = f"{path.parent.name}/{tags['body']}"
    return KnownWalk(path.stem, group, *shown, gait, person, seen)


def side_view(xyz_m: Array, onward: int, rng: np.random.Generator) -> Array:
    """Pixels float64[T, 23, 2] of a walk by a pinhole camera at its side; NaN outside.

    The walk goes towards -y. The camera stands square to the middle of the path within 8 degrees,
    at 0.9 to 1.3 m height, so far away that the way fills the picture (3.3 to 5.6 m).
    """
    middle = np.nanmean(xyz_m[:, 11:13], axis=(0, 1)) * [1, 1, 0]
    along, left = -(xyz_m - middle)[..., 1], (xyz_m - middle)[..., 0]
    across, height = left * onward, xyz_m[..., 2]  # facing right, the left is away
    half = np.tan(np.deg2rad(_FIELD_DEG) / 2)
    speed = np.ptp(along[:, 11]) / len(along)
    distance = float(np.clip(105 * speed / half, 3.3, 5.6))
    yaw = np.deg2rad(rng.uniform(-8, 8))
    x = onward * along * np.cos(yaw) + across * np.sin(yaw)
    depth = distance + across * np.cos(yaw) - onward * along * np.sin(yaw)
    focal = _PICTURE_PX[0] / 2 / half
    pitch_px = focal * np.tan(np.deg2rad(rng.uniform(-4.0, -1.0)))
    u = _PICTURE_PX[0] / 2 + focal * x / depth
    v = _PICTURE_PX[1] / 2 - focal * (height - rng.uniform(0.9, 1.3)) / depth + pitch_px
    xy = np.stack([u, v], axis=-1)
    outside = ((xy < 0) | (xy >= _PICTURE_PX)).any(axis=(1, 2)) | (depth < 0.5).any(axis=1)
    xy[outside] = np.nan
    return xy
