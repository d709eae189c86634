"""finn-plus-driver and this project's runner: the same bytes, the same integers, the same board."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from host import accelerator
from host.accelerator import AcceleratorSettings
from host.accelerator.bundle import Stream, load_manifest
from host.accelerator.packing import pack, unpack
from host.accelerator.pynq_bitstream import stage
from model_zoo.package import ReleasedModel
from tests.networks import random_pictures

pytest.importorskip("finn_plus_driver", reason="board: finn-plus-driver is not installed here")


@pytest.mark.parametrize("bits", [2, 3, 4, 8, 13, 16, 24])
@pytest.mark.parametrize("elements", [1, 3, 5, 16])
def test_packing_equals_the_drivers(bits: int, elements: int) -> None:
    from finn_plus_driver.packing import finnpy_to_packed_bytearray, packed_bytearray_to_finnpy
    from qonnx.core.datatype import DataType

    stream = Stream(
        dma="odma0",
        shape=(4, 3 * elements),
        folded=(4, 3, elements),
        bits=bits,
        signed=True,
        word_bits=-(-bits * elements // 8) * 8,
    )
    low = -(1 << (bits - 1))
    x = np.random.default_rng(bits).integers(low, -low, (2, *stream.shape), dtype=np.int32)
    folded = (2, *stream.folded)
    kind = DataType[f"INT{bits}"]
    theirs = finnpy_to_packed_bytearray(
        x.reshape(folded).astype(np.float32), kind, reverse_endian=True, reverse_inner=True
    )
    ours = pack(x, stream)
    np.testing.assert_array_equal(ours, theirs.reshape(2, -1))
    # The driver's fast path wants what a buffer of the board is: contiguous.
    given = np.ascontiguousarray(theirs)
    back = packed_bytearray_to_finnpy(given, kind, folded, reverse_endian=True, reverse_inner=True)
    np.testing.assert_array_equal(unpack(ours, stream), back.reshape(x.shape))


DRIVER = """
import json, sys
from pathlib import Path
import numpy as np
from finn_plus_driver import FINNDMAOverlay

folder = Path(sys.argv[2])
x = np.load(folder / "x.npy")
table = json.loads((folder / "table.json").read_text())
driver = FINNDMAOverlay(sys.argv[1], "zynq-iodma", table, batch_size=len(x))
# pynq 3.1.2 cannot make a view of a view of a remote buffer: the driver gets plain arrays.
driver.obuf_packed = [np.empty(b.shape, np.uint8) for b in driver.obuf_packed_device]
np.save(folder / "y.npy", driver.execute(x))
"""


def shapes(stream: Stream, batch: int) -> dict[str, list[tuple[int, ...]]]:
    """The driver's three views of one side."""
    word_bytes = stream.word_bits // 8
    return {
        "normal": [(batch, *stream.shape)],
        "folded": [(batch, *stream.folded)],
        "packed": [(batch, *stream.folded[:-1], word_bytes)],
    }


def driver_table(source: Stream, sink: Stream) -> dict[str, Any]:
    """What the vendor flow writes into settings.json."""
    table: dict[str, Any] = {
        "idt": [f"DataType['UINT{source.bits}']"],
        "odt": [f"DataType['INT{sink.bits}']"],
        "idma_names": [source.dma],
        "odma_names": [sink.dma],
        "num_inputs": 1,
        "num_outputs": 1,
        "number_of_external_weights": "0",
    }
    for side, stream in (("i", source), ("o", sink)):
        table |= {f"{side}shape_{kind}": s for kind, s in shapes(stream, 1).items()}
    return table


@pytest.mark.parametrize("batch", [1, 5])
def test_the_drivers_answers_are_ours(
    settings: AcceleratorSettings,
    models: list[ReleasedModel],
    bundle: Path,
    tmp_path: Path,
    batch: int,
) -> None:
    x = random_pictures(batch)
    opened = accelerator.open(models[1], settings)
    ours = opened.run(x)
    opened.close()
    manifest = load_manifest(bundle)
    circuit = manifest.circuit("two")
    table = driver_table(circuit.input, circuit.output)
    (tmp_path / "table.json").write_text(json.dumps(table))
    np.save(tmp_path / "x.npy", x)
    # In a process of its own, as its users run it: pynq keeps the first board it saw.
    done = subprocess.run(
        [sys.executable, "-c", DRIVER, str(stage(manifest, tmp_path)), str(tmp_path)],
        env={**os.environ, "PYNQ_REMOTE_DEVICES": settings.remote},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    np.testing.assert_array_equal(np.load(tmp_path / "y.npy").astype(np.int32), ours)
