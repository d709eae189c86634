"""A committed folding is used while it fits; anything else is searched."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from fpga.boards import Board, load_board
from fpga.compile import folding_choice
from fpga.compile.bundle import Order, check_order
from fpga.compile.folding_choice import choose_folding, fits, searched_for_others
from fpga.errors import FpgaError
from fpga.fold.folding import Folding
from fpga.fold.geometry import chain
from model_zoo.package import ReleasedModel
from tests.fpga.foldings import plain_folding


@pytest.fixture
def committed(
    tiny: ReleasedModel, board: Board, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Folding:
    """A folding for 100 frames/s in the place of the committed ones."""
    plain = plain_folding([tiny], board)
    rated = dataclasses.replace(plain.networks["tiny"], rate_fps=100.0)
    folding = dataclasses.replace(plain, networks={"tiny": rated})
    folding.write(tmp_path / "tiny-pynq-z2")
    monkeypatch.setattr(folding_choice, "COMMITTED", tmp_path)
    return folding


@pytest.mark.parametrize("rates", [{}, {"tiny": 100.0}, {"tiny": 30.0}])
def test_the_committed_folding_is_used_while_it_is_fast_enough(
    rates: dict[str, float], committed: Folding, tiny: ReleasedModel, board: Board
) -> None:
    assert choose_folding("tiny", (tiny,), board, rates, None) == committed


def test_a_higher_rate_is_searched(committed: Folding, tiny: ReleasedModel, board: Board) -> None:
    found = choose_folding("tiny", (tiny,), board, {"tiny": 2000.0}, None)
    assert found != committed
    assert found.networks["tiny"].rate_fps == 2000.0
    found.networks["tiny"].check(chain(tiny))


def test_another_board_clock_or_network_does_not_fit(
    committed: Folding, tiny: ReleasedModel, tiny_temporal: ReleasedModel, board: Board
) -> None:
    assert fits(committed, (tiny,), board, {})
    assert not fits(committed, (tiny,), load_board("kv260"), {})
    assert not fits(committed, (tiny,), dataclasses.replace(board, clock_mhz=50.0), {})
    assert not fits(committed, (tiny, tiny_temporal), board, {})
    assert not fits(committed, (tiny_temporal,), board, {})


def test_it_shows_when_a_folding_was_searched_for_other_weights(
    committed: Folding, tiny: ReleasedModel, tiny_temporal: ReleasedModel
) -> None:
    assert searched_for_others(committed, (tiny, tiny_temporal)) == ()
    earlier = dataclasses.replace(committed.networks["tiny"], model_sha256="0" * 64)
    retrained = dataclasses.replace(committed, networks={"tiny": earlier})
    assert searched_for_others(retrained, (tiny,)) == ("tiny",)


def test_a_named_file_is_taken_and_checked(
    tiny: ReleasedModel, tiny_temporal: ReleasedModel, board: Board, tmp_path: Path
) -> None:
    other = plain_folding([tiny_temporal], board)
    path = other.write(tmp_path)
    folding = choose_folding("tiny", (tiny,), board, {}, path)
    order = Order("tiny", (tiny,), board, folding, simulator=False, log=tmp_path / "log")
    with pytest.raises(FpgaError, match="the folding is for tiny-temporal, not for tiny"):
        check_order(order)
    elsewhere = dataclasses.replace(order, board=load_board("zcu104"))
    with pytest.raises(FpgaError, match="the folding is for pynq-z2, not for zcu104"):
        check_order(elsewhere)
    slower = dataclasses.replace(order, board=dataclasses.replace(board, clock_mhz=50.0))
    with pytest.raises(FpgaError, match="is for 100 MHz, pynq-z2 runs at 50 MHz"):
        check_order(slower)
