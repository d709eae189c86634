"""Names of hardware nodes that tell the layer: ``trunk_0_padding``, ``_window``, ``_matrix``..."""

from __future__ import annotations

from onnx import NodeProto
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.transformation.base import Transformation

from fpga.errors import FpgaError

_PARTS = {
    "FMPadding": "padding",
    "ConvolutionInputGenerator": "window",
    "MVAU": "matrix",
    "Thresholding": "thresholds",
}
_CONVERTER, _FIFO = "StreamingDataWidthConverter", "StreamingFIFO"


class NameNodesByLayer(Transformation):
    """Name every node of a hardware chain after the layer that it belongs to.

    What stands before a matrix unit belongs to its layer, thresholds to the layer before. A width
    converter is named after the layer's node behind it, a FIFO after the node that reads from it.

    Parameters
    ----------
    layers
        Names of ``model.json``, in order.
    """

    def __init__(self, layers: tuple[str, ...]) -> None:
        super().__init__()
        self.layers = layers

    def apply(self, model: ModelWrapper) -> tuple[ModelWrapper, bool]:
        """Name all nodes.

        Raises
        ------
        FpgaError
            When a node is of an unknown kind or the number of matrix units is another.
        """
        at, layer_node, reader = len(self.layers), "output", "output"
        for node in reversed(model.graph.node):
            kind = node.op_type.removesuffix("_rtl").removesuffix("_hls")
            if kind == _FIFO:
                node.name = f"{reader}_fifo"
                continue
            if kind == _CONVERTER:
                node.name = reader = f"{layer_node}_width"
                continue
            if kind not in _PARTS:
                raise FpgaError(f"a node of kind {node.op_type} in the chain, which has no name")
            part = _PARTS[kind]
            at -= (part == "matrix" and not _behind(model, node)) or part == "thresholds"
            if at < 0:
                raise FpgaError(f"more matrix units than the {len(self.layers)} layers")
            if at == len(self.layers):
                raise FpgaError(f"a node of kind {node.op_type} behind the last layer")
            node.name = reader = layer_node = f"{self.layers[at].replace('.', '_')}_{part}"
        if at != 0:
            raise FpgaError(f"{at} of {len(self.layers)} layers did not become hardware nodes")
        return model, False


def _behind(model: ModelWrapper, node: NodeProto) -> bool:
    """Whether thresholds stand behind a matrix unit (they were counted for its layer already)."""
    following = model.find_consumer(node.output[0])
    while following is not None and following.op_type.startswith((_CONVERTER, _FIFO)):
        following = model.find_consumer(following.output[0])
    return following is not None and following.op_type.startswith("Thresholding")
