"""The loss of the lifter: zero at the truth, and what the terms without truth ask for."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from model_zoo.skeleton import INDEX, N_KEYPOINTS
from quantize.temporal.lift import LiftLoss, placed
from quantize.temporal.pose3d import Error3D, procrustes

LOSS = LiftLoss(bones=0.3, back=1.0, mean_bones=1.0, unlabelled=0.5)


def body(n: int, seed: int = 0) -> torch.Tensor:
    torch.manual_seed(seed)
    return torch.randn(n, N_KEYPOINTS, 3) * 0.3


def case(points: torch.Tensor, *, labelled: bool) -> tuple[torch.Tensor, torch.Tensor]:
    """Target and weight of bodies whose picture is their projection from 4 sizes away."""
    picture = points[..., [0, 2]] / (1 + points[..., 1:2] / 4)
    truth = points if labelled else torch.zeros_like(points)
    target = torch.cat([truth, picture, torch.full((*points.shape[:2], 1), 0.25)], dim=-1)
    weight = torch.zeros(*points.shape[:2], 2)
    weight[..., 0 if labelled else 1] = 1.0
    return target, weight


def answer(points: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """The network's output that says ``points``."""
    rest = points.clone()
    rest[..., [0, 2]] -= target[..., 3:5]
    return rest.transpose(1, 2).reshape(len(points), 1, 3 * N_KEYPOINTS)


def test_the_truth_costs_nothing_and_its_output_is_read_back() -> None:
    points = body(6)
    target, weight = case(points, labelled=True)
    out = answer(points, target)
    assert torch.allclose(placed(out, target[..., 3:5]), points, atol=1e-6)
    assert float(LOSS(out, target, weight)) < 0.0015
    assert float(LOSS(out + 0.1, target, weight)) > 0.15


def test_unknown_points_do_not_count() -> None:
    points = body(6)
    target, weight = case(points, labelled=True)
    weight[:, INDEX["nose"]] = 0
    wrong = points.clone()
    wrong[:, INDEX["nose"]] += 1.0
    assert float(LOSS(answer(wrong, target), target, weight)) < 0.0015


def test_without_truth_the_answer_must_meet_the_picture() -> None:
    """Supervised windows and unlabelled ones of the same bodies: any point astray costs."""
    points = body(6)
    parts = [case(points, labelled=True), case(points, labelled=False)]
    target, weight = (torch.cat(p) for p in zip(*parts, strict=True))
    both = torch.cat([points, points])
    right = float(LOSS(answer(both, target), target, weight))
    assert right < 0.003
    aside = both.clone()
    aside[6:, INDEX["left_knee"], 0] += 0.3
    assert float(LOSS(answer(aside, target), target, weight)) > right + 0.3 / 23 / 1.5


def test_without_truth_bones_must_keep_the_known_lengths() -> None:
    """Half the depth projects (nearly) as well, but its bones are too short."""
    points = body(200)
    parts = [case(points, labelled=True), case(points, labelled=False)]
    target, weight = (torch.cat(p) for p in zip(*parts, strict=True))
    flat = torch.cat([points, points * torch.tensor([1.0, 0.3, 1.0])])
    flat[200:, :, [0, 2]] = target[200:, :, 3:5] * (1 + flat[200:, :, 1:2] / 4)
    told = float(LOSS(answer(flat, target), target, weight))
    without = LiftLoss(0.3, 1.0, 0.0, 0.5)
    assert float(without(answer(flat, target), target, weight)) < 0.003
    assert told > 0.03


def test_procrustes_undoes_turn_shift_and_scale_but_no_mirror() -> None:
    rng = np.random.default_rng(0)
    points = rng.normal(size=(12, 3))
    turn = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    turn *= np.sign(np.linalg.det(turn))
    moved = 1.7 * points @ turn.T + [3, -1, 2]
    assert np.abs(procrustes(points, moved) - moved).max() < 1e-9
    mirrored = points * [-1, 1, 1]
    assert np.abs(procrustes(mirrored, points) - points).max() > 0.1


def test_errors_are_in_millimetres_of_the_person() -> None:
    truth = np.random.default_rng(1).normal(size=(2, N_KEYPOINTS, 3))
    shifted = truth + np.array([0.01, 0.0, 0.0])
    error = Error3D.of(shifted, truth, np.array([1.2, 1.4]))
    assert error.mpjpe_mm == pytest.approx([12.0, 14.0])
    assert error.p_mpjpe_mm == pytest.approx([0.0, 0.0], abs=1e-6)


def test_unknown_truth_and_missing_answers_are_left_out() -> None:
    truth = np.random.default_rng(2).normal(size=(2, N_KEYPOINTS, 3))
    said = truth + np.array([0.01, 0.0, 0.0])
    truth[0, INDEX["nose"]] = np.nan
    said[1] = np.nan
    error = Error3D.of(said, truth, np.ones(2))
    assert error.mpjpe_mm[0] == pytest.approx(10.0)
    assert np.isnan(error.points_mm[0, INDEX["nose"]])
    assert np.isnan(error.mpjpe_mm[1])
    assert np.isnan(error.p_mpjpe_mm[1])
