"""What gait-events learns from: how walks are seen, errors of networks, targets and windows."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch

from model_zoo.gait.gait_events import SPEC
from model_zoo.skeleton import MIRROR, N_KEYPOINTS
from quantize.recipe import read_recipe
from quantize.render.ranges import build
from quantize.temporal.gait import EventTask, feet_of
from quantize.temporal.residuals import Residuals
from quantize.temporal.sight import Sight, SightRanges
from tests.walk_files import formula_walk

RANGES = build(SightRanges, read_recipe("gait-events")["sight"], "sight")
CLEAN = dataclasses.replace(
    RANGES,
    rates_hz=(60.0,),
    stretch=(1.0, 1.0),
    yaw_sd_deg=0.0,
    other_yaw_share=0.0,
    distance_m=(8.0, 8.0),
    half_field_deg=60.0,
    network_share=0.0,
    noise=(1e-9, 1e-9),
    bias=0.0,
    exchange_share=0.0,
    lost_share=0.0,
    smooth_share=0.0,
    no_feet_share=0.0,
    dropped_share=0.0,
)


@pytest.mark.parametrize("seed", range(4))
def test_targets_lie_on_the_events_of_what_is_seen(seed: int) -> None:
    """Where a contact is marked the heel has just come to rest; both walking directions."""
    walk = formula_walk()
    seen = Sight(CLEAN, []).see(np.random.default_rng(seed), walk.xyz_m, 100.0, walk.events)
    for foot in feet_of(seen):
        for column, (before, after) in enumerate(((5, 5), (7, 7))):
            places = np.flatnonzero(foot.target[:, column] > 0.5)
            places = places[(places > 15) & (places < len(foot.x) - 15)]
            assert len(places) >= 3
            speed_before = foot.x[places - 6, before].mean()
            speed_after = foot.x[places + 6, after].mean()
            moving, resting = (speed_before, speed_after)[:: 1 if column == 0 else -1]
            assert moving > 15
            assert abs(resting) < moving / 2
    total = sum(f.target.sum() for f in feet_of(seen))
    inside = (seen.events[:, 2] >= 0) & (seen.events[:, 2] < seen.time_s[-1])
    assert total == pytest.approx(inside.sum(), abs=4)


def test_errors_come_back_at_the_phase_they_were_made_in() -> None:
    rng = np.random.default_rng(0)
    time_s = np.arange(60) / 30
    error = rng.normal(0, 1, (60, N_KEYPOINTS, 2))
    phases = ((0, 0.1, 0.7), (1, 0.7, 1.1), (0, 1.1, 1.8))
    one = Residuals(time_s, error, phases)
    same = one.along(time_s, list(phases), 0)
    inside = (time_s >= 0.1) & (time_s < 1.8)
    assert np.array_equal(same[inside], error[inside])
    assert not same[~inside].any()
    slow = one.along(2 * time_s, [(k, 2 * a, 2 * b) for k, a, b in phases], 0)
    assert np.array_equal(slow[inside], error[inside])
    swing_first = one.along(time_s, [(1, 0.0, 0.4)], 0)
    assert np.array_equal(swing_first[:12], error[21:33])


def test_the_near_leg_has_the_errors_of_a_near_leg() -> None:
    """Walking to the right shows the right leg: errors of the near leg fall on it."""
    walk = formula_walk()
    error = np.zeros((90, N_KEYPOINTS, 2))
    near_points = np.flatnonzero(np.arange(N_KEYPOINTS) < MIRROR)
    error[:, near_points, 1] = 0.05
    one = Residuals(np.arange(90) / 30, error, ((0, 0.0, 0.7), (1, 0.7, 1.1)))
    always = dataclasses.replace(CLEAN, network_share=1.0, network_scale=(1.0, 1.0))
    for seed in range(6):
        rngs = np.random.default_rng(seed), np.random.default_rng(seed)
        clean = Sight(CLEAN, [one]).see(rngs[0], walk.xyz_m, 100.0, walk.events)
        seen = Sight(always, [one]).see(rngs[1], walk.xyz_m, 100.0, walk.events)
        moved = np.abs(seen.xyz_px - clean.xyz_px)[..., 2].mean(axis=0)
        left, right = moved[near_points].sum(), moved[MIRROR[near_points]].sum()
        assert (right > left) == (seen.direction > 0)


@pytest.fixture(scope="module")
def task() -> EventTask:
    walks = [formula_walk(body) for body in (1, 2, 8)]
    return EventTask(walks, Sight(RANGES, []), SPEC, size=4, renew=0.5)


def test_windows_and_targets_have_the_network_s_shapes(task: EventTask) -> None:
    examples = task.batch(32, np.random.default_rng(0))
    assert examples.x.shape == (32, 1, SPEC.width, 16)
    assert examples.target.shape == (32, 128, 2)
    assert 0 < examples.weight.mean() <= 1
    per_window = examples.target.sum() / 32
    assert 1 < per_window < 20


def test_the_right_answer_costs_least(task: EventTask) -> None:
    examples = task.batch(16, np.random.default_rng(1))
    target, weight = torch.from_numpy(examples.target), torch.from_numpy(examples.weight)
    right = torch.logit(target.clamp(0.01, 0.99)).reshape(16, 32, 8)
    late = torch.logit(target.roll(3, dims=1).clamp(0.01, 0.99)).reshape(16, 32, 8)
    never = torch.full((16, 32, 8), -4.6)
    costs = [float(task.loss(odds, target, weight)) for odds in (right, never, late)]
    assert costs == sorted(costs)
    assert costs[0] < 0.7 * costs[1]


def test_scores_are_perfect_for_an_oracle_and_bad_for_none(task: EventTask) -> None:
    feet = iter(task._kept)

    def oracle(x: np.ndarray) -> np.ndarray:
        target = next(feet).target
        whole = np.zeros((len(x) * 128, 2), np.float32)
        whole[: len(target)] = target
        odds = np.log(np.clip(whole, 1e-4, 1 - 1e-4) / (1 - np.clip(whole, 1e-4, 1 - 1e-4)))
        return odds.reshape(len(x), 32, 8)

    scores = task.scores(oracle)
    assert scores["initial_contact_f1_50ms"] > 0.97
    assert scores["foot_off_mae_ms"] < 3
    nothing = task.scores(lambda x: np.full((len(x), 32, 8), -9.0, np.float32))
    assert nothing["initial_contact_f1_50ms"] == 0


def test_golden_windows_show_walks(task: EventTask) -> None:
    golden = task.golden()
    assert golden.dtype == np.int8
    assert golden.shape[1:] == (1, SPEC.width, 16)
    assert (np.abs(golden.astype(int)).max(axis=(1, 2, 3)) > 30).all()


def test_data_folders_are_demanded(tmp_path: Path) -> None:
    from quantize.temporal.gait import make_task

    recipe = read_recipe("gait-events")
    with pytest.raises(ValueError, match="three folders"):
        make_task(recipe, SPEC, [tmp_path])
    with pytest.raises(FileNotFoundError, match="no walks"):
        make_task(recipe, SPEC, [tmp_path, tmp_path, tmp_path])
