"""``keypoints.trc``: the analysed person's points as a marker file (OpenSim, OpenCap, Pose2Sim)."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from host.gait.types import Trajectories
from model_zoo.skeleton import KEYPOINTS


def write_trc(
    path: Path, trajectories: Trajectories, scale_m_per_unit: float, frame_rate_hz: float
) -> None:
    """Write trajectories in the TRC text format.

    Axes as in OpenSim: X along the picture's horizontal, Y up, Z towards the camera. Seen from one
    camera there is no depth and Z is 0. A missing point has empty cells, as OpenSim reads them.

    Parameters
    ----------
    path
        File to write; its name also stands in the first line.
    trajectories
        Points of one person, sides already put right.
    scale_m_per_unit
        Metres per unit of the trajectories; NaN when not known: then the unit in the header is
        that of the trajectories (``px``), which OpenSim refuses and other readers take as it is.
    frame_rate_hz
        Mean rate for the header. The Time column has the true times.
    """
    known = math.isfinite(scale_m_per_unit)
    unit = "m" if known else trajectories.unit
    x, lateral, up = np.moveaxis(trajectories.xyz * (scale_m_per_unit if known else 1.0), 2, 0)
    depth = np.where(np.isnan(lateral), np.where(np.isnan(x), np.nan, 0.0), -lateral)
    points = np.stack([x, up, depth], axis=2).reshape(len(x), -1)
    rate, frames = f"{frame_rate_hz:.6g}", len(points)
    coordinates = "\t".join(f"X{i}\tY{i}\tZ{i}" for i in range(1, len(KEYPOINTS) + 1))
    lines = [
        f"PathFileType\t4\t(X/Y/Z)\t{path.name}",
        "DataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits"
        "\tOrigDataRate\tOrigDataStartFrame\tOrigNumFrames",
        f"{rate}\t{rate}\t{frames}\t{len(KEYPOINTS)}\t{unit}\t{rate}\t1\t{frames}",
        "Frame#\tTime\t" + "\t\t\t".join(KEYPOINTS) + "\t\t",
        "\t\t" + coordinates,
        "",
    ]
    for number, (time_s, row) in enumerate(zip(trajectories.time_s, points, strict=True), 1):
        cells = ["" if math.isnan(value) else f"{value:.5f}" for value in row.tolist()]
        lines.append(f"{number}\t{time_s:.6f}\t" + "\t".join(cells))
    path.write_text("\n".join(lines) + "\n", encoding="ascii")
