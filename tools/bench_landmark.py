"""Measure our pose networks in emulation against BlazePose Full's landmark network.

    python -m tools.bench_landmark --peer PYTHON --network pose_landmark_full.tflite --out PAGE

PYTHON is the interpreter of an environment with ``ai-edge-litert`` (it does not go together with
mediapipe's own requirements); the network's file lies in the mediapipe 0.10.21 wheel. One thread
each, in rounds that take turns, so that other load meets all alike; CPU time of one picture.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import time
from datetime import date
from pathlib import Path

from host.accelerator.ort_executor import OnnxruntimeExecutor
from model_zoo.package import GOLDEN_FORM, ReleasedModel, load_released
from tools.bench_golden import HEADING as NEXT_HEADING

HEADING = "## The network alone: beside BlazePose Full"
BARS = {"gait-pose-s": 5.0, "gait-pose-m": 1.0}
"""Least speed asked of each network, relative to the peer's landmark network."""
ROUNDS, TURNS, WARM = 3, 40, 5
_DEADLINE_S = 120.0
_PEER = f"""
import json, sys, time
import numpy as np
from ai_edge_litert.interpreter import Interpreter
net = Interpreter(model_path=sys.argv[1], num_threads=1)
net.allocate_tensors()
entry = net.get_input_details()[0]
net.set_tensor(entry["index"], np.random.default_rng(0).random(entry["shape"]).astype(np.float32))
found = []
for turn in range({TURNS + WARM}):
    began_s = time.process_time()
    net.invoke()
    found.append(time.process_time() - began_s)
print(json.dumps(found[{WARM}:]))
"""


def ours(model: ReleasedModel) -> list[float]:
    """CPU seconds of each run of the golden form."""
    run = OnnxruntimeExecutor(model.path(GOLDEN_FORM), 1).execute
    pictures, _ = model.golden()
    found = []
    for turn in range(TURNS + WARM):
        began_s = time.process_time()
        run(pictures[turn % len(pictures)][None])
        found.append(time.process_time() - began_s)
    return found[WARM:]


def peer(python: Path, network: Path) -> list[float]:
    """CPU seconds of each run of the peer's network, in its own process."""
    done = subprocess.run(
        [str(python), "-c", _PEER, str(network)],
        capture_output=True, text=True, check=True, timeout=_DEADLINE_S,
    )  # fmt: skip
    return [float(value) for value in json.loads(done.stdout.strip().splitlines()[-1])]


def section(models: list[ReleasedModel], python: Path, network: Path) -> str:
    """The section of the page."""
    times: dict[str, list[float]] = {name: [] for name in ("peer", *(m.name for m in models))}
    for _ in range(ROUNDS):
        times["peer"] += peer(python, network)
        for model in models:
            times[model.name] += ours(model)
    median_ms = {name: 1000 * statistics.median(found) for name, found in times.items()}
    rows = [f"| BlazePose Full, landmark network (256 x 256) | {median_ms['peer']:.2f} | 1.0 |"]
    for model in models:
        ratio = median_ms["peer"] / median_ms[model.name]
        verdict = "reached" if ratio >= BARS[model.name] else "**missed**"
        rows.append(
            f"| {model.name} {model.version} ({model.macs / 1e6:.0f} MMAC), golden form |"
            f" {median_ms[model.name]:.2f} | {ratio:.1f}, asked {BARS[model.name]:.0f}: {verdict} |"
        )
    return "\n".join(
        [
            HEADING,
            "",
            f"Measured on {date.today().isoformat()} by `python -m tools.bench_landmark`, one"
            f" thread, {ROUNDS} rounds of {TURNS} pictures each,",
            f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores. The peer runs on"
            " LiteRT with XNNPACK, ours in emulation (exact integers) on onnxruntime.",
            "",
            "| network | CPU ms per picture, median | speed |",
            "|---|---|---|",
            *rows,
            "",
        ]
    )


def replace(page: str, text: str) -> str:
    """The page with this section before that of the golden form."""
    before, heading, rest = page.partition(NEXT_HEADING)
    return f"{before.partition(HEADING)[0].rstrip()}\n\n{text}\n{heading}{rest}"


def kept(old: str, page: str) -> str:
    """``page`` with this section of the page before, which was measured apart; as it is without."""
    text = old.partition(NEXT_HEADING)[0].partition(HEADING)[2]
    return replace(page, f"{HEADING}{text.rstrip()}\n") if text else page


def main() -> None:
    """Measure, print, write the section."""
    p = argparse.ArgumentParser(prog="python -m tools.bench_landmark", description=__doc__)
    p.add_argument("--peer", type=Path, required=True)
    p.add_argument("--network", type=Path, required=True)
    p.add_argument("--out", type=Path, help="page whose section is replaced")
    args = p.parse_args()
    text = section([load_released(name) for name in BARS], args.peer, args.network)
    print(text)
    if args.out:
        args.out.write_text(replace(args.out.read_text(encoding="utf-8"), text), encoding="utf-8")


if __name__ == "__main__":
    main()
