"""Drop the transposes at both ends: the circuit takes and gives channels last, as the host does."""

from __future__ import annotations

from onnx import NodeProto, ValueInfoProto
from qonnx.core.data_layout import NHWC
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.transformation.base import Transformation

from fpga.errors import FpgaError

_TO_LAST = [0, 2, 3, 1]
_TO_FIRST = [0, 3, 1, 2]


class DropOuterTransposes(Transformation):
    """Make the input of the first and the output of the last transpose those of the graph.

    After lowering and absorption exactly two transposes are left in a chain, one at each end; any
    other graph is refused. The values do not change, only the order of the axes outside.
    """

    def apply(self, model: ModelWrapper) -> tuple[ModelWrapper, bool]:
        """Rewrite the graph once.

        Raises
        ------
        FpgaError
            When the graph does not begin and end with a transpose or holds more of them.
        """
        nodes = model.graph.node
        where = [i for i, node in enumerate(nodes) if node.op_type == "Transpose"]
        if where != [0, len(nodes) - 1]:
            raise FpgaError(
                "the layout could not be turned to channels last: transposes at positions "
                f"{where} of {len(nodes)} nodes; write a plain chain of convolutions"
            )
        first, last = nodes[0], nodes[-1]
        if _order(first) != _TO_LAST or _order(last) != _TO_FIRST:
            raise FpgaError(f"unexpected transposes {_order(first)} and {_order(last)}")
        _become_end(model, model.graph.input[0], first.output[0])
        _become_end(model, model.graph.output[0], last.input[0])
        nodes.remove(first)
        nodes.remove(last)
        return model, False


def _order(node: NodeProto) -> list[int]:
    return next(list(a.ints) for a in node.attribute if a.name == "perm")


def _become_end(model: ModelWrapper, end: ValueInfoProto, tensor: str) -> None:
    """Let an inner tensor be the graph's input or output; it may then not be listed inside too."""
    shape, datatype = model.get_tensor_shape(tensor), model.get_tensor_datatype(tensor)
    for info in [v for v in model.graph.value_info if v.name == tensor]:
        model.graph.value_info.remove(info)
    end.name = tensor
    model.set_tensor_shape(tensor, shape)
    model.set_tensor_datatype(tensor, datatype)
    model.set_tensor_layout(tensor, NHWC)
