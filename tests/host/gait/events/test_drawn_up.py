"""A step-to gait keeps its pace whatever the feet are called."""

from dataclasses import replace

import numpy as np
import pytest

from host.gait.analyse import analyse_gait
from host.gait.events import detect
from host.gait.events.base import FootPath
from host.gait.events.drawn_up import DrawnUpFoot
from host.gait.signals import RATE_HZ
from host.gait.sources import Source
from host.gait.types import Person
from model_zoo.skeleton import MIRROR, Side
from tests.host.gait.walker import FOOT, Walker, facts, regular

STEP_TO = Walker((0.6, 0.7), (0.0, 0.4), 0.68, n_steps=14, start_s=0.5)
USUAL = Walker(n_steps=14, start_s=0.5)


def feet(walker, exchanged=None):
    time_s = regular(walker.end_s() + 0.8, RATE_HZ)
    heels = [walker.foot(side, time_s) for side in (0, 1)]
    if exchanged is not None:
        turned = exchanged(time_s)[:, None]
        heels = [np.where(turned, b, a) for a, b in (heels, heels[::-1])]
    return [
        FootPath(side, time_s, heel, heel + np.array([FOOT, 0]), walker.pelvis(time_s), 1.2)
        for side, heel in zip(Side, heels, strict=True)
    ]


def found(walker, **kwargs):
    return sorted({c.time_s for c in DrawnUpFoot().detect(*feet(walker, **kwargs))})


@pytest.mark.parametrize("names", [None, lambda t: t % 2 < 1, lambda t: t > 4])
def test_every_closing_step_is_seen_whatever_the_feet_are_called(names):
    closing = [t for t, side in STEP_TO.contacts() if side == 0]
    contacts = np.array(found(STEP_TO, exchanged=names))
    assert len(contacts) == len(closing)
    assert np.abs(contacts - closing).max() < 0.1


def test_a_usual_walk_has_none_but_the_last():
    """Who stops draws the second foot up; the walker of formulas ends with a full step."""
    assert found(USUAL) == []


def test_a_foot_hidden_behind_the_other_for_a_moment_is_followed():
    left, right = feet(STEP_TO)
    hidden = STEP_TO.contacts()[5][0]
    rows = np.abs(left.time_s - hidden) < 0.08
    heel = left.heel.copy()
    heel[rows] = np.nan
    contacts = {c.time_s for c in DrawnUpFoot().detect(replace(left, heel=heel), right)}
    assert min(abs(t - hidden) for t in contacts) < 0.15


@pytest.mark.parametrize("seed", range(4))
def test_exchanged_names_do_not_halve_the_cadence(seed):
    """Where the feet close a network may begin to call them by each other's name, and go on so."""
    time_s = regular(STEP_TO.end_s() + 0.8, 30)
    points = STEP_TO.trajectories(time_s)
    closings = [t for t, side in STEP_TO.contacts() if side == 0]
    at = np.random.default_rng(seed).choice(closings[1:-1], 2, replace=False)
    turned = (time_s > at.min()) & (time_s < at.max())
    xyz = np.where(turned[:, None, None], points.xyz[:, MIRROR], points.xyz)
    result = analyse_gait(replace(points, xyz=xyz), Person(1.7), facts(time_s))
    assert result.parameters["cadence"].value == pytest.approx(120 / 1.3, rel=0.08)


@pytest.mark.parametrize(("walker", "stride_s"), [(STEP_TO, 1.3), (USUAL, 1.1)])
def test_the_steps_in_front_tell_the_stride_where_the_feet_do_not(monkeypatch, walker, stride_s):
    """Feet seen badly are unlike themselves a stride later; who leads each time walks step-to."""
    monkeypatch.setattr(detect, "stride_period", lambda _: float("nan"))
    left, right = feet(walker)
    for foot in detect.EventDetector(Source()).with_period((left, right)):
        assert foot.period_s == pytest.approx(stride_s, rel=0.05)
