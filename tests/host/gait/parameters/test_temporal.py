import pytest

from host.gait.parameters.temporal import temporal_samples
from host.gait.types import Event, Stride
from model_zoo.skeleton import Side

L, R = Side.LEFT, Side.RIGHT


def event(foot, kind, time_s, bout=0):
    return Event(foot, kind, time_s, 1.0, 1.0, bout)


# One stride calculated by hand: stance 0.68 s right, 0.66 s left, stride 1.10 s, so that
# double support is 0.68 + 0.66 - 1.10 = 0.24 s = 21.8 %.
EVENTS = (
    event(R, "initial_contact", 0.00),
    event(L, "foot_off", 0.11),
    event(L, "initial_contact", 0.55),
    event(R, "foot_off", 0.68),
    event(R, "initial_contact", 1.10),
    event(L, "foot_off", 1.21),
)
STRIDE = Stride(R, 0.0, 0.68, 1.10, 0, excluded=False, reason=None)


def test_phases_of_a_stride_by_hand():
    found = temporal_samples(EVENTS, (STRIDE,))
    assert found["stance_percent"].mean() == pytest.approx(100 * 0.68 / 1.10)
    assert found["swing_percent"].mean() == pytest.approx(100 * 0.42 / 1.10)
    assert found["double_support_percent"].mean() == pytest.approx(21.8, abs=0.05)
    assert found["single_support_percent"].mean() == pytest.approx(100 * 0.44 / 1.10)
    assert found["stance_time"].mean() == pytest.approx(0.68)
    assert found["swing_time"].mean() == pytest.approx(0.42)
    assert list(found["step_time"].value) == pytest.approx([0.55, 0.55])
    assert list(found["step_time"].right) == [False, True]


def test_a_missing_foot_off_leaves_the_timing():
    stride = Stride(R, 0.0, float("nan"), 1.10, 0, excluded=False, reason=None)
    found = temporal_samples(EVENTS, (stride,))
    assert found["stance_percent"].n == 0
    assert found["double_support_percent"].n == 0
    assert found["stride_time"].value == pytest.approx([1.10])


def test_excluded_strides_and_other_bouts_give_no_steps():
    excluded = Stride(R, 0.0, 0.68, 1.10, 0, excluded=True, reason=None)
    assert temporal_samples(EVENTS, (excluded,))["step_time"].n == 0
    apart = (EVENTS[0], event(L, "initial_contact", 0.55, bout=1), EVENTS[4])
    assert temporal_samples(apart, (STRIDE,))["step_time"].n == 0


def test_events_out_of_order_give_no_double_support():
    swapped = (*EVENTS[:1], event(L, "foot_off", 0.6), *EVENTS[2:])
    assert temporal_samples(swapped, (STRIDE,))["double_support_percent"].n == 0
