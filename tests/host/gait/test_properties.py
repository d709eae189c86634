"""How events and curves act when a walk is mirrored, turned round in time, stretched or thinned."""

from dataclasses import replace

import numpy as np
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from host.gait.analyse import analyse_gait
from host.gait.types import GaitResult, Person, Trajectories
from model_zoo.skeleton import Side
from tests.host.gait.walker import Walker, backwards, facts, mirrored, regular

EXAMPLES = settings(
    max_examples=6, deadline=None, derandomize=True, database=None, phases=(Phase.generate,)
)
BLURRED_S = 0.006  # a parabola through three samples of 10 ms
OTHER_KIND = {"initial_contact": "foot_off", "foot_off": "initial_contact"}

walks = st.builds(
    Walker,
    step_time_s=st.tuples(st.floats(0.45, 0.7), st.floats(0.45, 0.7)),
    step_length=st.tuples(st.floats(0.3, 0.42), st.floats(0.3, 0.42)),
    stance_share=st.floats(0.58, 0.68),
    n_steps=st.just(12),
    start_s=st.just(0.6),
    direction=st.sampled_from([1, -1]),
)


def seen(walker: Walker, rate_hz: float = 100.0) -> Trajectories:
    return walker.trajectories(regular(walker.end_s() + 0.8, rate_hz))


def measured(points: Trajectories) -> GaitResult:
    return analyse_gait(points, Person(1.7), facts(points.time_s))


def events(result: GaitResult) -> list[tuple[str, Side, float]]:
    return [(e.kind, e.foot, e.time_s) for e in result.events]


def same(one: list[tuple[str, Side, float]], two: list[tuple[str, Side, float]], off_s: float):
    """Whether each inner event of the one walk has its like in the other."""
    inner = sorted(one, key=lambda e: e[2])[2:-2]
    assert len(inner) >= 12
    for kind, foot, time_s in inner:
        gaps = [abs(t - time_s) for k, f, t in two if (k, f) == (kind, foot)]
        assert min(gaps, default=np.inf) <= off_s, (kind, foot, time_s)


@EXAMPLES
@given(walker=walks)
def test_a_mirrored_walk_has_the_other_foot_s_events_and_curves(walker: Walker):
    points = seen(walker)
    one, two = (measured(p) for p in (points, replace(points, xyz=mirrored(points.xyz))))
    assert [(k, f.other, t) for k, f, t in events(one)] == events(two)
    there, back = ({(c.joint, c.side): c.mean_deg for c in r.curves} for r in (one, two))
    assert {(joint, side.other) for joint, side in there} == set(back)
    for (joint, side), curve in there.items():
        np.testing.assert_allclose(back[joint, side.other], curve, atol=1e-6)


@EXAMPLES
@given(walker=walks)
def test_time_running_backwards_turns_contacts_into_foot_offs(walker: Walker):
    """A foot lands where it leaves in the film that runs backwards, heel for toe."""
    points = seen(walker)
    end_s = float(points.time_s[-1])
    turned = [(OTHER_KIND[k], f, end_s - t) for k, f, t in events(measured(backwards(points)))]
    # The two kinds have other constants: the time between them is told, not taken as zero.
    found = events(measured(points))
    for kind in OTHER_KIND:
        own = np.array([t for k, _, t in found if k == kind])
        mine = np.array([t for k, _, t in turned if k == kind])
        apart = [t - own[np.argmin(np.abs(own - t))] for t in mine[2:-2]]
        assert np.ptp(apart) <= 4 * BLURRED_S


@EXAMPLES
@given(walker=walks, factor=st.floats(0.85, 1.2))
def test_a_stretched_walk_has_stretched_events(walker: Walker, factor: float):
    points = seen(walker)
    stretched = replace(points, time_s=factor * points.time_s)
    one = [(k, f, factor * t) for k, f, t in events(measured(points))]
    same(one, events(measured(stretched)), 2 * BLURRED_S)


@EXAMPLES
@given(walker=walks, rate_hz=st.sampled_from([30.0, 50.0, 60.0, 120.0]))
def test_the_frame_rate_does_not_move_events(walker: Walker, rate_hz: float):
    same(events(measured(seen(walker))), events(measured(seen(walker, rate_hz))), 2 * BLURRED_S)


@EXAMPLES
@given(walker=walks, seed=st.integers(0, 99))
def test_dropped_frames_move_events_by_less_than_a_frame(walker: Walker, seed: int):
    points = seen(walker, 60.0)
    keep = np.random.default_rng(seed).random(len(points.time_s)) > 0.15
    keep[[0, -1]] = True
    thin = replace(
        points, time_s=points.time_s[keep], xyz=points.xyz[keep], score=points.score[keep]
    )
    same(events(measured(points)), events(measured(thin)), 1 / 60)


@EXAMPLES
@given(walker=walks, pixels=st.floats(150, 900))
def test_size_in_the_picture_moves_nothing(walker: Walker, pixels: float):
    time_s = regular(walker.end_s() + 0.8, 60)
    one, two = (measured(walker.trajectories(time_s, height=h)) for h in (300.0, pixels))
    same(events(one), events(two), 1e-6)
    assert one.curves
    for a, b in zip(one.curves, two.curves, strict=True):
        np.testing.assert_allclose(a.mean_deg, b.mean_deg, atol=1e-6)
