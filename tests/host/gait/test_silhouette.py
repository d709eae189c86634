"""Cadence from the outline: known rhythms, and the check that it makes of the events."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from host.codes import QualityCode
from host.gait.analyse import analyse_gait
from host.gait.silhouette import SilhouetteCadence, cadences_of_events
from host.gait.types import Event, Person, Silhouette, Trajectories
from host.text import sentence
from model_zoo.skeleton import INDEX, Side
from tests.host.gait.walker import Walker, facts, regular


def outline(
    steps_per_min: float, rate_hz: float = 30.0, *, uneven: float = 0.0, noise: float = 0.0
) -> Silhouette:
    """Width that swings once per step around a growing mean, as of a person who comes nearer."""
    time_s = regular(6.0, rate_hz)
    rng = np.random.default_rng(3)
    phase = 2 * np.pi * steps_per_min / 60 * time_s
    width = 90 + 4 * time_s + 30 * np.cos(phase) + 30 * uneven * np.cos(phase / 2)
    return Silhouette(time_s, width + noise * rng.normal(size=len(time_s)), 200 + 9 * time_s)


@settings(deadline=None, max_examples=40)
@given(cadence=st.floats(62, 160), rate_hz=st.floats(24, 60), scale=st.floats(0.3, 4.0))
def test_rhythm_of_the_width_is_the_cadence_at_any_rate_and_size(cadence, rate_hz, scale):
    seen = outline(cadence, rate_hz, noise=5.0)
    seen = replace(seen, width_px=scale * seen.width_px, height_px=scale * seen.height_px)
    found = SilhouetteCadence().measure(seen, [(0.0, 6.0)])
    assert found.steps_per_min == pytest.approx(cadence, rel=0.03)
    assert found.strength > 0.5


def test_uneven_steps_are_still_counted_one_by_one():
    found = SilhouetteCadence().measure(outline(100.0, uneven=0.3), [(0.0, 6.0)])
    assert found.steps_per_min == pytest.approx(100.0, rel=0.03)


def test_pictures_without_an_outline_are_bridged():
    seen = outline(100.0)
    seen.width_px[40:46] = np.nan
    found = SilhouetteCadence().measure(seen, [(0.0, 6.0)])
    assert found.steps_per_min == pytest.approx(100.0, rel=0.03)


def test_several_short_bouts_count_together():
    found = SilhouetteCadence().measure(outline(110.0, noise=4.0), [(0.2, 2.4), (3.0, 5.6)])
    assert found.steps_per_min == pytest.approx(110.0, rel=0.04)


@pytest.mark.parametrize("spans", [[], [(1.0, 2.0)], [(20.0, 25.0)]])
def test_too_little_says_nothing(spans):
    found = SilhouetteCadence().measure(outline(100.0), spans)
    assert np.isnan(found.steps_per_min)
    assert found.strength == 0


def test_an_outline_without_rhythm_is_weak():
    rng = np.random.default_rng(0)
    seen = replace(outline(100.0), width_px=rng.normal(100, 10, 180))
    assert SilhouetteCadence().measure(seen, [(0.0, 6.0)]).strength < 0.5


def test_a_missed_contact_does_not_slow_the_events():
    times = [0.0, 0.5, 1.0, 2.0, 2.5, 3.0]
    events = tuple(Event(Side.LEFT, "initial_contact", t, 1.0, 1.0, 0) for t in times)
    median, mean = cadences_of_events(events)
    assert median == pytest.approx(120.0)
    assert mean == pytest.approx(100.0)
    assert np.isnan(cadences_of_events(events[:2])).all()


def test_uneven_steps_keep_their_mean():
    times = np.cumsum([0.0, 0.4, 0.7, 0.4, 0.7, 0.4])
    events = tuple(Event(Side.LEFT, "initial_contact", t, 1.0, 1.0, 0) for t in times)
    assert cadences_of_events(events)[1] == pytest.approx(60 / 0.52)


def widths_of(points: Trajectories) -> Silhouette:
    """The outline that the walker's feet span."""
    heels = points.xyz[:, [INDEX["left_heel"], INDEX["right_heel"]], 0]
    spread = np.abs(heels[:, 0] - heels[:, 1])
    tall = float(np.nanmax(points.xyz[..., 2]) - np.nanmin(points.xyz[..., 2]))
    return Silhouette(points.time_s, 0.2 * tall + spread, np.full(len(spread), tall))


@pytest.mark.parametrize("pace", [1.0, 1.3])
def test_events_that_differ_from_the_outline_are_told(pace):
    walker = Walker(start_s=0.5, n_steps=14)
    time_s = regular(walker.end_s() + 0.8, 30.0)
    points = walker.trajectories(time_s)
    seen = widths_of(points)
    # The outline of somebody who walks quicker than the person whose points were followed.
    other = replace(seen, width_px=np.interp(pace * time_s, time_s, seen.width_px))
    told = replace(facts(time_s), silhouette=other)
    result = analyse_gait(points, Person(), told)
    check = next(c for c in result.checks if c.code is QualityCode.CADENCE_AGREES)
    assert check.passed == (pace == 1.0)
    assert result.quality_grade == ("good" if pace == 1.0 else "limited")
    values = {"value": check.value, "limit": check.limit}
    assert "%" in sentence("quality.cadence_agrees", **values)
