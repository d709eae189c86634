"""Measure Footfall's speed against another pipeline on one clip and one core (``make bench``).

CPU time (user + system of the whole process, import included), alternating runs pinned to the same
core, so that other load and changing clocks meet both alike. The other pipeline runs in an
environment of its own and prints nothing that is used here. Writes a page with the table.
"""

from __future__ import annotations

import argparse
import functools
import json
import os
import platform
import shlex
import statistics
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from model_zoo.package import load_released
from tools import bench_golden, bench_landmark

ROOT = Path(__file__).resolve().parent.parent
FOOTFALL = ROOT / ".venv/bin/python"
PEER = ROOT / ".venv-peer/bin/python"
LIMIT_S = 600
EVENTS_ONLY = ("--no-overlay", "--no-report")
ROOMS = {
    "capture": "decoding and colours of crops",
    "person": "finding and following people",
    "accelerator": "the network, in emulation",
    "pose": "crops, keypoints, sides",
    "subject": "choice of the subject",
    "gait": "bouts, events, parameters, curves",
    "report/overlay": "overlay video: drawing, H.264 (its second reading is under capture)",
    "report": "assessment, report, tables",
    "start and imports": "Python, libraries",
}


@dataclass(frozen=True)
class Contestant:
    """One command that is timed; ``{out}`` in it becomes a new folder for each run."""

    name: str
    command: tuple[str, ...]

    def run(self, core: int) -> float:
        """CPU seconds of one run."""
        with tempfile.TemporaryDirectory() as folder:
            return cpu_s([word.format(out=f"{folder}/out") for word in self.command], core)


def cpu_s(command: Sequence[str], core: int) -> float:
    """Run ``command`` on one core; return its user + system time, children included.

    Raises
    ------
    RuntimeError
        When it does not end with status 0.
    """
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            command,
            stdout=log,
            stderr=log,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
            preexec_fn=functools.partial(os.sched_setaffinity, 0, {core}),
        )
        usage = _wait(process)
        if process.returncode:
            log.seek(0)
            text = log.read().decode("utf-8", "replace")[-2000:]
            raise RuntimeError(f"{shlex.join(command)} ended with {process.returncode}:\n{text}")
    return usage


def _wait(process: subprocess.Popen[bytes]) -> float:
    """CPU seconds of the ended process; it is killed after LIMIT_S."""
    deadline = time.monotonic() + LIMIT_S
    while True:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            process.returncode = os.waitstatus_to_exitcode(status)
            return usage.ru_utime + usage.ru_stime
        if time.monotonic() > deadline:
            process.kill()
        time.sleep(0.01)


def contestants(clip: Path, height_m: float, peer: Path) -> list[Contestant]:
    """List the three commands that take turns."""
    analyze = (str(FOOTFALL), "-m", "host.cli", "analyze", str(clip), "--out", "{out}")
    height = ("--height-m", str(height_m))
    return [
        Contestant("MediaPipe Full + Zeni", (str(PEER), str(peer), str(clip), *height)),
        Contestant("Footfall (a): file to events", (*analyze, *height, *EVENTS_ONLY)),
        Contestant("Footfall (b): everything", (*analyze, *height)),
    ]


def take_turns(racers: Sequence[Contestant], core: int, runs: int) -> dict[str, list[float]]:
    """CPU seconds of each contestant, one run of each in turn."""
    found: dict[str, list[float]] = {racer.name: [] for racer in racers}
    for turn in range(runs):
        for racer in racers:
            found[racer.name].append(racer.run(core))
            print(f"{turn + 1}/{runs}  {racer.name}: {found[racer.name][-1]:.2f} s", flush=True)
    return found


def stages(words: Sequence[str], core: int, runs: int) -> dict[str, float]:
    """Median CPU seconds by room of one footfall command, see ``tools/stages.py``."""
    found: list[dict[str, float]] = []
    for _ in range(runs):
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "stages.json"
            filled = [word.format(out=f"{folder}/out") for word in words]
            cpu_s([str(FOOTFALL), "-m", "tools.stages", str(file), *filled], core)
            found.append(json.loads(file.read_text())["cpu_s"])
    names = sorted({name for run in found for name in run})
    return {n: statistics.median(run.get(n, 0.0) for run in found) for n in names}


def speed_table(found: dict[str, list[float]], frames: int) -> list[str]:
    """Markdown rows: median, span, rate, and the ratio to the first contestant."""
    rows = [
        "| pipeline | CPU s, median (least to most) | frames/s | speed ratio |",
        "|---|---|---|---|",
    ]
    first = statistics.median(next(iter(found.values())))
    for name, times in found.items():
        middle = statistics.median(times)
        span = f"{middle:.2f} ({min(times):.2f} to {max(times):.2f})"
        rows.append(f"| {name} | {span} | {frames / middle:.0f} | {first / middle:.2f} |")
    return rows


def stage_table(a: dict[str, float], b: dict[str, float], floor_s: float, frames: int) -> list[str]:
    """Markdown rows: milliseconds per frame of each room in (a) and (b), decode as the floor."""
    rows = ["| room | does | (a) ms/frame | (b) ms/frame |", "|---|---|---|---|"]
    decode = f"{1000 * floor_s / frames:.2f}"
    rows.append(f"| floor | decoding alone, brightness only | {decode} | {decode} |")
    names = [*ROOMS, *sorted((a.keys() | b.keys()) - ROOMS.keys())]
    for name in names:
        cells = (f"{1000 * part.get(name, 0.0) / frames:.2f}" for part in (a, b))
        rows.append(f"| {name} | {ROOMS.get(name, '')} | {' | '.join(cells)} |")
    sums = (f"{1000 * sum(part.values()) / frames:.2f}" for part in (a, b))
    return [*rows, f"| sum | | {' | '.join(sums)} |"]


def processor() -> str:
    """Name the processor as the kernel knows it."""
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor()


def frames_of(clip: Path) -> tuple[int, str]:
    """Number of frames and size of the clip."""
    from host.capture.file import FileSource

    source = FileSource(clip)
    n = sum(1 for _ in source.open())
    info = source.info()
    source.close()
    return n, f"{info.width_px} x {info.height_px}"


def page(clip: Path, tables: tuple[list[str], list[str]], runs: int) -> str:
    """The whole page."""
    frames, size = frames_of(clip)
    speed, by_room = ("\n".join(table) for table in tables)
    return f"""# Speed

Written by `make bench` on {date.today().isoformat()}: `{clip.name}` ({size}, {frames} frames),
{processor()}, one core for all, load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores.
CPU time (user + system of the whole process, start and imports included), {runs} runs of each,
taking turns. The other pipeline runs in its own environment (`requirements/peer.lock`). A ratio
above 1 means that Footfall is faster.

{speed}

Where the time goes (median of {runs} runs under a sampler, `tools/stages.py`). "start and imports"
is spent once per command, here spread over the frames of this clip.

{by_room}
"""


def parser() -> argparse.ArgumentParser:
    """Options of the command."""
    p = argparse.ArgumentParser(prog="python -m tools.bench", description=__doc__)
    p.add_argument("clip", type=Path, help="video")
    p.add_argument("--height-m", type=float, default=1.65, help="height of the walker")
    p.add_argument("--peer", type=Path, required=True, help="script of the other pipeline")
    p.add_argument("--runs", type=int, default=5)
    p.add_argument("--core", type=int, default=max(os.sched_getaffinity(0)))
    p.add_argument("--out", type=Path, required=True, help="page to write")
    return p


def main() -> None:
    """Measure, print and write the page."""
    options = parser().parse_args()
    core, runs, clip = options.core, options.runs, options.clip
    racers = contestants(clip, options.height_m, options.peer)
    found = take_turns(racers, core, runs)
    frames, _ = frames_of(clip)
    words = ["analyze", str(clip), "--out", "{out}", "--height-m", str(options.height_m)]
    floor = stages(["decode", str(clip)], core, runs)["capture"]
    a, b = stages([*words, *EVENTS_ONLY], core, runs), stages(words, core, runs)
    text = page(clip, (speed_table(found, frames), stage_table(a, b, floor, frames)), runs)
    network, _ = bench_golden.section(load_released("gait-pose-s"))
    text = bench_golden.replace(text, network)
    if options.out.exists():
        text = bench_landmark.kept(options.out.read_text(encoding="utf-8"), text)
    print(text)
    options.out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
