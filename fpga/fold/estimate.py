"""Cycles and resources of a folded layer and network, node by node."""

from __future__ import annotations

from dataclasses import dataclass

from fpga.fold.cost import matrix, thresholds, window
from fpga.fold.cost.resources import Cost, total
from fpga.fold.cost.stream import (
    bytes_wide,
    converter_cost,
    fifo_cost,
    padding_cost,
    padding_cycles,
)
from fpga.fold.folding import NO_FIFO, LayerFolding, NetworkFolding
from fpga.fold.geometry import LayerGeometry


@dataclass(frozen=True)
class LayerEstimate:
    """What a folded layer takes.

    Attributes
    ----------
    cycles
        Clock cycles of an item, by hardware node.
    nodes
        Resources by hardware node, width converters and FIFOs included.
    """

    layer: LayerGeometry
    folding: LayerFolding
    cycles: dict[str, int]
    nodes: dict[str, Cost]

    @property
    def interval_cycles(self) -> int:
        """Cycles of the slowest node."""
        return max(self.cycles.values())

    @property
    def cost(self) -> Cost:
        """All nodes together."""
        return total(list(self.nodes.values()))


def estimate_layer(
    layer: LayerGeometry,
    folding: LayerFolding,
    fifos: dict[str, int],
    bits_before: int | None,
    dsp_type: str,
) -> LayerEstimate:
    """Cycles and resources of one layer's nodes and of what stands in front of them.

    Parameters
    ----------
    fifos
        Depths by the node behind, as in ``folding.json``.
    bits_before
        Used bits of the stream that comes in; None at the network's input, which is as wide as
        the first node wants it.
    """
    name, cycles, nodes = layer.prefix, {}, {}
    simd, pe = folding.simd, folding.pe
    parts = []
    if folding.padding_simd is not None:
        bits = folding.padding_simd * layer.input_bits
        cycles[f"{name}_padding"] = padding_cycles(layer, folding.padding_simd)
        parts.append(("padding", bits, bits, padding_cost(layer, folding.padding_simd)))
    if folding.window_simd is not None:
        bits = folding.window_simd * layer.input_bits
        cycles[f"{name}_window"] = window.cycles(layer, folding.window_simd)
        kept = window.cost(layer, folding.window_simd, folding.window_memory)
        parts.append(("window", bits, bits, kept))
    cycles[f"{name}_matrix"] = matrix.cycles(layer, pe, simd, folding.window_simd)
    unit = matrix.cost(layer, pe, simd, folding.weight_memory, dsp_type)
    parts.append(("matrix", simd * layer.input_bits, pe * layer.accumulator_bits, unit))
    if folding.threshold_pe is not None:
        taken = folding.threshold_pe * layer.accumulator_bits
        cycles[f"{name}_thresholds"] = thresholds.cycles(layer, folding.threshold_pe)
        parts.append(("thresholds", taken, 0, thresholds.cost(layer, folding.threshold_pe)))
    for part, bits_in, bits_out, cost in parts:
        node = f"{name}_{part}"
        before = bits_in if bits_before is None else bits_before
        if before != bits_in:
            nodes[f"{node}_width_fifo"] = _fifo(fifos, f"{node}_width", before)
            nodes[f"{node}_width"] = converter_cost(before, bits_in)
        nodes[f"{node}_fifo"] = _fifo(fifos, node, bits_in)
        nodes[node] = cost
        bits_before = bits_out
    return LayerEstimate(layer, folding, cycles, {n: c for n, c in nodes.items() if c != Cost()})


def estimate_network(
    layers: tuple[LayerGeometry, ...], folding: NetworkFolding, dsp_type: str
) -> tuple[LayerEstimate, ...]:
    """Every layer of a folded network, in order."""
    estimates, before = [], None
    for layer in layers:
        chosen = folding.layers[layer.name]
        estimates.append(estimate_layer(layer, chosen, folding.fifos, before, dsp_type))
        before = (chosen.threshold_pe or 1) * (layer.output_bits or 0)
    return tuple(estimates)


def interval_cycles(estimates: tuple[LayerEstimate, ...]) -> int:
    """Clock cycles between two items: those of the slowest node."""
    return max(estimate.interval_cycles for estimate in estimates)


def network_cost(estimates: tuple[LayerEstimate, ...]) -> Cost:
    """All nodes of a network together."""
    return total([estimate.cost for estimate in estimates])


def efficiency(macs: int, cycles: int, dsps: int) -> float:
    """Multiplications used of four per DSP and cycle, which 4 x 4 bits allow."""
    return macs / (4 * cycles * dsps)


def _fifo(fifos: dict[str, int], reader: str, bits: int) -> Cost:
    return fifo_cost(fifos.get(reader, NO_FIFO), bytes_wide(bits))
