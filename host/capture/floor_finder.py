"""Finding printed sheets on the floor in some pictures of a recording."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from host.capture.floor_sheets import Sheet, board, sheets_by_number
from host.capture.floor_sheets import dictionary as our_dictionary
from host.capture.types import Image

Array = NDArray[np.float64]

_ENLARGED = (2, 4)
_MOST_SIDE_PX = 4000
_LEAST_POINTS = 4
CAN_LOOK = hasattr(getattr(cv2, "aruco", None), "ArucoDetector")
"""OpenCV has this detector from 4.7 on; the parameters of older ones (Debian 12: 4.6) are made
otherwise, and to set one ends the program."""


@dataclass(frozen=True)
class SheetSeen:
    """A sheet that lay still in the pictures looked at.

    Attributes
    ----------
    sheet
        Which one.
    points_px
        float64[n, 2], its points in the upright picture, y down; order of ``Sheet.points_m``.
    points_m
        float64[n, 2], the same points on the sheet.
    sd_px
        Standard deviation of one coordinate of a point.
    looks
        Pictures in which it was found.
    """

    sheet: Sheet
    points_px: Array
    points_m: Array
    sd_px: float
    looks: int

    def as_json(self) -> dict[str, Any]:
        """For ``keypoints.npz``."""
        return {
            "name": self.sheet.name,
            "points_px": self.points_px.round(3).tolist(),
            "points_m": self.points_m.round(5).tolist(),
            "sd_px": round(self.sd_px, 3),
            "looks": self.looks,
        }


class FloorSheetFinder:
    """Looks for our sheets in pictures that pass by.

    Markers and boards are found by OpenCV (Garrido-Jurado et al. 2014, Pattern Recognition 47:2280;
    corners refined below the pixel). Numbers that belong to no sheet are somebody else's and
    ignored. A sheet counts when it was found at the same place in at least ``least_looks`` pictures
    (of one that is hidden for a while the others serve), and nowhere else; what moves lies on no
    floor.

    Parameters
    ----------
    enough
        Pictures with a sheet after which no more are looked at.
    most_looks
        Pictures looked at where no sheet is found.
    least_looks
        Pictures in which a sheet must be found; fewer where fewer were looked at.
    most_motion_px
        Larger spread of a point over the pictures: the sheet, or the camera, moves.
    corner_sd_px
        Error of a refined corner that does not average out (rendered sheets: 0.18 to 0.28 px).
    """

    def __init__(
        self,
        *,
        enough: int = 8,
        most_looks: int = 24,
        least_looks: int = 2,
        most_motion_px: float = 1.5,
        corner_sd_px: float = 0.3,
    ) -> None:
        self.enough = enough
        self.most_looks = most_looks
        self.least_looks = least_looks
        self.most_motion_px = most_motion_px
        self.corner_sd_px = corner_sd_px
        self._looks = 0
        self._found: dict[Sheet, list[Array]] = {}

    def watch(self, pictures: Iterable[Image]) -> Iterator[Image]:
        """Hand the pictures (uint8[H, W], brightness) through and look at some of them."""
        for picture in pictures:
            most = max((len(places) for places in self._found.values()), default=0)
            if CAN_LOOK and most < self.enough and self._looks < self.most_looks:
                self.look(picture)
            yield picture

    def look(self, picture: Image) -> None:
        """Find sheets in one picture."""
        self._looks += 1
        grey = np.ascontiguousarray(picture)
        corners, numbers, _ = _detector().detectMarkers(grey)
        if numbers is None:
            return
        rough: dict[Sheet, list[Array]] = {}
        for number, square in zip(numbers.ravel(), corners, strict=True):
            sheet = sheets_by_number().get(int(number))
            if sheet is not None:
                rough.setdefault(sheet, []).append(square[0].astype(np.float64))
        for sheet, squares in rough.items():
            # The same number twice: one of them is a copy or a reflection.
            if len(squares) <= len(sheet.numbers):
                points = _refined(sheet, grey, np.concatenate(squares))
                if points is not None:
                    self._found.setdefault(sheet, []).append(points)

    def seen(self) -> tuple[SheetSeen, ...]:
        """The sheets that lay still, by name."""
        least = min(self.least_looks, self._looks)
        kept = [
            self._still(sheet, np.array(p)) for sheet, p in self._found.items() if len(p) >= least
        ]
        return tuple(sorted((s for s in kept if s is not None), key=lambda s: s.sheet.name))

    def _still(self, sheet: Sheet, places: Array) -> SheetSeen | None:
        """The sheet where it lay most of the time; points never seen are left out."""
        known = np.isfinite(places).all(axis=2).sum(axis=0) >= min(self.least_looks, len(places))
        if known.sum() < _LEAST_POINTS:
            return None
        places = places[:, known]
        middle = np.nanmedian(places, axis=0)
        # Scaled median absolute deviation: one picture with a shoe over a corner does not count.
        motion = 1.4826 * np.nanmedian(np.abs(places - middle), axis=0)
        if float(motion.max()) > self.most_motion_px:
            return None
        sd_px = float(np.hypot(self.corner_sd_px, motion.mean() / np.sqrt(len(places))))
        return SheetSeen(sheet, middle, sheet.points_m()[known], sd_px, len(places))


@lru_cache(maxsize=1)
def _detector() -> Any:
    asked = cv2.aruco.DetectorParameters()
    asked.cornerRefinementMethod = cv2.aruco.CORNER_REFINE_CONTOUR
    return cv2.aruco.ArucoDetector(our_dictionary(), asked)


def _refined(sheet: Sheet, grey: Image, rough: Array) -> Array | None:
    """The sheet's points in an enlarged cutting, float64[n, 2], NaN where hidden; None without.

    Enlarged more in height than in width: a sheet on the floor is seen at a flat angle, and lines
    along its edges then lie within 0.2 to 0.3 px (0.4 to 0.9 px in the picture as it is).
    """
    margin = 0.5 * float(np.ptp(rough, axis=0).max()) + 8
    low = np.floor(rough.min(axis=0) - margin).clip(0).astype(int)
    high = np.ceil(rough.max(axis=0) + margin).astype(int)
    part = grey[low[1] : high[1], low[0] : high[0]]
    # A sheet that fills the picture needs no enlarging.
    factor = _ENLARGED if max(part.shape) * max(_ENLARGED) <= _MOST_SIDE_PX else (1, 1)
    wide, tall = factor
    size = (part.shape[1] * wide, part.shape[0] * tall)
    large = np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_CUBIC), dtype=np.uint8)
    found = _board_points(sheet, large) if sheet.is_board else _marker_points(sheet, large)
    # OpenCV counts from the middle of a pixel, we from its corner.
    return None if found is None else (found + 0.5) / factor + low


def _marker_points(sheet: Sheet, grey: Image) -> Array | None:
    corners, numbers, _ = _detector().detectMarkers(grey)
    if numbers is None:
        return None
    own = np.flatnonzero(numbers.ravel() == sheet.numbers[0])
    return corners[own[0]][0].astype(np.float64) if len(own) == 1 else None


def _board_points(sheet: Sheet, grey: Image) -> Array | None:
    found = cv2.aruco.CharucoDetector(board(sheet.paper)).detectBoard(grey)
    corners, numbers = found[0], found[1]
    if numbers is None or len(numbers) < _LEAST_POINTS:
        return None
    points = np.full((len(sheet.points_m()), 2), np.nan)
    points[numbers.ravel()] = corners.reshape(-1, 2)
    return points
