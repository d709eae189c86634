"""H.264 in MP4 with the presentation times it is given."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import cast

import av
import numpy as np

from host.capture.types import Image
from host.codes import ErrorCode
from host.errors import MachineError
from host.report.overlay.canvas import Canvas

CODEC = "libx264"
# Of ten settings tried on 720p, this one is the fastest whose files are no larger than those of
# "superfast" at crf 23 (6.6 against 10.9 ms of one core per frame; "veryfast" took 15.9).
_OPTIONS = {
    "preset": "ultrafast",
    "crf": "26",
    "x264-params": "deblock=1:bframes=2:b-adapt=0",
}
# Ticks of all usual frame rates and of the usual time bases (1/600, 1/1000, 1/30000) are whole
# numbers of these; any other time is rounded by at most 5.6 microseconds.
_TICK = Fraction(1, 90_000)


class Encoder:
    """Writes pictures one by one; to be used in a ``with`` block.

    Parameters
    ----------
    path
        The file to write.
    width, height
        Size of every picture in pixels, both even.
    frame_rate_hz
        Nominal rate, for the encoder's rate control only.
    threads
        Encoding threads.

    Raises
    ------
    MachineError
        ``ENCODER_MISSING`` when this machine's FFmpeg lacks the encoder.
    """

    def __init__(
        self, path: Path, width: int, height: int, frame_rate_hz: float, threads: int = 1
    ) -> None:
        try:
            av.codec.Codec(CODEC, "w")
        except av.codec.codec.UnknownCodecError as error:
            raise MachineError(ErrorCode.ENCODER_MISSING) from error
        rate = Fraction(max(frame_rate_hz, 1.0)).limit_denominator(1001)
        self._container = av.open(str(path), "w", format="mp4", options={"movflags": "faststart"})
        stream = self._container.add_stream(CODEC, rate=rate, options=_OPTIONS)
        self._stream = cast(av.VideoStream, stream)
        self._stream.width, self._stream.height = width, height
        self._stream.pix_fmt = "yuv420p"
        self._stream.thread_count = threads
        self._stream.codec_context.time_base = _TICK

    def __enter__(self) -> Encoder:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if kind is None:
                self._container.mux(self._stream.encode(None))
        finally:
            self._container.close()

    def new_frame(self) -> tuple[av.VideoFrame, Canvas]:
        """An undrawn frame and the canvas on its planes."""
        frame = av.VideoFrame(self._stream.width, self._stream.height, "yuv420p")
        return frame, Canvas(*(_view(frame.planes[index]) for index in range(3)))

    def write(self, frame: av.VideoFrame, time_s: float) -> None:
        """Encode ``frame``, shown from ``time_s`` on; times must increase."""
        frame.pts = round(time_s / _TICK)
        frame.time_base = _TICK
        self._container.mux(self._stream.encode(frame))


def _view(plane: av.video.plane.VideoPlane) -> Image:
    rows = np.frombuffer(plane, dtype=np.uint8)  # type: ignore[call-overload]
    view: Image = rows.reshape(-1, plane.line_size)[: plane.height, : plane.width]
    return view
