"""Measure the golden form of a network against plain float (part of ``make bench``).

    python -m tools.bench_golden [--model NAME] [--out docs/bench.md]

The plain network has the same convolutions on the same pictures, with a bias and a ReLU in place of
the integer activation: what a float release of it would cost. Both run in one process on
onnxruntime with one thread, taking turns, so that other load meets both alike.
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from host.accelerator.ort_executor import OnnxruntimeExecutor
from model_zoo.package import GOLDEN_FORM, QONNX_FORM, ReleasedModel, load_released

HEADING = "## The network alone: golden form against float"
BARS = {True: 1.5, False: 0.7}
"""Least speed of the golden form relative to float, with VNNI and without."""
TURNS = 100


def has_vnni() -> bool:
    """Whether this processor has 8-bit dot products that keep 32 bits."""
    flags = Path("/proc/cpuinfo").read_text()
    return re.search(r"\bavx(512)?_vnni\b", flags) is not None


def plain_network(model: ReleasedModel) -> bytes:
    """The layers of ``model`` as an ordinary float network: ``Conv``, bias, ReLU."""
    chain = onnx.load(model.path(QONNX_FORM)).graph
    weights = {c.name: numpy_helper.to_array(c).astype(np.float32) for c in chain.initializer}
    nodes = [
        helper.make_node("Cast", ["image"], ["pixels"], to=TensorProto.FLOAT),
        helper.make_node("Transpose", ["pixels"], ["planes"], perm=[0, 3, 1, 2]),
    ]
    constants, x = [], "planes"
    for node in chain.node:
        y = f"{node.output[0]}.plain"
        if node.op_type == "Conv":
            weight = weights[node.input[1]]
            names = [node.input[1], f"{node.input[1]}.bias"]
            values = (weight, np.zeros(len(weight), np.float32))
            constants += [numpy_helper.from_array(v, n) for v, n in zip(values, names, strict=True)]
            attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
            nodes.append(helper.make_node("Conv", [x, *names], [y], **attributes))
        else:
            nodes.append(helper.make_node("Relu", [x], [y]))
        x = y
    nodes.append(helper.make_node("Transpose", [x], ["output"], perm=[0, 2, 3, 1]))
    graph = helper.make_graph(
        nodes,
        "plain",
        [helper.make_tensor_value_info("image", TensorProto.UINT8, ["N", *model.input.shape])],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, ["N", *model.output.shape])],
        constants,
    )
    opsets = [helper.make_opsetid("", 17)]
    content: bytes = helper.make_model(
        graph, opset_imports=opsets, ir_version=10
    ).SerializeToString()
    return content


def float_runner(model: ReleasedModel) -> Callable[[NDArray[Any]], object]:
    """Runs the plain network with all of onnxruntime's optimisations."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        plain_network(model), options, providers=["CPUExecutionProvider"]
    )
    return lambda x: session.run(None, {"image": x})


def take_turns(model: ReleasedModel, turns: int) -> tuple[list[float], list[float]]:
    """CPU seconds of each run: golden form, float."""
    golden, plain = OnnxruntimeExecutor(model.path(GOLDEN_FORM), 1).execute, float_runner(model)
    pictures, _ = model.golden()
    times: tuple[list[float], list[float]] = [], []
    for turn in range(-5, turns):
        x = pictures[turn % len(pictures)][None]
        for runner, found in zip((golden, plain), times, strict=True):
            began_s = time.process_time()
            runner(x)
            if turn >= 0:  # the first ones warm the caches
                found.append(time.process_time() - began_s)
    return times


def section(model: ReleasedModel, turns: int = TURNS) -> tuple[str, bool]:
    """The section of the page, and whether the golden form is fast enough."""
    golden, plain = (statistics.median(found) for found in take_turns(model, turns))
    ratio, vnni = plain / golden, has_vnni()
    passed = ratio >= BARS[vnni]
    kind = "with VNNI" if vnni else "without VNNI"
    verdict = "reached" if passed else "**missed**"
    text = f"""{HEADING}

Measured on {date.today().isoformat()} by `python -m tools.bench_golden`, a processor {kind}, one
thread, {turns} turns of each, load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores.
Float: the same convolutions with bias and ReLU, all optimisations of onnxruntime
{onnxruntime.__version__}. At least {BARS[vnni]} times the speed of float is asked for {kind}.

| {model.name} {model.version} ({model.macs / 1e6:.1f} MMAC) | CPU ms per picture, median | speed |
|---|---|---|
| float | {1000 * plain:.2f} | 1.00 |
| golden form (exact integers) | {1000 * golden:.2f} | {ratio:.2f}, {verdict} |
"""
    return text, passed


def replace(page: str, text: str) -> str:
    """The page with this section as its last one."""
    return f"{page.partition(HEADING)[0].rstrip()}\n\n{text}"


def main() -> int:
    """Measure, print, write the section; exit status 1 when the golden form is too slow."""
    p = argparse.ArgumentParser(prog="python -m tools.bench_golden", description=__doc__)
    p.add_argument("--model", default="gait-pose-s")
    p.add_argument("--turns", type=int, default=TURNS)
    p.add_argument("--out", type=Path, help="page whose section is replaced")
    args = p.parse_args()
    text, passed = section(load_released(args.model), args.turns)
    print(text)
    if args.out:
        args.out.write_text(replace(args.out.read_text(encoding="utf-8"), text), encoding="utf-8")
    return 0 if passed else 1


if __name__ == "__main__":
    raise SystemExit(main())
