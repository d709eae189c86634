"""Our key points beside BlazePose Full's on every walking clip: agreement, strips, worst frames.

    python -m tests.validation.peer --data DATA [--pictures DIR] --out FILE.md
        [--model gait-pose-m] [--finder person-s] [--section peer-m]

Nobody knows the truth of these clips: agreement is told, not scored. The pictures show real people
and stay outside of the project. Whoever looks at ``CLIP.worst.png`` enters what was seen, under the
names of the networks, in ``peer_looked.toml``.
"""

from __future__ import annotations

import argparse
import tomllib
from dataclasses import dataclass, replace
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from host.pipeline import choose_subject
from host.pose.collect import trace_sides
from host.pose.recording import Recording, load_recording, sided
from host.settings import OUTLINES, PoseSettings
from model_zoo.skeleton import BODY, INDEX, MIRROR
from model_zoo.skeleton import KEYPOINTS as NAMES
from quantize.markdown import table
from tests.validation.acceptance import Bar, at_least, write_section
from tests.validation.clips import NUMBERS, TIMING_OR_UNUSABLE
from tests.validation.readers import stored_points
from tests.validation.recorded import keypoints_file

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Image = NDArray[np.uint8]

COMPARED = [*BODY, *(INDEX[f"{s}_{p}"] for s in ("left", "right") for p in ("heel", "big_toe"))]
SAME_PERSON, MOST_INSIDE = 0.5, 0.5
WORST, IN_STRIP = 20, 8
MOST_OURS = 0.5
ALPHA = 0.2
"""Torsos, as in PCK@0.2 (Yang and Ramanan 2013); here the torso is the peer's."""
LOOKED = Path(__file__).parent / "peer_looked.toml"
_LIMBS = (
    ("shoulder", "elbow"), ("elbow", "wrist"), ("shoulder", "hip"), ("hip", "knee"),
    ("knee", "ankle"), ("ankle", "heel"), ("heel", "big_toe"),
)  # fmt: skip
_TILE = (300, 400)  # width, height
_OURS = {"left": (255, 140, 0), "right": (0, 90, 255)}  # BGR
_PEER = {"left": (255, 230, 160), "right": (150, 190, 255)}


@dataclass(frozen=True)
class Pair:
    """Both answers on the frames where both have one.

    Attributes
    ----------
    frame
        int[N], decoding order.
    ours_px, peer_px
        float64[N, 23, 2].
    box_px
        float64[N, 4], our person's.
    torso_px
        float64[N], the peer's left shoulder to right hip.
    withheld_px
        float64[N, 23, 2], where ours would stand that were withheld; NaN elsewhere.
    person
        Number of our track, and whether it is the subject.
    """

    frame: NDArray[np.int64]
    ours_px: Array
    peer_px: Array
    box_px: Array
    torso_px: Array
    withheld_px: Array
    person: tuple[int, bool]

    def distance(self, exchanged: bool) -> Array:
        """float64[N, joints] in torsos; NaN where one of the two has no point."""
        return self._distance(self.ours_px[:, MIRROR] if exchanged else self.ours_px)

    def _distance(self, ours_px: Array) -> Array:
        apart = np.linalg.norm(ours_px - self.peer_px, axis=-1)[:, COMPARED]
        return np.asarray(apart / self.torso_px[:, None])

    def withheld(self) -> tuple[float, float]:
        """Share of the joints that were withheld, and of these the share within :data:`ALPHA`."""
        apart = self._distance(self.withheld_px)
        known = np.isfinite(apart)
        near = float((apart[known] <= ALPHA).mean()) if known.any() else float("nan")
        return float(known.mean()), near

    def agreement(self, exchanged: bool) -> Array:
        """float64[N]: share of the joints within :data:`ALPHA`."""
        apart = self.distance(exchanged)
        known = np.isfinite(apart)
        near = np.where(known, apart, np.inf) <= ALPHA
        return np.asarray(near.sum(axis=1) / np.maximum(known.sum(axis=1), 1))

    def worst(self) -> NDArray[np.intp]:
        """Rows of the largest mean distance (each joint at most one torso), worst first.

        At most one of neighbouring frames, so that one mistake does not fill the sheet.
        """
        apart = np.minimum(self.distance(False), 1.0)
        known = np.isfinite(apart).sum(axis=1) > len(COMPARED) // 2
        mean = np.where(known, np.nansum(apart, axis=1) / len(COMPARED), -1.0)
        chosen: list[int] = []
        for row in np.argsort(-mean, kind="stable"):
            if mean[row] < 0 or len(chosen) == WORST:
                break
            if all(abs(int(self.frame[row] - self.frame[other])) > 2 for other in chosen):
                chosen.append(int(row))
        return np.array(chosen, np.intp)


def pair(data: Path, clip: str, recording: Recording) -> Pair | None:
    """Both answers of one clip about one person; None where the two never follow the same.

    The subject, where the peer follows it too; else the track that lies on the peer's person most
    often, in the frames in which it does.
    """
    peer = stored_points(data, f"{clip}_cropped" if clip == "walk_outdoor_1m65" else clip)
    rows = [int(np.argmin(np.abs(peer.time_s - t))) for t in recording.time_s]
    theirs = peer.xyz[rows][..., [0, 2]] * [1, -1]
    subject, tracks = recording.meta["subject"]["track"], list(recording.track)
    same, known = _same_person(recording.box_px.astype(np.float64), theirs)
    column = int(same.sum(axis=0).argmax()) if tracks else 0
    frames = same[:, column] if tracks else np.zeros(len(rows), bool)
    if subject is not None:
        own = tracks.index(subject)
        if same[:, own].sum() >= SAME_PERSON * max(known[:, own].sum(), 1):
            column, frames = own, known[:, own]
    if not frames.any():
        return None
    right = sided(recording)
    bare = sided(replace(recording, withheld=np.zeros(0, np.uint8)))
    ours, every = (r.xy_px[:, column].astype(np.float64) for r in (right, bare))
    torso = np.linalg.norm(
        theirs[:, INDEX["left_shoulder"]] - theirs[:, INDEX["right_hip"]], axis=-1
    )
    box = recording.box_px[:, column].astype(np.float64)
    both = frames & (torso > 0)
    withheld = np.where(np.isnan(ours), every, np.nan)
    frame, track = recording.frame.astype(np.int64), int(recording.track[column])
    return Pair(
        frame[both],
        ours[both],
        theirs[both],
        box[both],
        torso[both],
        withheld[both],
        (track, track == subject),
    )


def _same_person(boxes_px: Array, points_px: Array) -> tuple[Mask, Mask]:
    """Where a track's box holds most of the peer's joints, and where both are, bool[T, P]."""
    body = points_px[:, None, COMPARED]
    inside = ((body >= boxes_px[:, :, None, :2]) & (body <= boxes_px[:, :, None, 2:])).all(axis=-1)
    found = np.isfinite(body).all(axis=-1).sum(axis=2)
    both = np.isfinite(boxes_px).all(axis=-1) & (found > 0)
    return (inside.sum(axis=2) > MOST_INSIDE * found) & both, both


def draw(picture: Image, xy_px: Array, colours: dict[str, tuple[int, int, int]], wide: int) -> None:
    """Draw one skeleton into a picture (in place)."""
    for side, tint in colours.items():
        for a, b in _LIMBS:
            ends = xy_px[[INDEX[f"{side}_{a}"], INDEX[f"{side}_{b}"]]]
            if np.isfinite(ends).all():
                first, second = (tuple(int(v) for v in np.rint(p)) for p in ends)
                cv2.line(picture, first, second, tint, wide, cv2.LINE_AA)


def tile(picture: Image, found: Pair, row: int) -> Image:
    """The subject of one frame: ours thick (left blue, right orange), the peer's thin and pale."""
    x0, y0, x1, y1 = found.box_px[row]
    tall = 1.15 * max(y1 - y0, (x1 - x0) * _TILE[1] / _TILE[0])
    scale = _TILE[1] / tall
    corner = np.array([(x0 + x1) / 2 - _TILE[0] / scale / 2, (y0 + y1) / 2 - tall / 2])
    matrix = np.array([[scale, 0, -corner[0] * scale], [0, scale, -corner[1] * scale]])
    part = np.asarray(cv2.warpAffine(picture, matrix, _TILE), dtype=np.uint8)
    draw(part, (found.ours_px[row] - corner) * scale, _OURS, 4)
    draw(part, (found.peer_px[row] - corner) * scale, _PEER, 2)
    label = f"{found.frame[row]}  {100 * found.agreement(False)[row]:.0f} %"
    cv2.putText(part, label, (6, 18), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (0, 0, 0), 3, cv2.LINE_AA)
    cv2.putText(part, label, (6, 18), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (255, 255, 255), 1)
    return part


def sheet(video: Path, found: Pair, rows: NDArray[np.intp], columns: int) -> Image:
    """Tiles of the given rows, in their order."""
    wanted = {int(found.frame[row]): int(row) for row in rows}
    tiles: dict[int, Image] = {}
    with av.open(str(video)) as container:
        for number, frame in enumerate(container.decode(video=0)):
            if number in wanted:
                picture = np.asarray(frame.to_ndarray(format="bgr24"), dtype=np.uint8)
                tiles[wanted[number]] = tile(picture, found, wanted[number])
    blank = np.zeros((_TILE[1], _TILE[0], 3), np.uint8)
    ordered = [tiles.get(int(row), blank) for row in rows]
    ordered += [blank] * (-len(ordered) % columns)
    lines = [np.hstack(ordered[i : i + columns]) for i in range(0, len(ordered), columns)]
    return np.vstack(lines)


def write_pictures(video: Path, found: Pair, folder: Path) -> None:
    """``CLIP.strip.png`` and ``CLIP.worst.png``."""
    folder.mkdir(parents=True, exist_ok=True)
    even = np.unique(np.linspace(0, len(found.frame) - 1, IN_STRIP).astype(np.intp))
    for name, rows, columns in (("strip", even, IN_STRIP), ("worst", found.worst(), 5)):
        drawn = sheet(video, found, rows, columns)
        cv2.imwrite(str(folder / f"{video.stem}.{name}.png"), drawn)


def report(data: Path, model: str, finder: str, pictures: Path | None) -> tuple[str, list[Bar]]:
    """The section and its line at the head; draws the pictures on the way where wanted."""
    rows, models, ours = [], "", {}
    looked = tomllib.loads(LOOKED.read_text(encoding="utf-8"))
    for clip in sorted((*NUMBERS, *TIMING_OR_UNUSABLE)):
        video = data / "video" / f"{clip}.mp4"
        recording, _ = choose_subject(
            trace_sides(load_recording(keypoints_file(video, model, finder)))
        )
        models = " with ".join(f"{m['name']} {m['version']}" for m in recording.meta["models"])
        found = pair(data, clip, recording)
        if found is None:
            rows.append([clip, "0", *["-"] * 10])
            continue
        if pictures is not None:
            write_pictures(video, found, pictures)
        counts = looked.get(models, {}).get(clip)
        if counts:
            ours[clip] = counts["ours"] / sum(counts.values())
        seen = [str(counts[k]) for k in ("ours", "peer", "undecidable")] if counts else ["-"] * 3
        rows.append([clip, *_agreement(found), *seen])
    head = ["clip", "frames", "as named %", "exchanged %", "better of both %",
            "frames that fit better exchanged %", "withheld %", "these agree %",
            "least agreed joint", "ours wrong",
            "peer wrong", "undecidable"]  # fmt: skip
    text = [
        f"## Beside BlazePose Full, {models}",
        "Made by `python -m tests.validation.peer`. The peer's points are those of its own tracker"
        f" on whole frames;\nnobody knows the truth here, so agreement (joints within {ALPHA} of"
        " the peer's torso) is told, not scored.\nPoints that we withheld are no disagreement:"
        " how many there were, and how many of them agree with the\npeer, stands in columns of its"
        " own. A track in brackets is not our subject: the two chose different people, and the"
        " frames are those in\nwhich our track lies on the peer's person. No frames: nobody is"
        " followed by both. The last three columns count the"
        f" {WORST} frames per clip with the largest disagreement, as they were seen by eye\n(-: not"
        " looked at with these networks).",
        table(head, rows),
        "",
    ]
    return "\n\n".join(text), _bars(models, ours)


def _agreement(found: Pair) -> list[str]:
    plain, other = found.agreement(False), found.agreement(True)
    apart = np.nanmedian(found.distance(False), axis=0)
    least_agreed = NAMES[COMPARED[int(np.nanargmax(apart))]]
    shares = (plain, other, np.maximum(plain, other), other > plain)
    kept_back = (f"{100 * v:.0f}" for v in found.withheld())
    frames = f"{len(found.frame)}" + ("" if found.person[1] else f" (track {found.person[0]})")
    return [frames, *(f"{100 * v.mean():.0f}" for v in shares), *kept_back, least_agreed]


def _bars(models: str, ours: dict[str, float]) -> list[Bar]:
    """The line at the head: in how many clips ours is the wrong one at most half of the time."""
    half = sum(share <= MOST_OURS for share in ours.values())
    what = f"beside BlazePose Full, {models}: clips with ours wrong in half of the frames or less"
    every = len(NUMBERS) + len(TIMING_OR_UNUSABLE)
    return [at_least(what, half, every)] if ours else []


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--model", default=PoseSettings.model, help="released pose network")
    parser.add_argument("--finder", default=OUTLINES, help="outlines, or a network")
    parser.add_argument("--pictures", type=Path, help="folder for strips and worst frames")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--section", default="peer", help="name of the section to replace")
    args = parser.parse_args()
    text, bars = report(args.data, args.model, args.finder, args.pictures)
    write_section(args.out, args.section, text, bars)


if __name__ == "__main__":
    main()
