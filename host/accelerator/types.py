"""What every backend offers: integers in, the same integers out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from host.codes import AlertCode
from host.errors import FootfallError, MachineError, kept_values
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
        Longest wait for one result; on a board for each step of it.
    bundle
        Bundle for ``rtl`` and ``pynq``: a folder, or a name below ``build/fpga`` or
        ``bitstreams``. Empty: the first there that holds the model and that the board takes.
    remote
        Address of a board that is reached over the network (PYNQ.remote). Empty: what
        ``PYNQ_REMOTE_DEVICES`` names, or else this machine's own board.
    """

    backend: str = AUTO
    threads: int = 1
    executor: str = AUTO
    deadline_s: float = 30.0
    bundle: str = ""
    remote: str = ""


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
    pack_s, transfer_s, compute_s, unpack_s
        Parts of it on a board: inputs into words, words to and from the board, from start to done,
        words into results. While one batch is computed another is moved: together they may exceed
        ``busy_s``. 0 where there is nothing to move.
    reloads
        Times the board had to be loaded again.
    emulated
        Items of these that the emulation computed in place of a board.
    """

    items: int = 0
    runs: int = 0
    busy_s: float = 0.0
    pack_s: float = 0.0
    transfer_s: float = 0.0
    compute_s: float = 0.0
    unpack_s: float = 0.0
    reloads: int = 0
    emulated: int = 0

    def plus(self, other: Counters) -> Counters:
        """Both together."""
        return Counters(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))

    def minus(self, other: Counters) -> Counters:
        """What was done since ``other``."""
        return Counters(*(a - b for a, b in zip(astuple(self), astuple(other), strict=True)))


class LostError(MachineError):
    """An accelerator does not go on; what it was given may be computed by another one."""


@dataclass(frozen=True)
class Alert:
    """Something failed and was made good.

    Attributes
    ----------
    code
        What happened.
    cause
        The error behind it.
    values
        What the sentence of ``code`` quotes besides.
    """

    code: AlertCode
    cause: FootfallError
    values: dict[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        from host.text import sentence  # late: the texts are read only when somebody is told

        return sentence(self.code.value, reason=str(self.cause), **self.values)

    def document(self) -> dict[str, object]:
        """What an assessment keeps, JSON-able: the code, the words, and the values behind them."""
        values = kept_values({"reason": self.cause, **self.values})
        return {"code": self.code.value, "message": str(self), "values": values}


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

    @property
    def alerts(self) -> tuple[Alert, ...]:
        """What failed on the way and was made good."""

    def clear_counters(self) -> None:
        """Start counting anew."""

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


def check_input(x: NDArray[Any], model: ReleasedModel) -> None:
    """Refuse with ValueError what is not x[N, *input.shape] of the input's dtype, N > 0."""
    wanted = model.input
    if x.shape[1:] != wanted.shape or str(x.dtype) != wanted.dtype or len(x) == 0:
        raise ValueError(f"{x.dtype}{list(x.shape)} for {wanted.dtype}[N, {wanted.shape}]")
