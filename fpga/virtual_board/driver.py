"""What FINN's own driver must be told about a network, from the manifest."""

from __future__ import annotations

from typing import Any

from host.accelerator.bundle import Circuit, Manifest, Stream


def io_shape_dict(circuit: Circuit) -> dict[str, Any]:
    """The argument of that name of finn-plus-driver's ``FINNDMAOverlay``.

    Shapes carry a batch of 1, which the driver replaces.
    """
    return {
        **_side("i", circuit.input),
        **_side("o", circuit.output),
        "num_inputs": 1,
        "num_outputs": 1,
        "number_of_external_weights": "0",
    }


def driver_settings(manifest: Manifest, circuit: Circuit) -> dict[str, Any]:
    """Content of the ``settings.json`` that ``finn-plus-driver -s`` reads (version 1.6.1)."""
    return {
        "driver_information": {
            "driver_type": "FINNDMAOverlay",
            "platform": "zynq-iodma",
            "fclk_mhz": manifest.clock_mhz,
            "io_shape_dict": io_shape_dict(circuit),
        }
    }


def _side(letter: str, stream: Stream) -> dict[str, Any]:
    words = (*stream.folded[:-1], stream.word_bits // 8)
    return {
        f"{letter}dt": [f"DataType['{'' if stream.signed else 'U'}INT{stream.bits}']"],
        f"{letter}dma_names": [stream.dma],
        f"{letter}shape_normal": [(1, *stream.shape)],
        f"{letter}shape_folded": [(1, *stream.folded)],
        f"{letter}shape_packed": [(1, *words)],
    }
