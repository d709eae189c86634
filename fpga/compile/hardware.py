"""From the QONNX form of a released model to a graph of RTL nodes, one chain, not yet folded.

The form is a chain of integer convolutions and thresholds; FINN has nothing to derive. Order of the
steps: facts of finn-plus 1.6.1 (thresholds become hardware nodes before matrix units, or they would
be merged into units that exist in high-level synthesis only).
"""

from __future__ import annotations

from pathlib import Path

import onnx
from qonnx.core.datatype import DataType
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.custom_op.registry import getCustomOp

from fpga.boards import Board
from fpga.compile.arrival import check_arrival
from fpga.compile.channels_last import DropOuterTransposes
from fpga.compile.checks import refuse_unbuildable
from fpga.compile.finn_environment import finn_environment
from fpga.compile.golden import layer_integers
from fpga.compile.node_names import NameNodesByLayer
from fpga.compile.threshold_types import NarrowThresholdTypes
from fpga.errors import FpgaError
from fpga.fold.geometry import chain
from model_zoo.package import QONNX_FORM, ReleasedModel


def to_hardware(model: ReleasedModel, board: Board, log: Path | None = None) -> ModelWrapper:
    """Hardware graph of a released model: RTL nodes named after the layers, PE and SIMD 1.

    Parameters
    ----------
    model
        Its files must have been verified.
    board
        Decides which nodes exist in RTL.
    log
        File that takes what FINN says.

    Raises
    ------
    FpgaError
        When a layer has no RTL form on this part (naming layer, reason and remedy), or a weight or
        threshold would arrive changed.
    """
    form = onnx.load(model.path(QONNX_FORM))
    refuse_unbuildable(form, board)
    integers = layer_integers(model)
    with finn_environment(log):
        graph = _hardware_layers(_streamlined(ModelWrapper(form)), board.part)
        graph = graph.transform(NameNodesByLayer(tuple(layer.name for layer in integers)))
    _refuse_other_than_rtl(graph, board)
    _check_types(graph, model)
    check_arrival(graph, integers)
    return graph


def _streamlined(graph: ModelWrapper) -> ModelWrapper:
    from finn.transformation.streamline import absorb
    from qonnx.transformation.general import GiveReadableTensorNames, GiveUniqueNodeNames
    from qonnx.transformation.infer_data_layouts import InferDataLayouts
    from qonnx.transformation.infer_datatypes import InferDataTypes
    from qonnx.transformation.infer_shapes import InferShapes
    from qonnx.transformation.lower_convs_to_matmul import LowerConvsToMatMul

    for step in (
        InferShapes(),
        GiveUniqueNodeNames(),
        GiveReadableTensorNames(),
        InferDataTypes(),
        LowerConvsToMatMul(),
        absorb.AbsorbTransposeIntoMultiThreshold(),
        absorb.AbsorbConsecutiveTransposes(),
        DropOuterTransposes(),
        InferShapes(),
        InferDataTypes(),
        InferDataLayouts(),
    ):
        graph = graph.transform(step)
    return graph


def _hardware_layers(graph: ModelWrapper, part: str) -> ModelWrapper:
    from finn.transformation.fpgadataflow.convert_to_hw.conv_inp_gen import InferConvInpGen
    from finn.transformation.fpgadataflow.convert_to_hw.quantized_matrix_vector_activation import (
        InferQuantizedMatrixVectorActivation,
    )
    from finn.transformation.fpgadataflow.convert_to_hw.thresholding import InferThresholdingLayer
    from finn.transformation.fpgadataflow.minimize_accumulator_width import (
        MinimizeAccumulatorWidth,
    )
    from finn.transformation.fpgadataflow.specialize_layers import SpecializeLayers
    from qonnx.transformation.general import GiveUniqueNodeNames
    from qonnx.transformation.infer_datatypes import InferDataTypes
    from qonnx.transformation.infer_shapes import InferShapes

    for step in (
        InferThresholdingLayer(),
        InferQuantizedMatrixVectorActivation(),
        InferConvInpGen(),
        GiveUniqueNodeNames(),
        InferShapes(),
        InferDataTypes(),
        MinimizeAccumulatorWidth(),
        InferDataTypes(),
        NarrowThresholdTypes(),
    ):
        graph = graph.transform(step)
    for node in graph.graph.node:
        if node.op_type == "MVAU":  # else weights of 2 or 3 bits would go to high-level synthesis
            getCustomOp(node).set_nodeattr("preferred_impl_style", "rtl")
    graph = graph.transform(SpecializeLayers(part))
    return graph.transform(InferShapes()).transform(InferDataTypes())


def _refuse_other_than_rtl(graph: ModelWrapper, board: Board) -> None:
    """The checks before FINN should leave nothing for this one to find."""
    wrong = [n for n in graph.graph.node if not n.op_type.endswith("_rtl")]
    if wrong:
        told = ", ".join(f"{n.name} ({n.op_type})" for n in wrong)
        raise FpgaError(
            f"no RTL form on {board.part}: {told}; a bitstream would need high-level synthesis"
        )


def _check_types(graph: ModelWrapper, model: ReleasedModel) -> None:
    """Streams have the types of ``model.json``; a type that FINN chose otherwise is refused."""
    nodes = {node.name: node for node in graph.graph.node}
    for layer in chain(model):
        unit = getCustomOp(nodes[f"{layer.prefix}_matrix"])
        kind = "INT" if layer.input_signed else "UINT"
        types = (
            ("inputs", unit.get_input_datatype(0), f"{kind}{layer.input_bits}"),
            ("weights", unit.get_input_datatype(1), f"INT{layer.weight_bits}"),
            ("sums", unit.get_output_datatype(), f"INT{layer.accumulator_bits}"),
        )
        for what, held, expected in types:
            if held != DataType[expected]:
                raise FpgaError(
                    f"layer {layer.name}: {what} are {held.name}, model.json says {expected}"
                )
