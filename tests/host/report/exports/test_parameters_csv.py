"""The table reads back as what was written."""

from __future__ import annotations

import csv
import math
from pathlib import Path

from host.gait.types import GaitResult
from host.report.assessment import Assessment
from host.report.exports.parameters_csv import COLUMNS, write_parameters_csv


def rows(path: Path) -> dict[str, dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        assert tuple(reader.fieldnames or ()) == COLUMNS
        return {row["parameter"]: row for row in reader}


def test_every_parameter_with_unit_and_definition(
    tmp_path: Path, assessment: Assessment, gait: GaitResult
) -> None:
    path = tmp_path / "parameters.csv"
    write_parameters_csv(path, assessment)
    table = rows(path)
    assert list(table) == list(gait.parameters)
    for name, entry in gait.parameters.items():
        row = table[name]
        assert row["unit"] == entry.unit
        assert row["definition"] == assessment.parameters[name].definition
        if math.isnan(entry.value):
            assert (row["value"], row["absent_reason"]) == ("", str(entry.absent_reason))
        else:
            assert (float(row["value"]), int(row["n"])) == (entry.value, entry.n)
            assert row["absent_reason"] == ""


def test_sides_intervals_and_norms(tmp_path: Path, assessment: Assessment) -> None:
    path = tmp_path / "parameters.csv"
    write_parameters_csv(path, assessment)
    step = rows(path)["step_length"]
    assert (step["left"], step["right"], step["left_n"]) == ("0.405", "0.415", "6")
    assert (step["interval_95_low"], step["interval_95_high"]) == ("0.398", "0.422")
    assert (step["norm_mean"], step["norm_z"]) == ("0.61", "-2.2")
    assert rows(path)["cadence"]["left"] == ""


def test_opens_in_a_spreadsheet(tmp_path: Path, assessment: Assessment) -> None:
    path = tmp_path / "parameters.csv"
    write_parameters_csv(path, assessment)
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
