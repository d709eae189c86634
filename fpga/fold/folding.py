"""``folding.json``: how many elements each node of a circuit handles per clock cycle.

One file per bundle and board, committed below ``bitstreams/``. Everything else about a circuit
follows from the released models and this file.
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fpga.errors import FpgaError
from fpga.fold.geometry import LayerGeometry
from host.accelerator.bundle import FOLDING
from model_zoo.table import read_table

SCHEMA_VERSION = 1
MEMORIES = ("auto", "block", "distributed")
"""Where a memory goes: as the synthesis tool likes, into block RAM, into look-up tables."""

NO_FIFO = 2
"""Depth of a stream without a FIFO: the handshake registers of the nodes themselves."""


@dataclass(frozen=True)
class LayerFolding:
    """Parallelism of the nodes of one layer.

    Attributes
    ----------
    pe
        Output channels that the matrix unit computes at once; divides the output channels.
    simd
        Products per output channel and cycle; divides kernel height x width x input channels.
    window_simd
        Channels per word of the window generator; divides the input channels; None without one.
        ``parallel_window`` is not used.
    padding_simd
        Channels per word of the padding node; divides the input channels; None without one.
    threshold_pe
        Channels per word of the thresholds; divides the output channels; None without
        thresholds.
    weight_memory, window_memory
        One of :data:`MEMORIES`.
    """

    pe: int
    simd: int
    window_simd: int | None
    padding_simd: int | None
    threshold_pe: int | None
    weight_memory: str = "auto"
    window_memory: str = "auto"

    def __post_init__(self) -> None:
        for memory in (self.weight_memory, self.window_memory):
            _demand(memory in MEMORIES, f"memory {memory!r}, not {', '.join(MEMORIES)}")

    def check(self, layer: LayerGeometry) -> None:
        """Compare with the layer that it is for.

        Raises
        ------
        FpgaError
            Naming the first number that does not divide what it must, or is missing or too much.
        """
        rules = (
            ("pe", self.pe, layer.channels_out, True),
            ("simd", self.simd, layer.matrix_width, True),
            ("window_simd", self.window_simd, layer.channels_in, layer.has_window),
            ("padding_simd", self.padding_simd, layer.channels_in, layer.has_padding),
            (
                "threshold_pe",
                self.threshold_pe,
                layer.channels_out,
                layer.output_bits is not None,
            ),
        )
        for what, value, whole, present in rules:
            where = f"folding of layer {layer.name}: {what}"
            _demand(
                (value is not None) == present,
                f"{where} is {value}, but the layer has {'one' if present else 'no such node'}",
            )
            _demand(
                value is None or (value > 0 and whole % value == 0),
                f"{where} is {value}, which does not divide {whole}",
            )


@dataclass(frozen=True)
class NetworkFolding:
    """Folding of one network of a bundle.

    Attributes
    ----------
    model_sha256
        Of the ``model.qonnx.onnx`` that it was searched for. A folding depends on shapes alone and
        stays valid for other weights of the same shapes; ``check`` decides.
    rate_fps
        Items per second that were asked for; None: as fast as the budget allowed.
    layers
        By the names of ``model.json``.
    fifos
        Depth of the FIFO in front of a node, by the node's name; absent: none.
    """

    model_sha256: str
    rate_fps: float | None
    layers: dict[str, LayerFolding]
    fifos: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _demand(self.rate_fps is None or self.rate_fps > 0, f"rate of {self.rate_fps} frames/s")
        for node, depth in self.fifos.items():
            _demand(depth >= NO_FIFO, f"FIFO in front of {node}: depth {depth}")

    def check(self, layers: tuple[LayerGeometry, ...]) -> None:
        """Compare with the network that it is for.

        Raises
        ------
        FpgaError
            When the layers or nodes are others or a number does not divide what it must.
        """
        names = [layer.name for layer in layers]
        _demand(
            sorted(self.layers) == sorted(names),
            f"the folding is for layers {', '.join(self.layers)}, the network has "
            f"{', '.join(names)}",
        )
        for layer in layers:
            self.layers[layer.name].check(layer)
        nodes = {node for layer in layers for node in layer.nodes()}
        nodes |= {f"{node}_width" for node in nodes}
        for node in self.fifos:
            _demand(node in nodes, f"FIFO in front of {node}, which is no node of the network")


@dataclass(frozen=True)
class Folding:
    """Everything ``folding.json`` says.

    Attributes
    ----------
    networks
        By the names of the models, in the order of the bundle.
    """

    board: str
    clock_mhz: float
    networks: dict[str, NetworkFolding]

    def __post_init__(self) -> None:
        _demand(bool(self.networks), "a folding without a network")
        _demand(self.clock_mhz > 0, f"clock of {self.clock_mhz} MHz")

    def to_json(self) -> str:
        """Text of ``folding.json``: one line per layer."""
        table = {"schema_version": SCHEMA_VERSION, **dataclasses.asdict(self)}
        return _lines(table) + "\n"

    def write(self, folder: Path) -> Path:
        """Write ``folding.json`` into a folder, which is made where it is missing."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / FOLDING
        path.write_text(self.to_json(), encoding="utf-8")
        return path


def read_folding(path: Path) -> Folding:
    """Read a ``folding.json`` (the file, or the folder that holds it).

    Raises
    ------
    FpgaError
        When it is missing, cannot be read or contradicts itself.
    """
    path = path / FOLDING if path.is_dir() else path
    try:
        table: Any = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise FpgaError(f"{path} cannot be read: {error}") from error
    _demand(isinstance(table, dict), f"{path} is no table")
    version = table.pop("schema_version", None)
    _demand(version == SCHEMA_VERSION, f"{path} has schema {version}, not {SCHEMA_VERSION}")
    try:
        return read_table(Folding, table, str(path))
    except TypeError as error:
        raise FpgaError(str(error)) from error


def _lines(value: Any, depth: int = 0) -> str:
    """JSON with the innermost tables on one line each."""
    is_inner = not isinstance(value, dict) or not any(isinstance(v, dict) for v in value.values())
    if is_inner:
        return json.dumps(value)
    indent = " " * (depth + 1)
    rows = [f"{indent}{json.dumps(key)}: {_lines(v, depth + 1)}" for key, v in value.items()]
    return "{\n" + ",\n".join(rows) + "\n" + " " * depth + "}"


def _demand(condition: bool, reason: str) -> None:
    if not condition:
        raise FpgaError(reason)
