"""A timed up and go of formulas: sit, rise, walk, turn, walk back, turn, sit down."""

from __future__ import annotations

import numpy as np
import pytest

from host.codes import Absence, Activity, ScaleGap
from host.diagnosis.scales import suggest
from host.gait.analyse import analyse_gait
from host.gait.bouts.chair import Chair
from host.gait.track import Resampler
from host.gait.types import GaitResult, Person, Trajectories
from host.text import sentences
from model_zoo.skeleton import INDEX, KEYPOINTS
from tests.host.gait.walker import Walker, _knee, facts, mirrored, regular

RATE_HZ, HEIGHT = 60, 300.0
SIT_S, RISE_S, TURN_S, SETTLE_S = 1.5, 1.2, 1.5, 1.4
WALKER = Walker(n_steps=10)
UPPER = [i for i, n in enumerate(KEYPOINTS) if not n.endswith(("knee", "ankle", "heel", "toe"))]


def seated(standing: np.ndarray, share: np.ndarray) -> np.ndarray:
    """The standing person (x to the right) on the way to a chair behind him; share 1 = sits."""
    out = np.repeat(standing[None], len(share), axis=0)
    hip, ankle = (standing[INDEX[f"left_{n}"]] for n in ("hip", "ankle"))
    back = share * (ankle[0] - 0.245 * HEIGHT - hip[0])
    down = share * (0.285 * HEIGHT - hip[2])
    out[:, UPPER, 0] += back[:, None]
    out[:, UPPER, 2] += down[:, None]
    # The trunk leans forward most in the middle of the way.
    lean = np.radians(25) * np.sin(np.pi * share)
    for name in ("shoulder", "eye", "ear", "elbow", "wrist"):
        for side in ("left", "right"):
            point = INDEX[f"{side}_{name}"]
            out[:, point, 0] += np.sin(lean) * (out[:, point, 2] - out[:, INDEX["left_hip"], 2])
    for side in ("left", "right"):
        hips, foot = out[:, INDEX[f"{side}_hip"]] / HEIGHT, ankle[[0, 2]] / HEIGHT
        feet = np.repeat(foot[:, None], len(share), axis=1)
        x, z = _knee(hips[:, 0], hips[:, 2], feet)
        out[:, INDEX[f"{side}_knee"], 0], out[:, INDEX[f"{side}_knee"], 2] = HEIGHT * x, HEIGHT * z
    return out


def ramp(seconds: float) -> np.ndarray:
    share = np.linspace(0, 1, int(seconds * RATE_HZ))
    return share - np.sin(2 * np.pi * share) / (2 * np.pi)


def blend(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    share = ramp(TURN_S)[:, None, None]
    return (1 - share) * a + share * b


def timed_up_and_go() -> tuple[Trajectories, float, float]:
    """The recording, and when rising begins and sitting down ends."""
    out = WALKER.trajectories(regular(WALKER.end_s(), RATE_HZ), height=HEIGHT).xyz
    home = mirrored(out)
    home[..., 0] += out[-1, INDEX["left_hip"], 0] - home[0, INDEX["right_hip"], 0]
    last = out[0].copy()
    last[:, 0] += home[-1, INDEX["left_hip"], 0] - out[0, INDEX["left_hip"], 0]
    still = np.ones(int(SIT_S * RATE_HZ))
    parts = [
        seated(out[0], still),
        seated(out[0], 1 - ramp(RISE_S)),
        out,
        blend(out[-1], home[0]),
        home,
        blend(home[-1], last),
        seated(last, ramp(SETTLE_S)),
        seated(last, still),
    ]
    xyz = np.concatenate(parts)
    points = Trajectories(
        np.arange(len(xyz)) / RATE_HZ, xyz, "px", np.isfinite(xyz[..., 0]) * 1.0, "synthetic"
    )
    ends = np.cumsum([len(p) for p in parts]) / RATE_HZ
    return points, float(ends[0]), float(ends[6])


@pytest.fixture(scope="module")
def result() -> GaitResult:
    points, _, _ = timed_up_and_go()
    return analyse_gait(points, Person(1.7), facts(points.time_s))


def test_the_phases_come_in_order(result: GaitResult):
    main = [
        s.kind
        for s in result.activities
        if s.kind not in (Activity.STANDING, Activity.STARTING, Activity.STOPPING)
    ]
    assert main[:5] == [
        Activity.SITTING,
        Activity.RISING,
        Activity.WALKING,
        Activity.TURNING,
        Activity.WALKING,
    ]
    assert main[-2:] == [Activity.SITTING_DOWN, Activity.SITTING]


def test_rising_and_sitting_down_are_found_in_time(result: GaitResult):
    _, start_s, end_s = timed_up_and_go()
    rising = next(s for s in result.activities if s.kind is Activity.RISING)
    down = next(s for s in result.activities if s.kind is Activity.SITTING_DOWN)
    assert rising.start_s == pytest.approx(start_s, abs=0.35)
    assert rising.end_s == pytest.approx(start_s + RISE_S, abs=0.45)
    assert down.end_s == pytest.approx(end_s, abs=0.35)


def test_the_test_is_a_number_and_no_score(result: GaitResult):
    _, start_s, end_s = timed_up_and_go()
    scale = next(s for s in suggest(result) if s.scale == "timed_up_and_go")
    item = scale.items[0]
    assert (item.points, item.gap) == (None, ScaleGap.NUMBER_ONLY)
    assert item.measurements[0].unit == "s"
    assert item.measurements[0].value == pytest.approx(end_s - start_s, abs=0.6)


def test_the_test_is_told_in_its_phases(result: GaitResult):
    scale = next(s for s in suggest(result) if s.scale == "timed_up_and_go")
    whole, *phases = scale.items[0].measurements
    names = [phase.parameter.removeprefix("timed_up_and_go_") for phase in phases]
    assert names == ["rising", "way_out", "turn", "way_back", "sitting_down"]
    assert all(sentences()[f"parameter.{phase.parameter}"] for phase in phases)
    assert sum(phase.value for phase in phases) == pytest.approx(whole.value)
    rising, out, turn, back, down = (phase.value for phase in phases)
    # Chair's limits: the thighs' first 5 degrees and last 30 are no part of it, half of a ramp.
    assert rising == pytest.approx(0.5 * RISE_S, abs=0.2)
    assert turn == pytest.approx(TURN_S, abs=1.0)
    assert out == pytest.approx(WALKER.end_s(), abs=0.8)
    assert back == pytest.approx(WALKER.end_s() + TURN_S, abs=1.2)  # a turn before the chair
    assert down == pytest.approx(0.5 * SETTLE_S, abs=0.2)


def test_strides_stay_those_of_the_walk(result: GaitResult):
    assert result.parameters["cadence"].value == pytest.approx(120 / 1.1, rel=0.03)
    assert len(result.bouts) == 2


def test_a_walk_without_a_chair_has_neither():
    time_s = regular(WALKER.end_s(), 60)
    walk = analyse_gait(WALKER.trajectories(time_s), Person(1.7), facts(time_s))
    kinds = {s.kind for s in walk.activities}
    assert not kinds & {Activity.SITTING, Activity.RISING, Activity.SITTING_DOWN}
    found = {s.scale: s.items[0].gap for s in suggest(walk)}
    assert found["timed_up_and_go"] is ScaleGap.NOT_RECORDED
    assert found["ten_metre_walk"] is ScaleGap.NOT_RECORDED  # the walk is shorter than 10 m


def test_a_long_walk_tells_the_time_over_ten_metres():
    walker = Walker(n_steps=26, start_s=0.5)
    time_s = regular(walker.end_s() + 0.5, 60)
    walk = analyse_gait(walker.trajectories(time_s), Person(1.7), facts(time_s))
    item = next(s for s in suggest(walk) if s.scale == "ten_metre_walk").items[0]
    assert item.gap is ScaleGap.NUMBER_ONLY
    assert item.measurements[0].value == pytest.approx(10 / (1.7 * 0.8 / 1.1), rel=0.02)


def test_the_gait_item_of_the_sppb_is_a_suggestion_with_its_time(result: GaitResult):
    walk = WALKER.trajectories(regular(WALKER.end_s(), 60))
    for walked in (result, analyse_gait(walk, Person(1.7), facts(walk.time_s))):
        item = next(s for s in suggest(walked) if s.scale == "sppb_gait").items[0]
        assert (item.points, item.possible) == (4, (4,))
        assert item.measurements[0].value == pytest.approx(4 / (1.7 * 0.8 / 1.1), rel=0.05)
    unscaled = analyse_gait(walk, Person(), facts(walk.time_s))
    item = next(s for s in suggest(unscaled) if s.scale == "sppb_gait").items[0]
    assert (item.points, item.gap) == (None, ScaleGap.NOT_MEASURED)
    assert item.absent_reason is Absence.NO_SCALE


def test_a_short_bend_of_the_knees_is_no_chair():
    out = WALKER.trajectories(regular(1, RATE_HZ), height=HEIGHT).xyz[0]
    share = 0.9 * np.sin(np.pi * np.linspace(0, 1, 40)) ** 4
    xyz = seated(out, share)
    points = Trajectories(np.arange(40) / RATE_HZ, xyz, "px", np.ones(xyz.shape[:2]), "synthetic")
    assert Chair().find(Resampler().resample(points)) == []
