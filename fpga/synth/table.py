"""Counts beside estimates, as tables on the console."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console
from rich.table import Table

from fpga.boards import Resources
from fpga.fold.cost.resources import Cost, total
from fpga.synth.result import KINDS, NetworkCount, NodeCount, Synthesis

_COLUMNS = ("LUT", "LUTRAM", "FF", "RAMB18", "DSP")


def show(console: Console, synthesis: Synthesis, part: Resources) -> None:
    """Print every node, the kinds, the error of our estimate, and the sum against the part."""
    for name, network in synthesis.networks.items():
        table = _table(f"{name}: nodes")
        for node in network.nodes:
            _row(table, node.name, node.counted, node.estimated, node.finn)
        console.print(table)
        kinds = _table(f"{name}: kinds of nodes")
        for kind, nodes in by_kind(network).items():
            _row(kinds, KINDS.get(kind, kind), *sums(nodes))
        _row(kinds, "all", network.counted(), network.estimated(), network.finn())
        if network.whole is not None:
            _row(kinds, "flattened as one", network.whole, None, None)
        console.print(kinds)
    console.print(_against(synthesis.counted(), part))


def by_kind(network: NetworkCount) -> dict[str, list[NodeCount]]:
    """Nodes of each kind, in the order of :data:`KINDS`."""
    kinds: dict[str, list[NodeCount]] = {kind: [] for kind in KINDS}
    for node in network.nodes:
        kinds.setdefault(node.kind, []).append(node)
    return {kind: nodes for kind, nodes in kinds.items() if nodes}


def sums(nodes: Iterable[NodeCount]) -> tuple[Cost, Cost | None, Cost]:
    """Counted, estimated by us (None where one is missing), estimated by FINN."""
    nodes = list(nodes)
    ours = [node.estimated for node in nodes if node.estimated is not None]
    return (
        total([node.counted for node in nodes]),
        total(ours) if len(ours) == len(nodes) else None,
        total([node.finn for node in nodes]),
    )


def cells(cost: Cost | None) -> tuple[str, ...]:
    """A cost as text, in the order of the columns."""
    if cost is None:
        return ("-",) * len(_COLUMNS)
    return tuple(str(n) for n in (cost.lut, cost.lutram, cost.ff, cost.bram18, cost.dsp))


def finn_cells(cost: Cost | None) -> tuple[str, ...]:
    """FINN's estimate: look-up tables of both uses, block RAM, DSP."""
    if cost is None:
        return ("-",) * 3
    return str(cost.lut), str(cost.bram18), str(cost.dsp)


def _table(title: str) -> Table:
    table = Table(title=title, title_justify="left")
    table.add_column("")
    for column in _COLUMNS:
        table.add_column(column, justify="right")
    for column in _COLUMNS:
        table.add_column(f"est. {column}", justify="right", style="cyan")
    for column in ("LUT", "RAMB18", "DSP"):
        table.add_column(f"FINN {column}", justify="right", style="dim")
    return table


def _row(table: Table, name: str, counted: Cost, ours: Cost | None, finn: Cost | None) -> None:
    table.add_row(name, *cells(counted), *cells(ours), *finn_cells(finn))


def _against(cost: Cost, part: Resources) -> Table:
    table = Table(title="all networks against the part", title_justify="left")
    for head in ("", "counted", "part", "share"):
        table.add_column(head, justify="left" if not head else "right")
    rows = (
        ("LUT, both uses", cost.lut_sites, part.lut),
        ("of these memory", cost.lutram, part.lutram),
        ("FF", cost.ff, part.ff),
        ("RAMB18", cost.bram18, part.bram18),
        ("DSP", cost.dsp, part.dsp),
    )
    for what, taken, have in rows:
        table.add_row(what, str(taken), str(have), f"{taken / have:.1%}")
    return table
