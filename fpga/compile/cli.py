"""``python -m fpga build``: released networks become a bundle of circuits."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console

from fpga.boards import board_names, load_board
from fpga.compile.finn_environment import check_finn
from fpga.compile.folding_choice import choose_folding, searched_for_others
from fpga.compile.replace import only_build
from fpga.errors import FpgaError
from host.accelerator.bundle import Manifest
from model_zoo.package import ReleasedModel, load_released

BUILT = Path("build") / "fpga"


def add_parser(subparsers: Any) -> None:
    """Describe the command's options."""
    p = subparsers.add_parser("build", help="compile released networks", description=__doc__)
    add_wishes(p, "what is committed, else the most that fits")
    p.add_argument("--out", type=Path, help="folder to write (default: build/fpga/BUNDLE-BOARD)")
    p.add_argument("--name", metavar="BUNDLE", help="of the bundle (default: the models' names)")
    p.add_argument("--folding", type=Path, metavar="FILE", help="use this folding.json")
    p.add_argument(
        "--no-simulator", action="store_true", help="do not simulate; the result is not proven"
    )
    p.add_argument(
        "--size-fifos",
        action="store_true",
        help="measure in simulation how deep every FIFO must be, in place of what the folding says",
    )
    p.add_argument(
        "--vivado",
        action="store_true",
        help="also make the bitstream by FINN's own flow; needs Vivado, Vitis HLS and what `finn "
        "deps update` fetches (untested)",
    )


def add_wishes(p: argparse.ArgumentParser, otherwise: str) -> None:
    """Options that say what is to fit which board, and how fast; ``otherwise`` without a rate."""
    p.add_argument(
        "models",
        nargs="+",
        metavar="MODEL",
        help="released name or folder; several share one part, also as NAME+NAME",
    )
    p.add_argument("--board", required=True, metavar="BOARD", help=", ".join(board_names()))
    p.add_argument(
        "--rate",
        action="append",
        default=[],
        metavar="FPS",
        help=f"frames per second to reach, for all networks or as MODEL=FPS (default: {otherwise})",
    )


def run(args: argparse.Namespace) -> int:
    """Build one bundle; returns the exit status.

    Raises
    ------
    FpgaError
        When it cannot be built as asked; nothing is left behind but the log.
    """
    check_finn()  # before anything of it is imported, which the other environments lack
    from fpga.compile import vivado
    from fpga.compile.bundle import Order, build_bundle

    if args.vivado:
        vivado.check_tools()
    console = Console(stderr=True, file=sys.stderr, highlight=False)
    began_s = time.monotonic()
    board = load_board(args.board)
    models = load_models(args.models)
    name = args.name or "+".join(model.name for model in models)
    folder = args.out or BUILT / f"{name}-{board.name}"
    log = folder.parent / f"{folder.name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    step = _steps(console)
    with only_build(log):
        with step("folding"):
            asked_fps = rates(args.rate, models)
            folding = choose_folding(name, models, board, asked_fps, args.folding)
        for other in searched_for_others(folding, models):
            console.print(
                f"{other}: the folding was searched for other weights of the same shapes; it is "
                "used as it stands"
            )
        order = Order(name, models, board, folding, not args.no_simulator, log, asked_fps)
        if args.vivado:
            vivado.check_bundle(order)
        if args.size_fifos:
            from fpga.rtl.size_fifos import size_fifos

            order, sizings = size_fifos(order, folder.parent / f".{folder.name}.fifos", step)
            for model, sizing in sizings.items():
                console.print(f"{model}: {sizing.summary}")
        manifest = build_bundle(order, folder, step)
        if args.vivado:
            with step("FINN's flow with Vivado"):
                manifest = vivado.synthesise(order, manifest, folder)
        _tell(console, manifest, folder)
        console.print(f"{time.monotonic() - began_s:.0f} s in all; what the tools said: {log}")
    return 0


def load_models(words: list[str]) -> tuple[ReleasedModel, ...]:
    """Released models of the command line, verified; ``a+b`` names two."""
    named = [part for word in words for part in ([word] if "/" in word else word.split("+"))]
    models = tuple(load_released(part) for part in named)
    for model in models:
        model.verify()
    if len({model.name for model in models}) != len(models):
        raise FpgaError("a network stands twice in the bundle")
    return models


def rates(words: list[str], models: tuple[ReleasedModel, ...]) -> dict[str, float]:
    """Asked frames per second of each model, from ``FPS`` and ``MODEL=FPS``.

    Raises
    ------
    FpgaError
        When a word is neither or names a network that is not in the bundle.
    """
    asked: dict[str, float] = {}
    for word in words:
        name, _, number = word.rpartition("=")
        try:
            rate = float(number)
        except ValueError:
            raise FpgaError(f"--rate {word}: give frames per second or MODEL=FPS") from None
        if rate <= 0:
            raise FpgaError(f"--rate {word}: frames per second must be positive")
        if name and name not in {model.name for model in models}:
            raise FpgaError(f"--rate {word}: {name} is not in the bundle")
        asked |= {name: rate} if name else {model.name: rate for model in models}
    return asked


def _steps(console: Console) -> Any:
    @contextmanager
    def step(what: str) -> Iterator[None]:
        began_s = time.monotonic()
        with console.status(what):
            yield
        console.print(f"{what}: {time.monotonic() - began_s:.1f} s")

    return step


def _tell(console: Console, manifest: Manifest, folder: Path) -> None:
    for circuit in manifest.networks:
        if circuit.interval_cycles is None or circuit.latency_cycles is None:
            console.print(f"{circuit.model}: generated, not simulated")
            continue
        rate_fps = manifest.clock_mhz * 1e6 / circuit.interval_cycles
        latency_ms = circuit.latency_cycles / manifest.clock_mhz / 1e3
        console.print(
            f"{circuit.model}: golden pair equal; {circuit.interval_cycles} cycles per frame, "
            f"{rate_fps:.0f} frames/s at {manifest.clock_mhz:g} MHz, first frame after "
            f"{latency_ms:.2f} ms"
        )
    console.print(f"{manifest.bundle} for {manifest.board} in {folder}: {manifest.status}")
