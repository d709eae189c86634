"""Measures the FIFO depths of a folding: generates the circuit, builds its simulator, searches."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np

from fpga.compile.bundle import RTL, SIMULATOR, Order, Progress, check_order, streams
from fpga.compile.fold_graph import fold
from fpga.compile.hardware import to_hardware
from fpga.errors import FpgaError
from fpga.fold.folding import NetworkFolding
from fpga.fold.geometry import chain
from fpga.rtl.occupancy import (
    ITEMS,
    FifoSizing,
    FreeCircuit,
    Sizing,
    fifo_nodes,
    with_all_fifos,
)
from fpga.rtl.simulator.build import SimulatorError, build_simulator
from fpga.rtl.stitch import NODES, write_rtl
from host.accelerator.packing import pack
from model_zoo.package import ReleasedModel


def size_fifos(order: Order, work: Path, progress: Progress) -> tuple[Order, dict[str, Sizing]]:
    """The order with measured FIFO depths in its folding, and how they were found, by model.

    Parameters
    ----------
    order
        The ``fifos`` of its folding are not looked at.
    work
        Folder that is made and removed.
    progress
        Told each step.

    Raises
    ------
    FpgaError
        When a circuit cannot be generated or simulated.
    """
    check_order(order)
    sizings: dict[str, Sizing] = {}
    networks = dict(order.folding.networks)
    shutil.rmtree(work, ignore_errors=True)
    try:
        for model in order.models:
            network = networks[model.name]
            with progress(f"{model.name}: building the simulator for FIFO depths"):
                measure = _free_circuit(order, model, network, work / model.name)
            with progress(f"{model.name}: measuring FIFO depths"):
                sizings[model.name] = FifoSizing(tuple(measure.nodes), measure).run()
            networks[model.name] = replace(network, fifos=sizings[model.name].fifos)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return replace(order, folding=replace(order.folding, networks=networks)), sizings


def _free_circuit(
    order: Order, model: ReleasedModel, network: NetworkFolding, folder: Path
) -> FreeCircuit:
    nodes = tuple(node for layer in chain(model) for node in layer.nodes())
    graph = to_hardware(model, order.board, order.log)
    graph = fold(graph, with_all_fifos(network, nodes), order.board, order.log)
    write_rtl(graph, folder / RTL, order.board, order.log)
    records = json.loads((folder / RTL / NODES).read_text(encoding="utf-8"))
    source, sink = streams(folder / RTL, model, 0)
    try:
        build_simulator(folder / RTL, folder / SIMULATOR, (source, sink), free_fifos=True)
    except SimulatorError as error:
        raise FpgaError(f"{model.name}: {error}") from error
    golden = model.golden()[0]
    words = pack(golden[np.arange(ITEMS) % len(golden)], source)
    return FreeCircuit(folder / SIMULATOR, words, sink.item_bytes, fifo_nodes(records))
