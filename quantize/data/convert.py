"""``python -m quantize convert``: another set's pictures and labels as a labelled set of ours.

Each person becomes a crop (the box enlarged 1.25 times, cut at the picture's edge, never enlarged
in pixels) in the format of :mod:`quantize.data.storage`. Finished shards are kept, so that an
interrupted run goes on; a person whose picture is missing or broken is named and left out.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from quantize.data.foreign.coco import read_coco
from quantize.data.foreign.lsp import read_lsp
from quantize.data.foreign.mpii import read_mpii
from quantize.data.foreign.person import ForeignLabelsError, ForeignPerson
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


def convert(job: Conversion, out: Path, told: Callable[[str], None]) -> str:
    """Convert a set into ``out``.

    Parameters
    ----------
    told
        Called with a line of progress after each shard, and for each picture that is left out.

    Returns
    -------
    The SHA-256 of the labels.

    Raises
    ------
    ForeignLabelsError
        When the label file does not fit the format, or no person has enough points.
    ValueError
        When ``out`` holds another set.
    """
    everybody = READERS[job.form](job.labels)
    people = [p for p in everybody if (p.keypoints[:, 2] > 0).sum() >= job.least_points]
    if not people:
        raise ForeignLabelsError(f"{job.labels}: nobody has {job.least_points} labelled points")
    settings = f"{job.form} {job.labels.name} {job.longest_px} {job.shard} {job.least_points}"
    claim(out, f"converted: {settings}\n")
    shards = -(-len(people) // job.shard)
    started, done = time.monotonic(), 0
    for number in range(shards):
        if finished(out, number):
            continue
        first = number * job.shard
        stills: list[tuple[bytes, Item]] = []
        for person in people[first : first + job.shard]:
            still = _crop(person, job)
            if still is None:
                told(f"left out: {job.pictures / person.picture} cannot be read")
            else:
                stills.append(still)
        write_shard(out, number, first, stills)
        done += len(stills)
        rate = done / (time.monotonic() - started)
        told(f"shard {number + 1} of {shards}: {len(stills)} persons, {rate:.0f}/s")
    return join_labels(out, job.form, shards)


def _crop(person: ForeignPerson, job: Conversion) -> tuple[bytes, Item] | None:
    """One person's JPEG bytes and label; None when the picture cannot be read."""
    image = cv2.imread(str(job.pictures / person.picture), cv2.IMREAD_COLOR)
    if image is None:
        return None
    x0, y0, x1, y1 = person.box_px
    wide, tall = (_ENLARGED - 1) / 2 * (x1 - x0), (_ENLARGED - 1) / 2 * (y1 - y0)
    left, top = max(int(x0 - wide), 0), max(int(y0 - tall), 0)
    part = image[top : int(np.ceil(y1 + tall)), left : int(np.ceil(x1 + wide))]
    if part.size == 0:
        return None
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
    """Run the command; 0 done, 2 labels or options that do not fit."""
    parser = argparse.ArgumentParser(prog="python -m quantize convert", description=__doc__)
    parser.add_argument("form", choices=sorted(READERS), help="format of the labels")
    parser.add_argument("--labels", type=Path, required=True, help="the set's label file")
    parser.add_argument("--pictures", type=Path, required=True, help="the set's picture folder")
    parser.add_argument("--out", type=Path, required=True, help="folder of the converted set")
    parser.add_argument("--longest-px", type=int, default=384, help="longest side of a crop")
    args = parser.parse_args(argv)
    job = Conversion(args.form, args.labels, args.pictures, args.longest_px)
    try:
        digest = convert(job, args.out, _tell)
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    _tell(f"labels sha256 {digest}")
    return 0


def _tell(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
