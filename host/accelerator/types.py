"""What every backend offers: integers in, the same integers out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from model_zoo.package import ReleasedModel

BACKENDS = ("emulation", "rtl", "pynq")
EXECUTORS = ("onnxruntime", "numpy")
AUTO = "auto"


@dataclass(frozen=True)
class AcceleratorSettings:
    """How an accelerator is opened.

    Attributes
    ----------
    backend
        One of :data:`BACKENDS`, or ``auto``: the best that this machine has.
    threads
        Threads of one network run in emulation. One leaves the other cores to the other stages.
    executor
        What runs the golden form in emulation: one of :data:`EXECUTORS`, or ``auto``
        (onnxruntime where it is installed, else numpy).
    deadline_s
        Longest wait for one result.
    """

    backend: str = AUTO
    threads: int = 1
    executor: str = AUTO
    deadline_s: float = 30.0


@dataclass(frozen=True)
class Counters:
    """What an accelerator did since it was opened (the self-test not counted).

    Attributes
    ----------
    items
        Inputs processed.
    runs
        Calls of the network; one call may hold several items.
    busy_s
        Wall-clock time inside the network.
    """

    items: int = 0
    runs: int = 0
    busy_s: float = 0.0


class Accelerator(Protocol):
    """One network on one backend; not to be shared between threads."""

    @property
    def model(self) -> ReleasedModel:
        """The network's description: shapes, heads, hashes."""

    @property
    def description(self) -> str:
        """Backend and its version, for the record of an analysis."""

    @property
    def counters(self) -> Counters:
        """Work done so far."""

    def run(self, x: NDArray[Any]) -> NDArray[np.int32]:
        """Output integers, int32[N, *output.shape], of x[N, *input.shape] in the input's dtype.

        Raises
        ------
        ValueError
            When shape or dtype differ from the model's.
        """

    def stream(self, batches: Iterable[NDArray[Any]]) -> Iterator[NDArray[np.int32]]:
        """Results of many batches in order; one is fetched while the one before is computed."""

    def close(self) -> None:
        """Release the backend; harmless when repeated."""
