"""The walk that `make demo` shows: results beside the truth, within what the project promises."""

from __future__ import annotations

from pathlib import Path

import pytest

from host.demo.run import Demonstration, run_demo
from host.report.write import OVERLAY, REPORT

CADENCE_STEPS_PER_MIN = 2.0
STEP_TIME_S = 0.03


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Demonstration:
    out: Path = tmp_path_factory.mktemp("demo") / "out"
    shown = run_demo(out)
    assert (out / REPORT).stat().st_size > 10_000
    assert (out / OVERLAY).stat().st_size > 10_000
    return shown


def test_cadence(shown: Demonstration) -> None:
    (row,) = (row for row in shown.rows if row.key == "cadence")
    assert abs(row.error) <= CADENCE_STEPS_PER_MIN, row


@pytest.mark.parametrize("key", ["step_time", "step_time.left", "step_time.right"])
def test_step_times(shown: Demonstration, key: str) -> None:
    (row,) = (row for row in shown.rows if row.key == key)
    assert abs(row.error) <= STEP_TIME_S, row


def test_contacts_of_the_right_foot_and_no_others(shown: Demonstration) -> None:
    assert shown.contacts.n_found == shown.contacts.n_true
    assert shown.contacts.n_extra == 0


def test_a_walk_without_a_pattern_gets_no_finding(shown: Demonstration) -> None:
    assert shown.assessment.diagnosis.findings == []
