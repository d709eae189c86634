"""``python -m fpga simulate``: a built bundle, cycle by cycle, against the emulation and FINN."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from fpga.errors import FpgaError
from fpga.rtl.compare import Comparison, Row, compare_arrays, gap_options, save_cycles
from fpga.rtl.pictures import simulation_inputs
from host.accelerator.bundle import FOLDING, Circuit, Manifest, load_manifest
from host.accelerator.emulation import Emulation
from host.accelerator.types import AcceleratorSettings
from model_zoo.package import GOLDEN_FORM, ReleasedModel, load_released

LEAST_FRAMES = 2
INTERLEAVED_FRAMES = 3


def add_parser(subparsers: Any) -> None:
    """Describe the command's options."""
    p = subparsers.add_parser("simulate", help="simulate a bundle", description=__doc__)
    p.add_argument("bundle", type=Path, metavar="BUNDLE_FOLDER")
    p.add_argument("--frames", type=int, default=4, help="items per batch, at least 2 (default 4)")
    p.add_argument("--valid", type=int, default=60, help="per cent of cycles that offer a word")
    p.add_argument("--ready", type=int, default=60, help="per cent of cycles that accept a word")
    p.add_argument("--seed", type=int, default=1, help="of the gaps (default 1)")
    p.add_argument("--pictures", type=Path, help="labelled set or video; default: golden inputs")
    p.add_argument("--models", type=Path, help="folder with models that are not released")
    p.add_argument(
        "--no-finn", action="store_true", help="leave FINN's own execution in Python out"
    )


def run(args: argparse.Namespace) -> int:
    """Compare all networks of a bundle; 1 when one integer differs.

    Raises
    ------
    FpgaError
        When the options are wrong, the bundle is incomplete, or a simulation fails or stands still.
    """
    if args.frames < LEAST_FRAMES:
        raise FpgaError(f"--frames {args.frames}: at least {LEAST_FRAMES} show an interval")
    for name in ("valid", "ready"):
        if not 1 <= getattr(args, name) <= 100:
            raise FpgaError(f"--{name} {getattr(args, name)}: give per cent from 1 to 100")
    manifest = load_manifest(args.bundle)
    console = Console(stderr=True, file=sys.stderr, highlight=False)
    measured, differing = {}, 0
    for circuit in manifest.networks:
        model = find_model(circuit, args.models)
        rows = _compare(args, manifest, circuit, model, console)
        measured[circuit.model] = rows[0]
        differing += sum(row.differing for row in rows)
        Console(highlight=False, width=100).print(_table(circuit, rows, manifest.clock_mhz))
    if differing:
        console.print(f"{differing} integers differ: this circuit must not be used")
        return 1
    save_cycles(args.bundle, measured)
    return 0


def find_model(circuit: Circuit, folder: Path | None) -> ReleasedModel:
    """The released model of a circuit, verified.

    Raises
    ------
    FpgaError
        When the bundle was built for other integers or the model has another name.
    """
    held = None if folder is None else folder / circuit.model
    model = load_released(held if held is not None and held.is_dir() else circuit.model)
    model.verify()
    if (model.name, model.files[GOLDEN_FORM]) != (circuit.model, circuit.golden_form_sha256):
        raise FpgaError(f"the bundle was built for other integers of {circuit.model}; build again")
    return model


def _compare(
    args: argparse.Namespace,
    manifest: Manifest,
    circuit: Circuit,
    model: ReleasedModel,
    console: Console,
) -> list[Row]:
    x = simulation_inputs(model, args.frames, args.pictures)
    with console.status(f"{model.name}: emulation"):
        expected = Emulation(model, AcceleratorSettings(backend="emulation")).run(x)
    comparison = Comparison(manifest, circuit, x, expected)
    few = Comparison(manifest, circuit, x[:INTERLEAVED_FRAMES], expected[:INTERLEAVED_FRAMES])
    gaps = gap_options(args.valid, args.ready, args.seed)
    told = f"gaps: {args.valid} % offered, {args.ready} % accepted"
    rows = []
    with console.status(f"{model.name}: simulation, full rate"):
        rows.append(comparison.batch("all in one batch, full rate"))
    with console.status(f"{model.name}: simulation, interleaved"):
        rows.append(few.interleaved("each alone, twice, another between"))
    with console.status(f"{model.name}: simulation, gaps"):
        rows.append(comparison.batch(told, gaps, repeats=2))
    if not args.no_finn:
        with console.status(f"{model.name}: FINN's execution in Python"):
            rows.append(_finn(args.bundle, manifest, model, x, expected))
    return rows


def _finn(folder: Path, manifest: Manifest, model: ReleasedModel, x: Any, expected: Any) -> Row:
    """The folded hardware graph, compiled again from the model, in FINN's Python."""
    try:
        from fpga.compile.execute import finn_python
        from fpga.compile.fold_graph import fold
        from fpga.compile.hardware import to_hardware
    except ImportError as error:
        raise FpgaError(f"FINN is not installed here ({error}); use --no-finn") from error
    from fpga.boards import load_board
    from fpga.fold.folding import read_folding

    board = load_board(manifest.board)
    folding = read_folding(folder / FOLDING).networks[model.name]
    log = folder.parent / f"{folder.name}.simulate.log"
    graph = fold(to_hardware(model, board, log), folding, board, log)
    return compare_arrays("FINN's execution in Python", finn_python(graph, x), expected)


def _table(circuit: Circuit, rows: list[Row], clock_mhz: float) -> Table:
    table = Table(title=f"{circuit.model} {circuit.version} against the emulation")
    for heading in ("run", "items", "integers", "differing", "latency", "interval", "frames/s"):
        table.add_column(heading, justify="left" if heading == "run" else "right")
    for row in rows:
        rate = None if row.interval_cycles is None else clock_mhz * 1e6 / row.interval_cycles
        table.add_row(
            row.what,
            f"{row.items}",
            f"{row.integers}",
            f"{row.differing}",
            *("" if n is None else f"{n:.0f}" for n in (row.latency_cycles, row.interval_cycles)),
            "" if rate is None else f"{rate:.1f}",
        )
    return table
