"""Patterns of impaired walking: each does what its source says, and its truth stays exact."""

from dataclasses import replace
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from model_zoo.skeleton import INDEX, MIRROR, Side, part
from quantize.render.body import BodyModel, Person, Shape
from quantize.render.clip import ClipRecipe
from quantize.render.contacts import Contact
from quantize.render.floor_check import check_contacts
from quantize.render.parametric import ParametricWalk
from quantize.render.pathology.ataxic import WIDER_M
from quantize.render.pathology.edit import Severity
from quantize.render.pathology.hemiparetic import CIRCUMDUCTION_M
from quantize.render.pathology.patterns import FIRST, ONE_SIDED, Pattern
from quantize.render.pathology.second import SECOND
from quantize.render.plan import Changes, Gait
from quantize.render.ranges import read
from quantize.render.truth import knee_deg

RECIPES = Path(__file__).resolve().parents[3] / "quantize" / "recipes"
HEALTHY = Gait(106, 1.15, spread=0.01, changes=Changes())
RATE_HZ = 40
LEG = ("hip", "knee", "ankle", "heel", "big_toe", "small_toe")


def swapped(gait: Gait) -> Gait:
    changes = gait.changes or Changes()
    return replace(
        gait,
        left=gait.right,
        right=gait.left,
        changes=replace(changes, left=changes.right, right=changes.left),
    )


@pytest.mark.parametrize("severity", list(Severity))
@pytest.mark.parametrize("table", [FIRST, SECOND], ids=["first", "second"])
@pytest.mark.parametrize("name", FIRST)
def test_left_and_right_forms_mirror_each_other(table, name: str, severity: Severity) -> None:  # type: ignore[no-untyped-def]
    left, right = (table[name](HEALTHY, side, severity) for side in Side)
    if name in ONE_SIDED or (name == "parkinsonian" and table is FIRST):
        assert swapped(left) == right
        assert left != right
    else:
        assert left == right


@pytest.mark.parametrize("table", [FIRST, SECOND], ids=["first", "second"])
def test_all_grow_slower_with_severity(table) -> None:  # type: ignore[no-untyped-def]
    for change in table.values():
        speeds = [change(HEALTHY, Side.LEFT, s).speed_m_s for s in Severity]
        assert HEALTHY.speed_m_s > speeds[0] > speeds[1] > speeds[2]


class Walked:
    """A walk, posed at 40 Hz, after its contacts were checked."""

    def __init__(self, model: BodyModel, person: Person, shape: Shape, gait: Gait) -> None:
        self.walk = ParametricWalk(model, shape, gait, 2.5, seed=5)
        self.schedule = self.walk.schedule
        stride = 120 / gait.cadence_per_min
        first, last = self.walk.span_s
        self.time = np.arange(first + stride / 2, last - stride / 2, 1 / RATE_HZ)
        vertices, self.points = model.pose(person, shape, *self.walk.pose(self.time))
        bone = np.array(model.bones)[model.vertex_bone]
        feet = {
            side: np.flatnonzero([b.startswith(("foot", "toe")) and b.endswith(e) for b in bone])
            for side, e in ((Side.LEFT, ".L"), (Side.RIGHT, ".R"))
        }
        check = check_contacts(self.schedule, self.walk.soles, feet, self.time, vertices)
        check.demand()
        assert check.stances >= 4

    def at(self, moments: list[float]) -> np.ndarray:
        """Keypoints at the frames next to some moments."""
        inside = [t for t in moments if self.time[0] <= t <= self.time[-1]]
        assert inside
        return self.points[[int(np.abs(self.time - t).argmin()) for t in inside]]

    def mid_stance(self, side: Side) -> np.ndarray:
        return self.at([(c.contact_s + c.foot_off_s) / 2 for c in self.schedule.of(side)])

    def mid_swing(self, side: Side) -> np.ndarray:
        return self.at([(a.foot_off_s + b.contact_s) / 2 for a, b in self.pairs(side)])

    def pairs(self, side: Side) -> list[tuple[Contact, Contact]]:
        return list(pairwise(self.schedule.of(side)))


@pytest.fixture(scope="module")
def walked(model: BodyModel, person: Person, shape: Shape):  # type: ignore[no-untyped-def]
    @cache
    def make(name: str = "healthy", severity: str = "moderate", description: int = 1) -> Walked:
        gait = HEALTHY
        if name != "healthy":
            side = "left" if name in ONE_SIDED else "both"
            gait = Pattern(name, severity, side, description).change(gait)
        return Walked(model, person, shape, gait)

    return make


def test_the_stiff_knee_is_told_by_the_published_limits(walked) -> None:  # type: ignore[no-untyped-def]
    peak = {
        level: {side: knee_deg(walked("hemiparetic", level).points, side).max() for side in Side}
        for level in ("mild", "moderate")
    }
    assert peak["moderate"][Side.LEFT] < 44.3 + 2
    assert peak["moderate"][Side.RIGHT] - peak["moderate"][Side.LEFT] > 15
    assert peak["mild"][Side.LEFT] > 44.3
    assert 5 < peak["mild"][Side.RIGHT] - peak["mild"][Side.LEFT] < 17


def test_the_paretic_foot_swings_outwards(walked) -> None:  # type: ignore[no-untyped-def]
    def outward(w: Walked) -> float:
        ankle = part("ankle", Side.LEFT)
        hip = part("hip", Side.LEFT)
        mid = w.mid_swing(Side.LEFT)
        return float((mid[:, ankle, 0] - mid[:, hip, 0]).mean())

    more = outward(walked("hemiparetic")) - outward(walked())
    assert more == pytest.approx(CIRCUMDUCTION_M[Severity.MODERATE], abs=0.015)


def test_crouching_knees_stay_bent_in_stance(walked) -> None:  # type: ignore[no-untyped-def]
    for description in (1, 2):
        for side in Side:
            knee = knee_deg(walked("crouch", "moderate", description).mid_stance(side), side)
            assert 20 < knee.min() < knee.max() < 40
    assert knee_deg(walked().mid_stance(Side.LEFT), Side.LEFT).max() < 15


def test_the_pelvis_drops_or_the_trunk_leans(walked) -> None:  # type: ignore[no-untyped-def]
    def measures(w: Walked) -> tuple[float, float]:
        """How far the right side hangs and the trunk leans left at left mid-stance, degrees."""
        mid = w.mid_stance(Side.LEFT)
        left, right = mid[:, INDEX["left_hip"]], mid[:, INDEX["right_hip"]]
        drop = np.arctan2(left[:, 2] - right[:, 2], left[:, 0] - right[:, 0])
        top = mid[:, [INDEX["left_shoulder"], INDEX["right_shoulder"]]].mean(1)
        low = (left + right) / 2
        lean = np.arctan2(top[:, 0] - low[:, 0], top[:, 2] - low[:, 2])
        return float(np.rad2deg(drop).mean()), float(np.rad2deg(lean).mean())

    healthy, drops, leans = (
        measures(walked(*case))
        for case in ((), ("trendelenburg", "moderate", 1), ("trendelenburg", "moderate", 2))
    )
    assert drops[0] - healthy[0] > 5
    assert leans[1] - healthy[1] > 5
    assert leans[0] - healthy[0] < 3


def test_the_dropped_foot_hangs_and_lands_toes_first(walked) -> None:  # type: ignore[no-untyped-def]
    def pitch(points: np.ndarray, side: Side) -> np.ndarray:
        rise = points[:, part("big_toe", side), 2] - points[:, part("heel", side), 2]
        return np.rad2deg(np.arcsin(rise / 0.2))

    w = walked("foot_drop")
    hanging = pitch(w.mid_swing(Side.LEFT), Side.LEFT).mean()
    assert hanging < pitch(w.mid_swing(Side.RIGHT), Side.RIGHT).mean() - 10
    landing = w.at([c.contact_s for c in w.schedule.of(Side.LEFT)])
    assert (pitch(landing, Side.LEFT) < pitch(w.mid_stance(Side.LEFT), Side.LEFT).mean() - 1).all()


def test_the_base_is_wider_and_varies(walked) -> None:  # type: ignore[no-untyped-def]
    def widths(w: Walked) -> np.ndarray:
        return np.array([s["width_m"] for s in w.schedule.steps(0, 9)])

    healthy, ataxic = widths(walked()), widths(walked("ataxic"))
    assert ataxic.mean() - healthy.mean() == pytest.approx(WIDER_M[Severity.MODERATE], abs=0.03)
    assert ataxic.std() > 0.01 > healthy.std()


@pytest.mark.parametrize("description", [1, 2])
def test_the_painful_leg_stands_shorter(walked, description: int) -> None:  # type: ignore[no-untyped-def]
    w = walked("antalgic", "moderate", description)
    stance = {
        side: np.mean([c.foot_off_s - c.contact_s for c in w.schedule.of(side)[1:-1]])
        for side in Side
    }
    assert stance[Side.RIGHT] / stance[Side.LEFT] > 1.05


def test_parkinsonian_steps_are_short_for_their_cadence(walked) -> None:  # type: ignore[no-untyped-def]
    for description in (1, 2):
        gait = walked("parkinsonian", "moderate", description).walk.gait
        ratio = gait.speed_m_s * 60 / gait.cadence_per_min**2
        assert ratio < 0.75 * HEALTHY.speed_m_s * 60 / HEALTHY.cadence_per_min**2
        assert gait.cadence_per_min > 0.9 * HEALTHY.cadence_per_min


def test_a_walk_affected_on_the_right_is_the_mirror_of_the_left(
    model: BodyModel, person: Person, shape: Shape
) -> None:
    points = {}
    for side in Side:
        gait = Pattern("hemiparetic", "moderate", side.value, 1).change(HEALTHY)
        walk = ParametricWalk(model, shape, gait, 2.0, first=side, seed=1)
        points[side] = model.pose(person, shape, *walk.pose(np.array([1.3, 1.6, 2.0])))[1]
    mirrored = points[Side.RIGHT][:, MIRROR] * [-1, 1, 1]
    missed = np.abs(mirrored - points[Side.LEFT]).max((0, 2))
    # Arms and trunk swing by the left foot's cycle, which is no mirror of an uneven right one's.
    legs = [part(name, side) for name in LEG for side in Side]
    assert missed[legs].max() < 0.006, missed
    assert missed.max() < 0.04, missed


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (("limping", "mild", "left", 1), "no pattern 'limping'"),
        (("crouch", "strong", "both", 1), "mild, moderate or severe"),
        (("crouch", "mild", "left", 1), "side of crouch"),
        (("antalgic", "mild", "both", 1), "side of antalgic"),
        (("antalgic", "mild", "left", 3), "1 or 2"),
    ],
)
def test_wrong_patterns_are_told(values: tuple[str, str, str, int], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Pattern(*values)


def test_cohorts_hold_every_pattern_and_do_not_share_people() -> None:
    cohorts = [read(RECIPES / "clips" / f"{n}.toml", ClipRecipe) for n in PATHOLOGICAL]
    clips = [c.all() for c in cohorts]
    for found, description in zip(clips, (1, 2), strict=True):
        shown = [c.pattern for c in found if c.pattern is not None]
        assert len(shown) == 3 * (2 * len(ONE_SIDED) + len(FIRST) - len(ONE_SIDED))
        assert {p.name for p in shown} == set(FIRST)
        assert {p.description for p in shown} == {description}
        assert sum(c.pattern is None for c in found) == 12
    people = [{c.person for c in found} for found in clips]
    assert not people[0] & people[1]
    assert len({c.seed for found in clips for c in found}) == sum(len(found) for found in clips)


def test_lenses_are_drawn_without_changing_the_walkers() -> None:
    recipe = read(RECIPES / "clips" / "oblique-lenses.toml", ClipRecipe)
    assert recipe.cohort is not None
    one_lens = replace(recipe.cohort, fields_deg=None).clips()
    clips = recipe.all()
    fields = [c.camera.field_deg for c in clips]
    assert 50 <= min(fields) < 58 < 70 < max(fields) <= 78
    assert [(c.person, c.gait, c.camera.yaw_deg) for c in clips] == [
        (c.person, c.gait, c.camera.yaw_deg) for c in one_lens
    ]
    assert {c.camera.field_deg for c in one_lens} == {recipe.cohort.field_deg}


PATHOLOGICAL = ("pathological", "pathological-2")
