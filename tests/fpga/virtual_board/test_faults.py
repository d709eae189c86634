"""Faults on purpose, as an unmodified driver meets them, and the way back from each."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fpga.errors import FpgaError
from fpga.virtual_board import VirtualBoard
from fpga.virtual_board.faults import FAULTS, FaultPlan, parse_fault
from model_zoo.package import ReleasedModel
from tests.boards import calls, expected, inputs, options, running_client
from tests.bundles import write_bundle

HANG_S = 3.0
AGAIN_S = 20.0


class Desk:
    """A board, and a driver over it in a client process that can be replaced."""

    def __init__(self, board: VirtualBoard, model: ReleasedModel, folder: Path) -> None:
        self.board, self.log = board, folder / "log"
        self.x = inputs(model, 1)
        self.wanted = expected(model, self.x)
        self._folder = folder
        self._files = {"x": folder / "x.npy", "y": folder / "y.npy"}
        self._client = ExitStack()
        self._clients = 0
        np.save(folder / "x.npy", self.x)

    def begin(self) -> None:
        """A new client loads the circuit. The one before may still poll: its thread never ends,
        and whoever reads ``done`` takes it away from all others.
        """
        self.leave()
        self._clients += 1
        folder = self._folder / f"client{self._clients}"
        self.client = self._client.enter_context(
            running_client(folder, "3.1.2", self.board.address)
        )
        self.load()

    def load(self) -> None:
        self.client.do("driver", **{"as": "d"}, bundle=self._folder / "bundle", model="tiny")

    def leave(self) -> None:
        self._client.close()

    def ask(self, limit_s: float = AGAIN_S) -> dict[str, Any]:
        """What one run leads to."""
        return self.client.ask("execute", driver="d", limit_s=limit_s, **self._files)

    def hangs(self) -> bool:
        """Whether a run does not end."""
        return bool(self.ask(HANG_S)["hangs"])

    def differences(self) -> int:
        """Wrong integers of a run that ends."""
        self.client.do("execute", driver="d", **self._files)
        y = np.load(self._files["y"])
        assert y.shape == self.wanted.shape
        return int(np.count_nonzero(y != self.wanted))

    def until(self, code: str | None, offset: int) -> dict[str, Any]:
        """A register of the output engine, read until it gives ``code`` (None: a value)."""
        until_s = time.monotonic() + AGAIN_S
        while True:
            found = self.client.ask("read", overlay="d", block="odma0", offset=offset)
            if found.get("code") == code:
                return found
            assert time.monotonic() < until_s, found
            time.sleep(0.2)

    def control(self) -> int:
        """Control register of the output engine."""
        value: int = self.until(None, 0)["value"]
        return value


@contextmanager
def new_desk(model: ReleasedModel, folder: Path) -> Iterator[Desk]:
    bundle = write_bundle(folder / "bundle", [model], bitstream=False)
    with VirtualBoard(bundle.folder, [*options(model), "--log", folder / "log"]) as board:
        desk = Desk(board, model, folder)
        desk.begin()
        try:
            yield desk
        finally:
            desk.leave()


@pytest.fixture(scope="module")
def lasting(tiny: ReleasedModel, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """For faults after which the board goes on."""
    with new_desk(tiny, tmp_path_factory.mktemp("desk")) as desk:
        yield desk


@pytest.fixture
def desk(lasting: Desk) -> Desk:
    assert lasting.differences() == 0
    return lasting


@pytest.fixture
def fresh(tiny: ReleasedModel, tmp_path: Path) -> Iterator[Desk]:
    """For faults after which the board is lost."""
    with new_desk(tiny, tmp_path) as desk:
        assert desk.differences() == 0
        yield desk


def test_a_circuit_that_is_never_done_works_after_loading_it_again(desk: Desk) -> None:
    desk.board.inject("never-done:after=1")
    assert desk.differences() == 0
    assert desk.hangs()  # the driver polls for ever
    desk.begin()
    assert desk.differences() == 0


def test_an_error_shows_in_the_control_register_until_the_circuit_is_loaded_again(
    desk: Desk,
) -> None:
    desk.board.inject("error-bit")
    assert desk.hangs()  # the driver looks at nothing but done
    assert desk.control() & 0x16 == 0x10  # error; neither done nor idle
    desk.begin()
    assert desk.control() == 4
    assert desk.differences() == 0


def test_wrong_integers_are_wrong_as_often_as_asked(desk: Desk) -> None:
    desk.board.inject("wrong-integers:times=2")
    assert [desk.differences() for _ in range(3)] == [1, 1, 0]


def test_a_dropped_connection_is_an_error_and_the_board_remembers(desk: Desk) -> None:
    desk.board.inject("dropped-connection")
    assert desk.ask()["code"] in ("UNAVAILABLE", "CANCELLED")
    assert desk.until(None, 0x1C)["value"] == 1  # set before: the same registers, the same id
    desk.load()
    assert desk.differences() == 0


def test_a_restart_forgets_every_id(fresh: Desk) -> None:
    fresh.board.inject("restart")
    assert fresh.ask()["code"] in ("UNAVAILABLE", "CANCELLED")
    assert "not found" in fresh.until("NOT_FOUND", 0)["text"]
    # pynq keeps its clock registers for ever, so this process cannot load anything any more.
    again = fresh.client.ask(
        "driver", **{"as": "d"}, bundle=fresh.log.parent / "bundle", model="tiny"
    )
    assert again["code"] == "NOT_FOUND"
    fresh.begin()
    assert fresh.differences() == 0
    # The firmware lies on the board's disk, so it was sent once.
    paths = [c["path"] for c in calls(fresh.log) if c["call"] == "writefile"]
    assert sum(path.endswith(".bin") for path in paths) == 1


def test_a_board_that_stops_answering_leaves_every_call_waiting(fresh: Desk) -> None:
    fresh.board.inject("no-answer")
    assert fresh.hangs()
    asked = {"overlay": "d", "block": "odma0", "offset": 0}
    assert fresh.client.ask("read", limit_s=HANG_S, **asked)["hangs"]
    # Switched off, it is an error at once, for those who wait as well.
    fresh.board.kill()
    assert fresh.client.ask("read", **asked)["code"] == "UNAVAILABLE"


def test_a_buffer_of_the_wrong_size_is_told_when_it_is_used(desk: Desk) -> None:
    desk.board.inject("wrong-buffer-size")
    found = desk.client.ask("buffer", bytes=1000)
    assert found["error"] == "RuntimeError"
    assert found["text"] == "1000 bytes for a buffer of 500"
    assert desk.client.do("buffer", bytes=1000)["same"]


def test_a_slow_network_adds_its_delay_to_every_call(desk: Desk) -> None:
    before = len(calls(desk.log))
    desk.board.inject("slow-network:delay_ms=30")
    began_s = time.monotonic()
    assert desk.differences() == 0
    lasted_s = time.monotonic() - began_s
    made = len(calls(desk.log)) - before
    assert made >= 15
    assert lasted_s >= 0.03 * made


def test_an_address_outside_of_every_buffer_is_refused(desk: Desk) -> None:
    sent = {"overlay": "d", "address": 0x16000000 + (64 << 20), "items": 1}
    for engine in ("idma0", "odma0"):
        refused = desk.client.ask("start_at", block=engine, **sent)
        assert refused["error"] == "RuntimeError"
        assert engine in refused["text"]
        assert "outside of every buffer" in refused["text"]
    assert desk.control() == 4
    assert desk.differences() == 0


def test_an_unknown_fault_is_told(desk: Desk) -> None:
    with pytest.raises(FpgaError, match="no fault 'sulk'"):
        desk.board.inject("sulk")
    assert desk.differences() == 0


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "no fault ''; known: never-done"),
        ("never-done:when=3", "'when=3'; known: after=N"),
        ("never-done:after=-1", "'after=-1'; known"),
        ("never-done:after=soon", "soon"),
        ("slow-network:delay_ms=x", "delay_ms=x"),
    ],
)
def test_a_fault_that_cannot_be_read_is_refused(text: str, told: str) -> None:
    with pytest.raises(FpgaError, match=told):
        parse_fault(text)


def test_every_fault_strikes_once_but_the_slow_network() -> None:
    for name in FAULTS:
        assert parse_fault(name).times == (0 if name == "slow-network" else 1)
    assert parse_fault("never-done:after=2,times=3") == parse_fault("never-done:times=3,after=2")


def test_a_plan_strikes_the_runs_it_was_told() -> None:
    plan = FaultPlan([parse_fault("never-done:after=1,times=2"), parse_fault("restart:after=2")])
    assert [bool(plan.run_starts()) for _ in range(2)] == [False, True]
    assert plan.call_starts() == (None, 0.0)
    assert plan.run_starts() == {"never-done"}
    assert plan.call_starts() == ("restart", 0.0)
    assert plan.call_starts() == (None, 0.0)
    plan.add(parse_fault("error-bit"))  # counts from now
    assert plan.run_starts() == {"error-bit"}
    assert plan.run_starts() == frozenset()


def test_a_plan_halves_as_many_buffers_as_it_was_told() -> None:
    plan = FaultPlan([parse_fault("wrong-buffer-size:after=1,times=2")])
    assert not plan.allocation_starts()
    plan.run_starts()
    assert [plan.allocation_starts() for _ in range(3)] == [True, True, False]
