"""``python -m fpga fold``: search how much hardware each layer gets, print and write it."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from rich.console import Console

from fpga.boards import load_board
from fpga.compile.cli import add_wishes, load_models, rates
from fpga.compile.folding_choice import COMMITTED
from fpga.errors import FpgaError
from fpga.fold.geometry import chain
from fpga.fold.report import show
from fpga.fold.search import SHARE, Budget, FoldingSearch, Wish
from model_zoo.package import QONNX_FORM


def add_parser(subparsers: Any) -> None:
    """Describe the command's options."""
    p = subparsers.add_parser("fold", help="search a folding", description=__doc__)
    add_wishes(p, "as fast as all fit")
    p.add_argument(
        "--share",
        type=float,
        default=SHARE,
        help=f"of the part's LUT, block RAM and DSP that may be taken (default {SHARE:g})",
    )
    p.add_argument("--name", metavar="BUNDLE", help="of the bundle (default: the models' names)")
    p.add_argument(
        "--out", type=Path, help="folder for folding.json (default: bitstreams/BUNDLE-BOARD)"
    )


def run(args: argparse.Namespace) -> int:
    """Search, print and write; returns the exit status.

    Raises
    ------
    FpgaError
        When the networks do not reach their rates or do not fit.
    """
    if not 0 < args.share <= 1:
        raise FpgaError(f"--share {args.share:g}: between 0 and 1")
    board = load_board(args.board)
    models = load_models(args.models)
    asked = rates(args.rate, models)
    chains = {model.name: chain(model) for model in models}
    wishes = tuple(
        Wish(m.name, chains[m.name], m.files[QONNX_FORM], asked.get(m.name)) for m in models
    )
    budget = Budget.of(board, args.share)
    with Console(stderr=True).status("searching"):
        folding = FoldingSearch(board, budget).run(wishes)
    show(_console(), folding, chains, board, budget)
    name = args.name or "+".join(model.name for model in models)
    path = folding.write(args.out or COMMITTED / f"{name}-{board.name}")
    _console().print(f"written: {path}")
    return 0


def _console() -> Console:
    """Tables need their width where the output is a file."""
    console = Console(file=sys.stdout, highlight=False)
    return console if console.is_terminal else Console(file=sys.stdout, width=150, highlight=False)
