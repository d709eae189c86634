"""Bundle folders of released models as the build writes them, with a bitstream of noise."""

import hashlib
import struct
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from host.accelerator.bundle import MANIFEST, Bitstream, Circuit, Manifest, Stream
from model_zoo.package import GOLDEN_FORM, OUTPUT_BITS, ReleasedModel

REGISTERS = 0x40000000
BLOCK = 0x10000


def streams(model: ReleasedModel, number: int) -> tuple[Stream, Stream]:
    """Whole pixels going in, three channels a word coming out where that divides."""
    channels = model.output.shape[-1]
    elements = next(n for n in (4, 3, 2, 1) if channels % n == 0)
    bits = OUTPUT_BITS[model.output.dtype]
    inner = model.input.shape[-1]
    return (
        Stream(
            dma=f"idma{number}",
            shape=model.input.shape,
            folded=(*model.input.shape[:-1], 1, inner),
            bits=8,
            signed=model.input.dtype == "int8",
            word_bits=8 * inner,
        ),
        Stream(
            dma=f"odma{number}",
            shape=model.output.shape,
            folded=(*model.output.shape[:-1], channels // elements, elements),
            bits=bits,
            signed=True,
            word_bits=bits * elements,
        ),
    )


def circuit(model: ReleasedModel, number: int = 0) -> Circuit:
    """One network of a bundle."""
    source, sink = streams(model, number)
    return Circuit(
        model=model.name,
        version=model.version,
        golden_form_sha256=model.files[GOLDEN_FORM],
        top=f"{model.name.replace('-', '_')}_top",
        input=source,
        output=sink,
    )


def bit_file(data: bytes, design: str = "top_wrapper;UserID=0XFFFFFFFF;Version=2022.2") -> bytes:
    """A ``.bit`` with the header that Vivado writes."""
    head = bytes.fromhex("0ff00ff00ff00ff000")
    out = struct.pack(">H", len(head)) + head + b"\x00\x01"
    for letter, text in ((b"a", design), (b"b", "7z020clg400"), (b"c", "2026/01/01")):
        content = text.encode() + b"\0"
        out += letter + struct.pack(">H", len(content)) + content
    return out + b"e" + struct.pack(">I", len(data)) + data


def hwh_file(names: Sequence[str], base: int = REGISTERS) -> bytes:
    """The part of a hardware description that tells where the engines are."""
    ranges = "".join(
        f'<MEMRANGE INSTANCE="{name}" BASEVALUE="0x{base + i * BLOCK:08X}" '
        f'HIGHVALUE="0x{base + (i + 1) * BLOCK - 1:08X}"/>'
        for i, name in enumerate(names)
    )
    return f"<EDKSYSTEM><MODULES>{ranges}</MODULES></EDKSYSTEM>".encode()


def write_bundle(
    folder: Path,
    models: Sequence[ReleasedModel],
    *,
    board: str = "pynq-z2",
    bitstream: bool = True,
    synthetic: bool = False,
    base: int = REGISTERS,
    seed: int = 0,
) -> Manifest:
    """A bundle of all ``models`` in ``folder``; the bitstream depends on ``seed`` only.

    Without ``bitstream`` it is what a build without the vendor's tools leaves.
    """
    circuits = tuple(circuit(model, i) for i, model in enumerate(models))
    data = np.random.default_rng(seed).bytes(4096)
    names = [dma for c in circuits for dma in (c.input.dma, c.output.dma)]
    files: dict[str, bytes] = {}
    if bitstream:
        files = {"finn-accel.bit": bit_file(data), "finn-accel.hwh": hwh_file(names, base)}
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    manifest = Manifest(
        folder=folder,
        bundle="+".join(model.name for model in models),
        board=board,
        part="xc7z020clg400-1",
        clock_mhz=100.0,
        status="built" if bitstream else "rtl-verified",
        networks=circuits,
        bitstream=Bitstream(*files, synthetic) if bitstream else None,
        files={name: hashlib.sha256(content).hexdigest() for name, content in files.items()},
    )
    (folder / MANIFEST).write_text(manifest.to_json())
    return manifest
