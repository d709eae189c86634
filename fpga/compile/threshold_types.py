"""Give thresholds the narrowest type that the comparator takes, without touching a value."""

from __future__ import annotations

from qonnx.core.datatype import DataType
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.custom_op.registry import getCustomOp
from qonnx.transformation.base import Transformation

from fpga.errors import FpgaError


class NarrowThresholdTypes(Transformation):
    """Annotate the thresholds of each thresholding node with the type of the sums they judge.

    A level that no sum reaches has a threshold one above the highest sum; where that does not fit
    the type of the sums, one bit more is taken. FINN's own step would round and clip the values
    and always takes the further bit.
    """

    def apply(self, model: ModelWrapper) -> tuple[ModelWrapper, bool]:
        """Annotate all nodes.

        Raises
        ------
        FpgaError
            When a threshold lies further outside than one bit reaches.
        """
        for node in model.graph.node:
            if not node.op_type.startswith("Thresholding"):
                continue
            values = model.get_initializer(node.input[1])
            sums = model.get_tensor_datatype(node.input[0])
            wider = DataType[f"{'INT' if sums.signed() else 'UINT'}{sums.bitwidth() + 1}"]
            fitting = [
                t for t in (sums, wider) if t.min() <= values.min() and values.max() <= t.max()
            ]
            if not fitting:
                raise FpgaError(
                    f"{node.name}: thresholds {values.min():.0f} to {values.max():.0f} lie outside "
                    f"sums of type {sums.name}"
                )
            model.set_tensor_datatype(node.input[1], fitting[0])
            getCustomOp(node).set_nodeattr("weightDataType", fitting[0].name)
        return model, False
