"""Both methods on a foot of formulas, and the stride period from two."""

from dataclasses import fields, replace

import numpy as np
import pytest

import host.gait.events
from host.gait.analyse import analyse_gait
from host.gait.events.base import FootPath, Kind
from host.gait.events.detect import stride_period
from host.gait.events.foot_velocity import FootVelocity
from host.gait.events.heel_speed import HeelSpeed
from host.gait.events.learned import LearnedEvents
from host.gait.events.zeni import Zeni
from host.gait.signals import RATE_HZ
from host.gait.types import Person
from host.settings import GaitSettings
from model_zoo.skeleton import Side
from tests.host.gait.walker import FOOT, Walker, facts, regular

METHODS = [Zeni(), HeelSpeed(), FootVelocity()]
FORWARD = METHODS[:2]


def path(walker, side=1, hole=None):
    time_s = regular(walker.end_s() + 0.8, RATE_HZ)
    heel = walker.foot(side, time_s)
    if hole is not None:
        heel[(time_s >= hole[0]) & (time_s < hole[1])] = np.nan
    toe = heel + np.array([FOOT, 0])
    foot = (Side.LEFT, Side.RIGHT)[side]
    return FootPath(foot, time_s, heel, toe, walker.pelvis(time_s), sum(walker.step_time_s))


def thrown_up(foot, walker, side=1):
    """Heel rise throws the foot up and lets it fall again long before it lands."""
    heel = foot.heel.copy()
    thrown = np.minimum(2 * walker.airborne(side, foot.time_s), 1)
    heel[:, 1] += 0.15 * np.sin(np.pi * thrown) ** 2
    return replace(foot, heel=heel)


@pytest.mark.parametrize("method", FORWARD, ids=lambda m: m.name)
@pytest.mark.parametrize("kind", list(Kind))
def test_each_method_sees_every_event_at_a_constant_distance(method, kind):
    walker = Walker(start_s=0.5)
    truth = walker.contacts() if kind is Kind.CONTACT else walker.offs()
    own = np.array([t for t, side in truth if side == 1])
    found = np.array([c.time_s for c in method.detect(path(walker)) if c.kind is kind])
    # The first foot off, from standing, hardly stands out.
    assert len(found) >= len(own) - (kind is Kind.OFF)
    errors = found - own[-len(found) :]
    assert np.abs(errors).max() < 0.09
    assert errors.std() < 0.01


@pytest.mark.parametrize("method", [Zeni(), FootVelocity()], ids=lambda m: m.name)
def test_no_event_is_invented_in_a_hole(method):
    walker = Walker(start_s=0.5)
    hidden = walker.contacts()[4][0]
    foot = path(walker, hole=(hidden - 0.3, hidden + 0.3))
    found = method.detect(thrown_up(foot, walker))
    contacts = [c.time_s for c in found if c.kind is Kind.CONTACT]
    assert all(abs(t - hidden) > 0.25 for t in contacts)
    assert len(contacts) == 5


def test_the_foot_velocity_needs_a_heel_and_a_toe():
    foot = path(Walker(start_s=0.5))
    assert FootVelocity().detect(replace(foot, toe=foot.heel)) == []


@pytest.mark.parametrize("kind", list(Kind))
def test_the_fall_of_the_foot_in_mid_swing_is_no_contact(kind):
    walker = Walker(start_s=0.5)
    events = FootVelocity().detect(thrown_up(path(walker), walker))
    found = np.array([c.time_s for c in events if c.kind is kind])
    truth = walker.contacts() if kind is Kind.CONTACT else walker.offs()
    errors = found - [t for t, side in truth if side == 1]
    # A foot of sines lands slowest at the end: fastest a quarter of the swing before or after.
    assert np.abs(errors).max() < 0.11
    assert errors.std() < 0.01


def test_a_foot_without_a_fall_before_the_floor_has_no_contact():
    found = FootVelocity().detect(path(Walker(start_s=0.5)))
    assert [c for c in found if c.kind is Kind.CONTACT] == []


@pytest.mark.parametrize("lead", host.gait.events.METHODS)
def test_each_method_can_lead(lead):
    walker = Walker(start_s=0.5, n_steps=14)
    time_s = regular(walker.end_s() + 0.8, 60)
    points = walker.trajectories(time_s)
    found = analyse_gait(points, Person(1.7), facts(time_s), lead=lead).parameters
    assert found["cadence"].value == pytest.approx(120 / 1.1, rel=0.01)
    assert found["walking_speed"].value == pytest.approx(1.7 * 0.8 / 1.1, rel=0.02)


def test_the_settings_name_the_methods():
    known = {f.name: f for f in fields(GaitSettings)}["events"].metadata["known"]
    assert set(known) == set(host.gait.events.NAMES)
    assert GaitSettings().events == LearnedEvents.name


def test_a_foot_that_never_moves_has_no_events():
    walker = Walker(start_s=100)
    time_s = regular(5, RATE_HZ)
    still = np.zeros((len(time_s), 2))
    foot = FootPath(Side.LEFT, time_s, still, still, walker.pelvis(time_s), float("nan"))
    for method in METHODS:
        assert method.detect(foot) == []


@pytest.mark.parametrize("period_s", [0.8, 1.1, 2.2])
def test_stride_period(period_s):
    time_s = regular(6, RATE_HZ)
    noise = np.random.default_rng(0).normal(0, 0.2, len(time_s))
    assert stride_period(np.sin(2 * np.pi * time_s / period_s) + noise) == pytest.approx(
        period_s, rel=0.04
    )


def test_no_alternation_has_no_period():
    assert np.isnan(stride_period(np.full(300, np.nan)))
    assert np.isnan(stride_period(np.zeros(300)))
