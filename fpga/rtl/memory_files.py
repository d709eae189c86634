"""The last step of the proof: the memory files of the circuit hold the released integers.

Weights: word ``fold * (K / SIMD) + step`` of ``<node>_memblock.dat`` holds, from the lowest bit,
SIMD weights of each of PE output channels (K products per sum; channel = fold * PE + unit).
Thresholds: ``<node>_threshs_<unit>_<stage>.dat`` is one level of a binary search tree, 2**stage
thresholds per channel, channels one behind the other.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from fpga.compile.golden import Integers, LayerIntegers
from fpga.errors import FpgaError
from fpga.rtl.stitch import NODES


def check_memories(rtl: Path, layers: tuple[LayerIntegers, ...], bits: dict[str, int]) -> None:
    """Compare all memory files with the released integers.

    Parameters
    ----------
    rtl
        Folder that :func:`fpga.rtl.stitch.write_rtl` wrote.
    layers
        From :func:`fpga.compile.golden.layer_integers`.
    bits
        Width of the weights by layer.

    Raises
    ------
    FpgaError
        Naming the first file that holds other integers.
    """
    nodes = {n["name"]: n for n in json.loads((rtl / NODES).read_text(encoding="utf-8"))}
    for layer in layers:
        prefix = layer.name.replace(".", "_")
        name = f"{prefix}_matrix"
        held = _weights(rtl / f"{name}_memblock.dat", nodes[name], layer, bits[layer.name])
        _demand_equal(f"{name}_memblock.dat", held, layer.matrix)
        if layer.thresholds is not None:
            name = f"{prefix}_thresholds"
            held = _thresholds(rtl, nodes[name], layer.thresholds.shape)
            _demand_equal(f"{name}_threshs_*.dat", held, layer.thresholds)


def _weights(path: Path, node: dict[str, Any], layer: LayerIntegers, bits: int) -> Integers:
    """int64[K, O] out of a weight memory."""
    pe, simd = node["folding"]["PE"], node["folding"]["SIMD"]
    products, channels = layer.matrix.shape
    words = np.array(_words(path), dtype=object)
    shifts = np.arange(pe * simd) * bits
    fields = np.array([[(w >> int(s)) % 2**bits for s in shifts] for w in words], dtype=np.int64)
    signed = fields - (fields >= 2 ** (bits - 1)) * 2**bits
    if signed.size != products * channels:
        raise FpgaError(f"{path.name} holds {signed.size} weights, not {products * channels}")
    folded = signed.reshape(channels // pe, products // simd, pe, simd)
    return folded.transpose(1, 3, 0, 2).reshape(products, channels)


def _thresholds(rtl: Path, node: dict[str, Any], shape: tuple[int, ...]) -> Integers:
    """int64[O, levels] out of the search trees."""
    pe, (channels, levels) = node["folding"]["PE"], shape
    stages = int(levels).bit_length()
    width = node["threshold_bits"]
    found = np.zeros((channels, levels), np.int64)
    for unit in range(pe):
        for stage in range(stages):
            path = rtl / f"{node['name']}_threshs_{unit}_{stage}.dat"
            values = np.array(_words(path), dtype=np.int64)
            values -= (values >= 2 ** (width - 1)) * 2**width
            step = 2 ** (stages - stage)
            places = np.arange(2**stage) * step + step // 2 - 1
            found[unit::pe, places] = values.reshape(channels // pe, 2**stage)
    return found


def _words(path: Path) -> list[int]:
    return [int(word, 16) for word in path.read_text().split()]


def _demand_equal(what: str, held: Integers, expected: Integers) -> None:
    differing = int(np.sum(held != expected))
    if differing:
        raise FpgaError(
            f"{what}: {differing} of {expected.size} integers in the circuit's memory differ from "
            "the golden form; nothing was built"
        )
