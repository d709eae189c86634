"""Measure everything against recordings with truth and write ``docs/validation.md`` in one go.

    python -m tests.validation --data DATA --renders RENDERS --out docs/validation.md
        [--only SECTION ...] [--again] [--jobs 4]

DATA holds ``video/``, ``gait/`` and ``mocap/``; RENDERS the clips and walks of
``python -m quantize render`` (``docs/rendered-sets.md``). Each section is made
by a process of its own. What ended well is not made again while the code, the networks and the
tables are the same (``.cache/validate/done.json``), so that a run that was broken off goes on; the
networks look at a video once (:mod:`tests.validation.recorded`).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from tests.validation.recorded import CACHE
from tests.validation.state import fingerprint

DONE = CACHE.parent / "done.json"
PATTERNS = Path(".cache/train/gait-patterns/exported")
"""``gait-patterns``, which is not released; its section is made where it was exported."""
S, M, FINDER = "gait-pose-s", "gait-pose-m", "person-s"
_SIDE = ("calibration", "pathological", "pathological-2", "rendered-walks")
_OBLIQUE = ("oblique", "oblique-calibration", "oblique-lenses", "oblique-lenses-calibration")
_BOTH = (*_SIDE, *_OBLIQUE, "frontal", "frontal-test")
_FOLDERS = {S: (*_BOTH, "marker", "moderate-2a", "moderate-2b"), M: _BOTH}


@dataclass(frozen=True)
class Step:
    """One process: ``python -m tests.validation.MODULE ARGUMENTS``."""

    name: str
    module: str
    arguments: tuple[str, ...]
    stage: int = 1
    """Steps of a stage run side by side; stage 0 looks at videos."""


def steps(data: Path, renders: Path, out: Path) -> Iterator[Step]:
    """Everything, the networks first."""
    drawn, to = ("--renders", str(renders)), ("--out", str(out))
    own = ("--data", str(data))
    video = str(data / "video")

    def folders(*names: str) -> tuple[str, ...]:
        return tuple(str(renders / name) for name in names)

    for model, names in _FOLDERS.items():
        there = [name for name in names if (renders / name).is_dir()]
        found = ("--check", "--model", model, *folders(*there))
        yield Step(f"look-{model}", "recorded", found, 0)
    yield Step("look-video", "recorded", ("--check", "--model", S, video), 0)
    for model in (S, M):
        found = ("--check", "--model", model, "--finder", FINDER, video)
        yield Step(f"look-video-{model}-{FINDER}", "recorded", found, 0)
    # The longest first, so that no processor waits for one of them at the end.
    yield Step("patterns", "patterns", (*own, *drawn, *to))
    if (PATTERNS / "model.json").is_file():
        network = ("--model", str(PATTERNS))
        yield Step("temporal-patterns", "temporal_patterns", (*network, *own, *drawn, *to))
    yield Step("gait", "gait", (*own, "--clips", *folders("calibration"), *to))
    yield Step("rendered", "rendered", (*drawn, *to))
    yield Step("intervals", "intervals", (*drawn, *to))
    yield Step("few-strides", "few_strides", (*drawn, *to))
    yield Step("old-people", "old_people", (*drawn, *to))
    yield Step("metres", "metres", (*drawn, *to))
    yield Step("frontal", "frontal", (*drawn, *to))
    yield Step("frontal-plane", "frontal_plane", (*drawn, *to))
    seen = ("--clips", *folders("calibration", "pathological"))
    unseen = ("--impaired", *folders("pathological-2"), "--walks", *folders("walks-test-1"))
    yield Step("learned-events", "learned_events", (*own, *seen, *unseen, *to))
    yield Step("lifting", "lifting", (*own, "--clips", *folders("calibration", "oblique"), *to))
    yield Step("stroke", "stroke", (*own, *drawn, *to))
    yield Step("parkinson", "parkinson", (*own, *to))
    yield Step("clips", "clips", (*own, *to))
    other = ("--model", M, "--finder", FINDER)
    yield Step("clips-m", "clips", (*own, *to, *other, "--section", "clips-m"))
    yield Step("peer", "peer", (*own, *to, "--pictures", "build/peer"))
    beside = (*other, "--section", "peer-m", "--pictures", "build/peer-m")
    yield Step("peer-m", "peer", (*own, *to, *beside))
    yield Step("withheld", "fit_scores", ("--keep", "--source", S, M, *drawn, *to))
    yield Step("finders", "finders", (*own, *to))
    yield Step("networks", "networks", to)


class Runner:
    """Runs steps, several at a time, and keeps what is done.

    Parameters
    ----------
    jobs
        Processes at a time.
    again
        Also run what is done.
    """

    def __init__(self, jobs: int, *, again: bool) -> None:
        self.jobs, self.again = jobs, again
        self.console = Console()
        self.failed: list[str] = []
        self._done: dict[str, str] = json.loads(DONE.read_text()) if DONE.exists() else {}
        self._lock = threading.Lock()

    def run(self, steps: Sequence[Step]) -> None:
        """Run all of them; one that fails does not stop the others."""
        with ThreadPoolExecutor(self.jobs) as pool:
            list(pool.map(self._one, steps))

    def _one(self, step: Step) -> None:
        state = hashlib.sha256(f"{fingerprint()} {step}".encode()).hexdigest()
        if self._done.get(step.name) == state and not self.again:
            self.console.print(f"{step.name}: done before")
            return
        self.console.print(f"{step.name} begins")
        begun_s = time.monotonic()
        command = [sys.executable, "-m", f"tests.validation.{step.module}", *step.arguments]
        alone = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        good = subprocess.run(command, env=alone, check=False).returncode == 0
        told = f"done in {time.monotonic() - begun_s:.0f} s" if good else "failed"
        self.console.print(f"{step.name}: {told}")
        with self._lock:
            if not good:
                self.failed.append(step.name)
                return
            self._done[step.name] = state
            DONE.parent.mkdir(parents=True, exist_ok=True)
            DONE.write_text(json.dumps(self._done, indent=1) + "\n", encoding="utf-8")


def main() -> int:
    """Command line; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="video/, gait/, mocap/")
    parser.add_argument("--renders", type=Path, required=True, help="rendered clips and walks")
    parser.add_argument("--out", type=Path, required=True, help="document to write into")
    parser.add_argument("--only", nargs="+", default=[], help="these steps alone")
    parser.add_argument("--again", action="store_true", help="also what is done")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="processes at a time")
    options = parser.parse_args()
    everything = steps(options.data, options.renders, options.out)
    wanted = [s for s in everything if not options.only or s.name in options.only]
    runner, begun_s = Runner(options.jobs, again=options.again), time.monotonic()
    for stage in sorted({step.stage for step in wanted}):
        runner.run([step for step in wanted if step.stage == stage])
    spent_min = (time.monotonic() - begun_s) / 60
    runner.console.print(f"all in {spent_min:.1f} min; failed: {runner.failed or 'nothing'}")
    return 1 if runner.failed else 0


if __name__ == "__main__":
    sys.exit(main())
