"""``python -m quantize convert``: another set's pictures and labels as a labelled set of ours.

Each person becomes a crop (the box enlarged 1.25 times, cut at the picture's edge, never enlarged
in pixels) in the format of :mod:`quantize.data.storage`. Finished shards are kept, so that an
interrupted run goes on; a person whose picture is missing or broken is named and left out.
"""

from __future__ import annotations

import argparse
import hashlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from quantize.console import tell, tell_error
from quantize.data.foreign.coco import read_coco
from quantize.data.foreign.lsp import read_lsp
from quantize.data.foreign.mpii import read_mpii
from quantize.data.foreign.person import ForeignLabelsError, ForeignPerson
from quantize.data.pictures import read_labels
from quantize.data.storage import Item, claim, finished, join_labels, write_shard

READERS: dict[str, Callable[[Path], Iterator[ForeignPerson]]] = {
    "coco": read_coco,
    "coco-wholebody": read_coco,
    "lsp": read_lsp,
    "mpii": read_mpii,
}
_ENLARGED, _QUALITY = 1.25, 85


@dataclass(frozen=True)
class Conversion:
    """What is converted, and how: ``longest_px`` of a stored crop, ``shard`` persons a file."""

    form: str
    labels: Path
    pictures: Path
    longest_px: int = 384
    shard: int = 1000
    least_points: int = 6

    def note(self) -> str:
        """What the folder of the set says of it: other labels or sizes need another folder."""
        with self.labels.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        settings = f"{self.longest_px} {self.shard} {self.least_points}"
        return f"converted: {self.form} {self.labels.name} {digest} {settings}\n"


class PictureError(Exception):
    """A person cannot be cut out of his picture."""


def convert(job: Conversion, out: Path, told: Callable[[str], None]) -> str:
    """Convert a set into ``out``.

    Parameters
    ----------
    told
        Called with a line of progress after each shard, and for what is left out.

    Returns
    -------
    The SHA-256 of the labels.

    Raises
    ------
    ForeignLabelsError
        When the label file does not fit the format, no person has enough points, or none of the
        pictures is there; nothing is written then.
    ValueError
        When ``out`` holds another set, or nobody could be cut out.
    """
    everybody = READERS[job.form](job.labels)
    people = [p for p in everybody if (p.keypoints[:, 2] > 0).sum() >= job.least_points]
    if not people:
        raise ForeignLabelsError(f"{job.labels}: nobody has {job.least_points} labelled points")
    missing = _missing_pictures(people, job, told)
    claim(out, job.note())
    shards = -(-len(people) // job.shard)
    todo = [number for number in range(shards) if not finished(out, number)]
    started = time.monotonic()
    for done, number in enumerate(todo, 1):
        first = number * job.shard
        part = [p for p in people[first : first + job.shard] if p.picture not in missing]
        stills = list(_cut_out(part, job, told))
        write_shard(out, number, first, stills)
        left_s = (time.monotonic() - started) / done * (len(todo) - done)
        told(
            f"shard {number + 1} of {shards}: {len(stills)} persons"
            + (f", {left_s / 60:.0f} min left" if left_s else "")
        )
    if not read_labels(out)["items"]:
        raise ValueError(f"nobody could be cut out; remove {out} before the next try")
    return join_labels(out, job.form, shards)


def _missing_pictures(
    people: list[ForeignPerson], job: Conversion, told: Callable[[str], None]
) -> set[str]:
    """Names of the labelled pictures that are not there."""
    names = sorted({p.picture for p in people})
    missing = [name for name in names if not (job.pictures / name).is_file()]
    told(f"{len(people)} persons in {len(names)} pictures")
    if len(missing) == len(names):
        raise ForeignLabelsError(f"{job.pictures} holds none of the pictures, such as {names[0]}")
    if missing:
        told(
            f"left out: {len(missing)} pictures that are not there, the first {missing[0]}. With "
            "them, convert into an empty folder"
        )
    return set(missing)


def _cut_out(
    people: list[ForeignPerson], job: Conversion, told: Callable[[str], None]
) -> Iterator[tuple[bytes, Item]]:
    """Each person's JPEG bytes and label; who cannot be cut out is told."""
    for person in people:
        try:
            yield _crop(_picture(job.pictures / person.picture), person, job)
        except PictureError as error:
            told(f"left out: {job.pictures / person.picture} {error}")


def _picture(path: Path) -> NDArray[np.uint8]:
    """uint8[H, W, 3] as stored: labels were set without a look at the tag of its orientation."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise PictureError(f"cannot be read: {error.strerror}") from error
    # OpenCV fills what is missing of a JPEG file that was cut off with grey.
    cut_off = data[:2] == b"\xff\xd8" and data.rfind(b"\xff\xd9") < data.rfind(b"\xff\xda")
    how = cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION
    image = cv2.imdecode(np.frombuffer(data, np.uint8), how) if data and not cut_off else None
    if image is None:
        raise PictureError("is cut off or no picture")
    return cast(NDArray[np.uint8], image)


def _crop(image: NDArray[np.uint8], person: ForeignPerson, job: Conversion) -> tuple[bytes, Item]:
    """One person's JPEG bytes and label."""
    x0, y0, x1, y1 = person.box_px
    wide, tall = (_ENLARGED - 1) / 2 * (x1 - x0), (_ENLARGED - 1) / 2 * (y1 - y0)
    left, top = max(int(x0 - wide), 0), max(int(y0 - tall), 0)
    right, bottom = max(int(np.ceil(x1 + wide)), 0), max(int(np.ceil(y1 + tall)), 0)
    part = image[top:bottom, left:right]
    if part.size == 0:
        raise PictureError(f"does not contain the box {person.box_px}")
    height, width = part.shape[:2]
    scale = min(1.0, job.longest_px / max(height, width))
    size = (max(round(width * scale), 1), max(round(height * scale), 1))
    small = cv2.resize(part, size, interpolation=cv2.INTER_AREA) if scale < 1 else part
    to = np.array([size[0] / width, size[1] / height])
    points = person.keypoints.copy()
    there = points[:, 2] > 0
    points[there, :2] = (points[there, :2] - [left, top]) * to
    inside = ((points[:, :2] >= 0) & (points[:, :2] <= size)).all(1)
    points[~inside] = 0.0
    box = (np.array([x0 - left, y0 - top, x1 - left, y1 - top]).reshape(2, 2) * to).ravel()
    jpeg = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])[1]
    label: Item = {
        "width": size[0],
        "height": size[1],
        "box": [round(float(v), 1) for v in box],
        "keypoints": [[round(float(x), 1), round(float(y), 1), int(v)] for x, y, v in points],
        "source": job.form,
        "picture": person.picture,
    }
    return jpeg.tobytes(), label


def main(argv: list[str]) -> int:
    """Run the command; 0 done, 2 labels or options that do not fit, 3 disk full or the like."""
    parser = argparse.ArgumentParser(prog="python -m quantize convert", description=__doc__)
    parser.add_argument("form", choices=sorted(READERS), help="format of the labels")
    parser.add_argument("--labels", type=Path, required=True, help="the set's label file")
    parser.add_argument("--pictures", type=Path, required=True, help="the set's picture folder")
    parser.add_argument("--out", type=Path, required=True, help="folder of the converted set")
    parser.add_argument("--longest-px", type=int, default=384, help="longest side of a crop")
    args = parser.parse_args(argv)
    job = Conversion(args.form, args.labels, args.pictures, args.longest_px)
    try:
        digest = convert(job, args.out, tell)
    except ValueError as error:
        return tell_error(error)
    except OSError as error:
        tell_error(error)
        return 3
    tell(f"labels sha256 {digest}")
    return 0
