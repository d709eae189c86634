"""What gives a recording its metres, and what was found out about the floor."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from host.codes import ScaleSource
from host.gait.scale.camera import FloorCamera

Array = NDArray[np.float64]


@dataclass(frozen=True)
class SheetSighting:
    """A printed sheet that was seen on the floor.

    Attributes
    ----------
    name
        Name of the sheet.
    corners_px
        float64[n, 2], points of the sheet in the upright picture, y down.
    corners_m
        float64[n, 2], the same points on the sheet, x right and y up as it is printed.
    sd_px
        How far each point may be off in the picture, one standard deviation.
    """

    name: str
    corners_px: Array
    corners_m: Array
    sd_px: float


@dataclass(frozen=True)
class Walkway:
    """Two points on the floor that an operator marked in the picture, and their distance."""

    start_px: tuple[float, float]
    end_px: tuple[float, float]
    length_m: float


@dataclass(frozen=True)
class ScaleOptions:
    """What the operator wants and knows of the scale.

    Attributes
    ----------
    source
        ``"auto"`` takes all that is there; the name of one source takes this one alone.
    walkway
        A measured walkway; None without.
    field_deg
        Angle of view along the picture's longer side, degrees; None when not known.
    """

    source: str = "auto"
    walkway: Walkway | None = None
    field_deg: float | None = None


@dataclass(frozen=True)
class Underfoot:
    """What it takes to lay a foot on the floor.

    Attributes
    ----------
    camera
        The camera above the floor.
    stature
        The person's height in the unit of the camera's.
    heel
        How high the heel's key point lies above the floor, in statures.
    """

    camera: FloorCamera
    stature: float
    heel: float


@dataclass(frozen=True)
class Floor:
    """The floor under a walk, with what is not known about it.

    Attributes
    ----------
    best
        Best estimate.
    metric
        Whether its unit is the metre; otherwise it is the body height and the stature is 1.
    draws
        What the evidence allows as well, drawn from its covariance: what is computed from each of
        them tells how sure a length is.
    sources
        What gave the metres.
    height_gap_m, height_gap_sd_m
        Told body height less the one that the other sources give, and its standard deviation; NaN
        where only one of them is there.
    """

    best: Underfoot
    metric: bool
    draws: tuple[Underfoot, ...]
    sources: tuple[ScaleSource, ...]
    height_gap_m: float = float("nan")
    height_gap_sd_m: float = float("nan")

    @property
    def stature(self) -> float:
        """Of the best estimate."""
        return self.best.stature


WALKWAY_FORM = "x0,y0,x1,y1,metres"
_NUMBERS = 5


def parse_walkway(text: str) -> Walkway | None:
    """A walkway written as ``x0,y0,x1,y1,metres``; None for an empty text.

    Raises
    ------
    ValueError
        When it is not five numbers, the marks are one point, or the length is not positive.
    """
    if not text.strip():
        return None
    numbers = [float(part) for part in text.split(",")]
    if len(numbers) != _NUMBERS or not np.isfinite(numbers).all():
        raise ValueError(text)
    x0, y0, x1, y1, length_m = numbers
    if length_m <= 0 or (x0, y0) == (x1, y1):
        raise ValueError(text)
    return Walkway((x0, y0), (x1, y1), length_m)
