"""Which labelled photographs are trained on, and which decide between trainings."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model_zoo.skeleton import BODY, INDEX
from quantize.data.pictures import LabelledPicture, read_set

VALIDATION_SEED = 20261121
VALIDATION_PERSONS = 150

_FACE_AND_FEET = [
    INDEX[n]
    for n in (
        "nose", "left_eye", "right_eye", "left_ear", "right_ear",
        "left_big_toe", "left_heel", "right_big_toe", "right_heel",
    )
]  # fmt: skip


def is_upright(keypoints: NDArray[np.floating]) -> bool:
    """Torso within 30 degrees of the vertical, mid-hip to mid-ankle within 35, knees between.

    The geometric rule by which upright persons of a sport set are told from acrobats; all twelve
    body joints must be labelled. ``keypoints`` is float[23, 3] (x, y, weight).
    """
    if not np.all(keypoints[BODY, 2] > 0):
        return False
    mid = {
        part: (keypoints[INDEX[f"left_{part}"], :2] + keypoints[INDEX[f"right_{part}"], :2]) / 2
        for part in ("shoulder", "hip", "knee", "ankle")
    }
    torso, legs = mid["hip"] - mid["shoulder"], mid["ankle"] - mid["hip"]
    knees_between = mid["hip"][1] < mid["knee"][1] < mid["ankle"][1]
    return bool(
        knees_between
        and torso[1] > 0
        and legs[1] > 0
        and abs(np.degrees(np.arctan2(torso[0], torso[1]))) <= 30
        and abs(np.degrees(np.arctan2(legs[0], legs[1]))) <= 35
    )


def sport_photographs(
    folder: Path, *, machine: bool = True
) -> tuple[list[LabelledPicture], list[LabelledPicture]]:
    """Training and validation persons of the hand-labelled set ``train``.

    Validation: about 150 upright persons, whole source pictures at a time (no picture on both
    sides), drawn by a fixed seed; it decides every choice. Of the rest: the source PELOTA loses
    its hips (labelled at the waist); persons whose machine-made points agree much better after
    exchanging sides are left out (their label is most likely exchanged); machine-made face, heel
    and big-toe points are added at half weight where that estimator agrees with the hand label on
    at least 3/4 of the body, unless ``machine`` is false.

    Returns
    -------
    (training, validation)
    """
    pictures = read_set(folder)
    with np.load(folder / "machine_points.npz") as stored:
        points = stored["points"].astype(np.float32)
        agree, exchanged = stored["agree"], stored["agree_exchanged"]
    held_out = _validation_sources(pictures)
    training, validation = [], []
    for i, picture in enumerate(pictures):
        if picture.item["picture"] in held_out:
            if is_upright(picture.keypoints):
                validation.append(picture)
            continue
        if exchanged[i] >= 0.6 and exchanged[i] >= agree[i] + 0.4:
            continue
        training.append(_with_machine_points(picture, points[i], float(agree[i]) * machine))
    return training, validation


def teacher_photographs(*folders: Path) -> list[LabelledPicture]:
    """Persons of machine-labelled sets, ``teacher`` and others like it (training only).

    Raises
    ------
    ValueError
        When a set says of a person that it belongs to a test.
    """
    people = []
    for folder in folders:
        found = read_set(folder)
        if any(p.item.get("split", "train") != "train" for p in found):
            raise ValueError(f"{folder} is no set for training")
        people += found
    return people


def _validation_sources(pictures: list[LabelledPicture]) -> set[str]:
    sources = sorted(
        {
            p.item["picture"]
            for p in pictures
            if p.item["source"] != "PELOTA" and is_upright(p.keypoints)
        }
    )
    order = np.random.default_rng(VALIDATION_SEED).permutation(len(sources))
    return {sources[i] for i in order[:VALIDATION_PERSONS]}


def _with_machine_points(
    picture: LabelledPicture, points: NDArray[np.float32], agree: float
) -> LabelledPicture:
    keypoints = picture.keypoints.copy()
    if picture.item["source"] == "PELOTA":
        keypoints[[INDEX["left_hip"], INDEX["right_hip"]], 2] = 0
    if agree >= 0.75:
        for k in _FACE_AND_FEET:
            if keypoints[k, 2] == 0 and points[k, 2] >= 0.5:
                keypoints[k] = (*points[k, :2], 0.5)
    return replace(picture, keypoints=keypoints)
