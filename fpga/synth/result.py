"""``synthesis.json``: what a bundle takes of its part, node by node, counted and estimated."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path

from fpga.errors import FpgaError
from fpga.fold.cost.resources import Cost, total
from model_zoo.table import read_table

SYNTHESIS = "synthesis.json"
SCHEMA_VERSION = 1
KINDS = {
    "padding": "padding",
    "window": "window generators",
    "matrix": "matrix units",
    "thresholds": "thresholds",
    "width": "width converters",
    "fifo": "FIFOs",
}
"""Kinds of nodes, by the end of their names."""


@dataclass(frozen=True)
class NodeCount:
    """One node.

    Attributes
    ----------
    counted
        By synthesis.
    estimated
        By ``fpga/fold``; None where the model's geometry was not at hand.
    finn
        FINN's own estimate, which knows no flip-flops.
    """

    name: str
    counted: Cost
    estimated: Cost | None
    finn: Cost

    @property
    def kind(self) -> str:
        """Key of :data:`KINDS`."""
        return self.name.rsplit("_", 1)[-1]


@dataclass(frozen=True)
class NetworkCount:
    """One network of a bundle.

    Attributes
    ----------
    version
        Of the model; 0.0.0 has random weights.
    macs
        Multiply-accumulates of an item; None where the model was not at hand.
    interval_cycles, latency_cycles
        Simulated, from the manifest; None where the circuit was not simulated.
    whole
        Counted as one flattened circuit; None where that was not asked for.
    """

    version: str
    macs: int | None
    interval_cycles: int | None
    latency_cycles: int | None
    nodes: tuple[NodeCount, ...]
    whole: Cost | None = None

    def counted(self) -> Cost:
        """Sum of the nodes' counts."""
        return total([node.counted for node in self.nodes])

    def estimated(self) -> Cost | None:
        """Sum of our estimates; None where one is missing."""
        estimates = [node.estimated for node in self.nodes if node.estimated is not None]
        return total(estimates) if len(estimates) == len(self.nodes) else None

    def finn(self) -> Cost:
        """Sum of FINN's estimates."""
        return total([node.finn for node in self.nodes])


@dataclass(frozen=True)
class Synthesis:
    """Everything ``synthesis.json`` says.

    Attributes
    ----------
    board
        As in ``--board``.
    command
        That made it.
    tools
        Versions.
    folding_sha256
        Of the ``folding.json`` of the circuit that was counted.
    networks
        By model, in the order of the bundle.
    """

    board: str
    command: str
    tools: dict[str, str]
    family: str
    folding_sha256: str
    networks: dict[str, NetworkCount]

    def counted(self) -> Cost:
        """Sum over the bundle."""
        return total([network.counted() for network in self.networks.values()])

    def write(self, folder: Path) -> Path:
        """Write ``synthesis.json``, one line per node."""
        table = {"schema_version": SCHEMA_VERSION, **dataclasses.asdict(self)}
        text = json.dumps(table, indent=1)
        for network in table["networks"].values():
            for node in network["nodes"]:
                text = text.replace(_indented(node, 4), json.dumps(node))
        path = folder / SYNTHESIS
        path.write_text(text + "\n", encoding="utf-8")
        return path


def read_synthesis(path: Path) -> Synthesis:
    """Read a ``synthesis.json``.

    Raises
    ------
    FpgaError
        When it is missing, cannot be read or has another schema.
    """
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
        version = table.pop("schema_version", None)
        if version != SCHEMA_VERSION:
            raise FpgaError(f"{path} has schema {version}, not {SCHEMA_VERSION}")
        return read_table(Synthesis, table, str(path))
    except (OSError, ValueError, TypeError, AttributeError) as error:
        if isinstance(error, FpgaError):
            raise
        raise FpgaError(f"{path} cannot be read: {error}") from error


def _indented(node: object, depth: int) -> str:
    return json.dumps(node, indent=1).replace("\n", "\n" + " " * depth)
