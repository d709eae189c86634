import pytest

from host.gait.events.base import Kind
from host.gait.events.fuse import Fused
from host.gait.events.sequence import StepSequence
from model_zoo.skeleton import Side

L, R = Side.LEFT, Side.RIGHT
EVEN = [(0.5 * k, (L, R)[k % 2], 0.9) for k in range(8)]


def chosen(steps, period_s=1.0):
    events = sorted(
        (Fused(Kind.CONTACT, s, t, c, 0.0) for t, s, c in steps), key=lambda e: e.time_s
    )
    return [(e.time_s, e.side) for e in StepSequence().choose(events, period_s)]


def test_an_even_walk_is_kept_whole():
    assert chosen(EVEN) == [(t, s) for t, s, _ in EVEN]


@pytest.mark.parametrize("false", [(1.2, L, 0.6), (1.25, R, 0.6), (3.6, L, 0.5)])
def test_a_false_contact_is_left_out(false):
    assert chosen([*EVEN, false]) == [(t, s) for t, s, _ in EVEN]


def test_a_missing_contact_does_not_break_the_rest():
    steps = [step for step in EVEN if step[0] != 1.5]
    assert chosen(steps) == [(t, s) for t, s, _ in steps]


def test_an_uneven_step_to_gait_stays():
    times, now = [], 0.0
    for k in range(8):
        times.append((now, (L, R)[k % 2], 0.9))
        now += (0.36, 0.64)[k % 2]
    assert len(chosen(times)) == 8


def test_nothing_gives_nothing():
    assert chosen([]) == []
    assert chosen([(1.0, L, 0.2)]) == []
