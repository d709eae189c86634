import pytest

from host.codes import Absence
from host.gait.parameters import NAMES, Gates, build_parameters
from host.gait.parameters.catalogue import ENTRIES
from host.gait.parameters.samples import Samples
from host.gait.types import Person
from model_zoo.skeleton import Side

L, R = Side.LEFT, Side.RIGHT
STEPS = [(0.5, L), (0.7, R), (0.5, L), (0.7, R), (0.5, L), (0.7, R)]


def built(gates=None, **samples):
    return build_parameters(samples, gates or Gates(), Person())


def test_cadence_is_sixty_over_the_mean_step():
    found = built(step_time=Samples.of(STEPS), step_length=Absence.NO_SCALE)
    cadence = found["cadence"]
    assert cadence.value == pytest.approx(100.0)
    assert cadence.interval_95 == pytest.approx((100.0, 100.0))  # no spread within the sides
    assert found["step_time_asymmetry"].value == pytest.approx(100 * 0.2 / 0.6)
    assert found["step_time_ratio"].value == pytest.approx(1.4)
    assert found["step_length"].absent_reason is Absence.NO_SCALE
    assert found["walk_ratio"].absent_reason is Absence.NO_SCALE
    assert found["stance_percent"].absent_reason is Absence.TOO_FEW_STRIDES


def test_walk_ratio_is_step_length_in_centimetres_over_cadence():
    lengths = Samples.of([(0.6, L), (0.66, R)] * 3)
    found = built(step_time=Samples.of(STEPS), step_length=lengths)
    assert found["walk_ratio"].value == pytest.approx(63 / 100)
    assert found["walk_ratio"].left is None


def test_a_closed_gate_leaves_no_value_anywhere():
    found = built(Gates(everything=Absence.QUALITY_UNUSABLE), step_time=Samples.of(STEPS))
    assert tuple(found) == NAMES
    assert {p.absent_reason for p in found.values()} == {Absence.QUALITY_UNUSABLE}


@pytest.mark.parametrize("gate", ["phases", "lengths", "sides", "sagittal", "clearance"])
def test_each_gate_closes_its_group_and_nothing_else(gate):
    samples = {entry.name: Samples.of(STEPS) for entry in ENTRIES}
    found = build_parameters(samples, Gates(**{gate: Absence.CAMERA_MOVES}), Person())
    closed = {name for name, p in found.items() if p.absent_reason is Absence.CAMERA_MOVES}
    assert closed == {entry.name for entry in ENTRIES if gate in entry.gates}
    assert closed
    if gate == "sides":
        assert all(p.left is None and p.right is None for p in found.values())


def test_one_side_has_no_symmetry():
    found = built(step_time=Samples.of([(0.5, L), (0.6, L)]))
    for suffix in ("asymmetry", "ratio", "symmetry_angle"):
        assert found[f"step_time_{suffix}"].absent_reason is Absence.ONE_SIDE_ONLY


def test_near_and_far_foot_cancel_over_both_directions_and_are_silent_in_one():
    near, far = 0.05, -0.05
    there = [(0.60 + near, L), (0.66 + far, R)] * 3
    back = [(0.60 + far, L), (0.66 + near, R)] * 3
    one = built(relative_step_length=Samples.of(there, [1] * 6))
    assert one["step_length_asymmetry"].absent_reason is Absence.ONE_DIRECTION_ONLY
    both = built(relative_step_length=Samples.of(there + back, [1] * 6 + [-1] * 6))
    assert both["step_length_asymmetry"].value == pytest.approx(100 * 0.06 / 0.63)
    assert both["step_length_ratio"].value == pytest.approx(1.1)
    known = built(
        relative_step_length=Samples.of(there, [0] * 6)
    )  # points that have no near and far side
    assert known["step_length_asymmetry"].absent_reason is None


def test_a_step_to_gait_has_an_asymmetry_but_no_ratio():
    found = built(relative_step_length=Samples.of([(0.4, L), (-0.05, R)] * 3))
    assert found["step_length_asymmetry"].value == pytest.approx(100 * -0.45 / 0.175)
    assert found["step_length_ratio"].absent_reason is Absence.NOT_DEFINED
    assert found["step_length_symmetry_angle"].absent_reason is Absence.NOT_DEFINED


def test_temporal_symmetry_by_hand():
    found = built(stance_percent=Samples.of([(60.0, L), (65.0, R)] * 3))
    assert found["temporal_symmetry"].value == pytest.approx((35 / 65) / (40 / 60))


def test_intervals_of_symmetry_hold_the_value_and_a_balanced_walk_may_hold_one():
    values = [(0.60 + 0.02 * (i % 3), (L, R)[i % 2]) for i in range(12)]
    found = built(step_time=Samples.of(values))
    low, high = found["step_time_ratio"].interval_95
    assert low < 1 <= found["step_time_ratio"].value <= high
