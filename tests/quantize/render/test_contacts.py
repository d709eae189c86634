"""Every generated walk keeps its schedule, and the measure of it sees faults made on purpose."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from model_zoo.skeleton import Side, part
from quantize.render.body import BodyModel, Person, Shape
from quantize.render.contacts import Schedule, summary
from quantize.render.fitted import MocapWalk
from quantize.render.floor_check import ContactCheck, ContactError, check_contacts
from quantize.render.mocap import MocapLibrary
from quantize.render.parametric import ParametricWalk
from quantize.render.plan import Gait, SideGait, plan

GAITS = {
    "usual": Gait(104, 1.15, spread=0.02),
    "slow": Gait(76, 0.5, trunk_lean_deg=20, left=SideGait(landing_deg=5, leaving_deg=-40)),
    "fast": Gait(128, 1.75),
    "uneven": Gait(
        95,
        0.9,
        left=SideGait(step_time=1.12, step_length=0.82, swing_knee=0.75),
        right=SideGait(step_time=0.88, step_length=1.18, toe_out_deg=16),
    ),
}


def feet_of(model: BodyModel) -> dict[Side, np.ndarray]:
    bone = np.array(model.bones)[model.vertex_bone]
    return {
        side: np.flatnonzero([b.startswith(("foot", "toe")) and b.endswith(end) for b in bone])
        for side, end in ((Side.LEFT, ".L"), (Side.RIGHT, ".R"))
    }


def measured(
    model: BodyModel, person: Person, shape: Shape, walk: ParametricWalk | MocapWalk, rate: float
) -> tuple[ContactCheck, np.ndarray, np.ndarray, np.ndarray]:
    time = np.arange(walk.span_s[0], walk.span_s[1], 1 / rate)
    vertices, points = model.pose(person, shape, *walk.pose(time))
    check = check_contacts(walk.schedule, walk.soles, feet_of(model), time, vertices)
    return check, time, vertices, points


@pytest.mark.parametrize("name", GAITS)
def test_feet_stand_still_on_the_floor_between_contact_and_foot_off_only(
    model: BodyModel, person: Person, shape: Shape, name: str
) -> None:
    walk = ParametricWalk(model, shape, GAITS[name], 2.5, seed=3)
    check, time, vertices, _ = measured(model, person, shape, walk, 60)
    check.demand()
    assert check.stances >= 5
    clearance = [vertices[:, f, 2].min(1) for f in feet_of(model).values()]
    for side, low in zip(Side, clearance, strict=True):
        for a, b in zip(walk.schedule.of(side), walk.schedule.of(side)[1:], strict=False):
            middle = (time > a.foot_off_s + 0.05) & (time < b.contact_s - 0.05)
            assert (low[middle] > 0.003).all()


def test_step_length_and_speed_are_those_of_the_fixed_feet(
    model: BodyModel, person: Person, shape: Shape
) -> None:
    gait = GAITS["uneven"]
    walk = ParametricWalk(model, shape, gait, 4.0, seed=3)
    _, time, _, points = measured(model, person, shape, walk, 60)
    heel = {side: points[:, part("heel", side)] for side in Side}
    places = []
    for c in walk.schedule.contacts:
        flat = (time > c.flat_s) & (time < c.heel_off_s)
        if flat.any():
            places.append((c, -heel[c.side][flat, 1].mean()))
    for (a, at), (b, bt) in pairwise(places):
        offset = np.cos(np.deg2rad(a.toe_out_deg)) - np.cos(np.deg2rad(b.toe_out_deg))
        assert bt - at == pytest.approx(b.forward_m - a.forward_m, abs=0.003 + abs(offset) * 0.1)
    truth = summary(walk.schedule, 0.0, 4.5)
    assert truth["step_length_left_m"] == pytest.approx(0.82 * 0.9 * 60 / 95, rel=1e-3)
    assert truth["step_time_right_s"] == pytest.approx(0.88 * 60 / 95, rel=1e-3)
    assert truth["walking_speed_m_s"] == pytest.approx(0.9, rel=0.01)


@pytest.fixture(scope="module")
def dense(
    model: BodyModel, person: Person, shape: Shape
) -> tuple[ParametricWalk, np.ndarray, np.ndarray, dict[Side, np.ndarray]]:
    walk = ParametricWalk(model, shape, GAITS["usual"], 1.5, seed=3)
    _, time, vertices, _ = measured(model, person, shape, walk, 60)
    return walk, time, vertices, feet_of(model)


@pytest.mark.parametrize("fault", ["floating", "sunk", "sliding", "late", "no schedule"])
def test_the_measure_sees_faults(dense, fault: str) -> None:  # type: ignore[no-untyped-def]
    walk, time, vertices, feet = dense
    schedule, moved = walk.schedule, vertices.copy()
    if fault == "floating":
        moved[..., 2] += 0.004
    elif fault == "sunk":
        moved[..., 2] -= 0.004
    elif fault == "sliding":
        moved[..., 1] += 0.03 * np.sin(time * 9)[:, None]
    elif fault == "late":
        schedule = Schedule(
            tuple(
                replace(
                    c,
                    contact_s=c.contact_s + 0.1,
                    flat_s=c.flat_s + 0.1,
                    heel_off_s=c.heel_off_s + 0.1,
                    foot_off_s=c.foot_off_s + 0.1,
                )
                for c in schedule.contacts
            )
        )
    else:
        schedule = Schedule(())
    with pytest.raises(ContactError):
        check_contacts(schedule, walk.soles, feet, time, moved).demand()


def test_a_gait_without_double_support_is_refused() -> None:
    running = Gait(150, 1.2, left=SideGait(stance=0.7), right=SideGait(stance=0.7))
    with pytest.raises(ValueError, match="no double support"):
        plan(running, 0.4, 3.0, Side.LEFT, 0)


def test_unevenness_in_time_shows_in_the_schedule_and_mirrors() -> None:
    gait = GAITS["uneven"]
    steps = plan(gait, 0.3, 5.0, Side.LEFT, 0).steps(0, 5)
    assert {round(s["time_s"], 3) for s in steps if s["foot"] == "left"} == {0.707}
    swapped = replace(gait, left=gait.right, right=gait.left)
    other = plan(swapped, 0.3, 5.0, Side.RIGHT, 0).steps(0, 5)
    assert [s["length_m"] for s in steps] == [s["length_m"] for s in other]
    assert {(a["foot"], b["foot"]) for a, b in zip(steps, other, strict=True)} == {
        ("left", "right"),
        ("right", "left"),
    }


@pytest.mark.parametrize("trial", ["07_07", "900_19"])
def test_recorded_walks_are_fitted_to_their_schedule(
    model: BodyModel, person: Person, shape: Shape, shared: Path, trial: str
) -> None:
    library = MocapLibrary(shared / "data" / "mocap" / "cmu_walks.npz")
    walk = MocapWalk(model, shape, library, trial)
    check = measured(model, person, shape, walk, 60)[0]
    check.demand()
    assert check.stances >= 4


def test_a_turning_recording_is_refused(model: BodyModel, shape: Shape, shared: Path) -> None:
    library = MocapLibrary(shared / "data" / "mocap" / "cmu_walks.npz")
    with pytest.raises(ValueError, match="no straight walk"):
        MocapWalk(model, shape, library, "900_50")
