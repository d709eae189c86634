"""Second decode of the recording: each frame again, with skeletons, contacts and the strip."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import chain
from pathlib import Path

from host.capture.types import Frame, Picture
from host.pose.recording import Recording
from host.report.assessment import Assessment
from host.report.overlay.canvas import Canvas
from host.report.overlay.encoder import Encoder
from host.report.overlay.figures import Figures
from host.report.overlay.strip import Strip

_STRIP_SHARE = 0.09  # of the picture's height
_STRIP_MIN_PX = 40


def write_overlay(
    path: Path,
    frames: Iterable[Frame],
    recording: Recording,
    assessment: Assessment,
    progress: Callable[[], None] = lambda: None,
) -> None:
    """Write the overlay video: every frame, unchanged in number and time.

    The strip with the timeline stands below the picture and hides nothing of it.

    Parameters
    ----------
    path
        The file to write; not made when there is no frame.
    frames
        The frames of the recording once more, from the first on.
    recording
        Boxes and points; frames that it lacks are shown without any.
    assessment
        Subject, events, strides and bouts.
    progress
        Called after each frame.

    Raises
    ------
    MachineError
        ``ENCODER_MISSING`` when there is no encoder.
    """
    ahead = iter(frames)
    first = next(ahead, None)
    if first is None:
        return
    width, height = _even(first.image.width), _even(first.image.height)
    below = _even(max(_STRIP_MIN_PX, round(_STRIP_SHARE * height)))
    figures = Figures(recording, assessment, height)
    strip = Strip(assessment, width, below)
    rate = assessment.source.frame_rate_hz
    with Encoder(path, width, height + below, rate) as encoder:
        for frame in chain([first], ahead):
            picture, canvas = encoder.new_frame()
            _copy(frame.image, canvas)
            figures.draw(canvas.part(0, height), frame.sequence, frame.time_s)
            strip.draw(canvas.part(height, height + below), frame.time_s)
            encoder.write(picture, frame.time_s)
            progress()


def _copy(image: Picture, canvas: Canvas) -> None:
    """Copy a picture to the upper left; an odd last column or row is repeated."""
    for plane, target in zip(image.planes(), (canvas.y, canvas.u, canvas.v), strict=True):
        height, width = plane.shape
        target[:height, :width] = plane
        if target.shape[1] == width + 1:
            target[:height, width] = plane[:, -1]
        if target.shape[0] > height:
            target[height] = target[height - 1]


def _even(pixels: int) -> int:
    return pixels + pixels % 2
