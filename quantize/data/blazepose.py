"""BlazePose (Bazarevsky et al. 2020, Apache-2.0) as a teacher: its points in our order.

Runs in an environment of its own that has ``mediapipe``; nothing else of the project needs it.
The wheel holds the network Full; Heavy must be put beside it.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from model_zoo.skeleton import INDEX, N_KEYPOINTS
from quantize.data.teacher_rules import Points, mirrored

MEDIAPIPE = "0.10.21"
HEAVY = "pose_landmark_heavy.tflite"

_THEIRS = {
    "nose": 0, "left_eye": 2, "right_eye": 5, "left_ear": 7, "right_ear": 8,
    "left_shoulder": 11, "right_shoulder": 12, "left_elbow": 13, "right_elbow": 14,
    "left_wrist": 15, "right_wrist": 16, "left_hip": 23, "right_hip": 24,
    "left_knee": 25, "right_knee": 26, "left_ankle": 27, "right_ankle": 28,
    "left_heel": 29, "right_heel": 30, "left_big_toe": 31, "right_big_toe": 32,
}  # fmt: skip

Image = NDArray[np.uint8]
Box = tuple[float, float, float, float]


class TeacherMissingError(RuntimeError):
    """The teacher network cannot run in this environment."""


def landmarker(complexity: int, confidence: float) -> Any:
    """MediaPipe's pose estimator for single pictures: complexity 1 is Full, 2 is Heavy.

    Raises
    ------
    TeacherMissingError
        When ``mediapipe`` or the network's file is missing.
    """
    try:
        package = import_module("mediapipe")
        solutions = import_module("mediapipe.python.solutions.pose")
    except ImportError as error:
        raise TeacherMissingError(
            f"labelling needs mediapipe {MEDIAPIPE} (requirements/peer.lock): {error}"
        ) from error
    if complexity == 2:
        path = Path(str(package.__file__)).parent / "modules" / "pose_landmark" / HEAVY
        if not path.is_file():
            raise TeacherMissingError(
                f"{path} is missing: take it from the npm package @mediapipe/pose 0.5.1675469404"
            )
    return solutions.Pose(
        static_image_mode=True, model_complexity=complexity, min_detection_confidence=confidence
    )


class BlazePose:
    """The two networks: Full finds a body in a window, Heavy labels it.

    Parameters
    ----------
    longest_px, border
        A crop is scaled to this longest side and framed in grey, this share on every side.
    confidence
        Least confidence of MediaPipe's detector.
    """

    def __init__(self, longest_px: int = 512, border: float = 0.3, confidence: float = 0.1) -> None:
        self.longest_px, self.border = longest_px, border
        self.full = landmarker(1, confidence)
        self.heavy = landmarker(2, confidence)

    def __enter__(self) -> BlazePose:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.full.close()
        self.heavy.close()

    def find(self, image: Image, box: Box) -> Points | None:
        """Full's points (x, y in pixels of ``image``, visibility) of the body in a box of it."""
        return self._points(self.full, image, box, flip=False)

    def label(self, image: Image, box: Box) -> tuple[Points, Points] | None:
        """Heavy's points on the crop and on its mirror image, both as points of ``image``."""
        picture = self._points(self.heavy, image, box, flip=False)
        if picture is None:
            return None
        mirror = self._points(self.heavy, image, box, flip=True)
        return None if mirror is None else (picture, mirror)

    def _points(self, network: Any, image: Image, box: Box, *, flip: bool) -> Points | None:
        left, top = max(int(box[0]), 0), max(int(box[1]), 0)
        crop = image[top : int(np.ceil(box[3])), left : int(np.ceil(box[2]))]
        if min(crop.shape[:2], default=0) < 8:
            return None
        height, width = crop.shape[:2]
        scale = self.longest_px / max(height, width)
        small = cv2.resize(crop, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA
                           if scale < 1 else cv2.INTER_LINEAR)  # fmt: skip
        tall, wide = (round(self.border * n) for n in small.shape[:2])
        framed = cv2.copyMakeBorder(
            small, tall, tall, wide, wide, cv2.BORDER_CONSTANT, value=(127, 127, 127)
        )
        shown = np.ascontiguousarray(framed[:, ::-1] if flip else framed)
        found = network.process(shown).pose_landmarks
        if found is None:
            return None
        theirs = np.array([[p.x, p.y, p.visibility] for p in found.landmark])
        points = np.zeros((N_KEYPOINTS, 3))
        for name, number in _THEIRS.items():
            points[INDEX[name]] = theirs[number]
        points[:, :2] *= (framed.shape[1], framed.shape[0])
        if flip:
            points = mirrored(points, framed.shape[1])
        points[:, 0] = (points[:, 0] - wide) * width / small.shape[1] + left
        points[:, 1] = (points[:, 1] - tall) * height / small.shape[0] + top
        return points
