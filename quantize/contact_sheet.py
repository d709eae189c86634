"""Pictures of the worst predictions: what a number does not tell."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from host.pose.crop import ArrayPicture, Cropper
from model_zoo.skeleton import BONES, INDEX
from quantize.data.pictures import LabelledPicture

COLUMNS, ROWS = 8, 4
TILE = Cropper(height=288, width=216)
Colour = tuple[int, int, int]
_LABEL: tuple[Colour, Colour] = (190, 220, 255), (255, 215, 190)
_POINTS: tuple[Colour, Colour] = (0, 90, 255), (255, 50, 0)


def write_sheets(
    people: Sequence[LabelledPicture],
    points: NDArray[np.float64],
    titles: Sequence[str],
    folder: Path,
) -> list[Path]:
    """Draw labels (thick, pale) and predictions (thin) on sheets of 32 persons.

    The person's left is blue, the right orange.

    Parameters
    ----------
    people
        Persons in the order of the sheets.
    points
        float[N, 23, 2] in pixels of the stored pictures.
    titles
        One line for each person.
    folder
        Gets ``worst-00.jpg`` and so on.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    for first in range(0, len(people), COLUMNS * ROWS):
        page = slice(first, first + COLUMNS * ROWS)
        sheet = draw_sheet(people[page], points[page], titles[page], rows=ROWS)
        written.append(write_jpeg(sheet, folder / f"worst-{len(written):02d}.jpg"))
    return written


def draw_sheet(
    people: Sequence[LabelledPicture],
    points: NDArray[np.float64],
    titles: Sequence[str],
    *,
    rows: int,
) -> NDArray[np.uint8]:
    """One RGB sheet of so many rows of eight persons, as :func:`write_sheets` draws them."""
    sheet = np.zeros((rows * TILE.height, COLUMNS * TILE.width, 3), dtype=np.uint8)
    for i, person in enumerate(zip(people, points, titles, strict=True)):
        y, x = i // COLUMNS * TILE.height, i % COLUMNS * TILE.width
        sheet[y : y + TILE.height, x : x + TILE.width] = _tile(*person)
    return sheet


def write_jpeg(sheet: NDArray[np.uint8], path: Path, quality: int = 95) -> Path:
    """Write an RGB picture; returns its path."""
    ok, jpeg = cv2.imencode(".jpg", sheet[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not ok:
        raise OSError(f"{path} cannot be encoded")
    path.write_bytes(jpeg.tobytes())
    return path


def _tile(person: LabelledPicture, points: NDArray[np.float64], title: str) -> NDArray[np.uint8]:
    window = TILE.window(person.box_px)
    tile = TILE.cut(ArrayPicture(person.image()), window).copy()
    label = TILE.to_crop(person.keypoints[:, :2], window)
    _draw(tile, label, person.keypoints[:, 2] > 0, 4, _LABEL)
    _draw(tile, TILE.to_crop(points, window), np.ones(len(points), dtype=bool), 1, _POINTS)
    for colour, width in (((0, 0, 0), 3), ((255, 255, 0), 1)):
        cv2.putText(tile, title, (3, 11), cv2.FONT_HERSHEY_SIMPLEX, 0.36, colour, width)
    return tile


def _draw(
    tile: NDArray[np.uint8],
    points: NDArray[np.float64],
    known: NDArray[np.bool_],
    width: int,
    colours: tuple[Colour, Colour],
) -> None:
    for a, b in BONES:
        i, j = INDEX[a], INDEX[b]
        if known[i] and known[j]:
            colour = colours["right" in a or "right" in b]
            start, end = (tuple(np.rint(points[k]).astype(int).tolist()) for k in (i, j))
            cv2.line(tile, start, end, colour, width, cv2.LINE_AA)
