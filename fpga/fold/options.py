"""All sensible foldings of one layer within a number of cycles.

Rules found by measurement (finn-plus 1.6.1, simulated): the window generator must not be slower
than the matrix unit's first pass; streams are padded to whole bytes, so the padding node's words
should fill them; thresholds and padding take the fewest elements per cycle that keep up.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fpga.fold.cost import matrix, thresholds, window
from fpga.fold.cost.resources import Cost
from fpga.fold.cost.stream import padding_cycles
from fpga.fold.estimate import estimate_layer
from fpga.fold.fifos import default_depths
from fpga.fold.folding import LayerFolding
from fpga.fold.geometry import LayerGeometry

_WASTE = 2
"""How many times as fast as needed a matrix unit may be, where its memory then fits better."""

_DEEPEST_DISTRIBUTED = 256
"""Words of weights in look-up tables: a slice selects among so many by itself (RAM256X1S); deeper
memories would need multiplexers behind, on the path from the weights to the multipliers."""


@dataclass(frozen=True)
class Option:
    """One folding of a layer and what it takes."""

    folding: LayerFolding
    cost: Cost


def divisors(n: int) -> tuple[int, ...]:
    """Divisors in rising order."""
    return tuple(d for d in range(1, n + 1) if n % d == 0)


def fastest_cycles(layer: LayerGeometry) -> int:
    """Fewest cycles that any folding of the layer needs: its window generator's, or one a pixel."""
    cycles = [layer.pixels_out]
    if layer.has_window:
        cycles.append(window.cycles(layer, layer.channels_in))
    if layer.has_padding:
        cycles.append(padding_cycles(layer, layer.channels_in))
    return max(cycles)


def node_cycles(layer: LayerGeometry) -> set[int]:
    """The numbers of cycles that the layer's nodes can take."""
    inputs, outputs = divisors(layer.channels_in), divisors(layer.channels_out)
    found = {
        matrix.cycles(layer, pe, simd, None)
        for simd in divisors(layer.matrix_width)
        for pe in outputs
    }
    if layer.has_window:
        found |= {window.cycles(layer, simd) for simd in inputs}
        found |= {
            matrix.cycles(layer, pe, simd, layer.channels_in)
            for simd in divisors(layer.matrix_width)
            for pe in outputs
            if simd > layer.channels_in
        }
    if layer.has_padding:
        found |= {padding_cycles(layer, simd) for simd in inputs}
    if layer.output_bits is not None:
        found |= {thresholds.cycles(layer, pe) for pe in outputs}
    return found


def least_dsps(layer: LayerGeometry, cycles: int, dsp_type: str) -> int | None:
    """Fewest DSPs with which the matrix unit keeps within ``cycles``; None where none does."""
    found = [
        matrix.dsps(layer, pe, simd, dsp_type)
        for simd in divisors(layer.matrix_width)
        for pe in divisors(layer.channels_out)
        if layer.pixels_out * (layer.matrix_width // simd) * (layer.channels_out // pe) <= cycles
    ]
    return min(found, default=None)


def threshold_pe(layer: LayerGeometry, cycles: int) -> int | None:
    """Fewest channels per cycle with which the thresholds keep up."""
    if layer.output_bits is None:
        return None
    return next(
        (d for d in divisors(layer.channels_out) if thresholds.cycles(layer, d) <= cycles),
        layer.channels_out,
    )


def layer_options(
    layer: LayerGeometry, cycles: int, bits_before: int | None, dsp_type: str
) -> tuple[Option, ...]:
    """Foldings that keep within ``cycles``, without those that are beaten in every resource.

    Parameters
    ----------
    bits_before
        Used bits of the stream that comes in; None for the network's first layer.
    """
    if fastest_cycles(layer) > cycles:
        return ()
    padding = _padding_simd(layer, cycles)
    options = []
    for folding in _foldings(layer, cycles, padding):
        fifos = default_depths(layer, folding, first=bits_before is None)
        estimate = estimate_layer(layer, folding, fifos, bits_before, dsp_type)
        if estimate.interval_cycles <= cycles:
            options.append(Option(folding, estimate.cost))
    return _unbeaten(options)


def _foldings(layer: LayerGeometry, cycles: int, padding: int | None) -> Iterator[LayerFolding]:
    chosen = threshold_pe(layer, cycles)
    for simd in divisors(layer.matrix_width):
        for pe in divisors(layer.channels_out):
            taken = matrix.cycles(layer, pe, simd, None)
            if not cycles / _WASTE <= taken <= cycles and pe * simd > 1:
                continue
            for window_simd in _window_simds(layer, simd, cycles):
                for memory in _memories(layer, pe, simd):
                    for buffer in ("distributed", "block") if layer.has_window else ("auto",):
                        yield LayerFolding(pe, simd, window_simd, padding, chosen, memory, buffer)


def _memories(layer: LayerGeometry, pe: int, simd: int) -> tuple[str, ...]:
    depth, _ = matrix.weight_shape(layer, pe, simd)
    return ("block", "distributed") if depth <= _DEEPEST_DISTRIBUTED else ("block",)


def _padding_simd(layer: LayerGeometry, cycles: int) -> int | None:
    if not layer.has_padding:
        return None
    every = divisors(layer.channels_in)
    whole = [d for d in every if d * layer.input_bits % 8 == 0]
    return next(
        (d for d in whole or every if padding_cycles(layer, d) <= cycles), layer.channels_in
    )


def _window_simds(layer: LayerGeometry, simd: int, cycles: int) -> tuple[int | None, ...]:
    """Smallest that keeps up with the matrix unit, and the smallest that is its multiple."""
    if not layer.has_window:
        return (None,)
    able = [
        d
        for d in divisors(layer.channels_in)
        if d >= min(simd, layer.channels_in) and window.cycles(layer, d) <= cycles
    ]
    whole = [d for d in able if d % simd == 0 or simd % d == 0]
    return tuple(dict.fromkeys(able[:1] + whole[:1]))


def _unbeaten(options: list[Option]) -> tuple[Option, ...]:
    kept: list[Option] = []
    for option in sorted(options, key=lambda o: (o.cost.dsp, o.cost.bram18, o.cost.lut_sites)):
        if not any(
            k.cost.dsp <= option.cost.dsp
            and k.cost.bram18 <= option.cost.bram18
            and k.cost.lut_sites <= option.cost.lut_sites
            for k in kept
        ):
            kept.append(option)
    return tuple(kept)
