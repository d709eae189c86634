"""A program that speaks the protocol of the Verilated circuits, written in Python, and its faults.

Its answers are looked up: for each known input item the output item that belongs to it.
"""

import stat
import sys
from pathlib import Path

import numpy as np

from host.accelerator.bundle import Manifest
from host.accelerator.packing import pack
from model_zoo.package import ReleasedModel

_PROGRAM = """#!{python}
import struct, sys, time
from pathlib import Path
import numpy as np

here = Path(__file__).parent
stored = np.load(here / "answers.npz")
known = {{x.tobytes(): y.tobytes() for x, y in zip(stored["x"], stored["y"])}}
size, cycle, batch = stored["x"].shape[1], 100, 0
while head := sys.stdin.buffer.read(4):
    (n,) = struct.unpack("<I", head)
    data = sys.stdin.buffer.read(n * size)
    fault = (here / "fault").read_text() if (here / "fault").exists() else ""
    if fault:
        (here / "fault").unlink()
    if fault == "dies":
        sys.stderr.write("deadlock: no word moved\\n")
        sys.exit(3)
    if fault == "hangs":
        time.sleep(600)
    items = [data[i * size : (i + 1) * size] for i in range(n)]
    answers = [known.get(item, bytes(stored["y"].shape[1])) for item in items]
    out = struct.pack("<I", n + (fault == "counts")) + b"".join(answers)
    out += b"".join(struct.pack("<QQ", cycle + i * 10, cycle + i * 10 + 25) for i in range(n))
    cycle, batch = cycle + n * 10, batch + 1
    if fault == "short":
        sys.stdout.buffer.write(out[: len(out) // 2])
        sys.exit(0)
    sys.stdout.buffer.write(out)
    sys.stdout.buffer.flush()
(here / "ended").write_text(str(batch))
"""


def write_fake_simulator(manifest: Manifest, model: ReleasedModel, inputs: np.ndarray) -> Path:
    """The program of ``model`` in the manifest's folder, relative to it.

    It knows the golden pair and ``inputs`` with the golden form's answers. Writing ``dies``,
    ``hangs``, ``short`` or ``counts`` into the file ``fault`` beside it spoils its next batch.
    """
    from host.accelerator.numpy_executor import NumpyExecutor
    from model_zoo.package import GOLDEN_FORM

    circuit = manifest.circuit(model.name)
    golden = model.golden()[0]
    x = np.concatenate([golden, ~golden, inputs])
    y = NumpyExecutor(model.path(GOLDEN_FORM)).execute(x)
    folder = manifest.folder / model.name
    folder.mkdir(parents=True)
    np.savez(folder / "answers.npz", x=pack(x, circuit.input), y=pack(y, circuit.output))
    program = folder / "simulator"
    program.write_text(_PROGRAM.format(python=sys.executable))
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return program.relative_to(manifest.folder)
