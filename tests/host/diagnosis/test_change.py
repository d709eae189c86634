"""A change is told beyond the error of both visits, and judged by published sizes alone."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from host.cli import build
from host.codes import Absence, ChangeCode
from host.diagnosis.change import WATCHED, changes
from tests.scored import scored_assessment


@dataclass(frozen=True)
class Told:
    value: float | None
    half: float | None = 0.03
    unit: str = "m/s"
    absent_reason: Absence | None = None

    @property
    def interval_95(self) -> tuple[float, float] | None:
        if self.half is None or self.value is None:
            return None
        return self.value - self.half, self.value + self.half


@pytest.mark.parametrize(
    ("after", "half", "code", "better"),
    [
        (1.12, 0.005, ChangeCode.SUBSTANTIAL, True),
        (0.88, 0.005, ChangeCode.SUBSTANTIAL, False),
        (1.06, 0.005, ChangeCode.SMALL, True),
        (1.03, 0.005, ChangeCode.BELOW_SMALL, True),
        (1.06, 0.10, ChangeCode.WITHIN_ERROR, None),
        (1.00, 0.005, ChangeCode.WITHIN_ERROR, None),
    ],
)
def test_speed_is_judged_by_perera(
    after: float, half: float, code: ChangeCode, better: bool | None
) -> None:
    (change,) = changes({"walking_speed": Told(1.0, half)}, {"walking_speed": Told(after, half)})
    assert (change.code, change.better) == (code, better)
    assert change.difference == pytest.approx(after - 1.0)
    cited = change.source is not None and "Perera" in change.source
    assert cited is (code not in (ChangeCode.WITHIN_ERROR,))


def test_more_double_support_is_worse_and_has_no_published_size() -> None:
    name = "double_support_percent"
    (change,) = changes({name: Told(25.0, 0.5, "%")}, {name: Told(30.0, 0.5, "%")})
    assert (change.code, change.better, change.limit) == (ChangeCode.BEYOND_ERROR, False, None)


def test_nothing_is_told_without_values_or_errors() -> None:
    gone = Told(None, absent_reason=Absence.NO_SCALE)
    (change,) = changes({"walking_speed": gone}, {"walking_speed": Told(1.0)})
    assert (change.code, change.absent_reason) == (ChangeCode.NOT_COMPARABLE, Absence.NO_SCALE)
    (change,) = changes({"walking_speed": Told(0.5, None)}, {"walking_speed": Told(1.0)})
    assert (change.code, change.better) == (ChangeCode.ERROR_UNKNOWN, None)


def test_an_unchanged_person_is_called_changed_as_rarely_as_the_interval_says() -> None:
    rng = np.random.default_rng(5)
    told = 0
    for _ in range(2000):
        seen = [1.0 + 0.02 * rng.standard_normal() for _ in range(2)]
        one, other = ({"walking_speed": Told(v, 1.96 * 0.02)} for v in seen)
        told += changes(one, other)[0].code is not ChangeCode.WITHIN_ERROR
    assert 0.035 <= told / 2000 <= 0.065


def test_the_command_compares_two_visits(tmp_path: Path) -> None:
    (tmp_path / "assessment.json").write_text(scored_assessment().to_json())
    words = ["compare", str(tmp_path), str(tmp_path), "--condition", "later_visit"]
    answer = CliRunner().invoke(build(words), words, env={"COLUMNS": "200"})
    assert answer.exit_code == 0, answer.output
    assert "no change beyond the error" in answer.output
    answer = CliRunner().invoke(build(words), [*words, "--json"])
    found = {entry["parameter"]: entry for entry in json.loads(answer.stdout)}
    assert set(found) == set(WATCHED)
    assert found["walking_speed"]["difference"] == 0
    assert found["stride_time_variability"]["before"] is None
