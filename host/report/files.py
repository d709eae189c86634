"""All files of one analysis except the overlay, which needs the pictures once more."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from host.gait.types import GaitResult, Trajectories
from host.pose.recording import Recording, save_recording
from host.report.assessment import Assessment
from host.report.exports.openpose import write_openpose
from host.report.exports.parameters_csv import write_parameters_csv
from host.report.exports.trc import write_trc
from host.report.page.html import render_html
from host.report.write import ASSESSMENT, KEYPOINTS, OPENPOSE, PARAMETERS, REPORT, TRAJECTORIES


def write_files(
    folder: Path,
    recording: Recording,
    assessment: Assessment,
    made_at: datetime,
    *,
    openpose: bool = False,
) -> None:
    """Write keypoints, assessment, table and report into an existing folder.

    Parameters
    ----------
    folder
        From :func:`host.report.write.output_folder`.
    recording
        All tracks.
    assessment
        What is told.
    made_at
        Local time for the report's head.
    openpose
        Whether the OpenPose files are asked for.
    """
    save_recording(recording, folder / KEYPOINTS)
    (folder / ASSESSMENT).write_text(assessment.to_json(), encoding="utf-8")
    (folder / REPORT).write_text(render_html(assessment, made_at), encoding="utf-8")
    write_parameters_csv(folder / PARAMETERS, assessment)
    if openpose:
        write_openpose(folder / OPENPOSE, recording, Path(assessment.source.file).stem)


def write_trajectories(folder: Path, trajectories: Trajectories, gait: GaitResult) -> None:
    """Write the subject's marker file; there is none when nobody was found."""
    times = trajectories.time_s
    span_s = float(times[-1] - times[0]) if len(times) > 1 else 0.0
    rate_hz = (len(times) - 1) / span_s if span_s else 0.0
    write_trc(folder / TRAJECTORIES, trajectories, gait.scale_m_per_unit, rate_hz)
