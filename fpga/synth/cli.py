"""``python -m fpga synth``: count what the circuits of a built bundle take, with open tools.

Yosys' counts are those before placement; the vendor's tool differs by some ten percent. Parts of
the UltraScale+ family are counted with Yosys' ``xcup`` library, which maps block RAM, distributed
memory and DSP of that family but no UltraRAM of these circuits.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress

from fpga.boards import Board, load_board
from fpga.compile.cli import load_models
from fpga.errors import FpgaError
from fpga.fold.cost.resources import Cost
from fpga.fold.estimate import estimate_network
from fpga.fold.folding import NetworkFolding, read_folding
from fpga.fold.geometry import LayerGeometry, chain
from fpga.synth import yosys
from fpga.synth.counts import Counter, read_nodes
from fpga.synth.result import NetworkCount, NodeCount, Synthesis
from fpga.synth.table import show
from host.accelerator.bundle import FOLDING, Circuit, Resources, load_manifest
from model_zoo.package import ReleasedModel, UnknownModelError, sha256

CACHE = Path("build") / "synth-cache"


def add_parser(subparsers: Any) -> None:
    """Describe the command's options."""
    p = subparsers.add_parser("synth", help="count a bundle's resources", description=__doc__)
    p.add_argument("bundle", type=Path, metavar="BUNDLE_FOLDER", help="made by build")
    p.add_argument(
        "--model",
        action="append",
        default=[],
        metavar="FOLDER",
        help="released model that is not below model_zoo/released: for our estimate",
    )
    p.add_argument("--whole", action="store_true", help="also count each network flattened as one")
    p.add_argument("--only", default="", metavar="WORD", help="only nodes with this in their name")
    p.add_argument(
        "--timeout", type=float, default=1800.0, metavar="SECONDS", help="for one run of Yosys"
    )


def run(args: argparse.Namespace) -> int:
    """Count, print, write ``synthesis.json`` and the manifest's resources.

    Raises
    ------
    FpgaError
        When the folder holds no built bundle or Yosys refuses a module.
    """
    manifest = load_manifest(args.bundle)
    board = load_board(manifest.board)
    folding = read_folding(args.bundle)
    models = _models([c.model for c in manifest.networks], args.model)
    counter = Counter(yosys.FAMILIES[board.dsp_type], CACHE, args.timeout)
    counts = {}
    for circuit in manifest.networks:
        model = models.get(circuit.model)
        layers = None if model is None else chain(model)
        network = _network(args, counter, circuit, folding.networks[circuit.model], layers, board)
        counts[circuit.model] = network
    synthesis = Synthesis(
        board=board.name,
        command=f"python -m fpga synth build/fpga/{manifest.bundle}-{manifest.board}"
        + " --whole" * args.whole,
        tools={"pyosys": yosys.version()},
        family=counter.family,
        folding_sha256=sha256(args.bundle / FOLDING),
        networks=counts,
    )
    out = Console(file=sys.stdout, highlight=False, width=170)
    show(out, synthesis, board.resources)
    if args.only:
        return 0
    path = synthesis.write(args.bundle)
    out.print(f"written: {path}")
    enter_counts(args.bundle, path, synthesis.counted())
    return 0


def enter_counts(folder: Path, path: Path, sums: Cost) -> None:
    """Enter what all networks take, and the file that says so, in the manifest of ``folder``.

    It is read again: what was simulated or paired during a long synthesis stays.
    """
    manifest = load_manifest(folder)
    counted = Resources(sums.lut, sums.lutram, sums.ff, sums.bram18, sums.dsp)
    files = {**manifest.files, path.name: sha256(path)}
    dataclasses.replace(manifest, resources=counted, files=files).write(folder)


def _models(names: list[str], folders: list[str]) -> dict[str, ReleasedModel]:
    """The released models whose shapes our estimate needs, as far as they are at hand."""
    found = {model.name: model for model in load_models(folders)}
    for name in names:
        if name not in found:
            try:
                (found[name],) = load_models([name])
            except UnknownModelError:
                continue
    return found


def _network(
    args: argparse.Namespace,
    counter: Counter,
    circuit: Circuit,
    folding: NetworkFolding,
    layers: tuple[LayerGeometry, ...] | None,
    board: Board,
) -> NetworkCount:
    folder = args.bundle / circuit.model / "rtl"
    nodes = tuple(node for node in read_nodes(folder) if args.only in node.name)
    if not nodes:
        raise FpgaError(f"no node of {circuit.model} has {args.only!r} in its name")
    estimates: dict[str, Cost] = {}
    if layers is not None:
        folding.check(layers)
        for layer in estimate_network(layers, folding, board.dsp_type):
            estimates |= layer.nodes
    with Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task(circuit.model, total=len(nodes))
        counts = counter.nodes(folder, nodes, lambda _: progress.advance(task))
        whole = counter.whole(folder, circuit.top) if args.whole and not args.only else None
    return NetworkCount(
        version=circuit.version,
        macs=None if layers is None else sum(layer.macs for layer in layers),
        interval_cycles=circuit.interval_cycles,
        latency_cycles=circuit.latency_cycles,
        nodes=tuple(
            NodeCount(node.name, counts[node.name], estimates.get(node.name), node.finn)
            for node in nodes
        ),
        whole=whole,
    )
