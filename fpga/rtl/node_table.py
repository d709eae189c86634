"""What one hardware node is, for those who have no FINN at hand: an entry of ``nodes.json``."""

from __future__ import annotations

from typing import Any

from finn.util.fpgadataflow import is_fpgadataflow_node

from fpga.errors import FpgaError

_FOLDING = ("PE", "SIMD", "depth", "ram_style", "parallel_window", "inWidth", "outWidth")
_ESTIMATES = {"lut": "LUT", "bram18": "BRAM_18K", "uram": "URAM", "dsp": "DSP"}


def node_record(unit: Any, part: str) -> dict[str, Any]:
    """Description of a node after code generation.

    Returns
    -------
    ``name``, ``op``; ``module`` (its shell, one stream in and one out); ``in_width`` and
    ``out_width`` of these in bits; ``in_folded`` and ``out_folded``: shape of one item as
    (..., words, elements per word); ``threshold_bits`` of thresholding nodes; ``folding`` (the
    attributes that decide its size); ``finn``: FINN's own estimate of cycles and resources.
    """
    if not is_fpgadataflow_node(unit.onnx_node):
        raise FpgaError(f"{unit.onnx_node.name} is no hardware node")
    known = unit.get_nodeattr_types()
    thresholds = (
        {"threshold_bits": unit.get_input_datatype(1).bitwidth()}
        if unit.onnx_node.op_type == "Thresholding_rtl"
        else {}
    )
    estimate = unit.node_res_estimation(part)
    return {
        "name": unit.onnx_node.name,
        "op": unit.onnx_node.op_type,
        "module": f"{unit.onnx_node.name}_shell",
        "in_width": int(unit.get_instream_width_padded()),
        "out_width": int(unit.get_outstream_width_padded()),
        "in_folded": [int(n) for n in unit.get_folded_input_shape()[1:]],
        "out_folded": [int(n) for n in unit.get_folded_output_shape()[1:]],
        **thresholds,
        "folding": {key: unit.get_nodeattr(key) for key in _FOLDING if key in known},
        "finn": {
            "cycles": int(unit.get_exp_cycles()),
            **{ours: int(estimate[theirs]) for ours, theirs in _ESTIMATES.items()},
        },
    }
