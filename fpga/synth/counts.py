"""Counts of all nodes of a network: equal nodes once, known ones from the cache."""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fpga.errors import FpgaError
from fpga.fold.cost.resources import Cost
from fpga.rtl.patching import patched
from fpga.synth import yosys
from fpga.synth.closure import Design, Extract, extract, read_design
from fpga.synth.rewrites import REWRITES
from model_zoo.table import read_table

JOBS = 2
SRL_BANK = Path(__file__).parent / "srl_bank.sv"
_SIMULATION_ONLY = ("fifo_gauge.sv",)
"""A queue without limit that stands in for a FIFO in some simulations; never in a circuit."""


@dataclass(frozen=True)
class Node:
    """One hardware node of ``nodes.json``.

    Attributes
    ----------
    name, op, module
        Node, kind of FINN, and the name of its shell module.
    in_block
        Whether its memory is told to be block RAM, which takes any content.
    finn
        FINN's own estimate.
    """

    name: str
    op: str
    module: str
    in_block: bool
    finn: Cost


@dataclass(frozen=True)
class Counter:
    """Counts modules of a circuit.

    Attributes
    ----------
    family
        Of the part, as Yosys calls it.
    cache
        Folder that keeps counts by content.
    timeout_s
        For one module.
    """

    family: str
    cache: Path
    timeout_s: float

    def nodes(
        self, folder: Path, nodes: tuple[Node, ...], told: Callable[[str], None]
    ) -> dict[str, Cost]:
        """Count every node of a network.

        Parameters
        ----------
        folder
            ``<model>/rtl``.
        told
            Called with a node's name when it is counted.

        Returns
        -------
        By node name.
        """
        design = read_circuit(folder)
        extracts = {node.name: extract(design, node.module, node.name) for node in nodes}
        flow = yosys.flow_key(self.family)
        blocks = {node.name for node in nodes if node.in_block}
        keys = {
            name: (dataclasses.replace(part, data={}) if name in blocks else part).key(flow)
            for name, part in extracts.items()
        }
        unlike = {keys[name]: name for name in reversed(extracts)}
        counted: dict[str, Cost] = {}
        with ThreadPoolExecutor(JOBS) as pool:
            waiting = {
                key: pool.submit(self._count, extracts[name], key) for key, name in unlike.items()
            }
            for name, key in keys.items():
                counted[name] = waiting[key].result()
                told(name)
        return counted

    def whole(self, folder: Path, top: str) -> Cost:
        """Count the whole network at once, with optimisation over the borders of its nodes."""
        design = read_circuit(folder)
        everything = Extract(
            "\n".join(design.below(top).values()),
            {path.name: path.read_text() for path in sorted(folder.glob("*.dat"))},
            top,
        )
        return self._count(everything, everything.key(yosys.flow_key(self.family)))

    def _count(self, part: Extract, key: str) -> Cost:
        path = self.cache / f"{key}.json"
        if path.is_file():
            return read_table(Cost, json.loads(path.read_text(encoding="utf-8")), path.name)
        cost = yosys.synthesise(part, self.family, self.timeout_s)
        self.cache.mkdir(parents=True, exist_ok=True)
        # In one step: what is interrupted here would be read for ever after.
        fresh = path.with_name(f"{path.name}.{os.getpid()}.part")
        fresh.write_text(json.dumps(dataclasses.asdict(cost)) + "\n", encoding="utf-8")
        fresh.replace(path)
        return cost


def read_circuit(folder: Path) -> Design:
    """The sources of a network, rewritten for Yosys.

    Raises
    ------
    FpgaError
        When a source is missing or another than the one that the rewrites were made for.
    """
    files = [f for f in _read(folder / "sources.json")["files"] if f not in _SIMULATION_ONLY]
    texts = {
        patch.file: patched(patch.file, (folder / patch.file).read_text("utf-8"), REWRITES)
        for patch in REWRITES
        if patch.file in files
    }
    texts[SRL_BANK.name] = SRL_BANK.read_text(encoding="utf-8")
    return read_design(folder, [SRL_BANK.name, *files], texts)


def read_nodes(folder: Path) -> tuple[Node, ...]:
    """The node table of a network."""
    nodes = []
    for row in _read(folder / "nodes.json"):
        known = row["finn"]
        finn = Cost(lut=known["lut"], bram18=known["bram18"], dsp=known["dsp"])
        in_block = row["folding"].get("ram_style") == "block"
        nodes.append(Node(row["name"], row["op"], row["module"], in_block, finn))
    return tuple(nodes)


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise FpgaError(f"{path} cannot be read: {error}; build the bundle first") from error
