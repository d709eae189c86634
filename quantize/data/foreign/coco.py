"""COCO keypoints and COCO-WholeBody label files.

COCO: 17 points [x, y, v] per person, 0-based pixels (https://cocodataset.org, data format).
COCO-WholeBody (Jin et al., ECCV 2020) adds ``foot_kpts``: big toe, small toe and heel of the left,
then of the right foot.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from model_zoo.skeleton import INDEX, from_convention
from quantize.data.foreign.person import ForeignLabelsError, ForeignPerson, Points, masked

_FOOT = tuple(f"{s}_{n}" for s in ("left", "right") for n in ("big_toe", "small_toe", "heel"))


def read_coco(labels: Path) -> Iterator[ForeignPerson]:
    """Persons with at least one labelled point; crowds are left out.

    Raises
    ------
    ForeignLabelsError
        When the file is not in COCO's format.
    """
    try:
        content = json.loads(labels.read_text(encoding="utf-8"))
        names = {image["id"]: str(image["file_name"]) for image in content["images"]}
        annotations = content["annotations"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ForeignLabelsError(f"{labels} is no COCO label file: {error!r}") from error
    for annotation in annotations:
        if annotation.get("iscrowd") or "keypoints" not in annotation:
            continue
        points = _points(annotation, labels)
        if (points[:, 2] > 0).any():
            try:
                x, y, wide, tall = (float(v) for v in annotation["bbox"])
                picture = names[annotation["image_id"]]
            except (KeyError, TypeError, ValueError) as error:
                raise ForeignLabelsError(
                    f"{labels}: person {annotation.get('id')} has no box or picture: {error!r}"
                ) from error
            yield ForeignPerson(picture, (x, y, x + wide, y + tall), points)


def _points(annotation: dict[str, Any], labels: Path) -> Points:
    body = np.asarray(annotation["keypoints"], dtype=np.float64)
    if body.size != 51:
        raise ForeignLabelsError(f"{labels}: a person has {body.size} numbers, not 17 x 3")
    points = from_convention(body.reshape(17, 3), "coco_17")
    if feet := annotation.get("foot_kpts"):
        rows = np.asarray(feet, dtype=np.float64).reshape(len(_FOOT), 3)
        points[[INDEX[name] for name in _FOOT]] = rows
    points[:, :2] += 0.5  # From the number of a pixel to its middle.
    return masked(points)
