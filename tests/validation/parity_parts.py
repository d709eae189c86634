"""What ``make parity`` runs in other environments: files in, files out.

    python tests/validation/parity_parts.py PART ORDER.json

ORDER.json names the model, the inputs ``x`` (.npy), the file ``y`` to write and what the part needs
besides; what the part measured goes back as ORDER.json with the ending ``.told``.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from host import accelerator
from host.accelerator import AcceleratorSettings
from model_zoo.package import QCDQ_FORM, WEIGHTS, ReleasedModel, load_released

Order = dict[str, Any]
_TURNS = 5


def finn(order: Order) -> Order:
    """FINN's Python execution of the hardware graph, and its time beside the emulation's.

    Time of the processor, not of the clock: the machine may have other work.
    """
    from fpga.boards import load_board
    from fpga.compile.execute import finn_python
    from fpga.compile.hardware import to_hardware

    model, x = load_released(order["model"]), np.load(order["x"])
    graph = to_hardware(model, load_board(order["board"]), Path(order["log"]))
    emulation = accelerator.open(model, AcceleratorSettings("emulation"))
    results, finn_s, emulation_s = [], [], []
    for one in x:
        began_s = time.process_time()
        results.append(finn_python(graph, one[None])[0])
        finn_s.append(time.process_time() - began_s)
        for _ in range(_TURNS):
            began_s = time.process_time()
            emulation.run(one[None])
            emulation_s.append(time.process_time() - began_s)
    np.save(order["y"], np.stack(results))
    return {"finn_s": statistics.median(finn_s), "emulation_s": statistics.median(emulation_s)}


def brevitas(order: Order) -> Order:
    """The trained network itself, in levels of the golden form's output."""
    import torch

    from model_zoo.blocks import Chain
    from quantize.export import clear_thresholds, snap_biases
    from quantize.recipe import architecture
    from quantize.stage import load_weights

    torch.set_num_threads(1)
    model, x = load_released(order["model"]), np.load(order["x"])
    net = Chain(architecture(model.name).SPEC, quantised=True)
    load_weights(net, model.path(WEIGHTS))
    net.eval()
    snap_biases(net)
    clear_thresholds(net)
    with torch.no_grad():
        output = net(torch.from_numpy(_planes(x))).numpy()
    np.save(order["y"], _levels(model, output))
    return {}


def qcdq(order: Order) -> Order:
    """The QCDQ form on onnxruntime, in levels of the golden form's output."""
    import onnxruntime

    model, x = load_released(order["model"]), np.load(order["x"])
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(str(model.path(QCDQ_FORM)), options)
    name = session.get_inputs()[0].name
    output = np.concatenate([session.run(None, {name: _planes(one[None])})[0] for one in x])
    np.save(order["y"], _levels(model, output))
    return {}


def runner(order: Order) -> Order:
    """Our runner on a board: each input of each network, the networks in turn."""
    settings = AcceleratorSettings(
        "pynq", bundle=order["bundle"], remote=order["remote"], deadline_s=order["deadline_s"]
    )
    folders = {load_released(m).name: load_released(m).folder for m in order["models"]}
    networks = accelerator.open_bundle(order["bundle"], settings, folders)
    inputs = [np.load(x) for x in order["xs"]]
    results: list[list[NDArray[np.int32]]] = [[] for _ in networks]
    for items in zip(*inputs, strict=True):
        for network, item, result in zip(networks, items, results, strict=True):
            result.append(network.run(item[None]))
    for result, path in zip(results, order["ys"], strict=True):
        np.save(path, np.concatenate(result))
    emulated = sum(network.counters.emulated for network in networks)
    for network in networks:
        network.close()
    return {"emulated": emulated}


def _planes(x: NDArray[np.uint8]) -> NDArray[np.float32]:
    return x.transpose(0, 3, 1, 2).astype(np.float32)


def _levels(model: ReleasedModel, output: NDArray[np.float32]) -> NDArray[np.int32]:
    """float32[N, C, H, W] in the network's unit as int32[N, H, W, C] in the golden form's."""
    scale = model.output.heads[0].scale[0]
    levels: NDArray[np.int32] = np.rint(output.transpose(0, 2, 3, 1) / scale).astype(np.int32)
    return levels


PARTS: dict[str, Callable[[Order], Order]] = {
    part.__name__: part for part in (finn, brevitas, qcdq, runner)
}


if __name__ == "__main__":
    told = PARTS[sys.argv[1]](json.loads(Path(sys.argv[2]).read_text()))
    Path(sys.argv[2]).with_suffix(".told").write_text(json.dumps(told))
