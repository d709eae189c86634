"""COCO keypoints and COCO-WholeBody label files.

COCO: 17 points [x, y, v] per person, 0-based pixels (https://cocodataset.org, data format).
COCO-WholeBody (Jin et al., ECCV 2020) adds ``foot_kpts``: big toe, small toe and heel of the left,
then of the right foot; they count where ``foot_valid`` does not say that nobody labelled them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from model_zoo.skeleton import INDEX, from_convention
from quantize.data.foreign.person import ForeignPerson, Points, masked, reading

_FOOT = tuple(f"{s}_{n}" for s in ("left", "right") for n in ("big_toe", "small_toe", "heel"))


def read_coco(labels: Path) -> Iterator[ForeignPerson]:
    """Persons with at least one labelled point; crowds are left out.

    Raises
    ------
    ForeignLabelsError
        When the file is not in COCO's format.
    """
    with reading(f"{labels} is no COCO label file"):
        content = json.loads(labels.read_text(encoding="utf-8"))
        names = {image["id"]: str(image["file_name"]) for image in content["images"]}
        annotations = list(content["annotations"])
    for number, annotation in enumerate(annotations):
        with reading(f"{labels}: annotation {_id(annotation, number)} is no person"):
            person = _person(annotation, names)
        if person is not None:
            yield person


def _id(annotation: Any, number: int) -> object:
    """Its ``id``, or its place in the file."""
    return annotation.get("id", number) if isinstance(annotation, dict) else number


def _person(annotation: dict[str, Any], names: dict[Any, str]) -> ForeignPerson | None:
    """None where nothing is labelled."""
    if annotation.get("iscrowd") or "keypoints" not in annotation:
        return None
    points = _points(annotation)
    if not (points[:, 2] > 0).any():
        return None
    x, y, wide, tall = (float(v) for v in annotation["bbox"])
    return ForeignPerson(names[annotation["image_id"]], (x, y, x + wide, y + tall), points)


def _points(annotation: dict[str, Any]) -> Points:
    body = np.asarray(annotation["keypoints"], dtype=np.float64)
    points = from_convention(body.reshape(17, 3), "coco_17")
    if (feet := annotation.get("foot_kpts")) and annotation.get("foot_valid", True):
        rows = np.asarray(feet, dtype=np.float64).reshape(len(_FOOT), 3)
        points[[INDEX[name] for name in _FOOT]] = rows
    points[:, :2] += 0.5  # From the number of a pixel to its middle.
    return masked(points)
