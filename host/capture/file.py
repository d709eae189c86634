"""Video files by PyAV: every frame with its presentation time, in bounded memory."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from host.capture.picture import DecodedPicture
from host.capture.types import Counters, Frame, SourceInfo
from host.codes import ErrorCode
from host.errors import InputError

_TIMEOUT_S = 30.0  # for opening and for each read (a network share that hangs)
_IRREGULAR = 0.2  # of the median interval: beyond it an interval is no whole multiple
_IRREGULAR_SHARE = 0.05  # of all intervals: more make the rate variable
_MANY_KEY_FRAMES = 16  # enough of them to survey a file without decoding the rest
_LONG_S = 60.0  # the survey of a longer file looks at key frames only, however few
_HASH_BLOCK = 1 << 20


class FileSource:
    """A video file as a source of frames.

    Parameters
    ----------
    path
        Anything FFmpeg reads; the first video stream is used.
    threads
        Decoding threads.

    Raises
    ------
    InputError
        From :meth:`open`: file missing, a folder, not a video, cut short before its index; from
        :meth:`info`: fewer than two frames.
    """

    def __init__(self, path: Path, threads: int = 1) -> None:
        self.path = path
        self._threads = threads
        self._times: list[float] = []
        self._size = (0, 0)
        self._rotation_deg = 0
        self._unreadable = 0
        self._announced = 0
        self._announced_s = 0.0
        self._container: av.container.InputContainer | None = None

    def open(self) -> Iterator[Frame]:
        """Frames in order of presentation, time 0 at the first; may be called again."""
        self._times = []
        self._unreadable = 0
        container, stream = self._open()
        try:
            for frame, time_s in self._decode(container, stream):
                if self._times and time_s <= self._times[-1]:
                    self._unreadable += 1  # without a time of its own a frame cannot be placed
                    continue
                picture = self._upright(frame)
                self._times.append(time_s)
                yield Frame(picture, time_s, len(self._times) - 1, time.monotonic())
            self._unreadable = max(self._unreadable, self._announced - len(self._times))
        finally:
            self.close()

    def survey(self) -> Iterator[Frame]:
        """Some frames spread over the whole file, cheaply: for a first look at what stands still.

        Key frames where there are many, otherwise the frames that others refer to, without the
        deblocking filter (half the time of a full decode). ``sequence`` numbers the frames given.
        """
        with self._open()[0] as container:
            stream = container.streams.video[0]
            keys = sum(1 for packet in container.demux(stream) if packet.is_keyframe)
            length_s = float((stream.duration or 0) * (stream.time_base or 0))
        container, stream = self._open()
        with container:
            context = stream.codec_context
            few = keys < _MANY_KEY_FRAMES and length_s < _LONG_S
            context.skip_frame = "NONREF" if few else "NONKEY"
            context.options = {"skip_loop_filter": "all"}
            for number, (frame, time_s) in enumerate(self._decode(container, stream)):
                yield Frame(self._upright(frame), time_s, number, time.monotonic())

    @property
    def expected_frames(self) -> int:
        """Number of frames that the container announces; 0 when it does not."""
        return self._announced

    @property
    def counters(self) -> Counters:
        """Frames handed out so far, gaps between them and their rate."""
        times = np.array(self._times)
        return Counters(len(times), _gaps(times)[0], 0, _rate_hz(times))

    def info(self) -> SourceInfo:
        """Facts about the file, after the last frame.

        Raises
        ------
        InputError
            ``VIDEO_TOO_SHORT`` when there are fewer than two frames.
        """
        times = np.array(self._times)
        if len(times) < 2:
            raise InputError(ErrorCode.VIDEO_TOO_SHORT, file=self.path, frames=len(times))
        dropped, variable = _gaps(times)
        return SourceInfo(
            file=self.path.name,
            sha256=_sha256(self.path),
            frames=len(times),
            duration_s=float(times[-1]),
            frame_rate_hz=_rate_hz(times),
            variable_frame_rate=variable,
            dropped_frames=dropped,
            width_px=self._size[0],
            height_px=self._size[1],
            rotation_deg=self._rotation_deg,
            unreadable_frames=self._unreadable,
            cut_off_frames=self._cut_off(times),
        )

    def _cut_off(self, times: NDArray[np.float64]) -> int:
        """Unreadable frames for which there is time behind the last one."""
        behind_s = self._announced_s - float(times[-1])
        room = round(behind_s / float(np.median(np.diff(times)))) - 1
        return max(0, min(self._unreadable, room))

    def close(self) -> None:
        """Let go of the file; harmless when it is not open."""
        if self._container is not None:
            self._container.close()
            self._container = None

    def _open(self) -> tuple[av.container.InputContainer, av.VideoStream]:
        if self.path.is_dir():
            raise InputError(ErrorCode.FILE_IS_FOLDER, file=self.path)
        if not self.path.is_file():
            raise InputError(ErrorCode.FILE_MISSING, file=self.path)
        try:
            container = av.open(str(self.path), timeout=_TIMEOUT_S)
        except (av.error.FFmpegError, OSError) as error:
            code = ErrorCode.VIDEO_TRUNCATED if _is_mp4(self.path) else ErrorCode.NOT_A_VIDEO
            raise InputError(code, file=self.path) from error
        self._container = container
        if not container.streams.video:
            self.close()
            raise InputError(ErrorCode.NOT_A_VIDEO, file=self.path)
        stream = container.streams.video[0]
        stream.thread_count = self._threads
        self._announced = int(stream.frames)
        self._announced_s = float((stream.duration or 0) * (stream.time_base or 0))
        return container, stream

    def _decode(
        self, container: av.container.InputContainer, stream: av.VideoStream
    ) -> Iterator[tuple[av.VideoFrame, float]]:
        """Frames with seconds from the first one; damaged packets are counted and skipped."""
        first: int | None = None
        packets = container.demux(stream)
        while True:
            try:
                packet = next(packets)
                frames = packet.decode()
            except (StopIteration, av.error.EOFError):
                return
            except av.error.FFmpegError:
                self._unreadable += 1
                if self._unreadable > len(self._times) + 100:  # nothing but damage: give up
                    return
                continue
            for frame in frames:
                if not isinstance(frame, av.VideoFrame) or frame.pts is None:
                    self._unreadable += 1
                    continue
                first = frame.pts if first is None else first
                yield frame, float((frame.pts - first) * (frame.time_base or stream.time_base or 0))

    def _upright(self, frame: av.VideoFrame) -> DecodedPicture:
        turns = round(frame.rotation / 90)  # PyAV: counter-clockwise degrees that the tag asks for
        picture = DecodedPicture(frame, turns)
        if not self._times:
            self._size = (picture.width, picture.height)
            self._rotation_deg = -90 * turns % 360
        return picture


def _gaps(times: NDArray[np.float64]) -> tuple[int, bool]:
    """Missing frames, and whether the rate varies beyond missing frames."""
    if len(times) < 3:
        return 0, False
    steps = np.diff(times) / np.median(np.diff(times))
    whole = np.maximum(np.round(steps), 1)
    irregular = np.abs(steps - whole) > _IRREGULAR
    return int(np.sum(whole[~irregular] - 1)), bool(np.mean(irregular) > _IRREGULAR_SHARE)


def _rate_hz(times: NDArray[np.float64]) -> float:
    return float((len(times) - 1) / times[-1]) if len(times) > 1 and times[-1] > 0 else 0.0


def _is_mp4(path: Path) -> bool:
    with suppress(OSError), path.open("rb") as file:
        return file.read(12)[4:8] in (b"ftyp", b"moov", b"mdat", b"wide")
    return False


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_HASH_BLOCK):
            digest.update(block)
    return digest.hexdigest()
