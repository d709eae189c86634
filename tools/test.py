"""Run the tests in the environments they need and count over all of them (``make test``).

Each environment has its rooms (:data:`ROOMS`); everything else runs in ``.venv``, beside the
others, which take turns: two cores have two things to do. Training and circuits share
``.venv-train``, not a process. ``FPGA_PYTHON`` in the environment names another interpreter for the
circuits. What a run prints is shown when it ends. All together have :data:`TOTAL_S`; an environment
that does not end in time is stopped, counted as one failure, and the next one runs. The last lines
say what was skipped and why, what did not end, and the sum of all runs.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TRAIN = ROOT / ".venv-train/bin/python"
PYTHON = {
    "core": ROOT / ".venv/bin/python",
    "train": TRAIN,
    "fpga": Path(os.environ.get("FPGA_PYTHON", TRAIN)),
    "board": ROOT / ".venv-board/bin/python",
}
ROOMS = {
    "train": ("tests/quantize", "tests/model_zoo/pose"),
    "fpga": ("tests/fpga/boards", "tests/fpga/compile", "tests/fpga/rtl", "tests/fpga/synth"),
    "board": ("tests/fpga/virtual_board", "tests/host/accelerator/board"),
}
TOTAL_S = 1200.0
"""For all environments; with what a fresh machine installs before, CI stays below 25 minutes."""
RESERVE_S = 150.0
"""Of it, for each environment that is still to come."""
STOP_S = 30.0
INTERRUPTED = (2, 3, 4)  # pytest's exit codes for "stopped", "internal error", "wrong usage"
TOO_LATE = 124


def selection(environment: str) -> list[str]:
    """Pytest's arguments that choose the tests of one environment."""
    present = {
        name: [room for room in rooms if (ROOT / room).is_dir()] for name, rooms in ROOMS.items()
    }
    if environment in present:
        return present[environment]
    return ["tests", *(f"--ignore={room}" for rooms in present.values() for room in rooms)]


def run(environment: str, extra: list[str], limit_s: float) -> tuple[int, dict[str, object]]:
    """Run pytest once; return its exit status and the tally that tests/conftest.py wrote.

    Who does not end within ``limit_s`` is interrupted, which keeps the tally, and at last killed.
    """
    name = PYTHON[environment].parent.parent.name
    print(f"{environment}: tests in {name} begin", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        tally, told = Path(folder) / "tally.json", Path(folder) / "told.txt"
        command = [str(PYTHON[environment]), "-m", "pytest", "-q", f"--tally={tally}"]
        command += [*selection(environment), *extra]
        variables = {"OMP_NUM_THREADS": "1", **os.environ}
        with (
            told.open("wb") as stream,
            subprocess.Popen(
                command, cwd=ROOT, env=variables, stdout=stream, stderr=subprocess.STDOUT
            ) as process,
        ):
            status = _wait(process, limit_s)
        text = told.read_text(encoding="utf-8", errors="replace")
        print(f"== {environment}: tests in {name}\n{text}", flush=True)
        return status, json.loads(tally.read_text()) if tally.exists() else {}


def _wait(process: subprocess.Popen[bytes], limit_s: float) -> int:
    """Exit status, :data:`TOO_LATE` for one that had to be stopped."""
    for limit, stop in ((limit_s, signal.SIGINT), (STOP_S, signal.SIGKILL)):
        try:
            status = process.wait(limit)
        except subprocess.TimeoutExpired:
            process.send_signal(stop)
        else:
            return status if stop is signal.SIGINT else TOO_LATE
    process.wait(STOP_S)
    return TOO_LATE


def _in_turn(
    environments: list[str], extra: list[str], end_s: float
) -> list[tuple[str, int, dict[str, object], float]]:
    """Environment, exit status, tally and limit of one after the other."""
    out = []
    for number, environment in enumerate(environments, 1):
        later = len(environments) - number
        limit_s = end_s - time.monotonic() - later * RESERVE_S
        out.append((environment, *run(environment, extra, limit_s), limit_s))
    return out


def main(environments: list[str], extra: list[str]) -> int:
    """Run the environments, two at a time; exit status 0 only when everything passed."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # A shell's background job ignores interrupts, and so would every test run that it starts.
        signal.signal(signal.SIGINT, signal.default_int_handler)
    counts: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    ended_badly: list[str] = []
    worst = 0
    end_s = time.monotonic() + TOTAL_S
    lanes = [[e for e in environments if (e == "core") is core] for core in (True, False)]
    with ThreadPoolExecutor(len(lanes)) as pool:
        ended = [pool.submit(_in_turn, lane, extra, end_s) for lane in lanes]
        done = [one for lane in ended for one in lane.result()]
    for environment, status, tally, limit_s in done:
        worst = max(worst, abs(status))  # negative: ended by a signal
        counts.update({k: v for k, v in tally.items() if isinstance(v, int)})
        reasons.update(tally.get("reasons", {}))  # type: ignore[arg-type]
        if status == TOO_LATE:
            counts["failed"] += 1
            ended_badly.append(f"{environment} did not end within {limit_s:.0f} s")
        elif status < 0 or (status in INTERRUPTED and not tally.get("failed")):
            counts["failed"] += 1
            ended_badly.append(f"{environment} ended with status {status}")
    for line in ended_badly:
        print(line)
    why = "; ".join(f"{n} x {reason}" for reason, n in reasons.most_common()) or "nothing"
    print(f"skipped: {counts['skipped']} ({why})")
    print(f"{counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped")
    return worst


if __name__ == "__main__":
    names = [a for a in sys.argv[1:] if a in PYTHON]
    sys.exit(main(names or list(PYTHON), [a for a in sys.argv[1:] if a not in PYTHON]))
