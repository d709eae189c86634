"""The pynq backend: a network of a bundle on a board."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from host.accelerator.bundle import Manifest
from host.accelerator.packing import pack, unpack
from host.accelerator.pynq_board import Board, Call
from host.accelerator.pynq_device import remote_address
from host.accelerator.pynq_lane import Lane, Slot
from host.accelerator.types import AcceleratorSettings, Alert, Counters, LostError, check_input
from host.codes import BoardReason, ErrorCode
from host.errors import MachineError, Reason
from model_zoo.package import ReleasedModel

MOST_ITEMS = 16
"""Items that are given to the circuit in one start; larger batches are divided."""


@dataclass(frozen=True)
class _Part:
    """Items of one start: where the answer comes, what starts them, on which loading."""

    slot: Slot
    started: Call[None]
    generation: int


class Pynq:
    """One network on a board.

    Parameters
    ----------
    model
        Whose integers the circuit gives.
    board
        With the bundle loaded.
    """

    alerts: tuple[Alert, ...] = ()

    def __init__(self, model: ReleasedModel, board: Board) -> None:
        self.model = model
        self.board = board
        circuit = board.manifest.circuit(model.name)
        self._input, self._output = circuit.input, circuit.output
        self._lane: Lane | None = None
        self._generation = -1
        self.counters = Counters()

    @property
    def description(self) -> str:
        """Backend and board."""
        return f"pynq on {self.board.description}"

    def clear_counters(self) -> None:
        """Start counting anew."""
        self.counters = Counters()

    def run(self, x: NDArray[Any]) -> NDArray[np.int32]:
        """Output integers, int32[N, *output.shape], of x[N, *input.shape].

        Raises
        ------
        ValueError
            When shape or dtype differ from the model's.
        LostError
            When the board hangs, reports an error or does not answer; :meth:`reload` brings it
            back.
        """
        (y,) = self.stream([x])
        return y

    def stream(self, batches: Iterable[NDArray[Any]]) -> Iterator[NDArray[np.int32]]:
        """Results in order; while one batch is computed the next is sent. Raises as :meth:`run`."""
        begun: deque[list[_Part]] = deque()
        for x in batches:
            check_input(x, self.model)
            begun.append(self._begin(x))
            if len(begun) > 2:  # the last one waits behind one that is being computed
                yield self._answer(begun.popleft(), begun[0][0].started)
        if begun:
            drained = self.board.submit(self._current_lane().drain)
            while begun:
                parts = begun.popleft()
                yield self._answer(parts, begun[0][0].started if begun else drained)

    def reload(self) -> None:
        """Load the board again, unless another network of it already did.

        Raises
        ------
        MachineError
            When it does not come back.
        """
        self.board.reload()

    def close(self) -> None:
        """Leave the board; the last one to leave closes it."""
        release(self.board)

    def _begin(self, x: NDArray[Any]) -> list[_Part]:
        """Hand one batch to the board's thread, in parts that its buffers hold."""
        began_s = time.perf_counter()
        lane = self._current_lane()
        parts = []
        for at in range(0, len(x), MOST_ITEMS):
            words = pack(x[at : at + MOST_ITEMS], self._input)
            slot = Slot()
            started = self.board.submit(partial(lane.step, words, slot))
            parts.append(_Part(slot, started, self._generation))
        pack_s = time.perf_counter() - began_s
        self.counters = self.counters.plus(Counters(busy_s=pack_s, pack_s=pack_s))
        return parts

    def _answer(self, parts: list[_Part], behind: Call[None]) -> NDArray[np.int32]:
        """Results of one batch; ``behind`` is the call that ends its last part."""
        began_s = time.perf_counter()
        for call in (*(part.started for part in parts), behind):
            self.board.result(call, self.model.name)
        if parts[-1].generation != self.board.generation:
            raise LostError(
                ErrorCode.ACCELERATOR_FAILED,
                name=self.model.name,
                reason=Reason(BoardReason.LOADED_AGAIN),
            )
        arrived_s = time.perf_counter()
        y = np.concatenate([unpack(part.slot.taken(), self._output) for part in parts])
        now_s = time.perf_counter()
        done = Counters(
            len(y),
            1,
            busy_s=now_s - began_s,
            transfer_s=sum(part.slot.transfer_s for part in parts),
            compute_s=sum(part.slot.compute_s for part in parts),
            unpack_s=now_s - arrived_s,
        )
        self.counters = self.counters.plus(done)
        return y

    def _current_lane(self) -> Lane:
        """The lane on the bundle as it is loaded now."""
        if self._lane is None or self._generation != self.board.generation:
            self._generation = self.board.generation
            self._lane = self.board.lane(self.model.name)
        return self._lane


_shared: dict[str, Board] = {}
_sharing = threading.Lock()


def open_pynq(model: ReleasedModel, manifest: Manifest, settings: AcceleratorSettings) -> Pynq:
    """A network on the board; networks of one bundle share it.

    Raises
    ------
    MachineError
        When there is no board, it holds another bundle that is in use, the bundle is damaged or
        made for another board, or loading fails.
    """
    remote = remote_address(settings.remote)
    with _sharing:
        board = _shared.get(remote)
        if board is None:
            board = _shared[remote] = Board(manifest, remote, settings.deadline_s)
        elif board.manifest != manifest:
            raise MachineError(
                ErrorCode.BOARD_UNREACHABLE,
                reason=Reason(BoardReason.OTHER_BUNDLE, bundle=board.manifest.folder.name),
            )
        elif board.lost:
            board.reload()
        board.users += 1
    return Pynq(model, board)


def release(board: Board) -> None:
    """One user fewer; closes a board that nobody uses."""
    with _sharing:
        board.users -= 1
        if board.users > 0:
            return
        for remote in [r for r, shared in _shared.items() if shared is board]:
            del _shared[remote]
    board.close()
