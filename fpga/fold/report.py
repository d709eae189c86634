"""A folding as text: layer by layer, what limits it, and how far it is from the bound."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from fpga.boards import Board
from fpga.fold.cost import matrix
from fpga.fold.cost.resources import Cost, total
from fpga.fold.estimate import (
    LayerEstimate,
    efficiency,
    estimate_network,
    interval_cycles,
    network_cost,
)
from fpga.fold.folding import Folding
from fpga.fold.search import STREAM_LOSS, Budget, Chain


def show(
    console: Console, folding: Folding, chains: dict[str, Chain], board: Board, budget: Budget
) -> None:
    """Print the folding of a bundle.

    Parameters
    ----------
    chains
        Geometry of each network, by name.
    budget
        What the bundle was allowed to take.
    """
    costs = []
    for name, network in folding.networks.items():
        estimates = estimate_network(chains[name], network, board.dsp_type)
        costs.append(network_cost(estimates))
        console.print(_layers(name, estimates, board))
        for line in summary(estimates, board):
            console.print(line)
    _show_budget(console, total(costs), board, budget)


def summary(estimates: tuple[LayerEstimate, ...], board: Board) -> tuple[str, ...]:
    """Rate, bottleneck, and distance to the bound of one network."""
    cycles = interval_cycles(estimates)
    dsps = network_cost(estimates).dsp
    macs = sum(x.layer.macs for x in estimates)
    slow = max(estimates, key=lambda x: x.interval_cycles)
    node = max(slow.cycles, key=lambda n: slow.cycles[n])
    used = efficiency(macs, cycles, dsps)
    reachable = efficiency(macs, 1, 1) / sum(
        x.layer.macs / matrix.lanes(x.layer.weight_bits, x.layer.input_bits, board.dsp_type)
        for x in estimates
    )
    rate = board.clock_mhz * 1e6 / cycles / (1 + STREAM_LOSS)
    return (
        f"{cycles} cycles per item (bottleneck {node}): {rate:.0f} frames/s at "
        f"{board.clock_mhz:g} MHz, {STREAM_LOSS:.0%} set aside for the streams",
        f"{used:.1%} of 4 products per DSP and cycle ({macs / cycles:.1f} products per cycle, "
        f"{dsps} DSP); the bit widths of these layers allow {reachable:.1%}; bound with as many "
        f"DSPs: {macs / 4 / dsps:.0f} cycles",
    )


def _layers(name: str, estimates: tuple[LayerEstimate, ...], board: Board) -> Table:
    slowest = interval_cycles(estimates)
    table = Table(title=f"{name} on {board.title}", title_justify="left")
    heads = ("layer", "MMAC", "PE", "SIMD", "window", "cycles", "busy", "used", "weights", "in")
    for head in (*heads, "LUT", "LUTRAM", "FF", "RAMB18", "DSP"):
        table.add_column(head, justify="left" if head in ("layer", "in") else "right")
    for x in estimates:
        depth, width = matrix.weight_shape(x.layer, x.folding.pe, x.folding.simd)
        taken = x.cycles[f"{x.layer.prefix}_matrix"]
        table.add_row(
            x.layer.name,
            f"{x.layer.macs / 1e6:.2f}",
            str(x.folding.pe),
            str(x.folding.simd),
            str(x.folding.window_simd or "-"),
            str(x.interval_cycles),
            f"{taken / slowest:.0%}",
            f"{efficiency(x.layer.macs, slowest, x.cost.dsp):.0%}",
            f"{depth} x {width}",
            x.folding.weight_memory,
            *_cells(x.cost),
        )
    empty = [""] * (len(heads) - 2)
    table.add_row(
        "sum",
        f"{sum(x.layer.macs for x in estimates) / 1e6:.2f}",
        *empty,
        *_cells(network_cost(estimates)),
        style="bold",
    )
    return table


def _cells(cost: Cost) -> tuple[str, ...]:
    return tuple(str(n) for n in (cost.lut, cost.lutram, cost.ff, cost.bram18, cost.dsp))


def _show_budget(console: Console, cost: Cost, board: Board, budget: Budget) -> None:
    have = board.resources
    table = Table(title=f"all networks on {board.part}", title_justify="left")
    for head in ("", "taken", "allowed", "part", "of the part"):
        table.add_column(head, justify="left" if not head else "right")
    rows: tuple[tuple[str, int, int | None, int], ...] = (
        ("LUT, both uses", cost.lut_sites, budget.lut, have.lut),
        ("of these memory", cost.lutram, None, have.lutram),
        ("FF", cost.ff, None, have.ff),
        ("RAMB18", cost.bram18, budget.bram18, have.bram18),
        ("DSP", cost.dsp, budget.dsp, have.dsp),
    )
    for what, taken, allowed, part in rows:
        limit = "" if allowed is None else str(allowed)
        table.add_row(what, str(taken), limit, str(part), f"{taken / part:.1%}")
    console.print(table)
