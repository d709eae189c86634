"""A whole walk on the virtual board and in emulation: the same integers and the same report."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from fpga.virtual_board.process import VirtualBoard
from host.codes import AlertCode
from host.pipeline import analyze_file
from host.report.assessment import Assessment
from host.settings import AcceleratorTable, OutputSettings, Settings
from model_zoo.package import load_released
from tests.bundles import write_bundle
from tools.compare import compare

MODEL = "gait-pose-s"
LEAN = Settings(output=OutputSettings(report=False, overlay=False))


@pytest.fixture(scope="module")
def walk(repository: Path) -> Path:
    return repository / "host" / "demo" / "walk.mp4"


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("bundles") / f"{MODEL}-pynq-z2"
    return write_bundle(folder, [load_released(MODEL)], bitstream=False).folder


@pytest.fixture(scope="module")
def emulated(walk: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out: Path = tmp_path_factory.mktemp("emulated") / "out"
    analyze_file(walk, out, replace(LEAN, accelerator=AcceleratorTable(backend="emulation")))
    return out


@pytest.fixture
def board(bundle: Path) -> Iterator[VirtualBoard]:
    with VirtualBoard(bundle) as virtual:
        yield virtual


def on_board(walk: Path, out: Path, bundle: Path, board: VirtualBoard) -> Assessment:
    table = AcceleratorTable(
        backend="pynq", bundle=str(bundle), remote=board.address, deadline_s=3.0
    )
    return analyze_file(walk, out, replace(LEAN, accelerator=table))


def test_board_and_emulation_give_the_same(
    walk: Path, emulated: Path, bundle: Path, board: VirtualBoard, tmp_path: Path
) -> None:
    told = on_board(walk, tmp_path / "out", bundle, board)
    assert (told.backend.name, told.alerts) == ("pynq", [])
    found = compare(emulated, tmp_path / "out")
    assert found.frames_with_people > 100
    assert found.within, found


@pytest.mark.parametrize(
    ("fault", "code", "backend"),
    [
        ("never-done:after=40", AlertCode.BOARD_RELOADED, "pynq"),
        ("error-bit:after=40,times=0", AlertCode.BOARD_LOST, "pynq+emulation"),
    ],
)
def test_a_board_that_fails_during_the_walk_changes_nothing_but_the_alert(
    walk: Path,
    emulated: Path,
    bundle: Path,
    board: VirtualBoard,
    tmp_path: Path,
    fault: str,
    code: AlertCode,
    backend: str,
) -> None:
    board.inject(fault)
    told = on_board(walk, tmp_path / "out", bundle, board)
    assert [alert.code for alert in told.alerts][-1] is code
    assert told.backend.name == backend
    found = compare(emulated, tmp_path / "out")
    assert found.within, found
