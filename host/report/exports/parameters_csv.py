"""``parameters.csv``: one row per parameter, for spreadsheets and statistics programs."""

from __future__ import annotations

import csv
from pathlib import Path

from host.report.assessment import Assessment, ParameterResult, SideStatistics

COLUMNS = (
    "parameter", "value", "unit", "n", "sd", "interval_95_low", "interval_95_high",
    "left", "left_n", "left_sd", "right", "right_n", "right_sd",
    "norm_mean", "norm_sd", "norm_z", "norm_source", "absent_reason", "definition",
)  # fmt: skip

Cell = str | float | None


def write_parameters_csv(path: Path, assessment: Assessment) -> None:
    """Write the parameters of ``assessment``; a missing number is an empty cell.

    UTF-8 with a byte-order mark, by which spreadsheets know it; numbers with a decimal point.
    """
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for name, entry in assessment.parameters.items():
            writer.writerow(_row(name, entry))


def _row(name: str, entry: ParameterResult) -> list[Cell]:
    low, high = entry.interval_95 or (None, None)
    norm = entry.norm
    reason = entry.absent_reason
    return [
        name, entry.value, entry.unit, entry.n, entry.sd, low, high,
        *_side(entry.left), *_side(entry.right),
        *((norm.mean, norm.sd, norm.z, norm.source) if norm else (None,) * 4),
        reason.value if reason else None, entry.definition,
    ]  # fmt: skip


def _side(side: SideStatistics | None) -> tuple[Cell, Cell, Cell]:
    return (side.value, side.n, side.sd) if side else (None, None, None)
