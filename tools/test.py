"""Run the tests in the environments they need and count over all of them (``make test``).

Each environment has its rooms (:data:`ROOMS`); everything else runs in ``.venv``. Training and
circuits share ``.venv-train``, not a process. ``FPGA_PYTHON`` in the environment names another
interpreter for the circuits. The last lines say what was skipped and why, and the sum of all runs.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
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
LIMIT_S = 1500
INTERRUPTED = (2, 3, 4)  # pytest's exit codes for "stopped", "internal error", "wrong usage"


def selection(environment: str) -> list[str]:
    """Pytest's arguments that choose the tests of one environment."""
    present = {
        name: [room for room in rooms if (ROOT / room).is_dir()] for name, rooms in ROOMS.items()
    }
    if environment in present:
        return present[environment]
    return ["tests", *(f"--ignore={room}" for rooms in present.values() for room in rooms)]


def run(environment: str, extra: list[str]) -> tuple[int, dict[str, object]]:
    """Run pytest once; return its exit status and the tally that tests/conftest.py wrote."""
    print(f"== tests in {PYTHON[environment].parent.parent.name}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        tally = Path(folder) / "tally.json"
        command = [str(PYTHON[environment]), "-m", "pytest", "-q", f"--tally={tally}"]
        status = subprocess.run(
            [*command, *selection(environment), *extra],
            cwd=ROOT,
            env={"OMP_NUM_THREADS": "1", **os.environ},
            check=False,
            timeout=LIMIT_S,
        ).returncode
        return status, json.loads(tally.read_text()) if tally.exists() else {}


def main(environments: list[str], extra: list[str]) -> int:
    """Run the environments in turn; exit status 0 only when everything passed."""
    counts: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    worst = 0
    for environment in environments:
        status, tally = run(environment, extra)
        worst = max(worst, status)
        counts["failed"] += status in INTERRUPTED and not tally.get("failed")
        counts.update({k: v for k, v in tally.items() if isinstance(v, int)})
        reasons.update(tally.get("reasons", {}))  # type: ignore[arg-type]
    why = "; ".join(f"{n} x {reason}" for reason, n in reasons.most_common()) or "nothing"
    print(f"skipped: {counts['skipped']} ({why})")
    print(f"{counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped")
    return worst


if __name__ == "__main__":
    names = [a for a in sys.argv[1:] if a in PYTHON]
    sys.exit(main(names or list(PYTHON), [a for a in sys.argv[1:] if a not in PYTHON]))
