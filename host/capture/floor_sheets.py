"""Printed sheets that lie on the floor and tell the scale: single markers and ChArUco boards.

Each sheet's numbers belong to one paper size, so that what is seen in a picture tells how large it
is and nothing has to be typed. Markers are longer than wide: seen at a flat angle they shrink.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

PAPER_M: dict[str, tuple[float, float]] = {
    "A4": (0.210, 0.297),
    "A3": (0.297, 0.420),
    "A2": (0.420, 0.594),
    "A1": (0.594, 0.841),
    "A0": (0.841, 1.189),
}
"""Width and length of the papers (ISO 216), metres."""
COPIES = 10
"""Single markers of each paper size: so many can lie on one floor."""
_MARKER_M = {
    "A4": (0.16, 0.24),
    "A3": (0.24, 0.36),
    "A2": (0.34, 0.51),
    "A1": (0.48, 0.72),
    "A0": (0.68, 1.02),
}
_SQUARE_M = {"A3": 0.09, "A2": 0.13, "A1": 0.18, "A0": 0.26}
_FIRST_OF_BOARD = {"A3": 50, "A2": 60, "A1": 70, "A0": 80}
BOARD_SQUARES = (3, 4)
_INNER = 0.75  # side of a board's markers by its squares
_UNIT = 8  # cells per square in the drawing: a marker has six, one is white on either side


@dataclass(frozen=True)
class Sheet:
    """One printed sheet.

    Attributes
    ----------
    name
        ``"A3-12"``, or ``"A1-board"``.
    paper
        Key of :data:`PAPER_M`.
    numbers
        Numbers of its markers in the dictionary.
    size_m
        Width and length of the printed pattern.
    """

    name: str
    paper: str
    numbers: tuple[int, ...]
    size_m: tuple[float, float]

    @property
    def is_board(self) -> bool:
        """Whether it is a ChArUco board."""
        return len(self.numbers) > 1

    def cells(self) -> NDArray[np.bool_]:
        """bool[rows, columns]: which equal cells of the pattern are white."""
        if self.is_board:
            across, down = BOARD_SQUARES
            size = (across * _UNIT, down * _UNIT)
            picture = board(self.paper).generateImage(size, marginSize=0, borderBits=1)
        else:
            side = dictionary().markerSize + 2
            picture = cv2.aruco.generateImageMarker(dictionary(), self.numbers[0], side)
        return np.asarray(picture > 127)

    def points_m(self) -> Array:
        """float64[n, 2]: points that can be found, x right, y up, from the pattern's middle.

        Of a marker its corners, from the upper left one clockwise; of a board the corners between
        its squares, row by row from the upper left.
        """
        wide, long = self.size_m
        if not self.is_board:
            signs = np.array([(-1, 1), (1, 1), (1, -1), (-1, -1)], dtype=np.float64)
            return signs * (wide / 2, long / 2)
        across, down = BOARD_SQUARES
        square = _SQUARE_M[self.paper]
        y, x = np.mgrid[1:down, 1:across].reshape(2, -1)
        return np.stack((x * square - wide / 2, long / 2 - y * square), axis=1)


@lru_cache(maxsize=1)
def dictionary() -> Any:
    """The dictionary of all our markers: 4 x 4 bits, 100 markers."""
    return cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_4X4_100)


@lru_cache(maxsize=8)
def board(paper: str) -> Any:
    """OpenCV's ChArUco board of one paper size."""
    square = _SQUARE_M[paper]
    numbers = np.arange(_FIRST_OF_BOARD[paper], _FIRST_OF_BOARD[paper] + _board_markers())
    return cv2.aruco.CharucoBoard(BOARD_SQUARES, square, _INNER * square, dictionary(), numbers)


def marker_sheet(paper: str, copy: int = 0) -> Sheet:
    """The ``copy``-th single marker of a paper size (0 to 9)."""
    number = list(_MARKER_M).index(paper) * COPIES + copy
    return Sheet(f"{paper}-{number}", paper, (number,), _MARKER_M[paper])


def board_sheet(paper: str) -> Sheet:
    """The ChArUco board of a paper size; there is none for A4."""
    first, square = _FIRST_OF_BOARD[paper], _SQUARE_M[paper]
    size = (BOARD_SQUARES[0] * square, BOARD_SQUARES[1] * square)
    return Sheet(f"{paper}-board", paper, tuple(range(first, first + _board_markers())), size)


def boards() -> tuple[str, ...]:
    """Paper sizes that have a board."""
    return tuple(_SQUARE_M)


@lru_cache(maxsize=1)
def sheets_by_number() -> dict[int, Sheet]:
    """Every marker number in use, and its sheet."""
    singles = [marker_sheet(paper, copy) for paper in _MARKER_M for copy in range(COPIES)]
    all_sheets = [*singles, *(board_sheet(paper) for paper in boards())]
    return {number: sheet for sheet in all_sheets for number in sheet.numbers}


def _board_markers() -> int:
    return BOARD_SQUARES[0] * BOARD_SQUARES[1] // 2
