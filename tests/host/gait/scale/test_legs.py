"""Points in space of a guessed size get the told one; measured points keep theirs."""

from dataclasses import replace

import pytest

from host.gait.analyse import analyse_gait
from host.gait.scale.legs import LegScale
from host.gait.sources import Source
from host.gait.types import Person
from tests.host.gait.walker import SHANK, THIGH, Walker, facts, regular

WALKER = Walker(start_s=0.4, step_width=0.06)


@pytest.mark.parametrize(("guessed_m", "sex"), [(1.4, None), (1.7, "f"), (2.1, "m")])
def test_a_guessed_size_does_not_matter(guessed_m: float, sex: str | None) -> None:
    time_s = regular(WALKER.end_s() + 0.4, 50.0)
    points = replace(WALKER.trajectories(time_s, height=guessed_m), unit="m")
    person = Person(height_m=1.7, sex=sex)
    guessed = analyse_gait(points, person, facts(time_s), source=Source(true_metres=False))
    # The walker's legs lean to the side by half a step width, so they are a little longer.
    true_m = 0.4 * 1.7 * LegScale(sex).leg_share / (THIGH + SHANK)
    assert guessed.parameters["step_length"].value == pytest.approx(true_m, rel=0.01)
    measured = analyse_gait(points, Person(height_m=1.7), facts(time_s))
    assert measured.parameters["step_length"].value == pytest.approx(0.4 * guessed_m, rel=0.01)
