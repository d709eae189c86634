"""Runs the golden form with onnxruntime: the fast emulation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

# It would multiply the float weights by the scale and so move the roundings of the first layer.
_DISABLED = ["ConvMulFusion"]
_ERRORS_ONLY = 3


class OnnxruntimeExecutor:
    """Golden form on onnxruntime's CPU provider.

    Parameters
    ----------
    path
        ``model.int.onnx``.
    threads
        Threads inside one run.
    """

    def __init__(self, path: Path, threads: int) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = _ERRORS_ONLY
        self._session = onnxruntime.InferenceSession(
            str(path),
            options,
            providers=["CPUExecutionProvider"],
            disabled_optimizers=_DISABLED,
        )
        self._input = self._session.get_inputs()[0].name
        self.description = f"onnxruntime {onnxruntime.__version__}"

    def execute(self, x: NDArray[Any]) -> NDArray[np.int32]:
        """Output integers of one batch."""
        (y,) = self._session.run(None, {self._input: np.ascontiguousarray(x)})
        return np.asarray(y, dtype=np.int32)
