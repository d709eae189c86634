"""Pictures of a file: a photograph, or of a video one picture a second."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

VIDEOS = frozenset({".avi", ".mov", ".mp4", ".webm"})


def stills(file: Path) -> Iterator[tuple[str, NDArray[np.uint8]]]:
    """What stands behind the file's name (``@3``: third second; nothing for a photograph), RGB.

    Yields nothing when the file cannot be read. A video without a rate is taken as 25 pictures a
    second.
    """
    if file.suffix.lower() not in VIDEOS:
        decoded = cv2.imread(str(file), cv2.IMREAD_COLOR)
        if decoded is not None:
            yield "", np.ascontiguousarray(decoded[..., ::-1], np.uint8)
        return
    video = cv2.VideoCapture(str(file))
    try:
        step = max(round(video.get(cv2.CAP_PROP_FPS) or 25.0), 1)
        number = 0
        while video.grab():
            if number % step == 0:
                there, frame = video.retrieve()
                if there:
                    yield f"@{number // step}", np.ascontiguousarray(frame[..., ::-1], np.uint8)
            number += 1
    finally:
        video.release()
