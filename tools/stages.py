"""Where the CPU time of one ``footfall`` command goes, by room of the house.

    python -m tools.stages OUT.json analyze walk.mp4 --out DIR
    python -m tools.stages OUT.json decode walk.mp4

A timer fires after every millisecond of CPU time; the time since the last sample is booked to the
innermost function of ``host`` on the stack (numpy, OpenCV, PyAV and onnxruntime count to the room
that called them). Nothing in the rooms is changed or wrapped. ``decode`` reads the video and
touches each brightness plane, nothing else: the floor under every pipeline.
"""

from __future__ import annotations

import json
import signal
import sys
import time
from collections import defaultdict
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).resolve().parent.parent
HOST = str(ROOT / "host") + "/"
INTERVAL_S = 0.001
STARTING = "start and imports"


def room(frame: FrameType | None) -> str:
    """Name the room of the innermost function of ``host`` on the stack."""
    found = ""
    while frame is not None:
        file = frame.f_code.co_filename
        if file.startswith("<frozen importlib"):
            return STARTING
        if not found and file.startswith(HOST):
            parts = file.removeprefix(HOST).split("/")
            found = "/".join(parts[:2]) if parts[:2] == ["report", "overlay"] else parts[0]
        frame = frame.f_back
    return found.removesuffix(".py") or STARTING


class Sampler:
    """Books the CPU time of this process (all its threads) by room.

    Attributes
    ----------
    cpu_s
        Seconds by room; their sum is the CPU time between ``start`` and ``stop``.
    """

    def __init__(self) -> None:
        self.cpu_s: defaultdict[str, float] = defaultdict(float)
        self._last_s = 0.0

    def start(self) -> None:
        """Begin to sample."""
        self._last_s = time.process_time()
        signal.signal(signal.SIGPROF, self._sample)
        signal.setitimer(signal.ITIMER_PROF, INTERVAL_S, INTERVAL_S)

    def stop(self) -> None:
        """End; the rest since the last sample is not booked (about a millisecond)."""
        signal.setitimer(signal.ITIMER_PROF, 0)

    def _sample(self, _signal: int, frame: FrameType | None) -> None:
        now_s = time.process_time()
        self.cpu_s[room(frame)] += now_s - self._last_s
        self._last_s = now_s


def decode(video: Path) -> int:
    """Read all frames and their brightness planes; return their number."""
    from host.capture.file import FileSource

    source = FileSource(video)
    seen = sum(1 for frame in source.open() if frame.image.luma().size)
    source.close()
    return seen


def main(out: Path, command: list[str]) -> None:
    """Run one command under the sampler and write ``{"cpu_s": {room: seconds}}``."""
    sampler = Sampler()
    sampler.start()
    try:
        if command[0] == "decode":
            decode(Path(command[1]))
        else:
            sys.argv = ["footfall", *command]
            from host.cli import main as footfall

            footfall()
    except SystemExit as end:
        if end.code:
            raise
    finally:
        sampler.stop()
    out.write_text(json.dumps({"cpu_s": dict(sampler.cpu_s)}, indent=1) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
