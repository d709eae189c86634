"""MPII Human Pose (Andriluka et al., CVPR 2014), as published or as JSON.

``mpii_human_pose_v1_u12_1.mat``: ``RELEASE.annolist[i]`` has ``image.name`` and ``annorect``
persons, each with ``annopoints.point`` (``id`` 0 to 15, ``x``, ``y``, ``is_visible``). Only
pictures of the training part have points.

``train.json``, ``valid.json`` and ``trainval.json`` of HRNet (Sun et al., CVPR 2019), which other
projects took over: a list of persons with ``image``, ``joints`` (16 x [x, y]) and ``joints_vis``
(0 = not labelled; hidden points are not told apart). Pixels count from 1 in both.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from scipy.io import loadmat

from model_zoo.skeleton import from_convention
from quantize.data.foreign.person import ForeignPerson, Points, box_of_points, masked, reading

_POINTS, _MARGIN = 16, 0.12


def read_mpii(labels: Path) -> Iterator[ForeignPerson]:
    """Persons with at least two labelled joints of ours.

    Raises
    ------
    ForeignLabelsError
        When the file is not in MPII's format.
    """
    for picture, points in (_of_json if labels.suffix == ".json" else _of_matlab)(labels):
        if (points[:, 2] > 0).sum() >= 2:
            yield ForeignPerson(picture, box_of_points(points, _MARGIN), points)


def _of_json(labels: Path) -> Iterator[tuple[str, Points]]:
    with reading(f"{labels} is no MPII label file"):
        people = list(json.loads(labels.read_text(encoding="utf-8")))
    for number, person in enumerate(people):
        with reading(f"{labels}: person {number} is none of MPII's"):
            rows = np.asarray(person["joints"], dtype=np.float64).reshape(_POINTS, 2) - 0.5
            seen = 2 * np.asarray(person["joints_vis"], dtype=np.float64).reshape(_POINTS, 1)
            told = str(person["image"]), _ours(np.hstack([rows, seen]))
        yield told


def _of_matlab(labels: Path) -> Iterator[tuple[str, Points]]:
    with reading(f"{labels} is no MPII label file"):
        release = loadmat(labels, struct_as_record=False, squeeze_me=True)["RELEASE"]
        pictures = list(np.atleast_1d(release.annolist))
    for number, picture in enumerate(pictures):
        with reading(f"{labels}: picture {number} is none of MPII's"):
            people = np.atleast_1d(getattr(picture, "annorect", []))
            told = [(str(picture.image.name), _marked(person)) for person in people]
        yield from told


def _marked(person: Any) -> Points:
    rows = np.full((_POINTS, 3), np.nan)
    marked = getattr(getattr(person, "annopoints", None), "point", [])
    for point in np.atleast_1d(marked):
        # Visibility is missing or an empty array where nobody told it: taken as seen.
        told = np.atleast_1d(getattr(point, "is_visible", 1))
        seen = int(told[0]) if told.size else 1
        rows[int(point.id)] = (float(point.x) - 0.5, float(point.y) - 0.5, 2 if seen else 1)
    return _ours(rows)


def _ours(rows: Points) -> Points:
    return masked(from_convention(rows, "mpii_16"))
