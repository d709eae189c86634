"""Floor sheets: printed at true size, found where they lie, and nothing else."""

import re
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from host.capture import floor_finder
from host.capture.floor_finder import FloorSheetFinder, SheetSeen
from host.capture.floor_sheets import (
    COPIES,
    PAPER_M,
    Sheet,
    board_sheet,
    boards,
    dictionary,
    marker_sheet,
    sheets_by_number,
)
from host.capture.print_sheet import dark_boxes, write_sheet

Image = NDArray[np.uint8]
# Where the middle cell pattern's corners appear: seen at a flat angle, as on a floor.
QUAD = np.array([[500.0, 400.0], [640.0, 396.0], [676.0, 452.0], [508.0, 458.0]])
SMALL = (QUAD - QUAD.mean(axis=0)) * 0.12 + QUAD.mean(axis=0)


def laid(cells: NDArray[np.bool_], quad: NDArray[np.float64] = QUAD, floor: int = 120) -> Image:
    """A picture of a sheet with white paper around it on a grey floor."""
    rim, scale = 2, 24
    paper = np.pad(cells.astype(np.uint8) * 210 + 20, rim, constant_values=230)
    large = np.kron(paper, np.ones((scale, scale), np.uint8))
    rows, columns = cells.shape
    ends = np.array([(0, 0), (columns, 0), (columns, rows), (0, rows)], dtype=np.float64)
    turn = cv2.getPerspectiveTransform(
        ((ends + rim) * scale - 0.5).astype(np.float32), (4 * quad - 0.5).astype(np.float32)
    )
    canvas = np.full((720 * 4, 1280 * 4), floor, np.uint8)
    cv2.warpPerspective(
        large, turn, (1280 * 4, 720 * 4), canvas, cv2.INTER_AREA, cv2.BORDER_TRANSPARENT
    )
    small = cv2.resize(canvas, (1280, 720), interpolation=cv2.INTER_AREA).astype(np.float64)
    noise = np.random.default_rng(5).normal(0, 2, small.shape)
    return np.clip(small + noise, 0, 255).astype(np.uint8)


def seen(*pictures: Image) -> tuple[SheetSeen, ...]:
    finder = FloorSheetFinder()
    assert len(list(finder.watch(pictures))) == len(pictures)
    return finder.seen()


@pytest.mark.parametrize("paper", list(PAPER_M))
def test_a_marker_is_found_to_a_third_of_a_pixel(paper: str) -> None:
    sheet = marker_sheet(paper, 3)
    (found,) = seen(*[laid(sheet.cells())] * 3)
    assert found.sheet == sheet
    assert found.looks == 3
    assert np.sqrt(np.mean((found.points_px - QUAD) ** 2)) < 0.3
    assert found.sd_px == pytest.approx(0.3, abs=0.05)
    assert np.ptp(found.points_m, axis=0) == pytest.approx(sheet.size_m)


def test_a_board_gives_the_corners_between_its_squares() -> None:
    sheet = board_sheet("A1")
    quad = (QUAD - QUAD.mean(axis=0)) * [1.6, 2.4] + QUAD.mean(axis=0)
    (found,) = seen(*[laid(sheet.cells(), quad)] * 2)
    assert found.sheet == sheet
    flat = cv2.getPerspectiveTransform(
        (np.array([(-1, 1), (1, 1), (1, -1), (-1, -1)]) * sheet.size_m / 2).astype(np.float32),
        quad.astype(np.float32),
    )
    expected = cv2.perspectiveTransform(found.points_m[None], flat)[0]
    assert len(expected) == 6
    assert np.abs(found.points_px - expected).max() < 0.6


def test_a_marker_half_hidden_is_not_guessed() -> None:
    picture = laid(marker_sheet("A3").cells())
    picture[:, 590:] = 60
    assert seen(*[picture] * 4) == ()


def test_a_shoe_in_some_pictures_does_not_matter() -> None:
    picture = laid(marker_sheet("A3").cells())
    hidden = picture.copy()
    hidden[:, 590:] = 60
    (found,) = seen(picture, hidden, picture, hidden, picture)
    assert found.looks == 3
    assert np.abs(found.points_px - QUAD).max() < 0.6


def test_somebody_else_s_marker_is_ignored() -> None:
    taken = set(sheets_by_number())
    other = next(n for n in range(100) if n not in taken)
    assert seen(*[laid(Sheet("other", "A3", (other,), (0.2, 0.3)).cells())] * 3) == ()


def test_a_marker_too_small_to_read_is_not_found() -> None:
    assert seen(*[laid(marker_sheet("A4").cells(), SMALL)] * 3) == ()


def test_what_moves_lies_on_no_floor() -> None:
    cells = marker_sheet("A2").cells()
    assert seen(*[laid(cells, QUAD + np.array([6.0 * k, 0.0])) for k in range(5)]) == ()


def test_one_lucky_picture_of_many_is_not_enough() -> None:
    empty = np.full((720, 1280), 120, np.uint8)
    assert seen(empty, laid(marker_sheet("A2").cells()), empty, empty) == ()


def test_the_same_sheet_twice_is_a_copy_or_a_reflection() -> None:
    cells = marker_sheet("A2").cells()
    both = laid(cells)
    both[:, :480] = laid(cells, QUAD - [400.0, 0.0])[:, :480]
    assert seen(*[both] * 3) == ()


def test_two_sheets_are_both_found() -> None:
    both = laid(marker_sheet("A2", 0).cells())
    both[:, :480] = laid(marker_sheet("A2", 1).cells(), QUAD - [400.0, 0.0])[:, :480]
    assert [s.sheet.name for s in seen(*[both] * 2)] == ["A2-20", "A2-21"]


def test_few_pictures_are_looked_at() -> None:
    finder = FloorSheetFinder(most_looks=2)
    empty = np.full((720, 1280), 120, np.uint8)
    assert len(list(finder.watch([empty, empty, laid(marker_sheet("A2").cells())]))) == 3
    assert finder.seen() == ()


def test_an_opencv_without_the_detector_finds_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Debian 12 has 4.6, the images of boards have 4.5."""
    sheet = laid(marker_sheet("A2").cells())
    assert seen(sheet, sheet)
    monkeypatch.setattr(floor_finder, "CAN_LOOK", False)
    monkeypatch.delattr(cv2.aruco, "ArucoDetector")
    assert seen(sheet, sheet) == ()


def test_every_number_has_one_sheet_and_fits_its_paper() -> None:
    numbers = sheets_by_number()
    assert len(numbers) == len(PAPER_M) * COPIES + 6 * len(boards())
    assert max(numbers) < len(dictionary().bytesList)
    for sheet in numbers.values():
        wide, long = PAPER_M[sheet.paper]
        # A white rim of half a marker's cell (boards have their own), room for the ruler below.
        rim_m = (wide - sheet.size_m[0]) / 2
        assert rim_m >= (0.01 if sheet.is_board else sheet.size_m[0] / 12)
        assert (long - sheet.size_m[1]) / 2 > 0.018


@pytest.mark.parametrize("sheet", [marker_sheet("A3", 2), board_sheet("A2")], ids=lambda s: s.name)
def test_the_print_has_its_true_size(sheet: Sheet, tmp_path: Path) -> None:
    boxes = np.array(dark_boxes(sheet))
    low, high = boxes[:, :2].min(axis=0), (boxes[:, :2] + boxes[:, 2:]).max(axis=0)
    assert high - low == pytest.approx(sheet.size_m, abs=1e-6)
    assert (low + high) / 2 == pytest.approx(np.array(PAPER_M[sheet.paper]) / 2, abs=1e-6)
    for name in ("sheet.svg", "sheet.pdf"):
        write_sheet(sheet, tmp_path / name, "A (test) caption")
    svg = (tmp_path / "sheet.svg").read_text()
    wide, long = (1000 * v for v in PAPER_M[sheet.paper])
    assert f'width="{wide:g}mm" height="{long:g}mm"' in svg
    pdf = (tmp_path / "sheet.pdf").read_bytes()
    box = re.search(rb"MediaBox\[0 0 ([\d.]+) ([\d.]+)\]", pdf)
    assert box is not None
    assert [float(v) * 25.4 / 72 for v in box.groups()] == pytest.approx([wide, long], abs=0.01)
    places = [int(line[:10]) for line in pdf.split(b"xref\n")[1].splitlines()[2:7]]
    assert [pdf[p : p + 7] for p in places] == [b"%d 0 obj" % n for n in range(1, 6)]


def test_a_printed_sheet_is_read_again() -> None:
    sheet = marker_sheet("A3", 7)
    boxes = 2000 * np.array(dark_boxes(sheet))
    wide, long = (int(2000 * v) for v in PAPER_M["A3"])
    page = np.full((long, wide), 255, np.uint8)
    for x, y, w, h in boxes.round().astype(int):
        page[y : y + h, x : x + w] = 0
    finder = cv2.aruco.ArucoDetector(dictionary())
    _, numbers, _ = finder.detectMarkers(page)
    assert numbers.ravel().tolist() == [17]
