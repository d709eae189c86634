"""A synthetic bitstream and hardware description for a bundle that Vivado has not built yet."""

from __future__ import annotations

import dataclasses
import hashlib
import os
from pathlib import Path

from fpga.boards import Board, load_board
from fpga.virtual_board.bitfile import synthetic_bit
from fpga.virtual_board.hwh import BLOCK_BYTES, Block, description, processor
from host.accelerator.bundle import Bitstream, Manifest, load_manifest

_HASH_DIGITS = 12
_GPIO = "xilinx.com:ip:axi_gpio:2.0"


def ensure_pair(folder: Path, gpio: bool = False) -> Manifest:
    """Manifest of a bundle that has a bitstream, made here if there is none.

    The synthetic pair is written into the bundle folder under names that carry its hash, and the
    manifest is replaced by one that lists it.

    Parameters
    ----------
    folder
        Bundle folder with ``manifest.json``.
    gpio
        Whether a new synthetic design also has an ``axi_gpio`` block, which pynq's own self-test
        looks for.

    Raises
    ------
    PackageError
        When the manifest cannot be read or a listed file differs from its hash.
    FpgaError
        When the board is not known.
    """
    manifest = load_manifest(folder)
    if manifest.bitstream is None:
        manifest = _with_pair(manifest, load_board(manifest.board), gpio)
    manifest.verify()
    return manifest


def _with_pair(manifest: Manifest, board: Board, gpio: bool) -> Manifest:
    design = f"{manifest.bundle}-{manifest.board}"
    text = _description(manifest, board, design, gpio).encode("utf-8")
    part = board.part.removeprefix("xc").rsplit("-", 1)[0]
    bit = synthetic_bit(design, part, text)
    digest = hashlib.sha256(bit).hexdigest()[:_HASH_DIGITS]
    content = {f"{design}-{digest}.bit": bit, f"{design}-{digest}.hwh": text}
    files = dict(manifest.files)
    for name, data in content.items():
        _write(manifest.folder / name, data)
        files[name] = hashlib.sha256(data).hexdigest()
    names = tuple(content)
    manifest = dataclasses.replace(
        manifest, bitstream=Bitstream(names[0], names[1], synthetic=True), files=files
    )
    manifest.write(manifest.folder)
    return manifest


def _description(manifest: Manifest, board: Board, design: str, gpio: bool) -> str:
    base = processor(board).base
    blocks: list[Block] = []
    parameters = {"clk_wiz_0": {"CLKOUT1_OUT_FREQ": f"{manifest.clock_mhz:.3f}"}}
    for index, circuit in enumerate(manifest.networks):
        for place, stream in enumerate((circuit.input, circuit.output)):
            # FINN puts each DMA engine into a partition of its own; the network lies between.
            vlnv = f"xilinx_finn:finn:StreamingDataflowPartition_{3 * index + 2 * place}:1.0"
            blocks.append(Block(stream.dma, vlnv, base + len(blocks) * BLOCK_BYTES, BLOCK_BYTES))
            parameters[stream.dma] = {
                "FOOTFALL_MODEL": f"{circuit.model} {circuit.version}",
                "FOOTFALL_GOLDEN_FORM": circuit.golden_form_sha256,
            }
    if gpio:
        blocks.append(Block("axi_gpio_0", _GPIO, base + len(blocks) * BLOCK_BYTES, BLOCK_BYTES))
    return description(board, design, blocks, parameters)


def _write(path: Path, data: bytes) -> None:
    """Replace a file in one step: another board may be reading the one before, or writing too."""
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    part.write_bytes(data)
    part.replace(path)
