"""Where in a picture a body is looked for: the source's own boxes, or overlapping windows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
from numpy.typing import NDArray

Box = tuple[float, float, float, float]
Image = NDArray[np.uint8]

_LEAST_PX = 90
_YOLO_ENLARGED = 1.25


def enlarged(box: Box, times: float) -> Box:
    """A box about the same centre."""
    wide, tall = (times - 1) / 2 * (box[2] - box[0]), (times - 1) / 2 * (box[3] - box[1])
    return box[0] - wide, box[1] - tall, box[2] + wide, box[3] + tall


def overlap(a: Box, b: Box) -> float:
    """Intersection over union."""
    wide = min(a[2], b[2]) - max(a[0], b[0])
    tall = min(a[3], b[3]) - max(a[1], b[1])
    if wide <= 0 or tall <= 0:
        return 0.0
    both = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1])
    return wide * tall / (both - wide * tall)


def whole(_file: Path, image: Image) -> list[Box]:
    """One main person: the whole picture."""
    return [(0.0, 0.0, float(image.shape[1]), float(image.shape[0]))]


def sliding(file: Path, image: Image) -> list[Box]:
    """The whole picture and upright windows that overlap by a third.

    As high as the picture; in pictures of 400 px and more also two rows of 0.6 of the height,
    below its top fifth.
    """
    height, width = image.shape[:2]
    boxes = whole(file, image)
    for share, tops in ((1.0, (0.0,)), (0.6, (0.2 * height, 0.4 * height))):
        tall, wide = share * height, 0.75 * share * height
        if tall < 240 or (share == 1.0 and wide >= width):
            continue
        spare = max(width - wide, 0.0)
        columns = int(np.ceil(spare / (2 / 3 * wide))) + 1
        for top in tops:
            for left in np.linspace(0, spare, columns):
                boxes.append((float(left), top, float(left + wide), top + tall))
    return boxes


def _labelled(file: Path, image: Image) -> list[tuple[int, Box]]:
    """Classes and boxes of a text file (class, centre and size as shares of the picture).

    It stands beside the picture, or is ``labels/NAME.txt`` for ``images/NAME.jpg``.
    """
    beside = file.with_suffix(".txt")
    label = beside if beside.is_file() else file.parent.parent / "labels" / beside.name
    if not label.is_file():
        return []
    height, width = image.shape[:2]
    found = []
    for line in label.read_text(encoding="utf-8").splitlines():
        kind, x, y, w, h = (float(v) for v in line.split()[:5])
        box = ((x - w / 2) * width, (y - h / 2) * height,
               (x + w / 2) * width, (y + h / 2) * height)  # fmt: skip
        found.append((int(kind), box))
    return found


def yolo(file: Path, image: Image) -> list[Box]:
    """Boxes of the label file (:func:`_labelled`), enlarged."""
    return [
        enlarged(box, _YOLO_ENLARGED)
        for _, box in _labelled(file, image)
        if box[3] - box[1] >= _LEAST_PX
    ]


def standing(file: Path, image: Image) -> list[Box]:
    """Boxes as of :func:`yolo`, but only those that may hold a standing person, head to foot.

    At least 110 px and 1.5 widths tall, and not cut by the upper or lower edge.
    """
    low, high = 0.01 * image.shape[0], 0.99 * image.shape[0]
    return [
        enlarged(box, _YOLO_ENLARGED)
        for _, box in _labelled(file, image)
        if box[3] - box[1] >= max(110, 1.5 * (box[2] - box[0])) and low < box[1] and box[3] < high
    ]


def clothes(file: Path, image: Image) -> list[Box]:
    """Whole bodies about labelled upper bodies (classes 2, 3) below which there is room for legs.

    A body is taken 1.9 times as wide and four times as tall.
    """
    boxes = []
    for kind, (x0, y0, x1, y1) in _labelled(file, image):
        wide, tall = x1 - x0, y1 - y0
        if kind in (2, 3) and 3 * tall >= _LEAST_PX and y1 + tall <= image.shape[0]:
            x, y = (x0 + x1) / 2, (y0 + y1) / 2
            boxes.append((x - 0.95 * wide, y - 1.2 * tall, x + 0.95 * wide, y + 2.8 * tall))
    return boxes


def voc(file: Path, _image: Image) -> list[Box]:
    """Boxes of class ``person`` in ``Annotations/NAME.xml``; heads may lie above them."""
    label = file.parent.parent / "Annotations" / f"{file.stem}.xml"
    if not label.is_file():
        return []
    boxes = []
    for thing in ElementTree.parse(label).iter("object"):
        edges = thing.find("bndbox")
        if thing.findtext("name") != "person" or edges is None:
            continue
        x0, y0, x1, y1 = (
            float(edges.findtext(name, "nan")) for name in ("xmin", "ymin", "xmax", "ymax")
        )
        if y1 - y0 >= _LEAST_PX:
            boxes.append(enlarged((x0, y0 - 0.4 * (y1 - y0), x1, y1), 1.3))
    return boxes


WINDOWS: dict[str, Callable[[Path, Image], list[Box]]] = {
    "whole": whole,
    "sliding": sliding,
    "yolo": yolo,
    "standing": standing,
    "clothes": clothes,
    "voc": voc,
}
"""Ways to look for bodies, by their name in a recipe."""
