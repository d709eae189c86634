"""Measure everything against recordings with truth and write ``docs/validation.md`` in one go.

    python -m tests.validation --data DATA --renders RENDERS --out docs/validation.md
        [--only SECTION ...] [--again]

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
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from tests.validation.recorded import CACHE

DONE = CACHE.parent / "done.json"
KEPT_M = CACHE.parent / "clips-m"
_CODE = ("host", "model_zoo", "quantize", "tests/validation")
_SUFFIXES = {".py", ".json", ".csv", ".toml"}
S, M, FINDER = "gait-pose-s", "gait-pose-m", "person-s"
_BOTH = ("calibration", "pathological", "pathological-2", "rendered-walks", "oblique")
_FOLDERS = {
    S: (*_BOTH, "oblique-calibration", "marker", "moderate-2a", "moderate-2b"),
    M: (*_BOTH, "oblique-calibration"),
}


@dataclass(frozen=True)
class Step:
    """One process: ``python -m tests.validation.MODULE ARGUMENTS``."""

    name: str
    module: str
    arguments: tuple[str, ...]


def steps(data: Path, renders: Path, out: Path) -> Iterator[Step]:
    """Everything, the networks first."""
    drawn, to = ("--renders", str(renders)), ("--out", str(out))
    own = ("--data", str(data))
    video = str(data / "video")

    def folders(*names: str) -> tuple[str, ...]:
        return tuple(str(renders / name) for name in names)

    for model, names in _FOLDERS.items():
        there = [name for name in names if (renders / name).is_dir()]
        yield Step(f"look-{model}", "recorded", ("--check", "--model", model, *folders(*there)))
    yield Step("look-video", "recorded", ("--check", "--model", S, video))
    for model in (S, M):
        found = ("--check", "--model", model, "--finder", FINDER, video)
        yield Step(f"look-video-{model}-{FINDER}", "recorded", found)
    yield Step("rendered", "rendered", (*drawn, *to))
    yield Step("intervals", "intervals", (*drawn, *to))
    yield Step("metres", "metres", (*drawn, *to))
    yield Step("gait", "gait", (*own, "--clips", *folders("calibration"), *to))
    seen = ("--clips", *folders("calibration", "pathological"))
    unseen = ("--impaired", *folders("pathological-2"), "--walks", *folders("walks-test-1"))
    yield Step("learned-events", "learned_events", (*own, *seen, *unseen, *to))
    yield Step("lifting", "lifting", (*own, "--clips", *folders("calibration", "oblique"), *to))
    yield Step("stroke", "stroke", (*own, *drawn, *to))
    yield Step("parkinson", "parkinson", (*own, *to))
    yield Step("patterns", "patterns", (*own, *drawn, *to))
    yield Step("clips", "clips", (*own, *to))
    other = ("--model", M, "--finder", FINDER, "--section", "clips-m", "--keep", str(KEPT_M))
    yield Step("clips-m", "clips", (*own, *to, *other))
    beside = ("--keypoints", str(KEPT_M), "--pictures", "build/peer")
    yield Step("peer", "peer", (*own, *beside, *to))
    yield Step("finders", "finders", (*own, *to))


def fingerprint() -> str:
    """SHA-256 over the code, the tables and what tells the networks apart."""
    told = hashlib.sha256()
    for path in sorted(p for folder in _CODE for p in Path(folder).rglob("*")):
        if path.suffix in _SUFFIXES and path.is_file():
            told.update(f"{path}\n".encode())
            told.update(path.read_bytes())
    return told.hexdigest()


def run(step: Step) -> bool:
    """Whether the process ended well; what it says stands on the console."""
    command = [sys.executable, "-m", f"tests.validation.{step.module}", *step.arguments]
    return subprocess.run(command, check=False).returncode == 0


def main() -> int:
    """Command line; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="video/, gait/, mocap/")
    parser.add_argument("--renders", type=Path, required=True, help="rendered clips and walks")
    parser.add_argument("--out", type=Path, required=True, help="document to write into")
    parser.add_argument("--only", nargs="+", default=[], help="these steps alone")
    parser.add_argument("--again", action="store_true", help="also what is done")
    options = parser.parse_args()
    console = Console()
    everything = list(steps(options.data, options.renders, options.out))
    wanted = [s for s in everything if not options.only or s.name in options.only]
    done: dict[str, str] = json.loads(DONE.read_text()) if DONE.exists() else {}
    begun_s, failed = time.monotonic(), []
    for number, step in enumerate(wanted, 1):
        state = hashlib.sha256(f"{fingerprint()} {step}".encode()).hexdigest()
        head = f"{number}/{len(wanted)} {step.name}"
        if done.get(step.name) == state and not options.again:
            console.print(f"{head}: done before")
            continue
        console.print(head)
        step_s = time.monotonic()
        if not run(step):
            failed.append(step.name)
            console.print(f"{head}: failed")
            continue
        console.print(f"{head}: {time.monotonic() - step_s:.0f} s")
        done[step.name] = state
        DONE.parent.mkdir(parents=True, exist_ok=True)
        DONE.write_text(json.dumps(done, indent=1) + "\n", encoding="utf-8")
    console.print(f"all in {time.monotonic() - begun_s:.0f} s; failed: {failed or 'nothing'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
