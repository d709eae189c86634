"""Reference curves, given only where speed and definition match."""

from __future__ import annotations

import numpy as np

from host.codes import Absence
from host.gait.norms.tables import read_table, source_citation
from host.gait.types import CurveReference

_SPEED_MPS = 1.26
_TOLERANCE_MPS = 0.15
# Only the knee is defined as ours (thigh against shank). The file's hip is taken against the pelvis
# and its ankle has another zero; comparing them with ours would show a difference of definitions.
_SAME_DEFINITION = "knee"


def curve_reference(joint: str, speed_mps: float) -> CurveReference | Absence:
    """Reference of a joint at the walked speed, or why there is none.

    Fukuchi et al. 2018: nine adults on a treadmill at 1.26 m/s; used between 1.11 and 1.41 m/s
    (within 0.15 m/s the knee's swing peak changes by about 2 degrees: Schwartz et al. 2008).

    Parameters
    ----------
    joint
        ``"thigh"``, ``"knee"`` or ``"ankle"``.
    speed_mps
        Walking speed in m/s, NaN when unknown.
    """
    if joint != _SAME_DEFINITION:
        return Absence.NO_NORM
    if not np.isfinite(speed_mps):
        return Absence.SPEED_UNKNOWN
    if abs(speed_mps - _SPEED_MPS) > _TOLERANCE_MPS:
        return Absence.NO_NORM_AT_SPEED
    rows = read_table("wbds_treadmill_1p26_angles.csv")
    percent = np.array([float(r["percent"]) for r in rows])
    grid = np.arange(101.0)
    mean, sd = (
        np.interp(grid, percent, [float(r[f"{joint}_{part}_deg"]) for r in rows])
        for part in ("mean", "sd")
    )
    return CurveReference(mean, sd, source_citation("fukuchi2018"))
