"""``openpose.zip``: all persons of each frame as OpenPose's BODY_25 JSON files."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import numpy as np

from host.pose.recording import Recording, sided
from model_zoo.skeleton import to_convention

CONVENTION = "body_25"
_VERSION = 1.3
_OTHERS = (
    "face_keypoints_2d",
    "hand_left_keypoints_2d",
    "hand_right_keypoints_2d",
    "pose_keypoints_3d",
    "face_keypoints_3d",
    "hand_left_keypoints_3d",
    "hand_right_keypoints_3d",
)


def write_openpose(path: Path, recording: Recording, stem: str) -> None:
    """Write a zip with one ``<stem>_<12 digits>_keypoints.json`` per frame.

    As OpenPose writes them: x, y, confidence of 25 points, zeros where a point is missing, the
    number of the frame in decoding order; ``person_id`` is the track's number. Neck and mid-hip are
    means of two points, and so is their confidence.
    """
    right = sided(recording)
    xy = to_convention(right.xy_px, CONVENTION)
    score = to_convention(right.score[..., None], CONVENTION)
    triples = np.concatenate([xy, score], axis=3)
    triples[np.isnan(triples).any(axis=3)] = 0
    triples = triples.round(3).reshape(*triples.shape[:2], -1)
    present = np.asarray(triples.any(axis=2))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, persons, seen in zip(recording.frame, triples, present, strict=True):
            people = [
                {
                    "person_id": [int(track)],
                    "pose_keypoints_2d": person.tolist(),
                    **{name: [] for name in _OTHERS},
                }
                for track, person, is_seen in zip(recording.track, persons, seen, strict=True)
                if is_seen
            ]
            table = {"version": _VERSION, "people": people}
            archive.writestr(f"{stem}_{number:012d}_keypoints.json", json.dumps(table))
