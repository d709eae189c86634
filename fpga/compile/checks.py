"""What can become pure RTL on a part, asked of the QONNX form before FINN sees it.

FINN takes much more than this and answers with nodes that need high-level synthesis, with float
arithmetic behind the last layer, or with a stack trace. Every refusal names the layer, the reason
and what to write instead (all measured with finn-plus 1.6.1).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from fpga.boards import Board
from fpga.errors import FpgaError

WEIGHT_BITS = range(2, 9)
ACTIVATION_BITS = range(2, 9)
OUTPUT_BITS = 24
_CHAIN = ("Conv", "MultiThreshold")

_WITHOUT_RTL = {
    "MaxPool": ("pooling exists in high-level synthesis only", "a convolution with stride 2"),
    "AveragePool": ("pooling exists in high-level synthesis only", "a convolution with stride 2"),
    "GlobalAveragePool": ("pooling exists in high-level synthesis only", "strided convolutions"),
    "Upsample": ("upsampling exists in high-level synthesis only", "sub-cells in the head"),
    "Resize": ("upsampling exists in high-level synthesis only", "sub-cells in the head"),
    "ConvTranspose": ("it needs upsampling, high-level synthesis only", "sub-cells in the head"),
    "Concat": ("joining streams exists in high-level synthesis only", "a chain without skips"),
    "Add": (
        "a skip or a bias is an addition of its own, high-level synthesis only",
        "a chain without skips; a bias inside the thresholds, or in the head of model.json",
    ),
    "Mul": (
        "a scale is a float operation",
        "scales inside the thresholds, or in the head of model.json",
    ),
    "Sub": ("a mean is a float operation", "the camera byte as it is; black is zero"),
    "Div": ("a scale is a float operation", "scales inside the thresholds"),
    "BatchNormalization": ("a float operation", "the batch norm folded into thresholds by export"),
    "Relu": ("an activation without a quantizer", "a quantised ReLU, exported as MultiThreshold"),
    "Quant": (
        "a quantizer that export left in the graph",
        "integer thresholds (MultiThreshold), and raw bytes as the input",
    ),
    "Gemm": ("not lowered", "a 1x1 convolution"),
    "MatMul": ("not lowered", "a 1x1 convolution"),
}


@dataclass
class _Chain:
    """A graph with its constants, and what was found wrong so far."""

    graph: onnx.GraphProto
    board: Board
    found: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.constants = {c.name: numpy_helper.to_array(c) for c in self.graph.initializer}
        self.types = {
            a.tensor_name: a.quant_parameter_tensor_names[0].value
            for a in self.graph.quantization_annotation
        }

    def refuse(self, node: onnx.NodeProto, reason: str, instead: str) -> None:
        self.found.append(f"layer {_name(node)}: {reason}; write {instead}")


def refuse_unbuildable(model: onnx.ModelProto, board: Board) -> None:
    """Refuse what cannot become a chain of RTL nodes on the board's part.

    Parameters
    ----------
    model
        The QONNX form.
    board
        Whose part decides (DSP48E1 takes narrow weights only).

    Raises
    ------
    FpgaError
        With one sentence per problem: layer, reason, what to write instead.
    """
    chain = _Chain(model.graph, board)
    _check_ends(chain)
    _check_flow(chain)
    bits = 8
    for node in model.graph.node:
        if node.op_type == "Conv":
            _check_convolution(chain, node, bits)
        elif node.op_type == "MultiThreshold":
            bits = _check_thresholds(chain, node) or bits
        else:
            reason, instead = _WITHOUT_RTL.get(
                node.op_type, ("no RTL node does this", "convolutions and thresholds only")
            )
            chain.refuse(node, f"{node.op_type}: {reason}", instead)
    if chain.found:
        raise FpgaError("\n".join(chain.found))


def _check_ends(chain: _Chain) -> None:
    graph = chain.graph
    if len(graph.input) != 1 or len(graph.output) != 1:
        chain.found.append(
            f"the graph has {len(graph.input)} inputs and {len(graph.output)} outputs; write a "
            "chain with one of each"
        )
        return
    kind = chain.types.get(graph.input[0].name, "not annotated")
    if kind not in ("UINT8", "INT8"):
        chain.found.append(f"the input is {kind}; write a network that reads UINT8 or INT8")
    if not graph.node or graph.node[-1].op_type not in (*_WITHOUT_RTL, "Conv"):
        last = graph.node[-1] if graph.node else None
        chain.found.append(
            f"the last node is {last.op_type if last else 'missing'}; write a convolution there, "
            "whose sums are the output"
        )


def _check_flow(chain: _Chain) -> None:
    """One chain: nothing is read twice, convolution and thresholds take turns."""
    graph = chain.graph
    reads = Counter(name for node in graph.node for name in node.input)
    by_output = {name: node for node in graph.node for name in node.output}
    for name, times in reads.items():
        if times > 1 and (name in by_output or name == graph.input[0].name):
            where = _name(by_output[name]) if name in by_output else "the input"
            chain.found.append(
                f"layer {where}: its output is read {times} times (a skip or a branch); "
                "that takes stream copies in high-level synthesis; write a chain without skips"
            )
    for before, after in zip(graph.node[:-1], graph.node[1:], strict=True):
        if before.op_type == after.op_type == "Conv":
            chain.refuse(after, "follows a convolution without thresholds between", "an activation")
        if before.op_type == after.op_type == "MultiThreshold":
            chain.refuse(after, "thresholds behind thresholds", "one activation per layer")


def _check_convolution(chain: _Chain, node: onnx.NodeProto, input_bits: int) -> None:
    weight = chain.constants.get(node.input[1])
    if weight is None:
        chain.refuse(node, "its weights are no constants", "fixed integer weights")
        return
    for reason, instead in (
        *_wrong_geometry(node, weight, chain.board),
        *_wrong_weights(weight, chain.types.get(node.input[1], ""), chain.board),
        *_wrong_sums(weight, input_bits),
    ):
        chain.refuse(node, reason, instead)


def _wrong_geometry(
    node: onnx.NodeProto, weight: NDArray[Any], board: Board
) -> Iterator[tuple[str, str]]:
    attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
    if len(node.input) > 2:
        yield (
            "a bias behind the sums is an addition of its own, high-level synthesis only",
            "the bias into the thresholds, or, in the last layer, into the head of model.json",
        )
    if attributes.get("group", 1) != 1:
        yield (
            f"depthwise or grouped convolutions (group {attributes['group']}) have no RTL node on "
            f"{board.part} ({board.dsp_type}), only on parts with DSP58",
            "an ordinary convolution (group 1) of fewer channels",
        )
    if set(attributes.get("dilations", [1])) != {1}:
        yield f"dilation {attributes['dilations']} is not proven in RTL", "a stride or more layers"
    pads = attributes.get("pads", [0, 0, 0, 0])
    if attributes.get("auto_pad", b"NOTSET") != b"NOTSET" or pads[:2] != pads[2:]:
        yield "padding differs between the sides", "the same padding on both sides (pads)"
    if weight.ndim != 4:
        yield f"a kernel of {weight.ndim - 2} dimensions", "a 2-D convolution with kernel 1 x k"
    elif any(p > k // 2 for p, k in zip(pads[:2], weight.shape[2:], strict=True)):
        yield f"padding {pads[:2]} exceeds half the kernel", "half the kernel or none"


def _wrong_weights(weight: NDArray[Any], kind: str, board: Board) -> Iterator[tuple[str, str]]:
    if not kind.startswith("INT") or not kind[3:].isdigit():
        yield f"weights are {kind or 'not annotated'}", "signed integer weights (INT4 ... INT8)"
        return
    bits = int(kind[3:])
    if bits not in WEIGHT_BITS:
        yield (
            f"weights of {bits} bits",
            f"weights of {WEIGHT_BITS.start} to {WEIGHT_BITS.stop - 1} bits",
        )
    if not np.array_equal(weight, np.rint(weight)):
        yield "weights are no integers", "integer weights, their scale inside the thresholds"
    elif np.abs(weight + 0.5).max() > 2 ** (bits - 1):
        yield f"weights {weight.min():.0f} to {weight.max():.0f} exceed {kind}", "a wider type"
    elif weight.min() == -(2 ** (bits - 1)) and board.dsp_type == "DSP48E1":
        yield (
            f"weights are not narrow: {weight.min():.0f} is there, and the RTL matrix unit on "
            f"DSP48E1 takes {1 - 2 ** (bits - 1)} to {2 ** (bits - 1) - 1} of {kind}",
            "weights trained with narrow_range=True",
        )


def _wrong_sums(weight: NDArray[Any], input_bits: int) -> Iterator[tuple[str, str]]:
    flat = weight.reshape(len(weight), -1).astype(np.float64)
    reach = np.maximum(np.maximum(flat, 0).sum(axis=1), -np.minimum(flat, 0).sum(axis=1)).max()
    reach *= 2**input_bits - 1
    if reach >= 2 ** (OUTPUT_BITS - 1):
        yield (
            f"sums up to {reach:.0f} exceed {OUTPUT_BITS} bits",
            "fewer bits for weights or activations, or fewer channels",
        )


def _check_thresholds(chain: _Chain, node: onnx.NodeProto) -> int | None:
    """Bits of the activation, or None when they cannot be told."""
    attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
    steps = chain.constants.get(node.input[1])
    kind = attributes.get("out_dtype", b"").decode()
    if steps is None:
        chain.refuse(node, "its thresholds are no constants", "fixed integer thresholds")
        return None
    if not kind.startswith("UINT") or attributes.get("out_bias", 0.0) != 0.0:
        chain.refuse(node, f"signed or shifted levels ({kind})", "an unsigned activation (UINTn)")
        return None
    bits = int(kind[4:])
    if bits not in ACTIVATION_BITS or steps.shape[1] != 2**bits - 1:
        chain.refuse(
            node,
            f"{steps.shape[1]} thresholds for {kind}",
            f"{2**bits - 1} thresholds and {ACTIVATION_BITS.start} to "
            f"{ACTIVATION_BITS.stop - 1} bits",
        )
    if attributes.get("out_scale", 1.0) != 1.0:
        chain.refuse(node, "its levels are scaled", "levels 0, 1, 2 ..., the scale further on")
    if not np.array_equal(steps, np.rint(steps)):
        chain.refuse(node, "thresholds are no integers", "integer thresholds, as export fixes them")
    falling = np.flatnonzero(np.any(np.diff(steps, axis=1) < 0, axis=1))
    if len(falling):
        chain.refuse(
            node,
            f"the thresholds of channel {falling[0]} fall (a negative slope)",
            "that channel's weights and slope times -1",
        )
    return bits


def _name(node: onnx.NodeProto) -> str:
    """Name of the layer: that of its weights or thresholds, else that of the node."""
    own = {"weight", "thresholds"} & {name.rpartition(".")[2] for name in node.input[1:2]}
    if own:
        return node.input[1].rpartition(".")[0]
    return node.name or node.output[0]
