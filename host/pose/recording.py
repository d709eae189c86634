"""``keypoints.npz``: the waist of the hourglass.

Everything below it can be computed from this
file alone.
"""

from __future__ import annotations

import json
import zipfile
import zlib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from host.codes import ErrorCode
from host.errors import InputError
from model_zoo.skeleton import KEYPOINTS, LEG_NAMES, N_KEYPOINTS, Side, part

SCHEMA_VERSION = 1

_OTHER_LEG = np.arange(N_KEYPOINTS)
for _name in LEG_NAMES:
    _pair = [part(_name, Side.LEFT), part(_name, Side.RIGHT)]
    _OTHER_LEG[_pair] = _pair[::-1]
_BELOW_HEAD = np.arange(part("shoulder", Side.LEFT), N_KEYPOINTS)
_CROSSING = [[part(_name, side) for side in Side] for _name in ("hip", "knee")]


@dataclass(frozen=True)
class Recording:
    """Keypoints of all tracks of one recording. T frames, P tracks, K = 23 keypoints.

    Attributes
    ----------
    time_s
        float64[T], presentation time of each analysed frame, seconds from the first frame.
    frame
        int32[T], number of the frame in decoding order.
    track
        int32[P], stable numbers of the tracks.
    box_px
        float32[T, P, 4]: x0, y0, x1, y1 in the upright picture; NaN where the track is absent.
    xy_px
        float32[T, P, 23, 2] as the network gave them; NaN where missing.
    score
        float32[T, P, 23]; NaN where missing.
    exchanged
        bool[T, P]: the side stage found the legs exchanged in this frame (``xy_px`` is NOT
        changed).
    crossed
        bool[T, P, 2]: hips, knees that are named otherwise than the feet: they are exchanged where
        the feet are not, and the other way round. Empty where nothing is crossed.
    side_confidence
        float32[T, P]: 0..1, of the decision in ``exchanged``.
    silhouette
        float32[T, P, S]: contour signals (area, width, height, centroid ...); S may be 0.
    withheld
        uint8[T, P, 23], as the points are named: 0 stays, else why the point is none, a place in
        :data:`host.pose.plausible.REASONS` from 1 on (``xy_px`` and ``score`` are NOT changed).
        Empty where nothing was looked at.
    meta
        JSON-able: schema version, keypoint names, source facts, models, backend, alerts, capture
        checks, subject.
    integers
        uint32[T]: hash of all integers that the network gave in each frame (of candidates too, and
        of mirrored crops); 0 where nobody was looked at. Two backends have computed the same when
        these are equal. Empty where the points do not come from a network.
    foot_edges
        float32[T, P, 2]: sharpness around the left and right foot as the points are named, see
        :func:`host.pose.foot_edges.foot_edges`; NaN where unknown. Empty where no picture was seen.
    outline
        uint8[T, P, 352]: shapes of the people (:func:`host.person.outline.aligned_outline`), where
        the settings ask for them; else uint8[T, P, 0], or empty.
    """

    time_s: NDArray[np.float64]
    frame: NDArray[np.int32]
    track: NDArray[np.int32]
    box_px: NDArray[np.float32]
    xy_px: NDArray[np.float32]
    score: NDArray[np.float32]
    exchanged: NDArray[np.bool_]
    side_confidence: NDArray[np.float32]
    silhouette: NDArray[np.float32]
    meta: dict[str, Any]
    integers: NDArray[np.uint32] = field(default_factory=lambda: np.zeros(0, np.uint32))
    foot_edges: NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, np.float32))
    outline: NDArray[np.uint8] = field(default_factory=lambda: np.zeros(0, np.uint8))
    crossed: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, bool))
    withheld: NDArray[np.uint8] = field(default_factory=lambda: np.zeros(0, np.uint8))

    def __post_init__(self) -> None:
        t, p = len(self.time_s), len(self.track)
        shapes = {
            "frame": (t,),
            "box_px": (t, p, 4),
            "xy_px": (t, p, N_KEYPOINTS, 2),
            "score": (t, p, N_KEYPOINTS),
            "exchanged": (t, p),
            "side_confidence": (t, p),
        }
        for name, shape in shapes.items():
            actual = getattr(self, name).shape
            if actual != shape:
                raise ValueError(f"{name} is {actual}, expected {shape}")
        if self.integers.shape not in ((t,), (0,)):
            raise ValueError(f"integers is {self.integers.shape}, expected ({t},) or (0,)")
        if self.foot_edges.shape not in ((t, p, 2), (0,)):
            raise ValueError(f"foot_edges is {self.foot_edges.shape}, expected ({t}, {p}, 2)")
        if self.crossed.shape not in ((t, p, 2), (0,)):
            raise ValueError(f"crossed is {self.crossed.shape}, expected ({t}, {p}, 2)")
        if self.withheld.shape not in ((t, p, N_KEYPOINTS), (0,)):
            raise ValueError(f"withheld is {self.withheld.shape}, expected ({t}, {p}, 23)")
        if self.outline.shape != (0,) and self.outline.shape[:2] != (t, p):
            raise ValueError(f"outline is {self.outline.shape}, expected ({t}, {p}, B)")
        if self.silhouette.shape[:2] != (t, p):
            raise ValueError(f"silhouette is {self.silhouette.shape}, expected ({t}, {p}, S)")


def sided(recording: Recording) -> Recording:
    """The same recording as everything after reads it; nothing is then exchanged or crossed.

    The legs' names are put right; points that were withheld are NaN, and so are their scores. Arms
    and face keep the network's names: the side stage follows the legs.
    """
    turn = turned(recording)
    xy = np.where(turn[..., None], recording.xy_px[..., _OTHER_LEG, :], recording.xy_px)
    score = np.where(turn, recording.score[..., _OTHER_LEG], recording.score)
    withheld = recording.withheld
    if withheld.size:
        withheld = np.where(turn, withheld[..., _OTHER_LEG], withheld)
        xy = np.where(withheld[..., None] > 0, np.float32(np.nan), xy)
        score = np.where(withheld > 0, np.float32(np.nan), score)
    edges = recording.foot_edges
    if edges.size:
        edges = np.where(recording.exchanged[..., None], edges[..., ::-1], edges)
    return replace(
        recording,
        xy_px=xy,
        score=score,
        foot_edges=edges,
        exchanged=np.zeros_like(recording.exchanged),
        crossed=np.zeros_like(recording.crossed),
        withheld=withheld,
    )


def pose_model(recording: Recording) -> str:
    """Name of the network that gave the points; empty where none is told."""
    models = recording.meta.get("models", ())
    return next((str(m["name"]) for m in models if m["role"] == "pose"), "")


def points_used_percent(recording: Recording, track: int | None) -> float:
    """Share of one track's points below the head that were not withheld; NaN where unknown."""
    rows = np.flatnonzero(recording.track == track)
    if not len(rows) or not recording.withheld.size:
        return float("nan")
    found = np.isfinite(recording.xy_px[:, rows[0], _BELOW_HEAD, 0])
    used = recording.withheld[:, rows[0], _BELOW_HEAD] == 0
    return 100 * float(used[found].mean()) if found.any() else float("nan")


def turned(recording: Recording) -> NDArray[np.bool_]:
    """bool[T, P, 23]: points that carry the name of the other leg's."""
    turn = np.zeros(recording.score.shape, bool)
    turn |= recording.exchanged[..., None] & (np.arange(N_KEYPOINTS) != _OTHER_LEG)
    if recording.crossed.size:
        for number, pair in enumerate(_CROSSING):
            turn[..., pair] ^= recording.crossed[..., number, None]
    return turn


def as_named(recording: Recording, sided_points: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """What is told of the points of :func:`sided`, [T, P, 23], as the network named them."""
    return np.where(turned(recording), sided_points[..., _OTHER_LEG], sided_points)


_ARRAYS = (
    "time_s",
    "frame",
    "track",
    "box_px",
    "xy_px",
    "score",
    "exchanged",
    "side_confidence",
    "silhouette",
)
_LATER = ("integers", "foot_edges", "outline", "crossed", "withheld")
"""Absent from files of earlier versions."""


def save_recording(recording: Recording, path: Path) -> None:
    """Write ``recording`` as a compressed npz (numpy only, no pickle)."""
    meta = {
        **recording.meta,
        "schema_version": SCHEMA_VERSION,
        "keypoint_names": list(KEYPOINTS),
    }
    arrays = {name: getattr(recording, name) for name in (*_ARRAYS, *_LATER)}
    np.savez_compressed(path, meta=np.array(json.dumps(meta)), **arrays)


def load_recording(path: Path) -> Recording:
    """Read a file of :func:`save_recording`.

    Raises
    ------
    InputError
        When the file is missing, is no such file, or has another schema version.
    PermissionError
        When this account must not read it.
    """
    if not path.is_file():
        raise InputError(ErrorCode.FILE_MISSING, file=path)
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            meta = json.loads(str(stored["meta"]))
            version = meta.get("schema_version")
            if version != SCHEMA_VERSION or tuple(meta.get("keypoint_names", ())) != KEYPOINTS:
                raise InputError(
                    ErrorCode.KEYPOINTS_SCHEMA, file=path, found=version, expected=SCHEMA_VERSION
                )
            names = (*_ARRAYS, *(name for name in _LATER if name in stored))
            return Recording(meta=meta, **{name: stored[name] for name in names})
    except PermissionError:
        raise
    except (ValueError, KeyError, OSError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise InputError(ErrorCode.NOT_KEYPOINTS, file=path) from error
