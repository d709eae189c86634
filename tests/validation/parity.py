"""The same integers everywhere, in one command (``make parity``); writes ``docs/parity/NAME.md``.

    python -m tests.validation.parity [--model NAME] [--board NAME] [--out docs/parity/NAME.md]

The golden form on onnxruntime is compared with numpy, FINN's Python execution, the Verilated
circuit with and without gaps, and the virtual board through the unmodified FINN driver and through
our runner; a bundle of two small networks runs interleaved. One differing integer is a failure.
Brevitas and the QCDQ form round floating point elsewhere and have a tolerance. Every part runs in
its own environment and hands over files.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console

from fpga.virtual_board.client import client_environment
from fpga.virtual_board.process import VirtualBoard
from host import accelerator
from host.accelerator import AcceleratorSettings
from host.accelerator.bundle import Manifest, load_manifest
from host.accelerator.packing import pack, unpack
from host.accelerator.program import Program
from model_zoo.package import ReleasedModel, load_released
from quantize.markdown import table
from tests.boards import Client
from tests.validation.parity_inputs import (
    NEAR_PX,
    ROOT,
    SLOW_S,
    Integers,
    Pythons,
    built_bundle,
    call,
    noise,
    pictures,
    share_near,
    small_bundle,
)

CLIENT = ROOT / "tests/fpga/virtual_board/pynq_client.py"
PICTURES, FRAMES, OF_SMALL = 200, 3, 20
"""Pictures through programs, frames through circuits, inputs of the small networks' circuits."""

DEADLINE_S = 120.0
GAPS = (("--valid", "50", "--ready", "40"), ("--valid", "15", "--ready", "80"))
FASTER = 100.0
LEAST_NEAR = 0.99


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    what: str
    where: str
    items: int
    told: str
    passed: bool


class Parity:
    """One run.

    Parameters
    ----------
    model, bundle
        Released model and the folder of a bundle that holds it alone, with its simulator.
    pythons
        Of the environments.
    scratch
        Folder for the files that are handed over.
    """

    def __init__(self, model: ReleasedModel, bundle: Path, pythons: Pythons, scratch: Path) -> None:
        self.model, self.bundle, self.pythons, self.scratch = model, bundle, pythons, scratch
        self.x = pictures(model, PICTURES)
        self.expected = emulate(model, self.x)
        self.rows: list[Row] = []

    def software(self) -> None:
        """Golden pair, numpy, FINN's Python execution and its time."""
        x, y = self.model.golden()
        self._equal("golden pair", "onnxruntime", y, emulate(self.model, x))
        self._equal("golden form", "numpy", emulate(self.model, self.x, "numpy"), self.expected)
        extra = {"board": load_manifest(self.bundle).board, "log": str(self.scratch / "finn.log")}
        y, told = self._part("finn", self.pythons.fpga, self.x, extra)
        self._equal("hardware graph", "FINN in Python", y, self.expected)
        ratio = told["finn_s"] / told["emulation_s"]
        times = f"{1000 * told['finn_s']:.0f} ms against {1000 * told['emulation_s']:.2f} ms"
        what = f"{ratio:.0f} times faster ({times} of CPU per frame)"
        self.rows.append(
            Row("emulation", "against FINN in Python", len(self.x), what, ratio >= FASTER)
        )

    def training(self) -> None:
        """Brevitas and the QCDQ form, which agree within a tolerance."""
        for part, name in (("brevitas", "Brevitas network"), ("qcdq", "QCDQ form")):
            y, _ = self._part(part, self.pythons.train, self.x, {})
            near = share_near(self.model, y, self.expected)
            differ = int(np.count_nonzero(y != self.expected))
            told = f"{differ} of {y.size} differ; {near:.2%} of keypoints within {NEAR_PX} px"
            where = "torch" if part == "brevitas" else "onnxruntime, float"
            self.rows.append(Row(name, where, len(y), told, near >= LEAST_NEAR))

    def circuit(self) -> None:
        """Whole frames through the Verilated circuit, one batch, then with random gaps."""
        manifest = load_manifest(self.bundle)
        for gaps in ((), *GAPS):
            where = "Verilator" + (f", {' '.join(gaps)}" if gaps else "")
            y = simulate(manifest, self.model.name, self.x[:FRAMES], gaps)
            self._equal("circuit (RTL)", where, y, self.expected[:FRAMES])

    def board(self) -> None:
        """The virtual board with the RTL in it, by the driver and by our runner."""
        for compute, n in (("rtl", FRAMES), ("emulation", PICTURES)):
            x, expected = self.x[:n], self.expected[:n]
            with VirtualBoard(self.bundle, ["--compute", compute], self.pythons.board) as board:
                (y,) = by_driver(self, board.address, self.bundle, [(self.model, x)])
                self._equal(f"virtual board ({compute})", "pynq and FINN's driver", y, expected)
                (y,) = self.by_runner(board.address, self.bundle, [(self.model, x)])
                self._equal(f"virtual board ({compute})", "our runner", y, expected)

    def bundle_of_two(self, bundle: Path, models: Sequence[ReleasedModel]) -> None:
        """Two small networks in one bundle, started together, frame by frame."""
        given = [(model, noise(model, OF_SMALL)) for model in models]
        options: list[str | Path] = ["--compute", "rtl"]
        for model in models:
            options += ["--model", model.folder]
        name = load_manifest(bundle).bundle
        with VirtualBoard(bundle, options, self.pythons.board) as board:
            theirs = by_driver(self, board.address, bundle, given)
            ours = self.by_runner(board.address, bundle, given)
        for (model, x), y, z in zip(given, theirs, ours, strict=True):
            expected = emulate(model, x)
            self._equal(f"{name}: {model.name}", "FINN's driver, interleaved", y, expected)
            self._equal(f"{name}: {model.name}", "our runner, interleaved", z, expected)

    def by_runner(
        self, address: str, bundle: Path, given: Sequence[tuple[ReleasedModel, NDArray[Any]]]
    ) -> list[Integers]:
        """Integers of each network by ``host.accelerator`` in the board environment."""
        xs, ys = self.files("runner-x", len(given)), self.files("runner-y", len(given))
        for path, (_, x) in zip(xs, given, strict=True):
            np.save(path, x)
        order = {
            "bundle": str(bundle),
            "remote": address,
            "deadline_s": DEADLINE_S,
            "models": [str(model.folder) for model, _ in given],
            "xs": [str(path) for path in xs],
            "ys": [str(path) for path in ys],
        }
        environment = client_environment(self.folder("client"), self.pythons.board, address)
        told = self._run("runner", self.pythons.board, order, environment)
        if told["emulated"]:
            raise RuntimeError(f"our runner fell back to emulation for {told['emulated']} items")
        return [np.load(path) for path in ys]

    def files(self, stem: str, n: int) -> list[Path]:
        """Paths of ``n`` files in the scratch folder."""
        return [self.scratch / f"{stem}-{i}.npy" for i in range(n)]

    def folder(self, stem: str) -> Path:
        """A new folder in the scratch folder."""
        return Path(tempfile.mkdtemp(prefix=f"{stem}-", dir=self.scratch))

    def _part(
        self, part: str, python: Path, x: NDArray[Any], extra: dict[str, Any]
    ) -> tuple[Integers, dict[str, Any]]:
        given, taken = self.scratch / f"{part}-x.npy", self.scratch / f"{part}-y.npy"
        np.save(given, x)
        order = {"model": str(self.model.folder), "x": str(given), "y": str(taken), **extra}
        told = self._run(part, python, order, dict(os.environ))
        return np.load(taken), told

    def _run(
        self, part: str, python: Path, order: dict[str, Any], environment: dict[str, str]
    ) -> dict[str, Any]:
        path = self.scratch / f"{part}.json"
        path.write_text(json.dumps(order))
        # By its path: some packages of the board environment bring a package `tests` along.
        words = [str(python), str(ROOT / "tests/validation/parity_parts.py"), part, str(path)]
        call(words, {**environment, "OMP_NUM_THREADS": "1"})
        told: dict[str, Any] = json.loads(path.with_suffix(".told").read_text())
        return told

    def _equal(self, what: str, where: str, y: Integers, expected: Integers) -> None:
        same = y.shape == expected.shape and y.dtype.kind in "iu"
        wrong = int(np.count_nonzero(y != expected)) if same else expected.size
        told = f"{wrong} of {expected.size} differ"
        self.rows.append(Row(what, where, len(expected), told, wrong == 0))


def emulate(model: ReleasedModel, x: NDArray[Any], executor: str = "onnxruntime") -> Integers:
    """The golden form, one item at a time."""
    opened = accelerator.open(model, AcceleratorSettings("emulation", executor=executor))
    return np.concatenate([opened.run(one[None]) for one in x])


def simulate(manifest: Manifest, name: str, x: NDArray[Any], options: Sequence[str]) -> Integers:
    """One batch through the simulator program."""
    circuit = manifest.circuit(name)
    if circuit.simulator is None:
        raise RuntimeError(f"{manifest.folder} has no simulator of {name}")
    sizes = (circuit.input.item_bytes, circuit.output.item_bytes)
    program = Program((manifest.folder / circuit.simulator).resolve(), sizes, options)
    try:
        program.ask(pack(x, circuit.input), SLOW_S)
        return unpack(program.answer(SLOW_S).data, circuit.output)
    finally:
        program.kill()


def by_driver(
    run: Parity, address: str, bundle: Path, given: Sequence[tuple[ReleasedModel, NDArray[Any]]]
) -> list[Integers]:
    """Integers of each network by unmodified pynq and FINN's driver, the networks interleaved."""
    xs, ys = run.files("driver-x", len(given)), run.files("driver-y", len(given))
    for path, (_, x) in zip(xs, given, strict=True):
        np.save(path, x)
    process = subprocess.Popen(
        [str(run.pythons.board), str(CLIENT)],
        env=client_environment(run.folder("client"), run.pythons.board, address),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    client = Client(process)
    try:
        names = [model.name for model, _ in given]
        for i, name in enumerate(names):
            loaded = {"model": name, "bundle": str(bundle), "download": i == 0, "as": name}
            client.do("driver", limit_s=DEADLINE_S, **loaded)
        files = {"x": [str(x) for x in xs], "y": [str(y) for y in ys]}
        client.do("interleave", limit_s=SLOW_S, drivers=names, **files)
    finally:
        process.kill()
        process.communicate(timeout=10)
    results = [np.load(path) for path in ys]
    if any(np.any(y != np.rint(y)) for y in results):
        raise RuntimeError("the driver gave fractions")
    return [y.astype(np.int32) for y in results]


def page(run: Parity, board: str, seconds: float) -> str:
    """The page of one run."""
    manifest = load_manifest(run.bundle)
    head = ("what", "computed by", "inputs", "result", "holds")
    rows = [
        (r.what, r.where, str(r.items), r.told, "yes" if r.passed else "**no**") for r in run.rows
    ]
    tools = ", ".join(f"{name} {version}" for name, version in sorted(manifest.tools.items()))
    return f"""# The same integers everywhere

Written by `make parity MODEL={run.model.name} BOARD={board}` on {date.today().isoformat()} in
{seconds:.0f} s: {run.model.name} {run.model.version}, the bundle `{run.bundle.name}`
({tools})
and a bundle of two small networks of random weights. Every line is compared with the golden form
on onnxruntime, integer by integer; the command fails when one integer differs. Brevitas and the
QCDQ form compute in floating point; for them the keypoints count ({LEAST_NEAR:.0%} within
{NEAR_PX} px). The virtual board is a program behind pynq's own network protocol, not a board:
no bitstream has been placed and routed.

{table(head, rows)}
"""


@contextmanager
def told(console: Console, what: str) -> Iterator[None]:
    """Show what runs and how long it took."""
    began_s = time.monotonic()
    with console.status(what):
        yield
    console.print(f"{what}: {time.monotonic() - began_s:.0f} s")


def main() -> int:
    """Run all parts; exit status 1 when one differs."""
    p = argparse.ArgumentParser(prog="python -m tests.validation.parity", description=__doc__)
    p.add_argument("--model", default="gait-pose-s")
    p.add_argument("--board", default="pynq-z2")
    p.add_argument("--train-python", type=Path, default=ROOT / ".venv-train/bin/python")
    p.add_argument("--fpga-python", type=Path, default=ROOT / ".venv-train/bin/python")
    p.add_argument("--folder", type=Path, default=ROOT / "build/parity", help="small networks")
    p.add_argument("--out", type=Path, help="page to write")
    args = p.parse_args()
    console, began_s = Console(stderr=True, highlight=False), time.monotonic()
    pythons = Pythons(args.train_python.absolute(), args.fpga_python.absolute())
    args.folder.mkdir(parents=True, exist_ok=True)
    model = load_released(args.model)
    with told(console, f"bundle of {model.name}"):
        bundle = built_bundle(pythons, model, args.board)
    with told(console, "bundle of two small networks"):
        pair, models = small_bundle(pythons, args.board, args.folder)
    with tempfile.TemporaryDirectory(prefix="parity-") as scratch:
        run = Parity(model, bundle, pythons, Path(scratch))
        steps: list[tuple[str, Callable[[], None]]] = [
            ("software", run.software),
            ("training", run.training),
            ("circuit", run.circuit),
            ("virtual board", run.board),
            ("two networks", lambda: run.bundle_of_two(pair, models)),
        ]
        for what, step in steps:
            with told(console, what):
                step()
    text = page(run, args.board, time.monotonic() - began_s)
    sys.stdout.write(text)
    if args.out:
        args.out.write_text(text, encoding="utf-8")
    return 0 if all(row.passed for row in run.rows) else 1


if __name__ == "__main__":
    sys.exit(main())
