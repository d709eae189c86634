import pytest

from host.codes import Absence
from host.gait.parameters import Gates, build_parameters
from host.gait.parameters.samples import Samples
from host.gait.parameters.table import NAMES, symmetry_index
from host.gait.parameters.temporal import TemporalSamples
from host.gait.types import Person
from model_zoo.skeleton import Side

L, R = Side.LEFT, Side.RIGHT
EMPTY = Samples.of([])


def temporal(steps):
    return TemporalSamples(Samples.of(steps), EMPTY, EMPTY, EMPTY, EMPTY, EMPTY)


def test_symmetry_index_of_the_published_example():
    # Steps of 0.39 and 0.25 m: 43.75 % (table in Lauziere 2014); the sign is that of right - left.
    assert symmetry_index(left=0.25, right=0.39) == pytest.approx(43.75)
    assert symmetry_index(left=0.39, right=0.25) == pytest.approx(-43.75)


def test_cadence_is_sixty_over_the_mean_step():
    steps = [(0.5, L), (0.7, R), (0.5, L), (0.7, R), (0.5, L), (0.7, R)]
    found = build_parameters(temporal(steps), None, Gates(), Person())
    cadence = found["cadence"]
    assert cadence.value == pytest.approx(100.0)
    assert cadence.interval_95 == pytest.approx((100.0, 100.0))  # no spread within the sides
    assert found["step_time_asymmetry"].value == pytest.approx(100 * 0.2 / 0.6)
    assert found["walking_speed"].absent_reason is Absence.NO_SCALE
    assert found["stance_percent"].absent_reason is Absence.TOO_FEW_STRIDES


def test_a_closed_gate_leaves_no_value_anywhere():
    gates = Gates(everything=Absence.QUALITY_UNUSABLE)
    found = build_parameters(temporal([(0.5, L), (0.5, R)]), None, gates, Person())
    assert set(found) == set(NAMES)
    assert {p.absent_reason for p in found.values()} == {Absence.QUALITY_UNUSABLE}


def test_one_side_has_no_asymmetry():
    found = build_parameters(temporal([(0.5, L), (0.6, L)]), None, Gates(), Person())
    assert found["step_time_asymmetry"].absent_reason is Absence.ONE_SIDE_ONLY
