"""Which folding a build uses: the file named, the committed one if it fits, or a search."""

from __future__ import annotations

from pathlib import Path

from fpga.boards import Board
from fpga.errors import FpgaError
from fpga.fold.folding import Folding, read_folding
from fpga.fold.geometry import chain
from fpga.fold.search import FoldingSearch, Wish
from host.accelerator.bundle import FOLDING
from model_zoo.package import QONNX_FORM, ReleasedModel

COMMITTED = Path(__file__).parent.parent.parent / "bitstreams"


def choose_folding(
    name: str,
    models: tuple[ReleasedModel, ...],
    board: Board,
    rates_fps: dict[str, float],
    file: Path | None,
) -> Folding:
    """Folding of a bundle.

    Parameters
    ----------
    name
        Of the bundle.
    models, board
        What it has to fit.
    rates_fps
        Asked frames per second by model; a model that is missing here is content with what is
        committed, or gets the most that fits.
    file
        A folding to use in any case; whether it fits is checked by the build.

    Raises
    ------
    FpgaError
        When a rate is out of reach or the networks do not fit the part.
    """
    if file is not None:
        return read_folding(file)
    committed = COMMITTED / f"{name}-{board.name}" / FOLDING
    if committed.is_file():
        folding = read_folding(committed)
        if fits(folding, models, board, rates_fps):
            return folding
    wishes = tuple(
        Wish(m.name, chain(m), m.files[QONNX_FORM], rates_fps.get(m.name)) for m in models
    )
    return FoldingSearch(board).run(wishes)


def fits(
    folding: Folding,
    models: tuple[ReleasedModel, ...],
    board: Board,
    rates_fps: dict[str, float],
) -> bool:
    """Whether a folding is for this board, these shapes and (at least) these rates."""
    if (folding.board, folding.clock_mhz) != (board.name, board.clock_mhz):
        return False
    if list(folding.networks) != [model.name for model in models]:
        return False
    for model in models:
        network, asked = folding.networks[model.name], rates_fps.get(model.name)
        if asked is not None and (network.rate_fps is None or network.rate_fps < asked):
            return False
        try:
            network.check(chain(model))
        except FpgaError:
            return False
    return True


def searched_for_others(folding: Folding, models: tuple[ReleasedModel, ...]) -> tuple[str, ...]:
    """Names of the models whose weights are not those that the folding was searched for.

    A folding depends on shapes alone: it stays valid, but the user is told.
    """
    return tuple(
        model.name
        for model in models
        if model.name in folding.networks
        and folding.networks[model.name].model_sha256 != model.files[QONNX_FORM]
    )
