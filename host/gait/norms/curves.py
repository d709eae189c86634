"""Reference curves, given only where speed and definition match."""

from __future__ import annotations

import numpy as np

from host.codes import Absence
from host.gait.norms.tables import read_table, source_citation
from host.gait.signals import Array
from host.gait.types import CurveReference

_SPEED_MPS = 1.26
_TOLERANCE_MPS = 0.15
# Only the knee is defined as ours (thigh against shank). The file's hip is taken against the pelvis
# and its ankle has another zero; comparing them with ours would show a difference of definitions.
_SAME_DEFINITION = "knee"
# Without their means they can be compared: the thigh to the vertical and the hip to the pelvis then
# differ by 0.1 to 0.8 degrees RMS (mean curves of 40 people at five speeds, Bovi et al. 2011).
_SAME_SHAPE = {"thigh": "hip", "ankle": "ankle"}


def curve_reference(joint: str, speed_mps: float) -> CurveReference | Absence:
    """Reference of a joint at the walked speed, or why there is none.

    Fukuchi et al. 2018: nine adults on a treadmill at 1.26 m/s; used between 1.11 and 1.41 m/s
    (within 0.15 m/s the knee's swing peak changes by about 2 degrees: Schwartz et al. 2008). Age
    and sex of the nine are not told: this reference is matched by definition and speed only.

    Parameters
    ----------
    joint
        ``"thigh"``, ``"knee"`` or ``"ankle"``.
    speed_mps
        Walking speed in m/s, NaN when unknown.
    """
    if joint != _SAME_DEFINITION:
        return Absence.NO_NORM
    absent = _no_reference_at(speed_mps)
    if absent is not None:
        return absent
    mean, sd = _read(joint)
    return CurveReference(mean, sd, source_citation("fukuchi2018"))


def shape_reference(joint: str, speed_mps: float) -> Array | Absence:
    """Mean curve of a joint to score a curve against, or why there is none.

    Parameters
    ----------
    joint
        ``"knee"``, whose curve is compared as it is, or ``"thigh"`` or ``"ankle"``, whose curves
        have no mean (both sides of the comparison lose theirs).
    speed_mps
        Walking speed in m/s, NaN when unknown; limits as for :func:`curve_reference`.

    Returns
    -------
    float64[101], degrees.
    """
    absent = _no_reference_at(speed_mps)
    if absent is not None:
        return absent
    if joint == _SAME_DEFINITION:
        return _read(joint)[0]
    mean, _ = _read(_SAME_SHAPE[joint])
    return np.asarray(mean - mean.mean())


def _no_reference_at(speed_mps: float) -> Absence | None:
    if not np.isfinite(speed_mps):
        return Absence.SPEED_UNKNOWN
    if abs(speed_mps - _SPEED_MPS) > _TOLERANCE_MPS:
        return Absence.NO_NORM_AT_SPEED
    return None


def _read(joint: str) -> tuple[Array, Array]:
    """Mean and SD of a joint of the file, each float64[101]."""
    rows = read_table("wbds_treadmill_1p26_angles.csv")
    percent = np.array([float(r["percent"]) for r in rows])
    grid = np.arange(101.0)
    mean, sd = (
        np.interp(grid, percent, [float(r[f"{joint}_{part}_deg"]) for r in rows])
        for part in ("mean", "sd")
    )
    return mean, sd
