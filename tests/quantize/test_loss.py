"""The loss points at the labelled cell, and decoding finds it again to a fraction of a cell."""

import pytest
import torch

from model_zoo.skeleton import KEYPOINTS, MIRROR
from quantize.loss import CellLoss, cell_logits, decode_cells, guided, with_mirror_images

K, SUB, STRIDE = 3, 4, 16


def head_for(points: torch.Tensor) -> torch.Tensor:
    """Head output whose maps are the log of a Gaussian at the points."""
    ys = (torch.arange(32) + 0.5) * 4
    xs = (torch.arange(24) + 0.5) * 4
    d = (ys[:, None] - points[..., 1, None, None]) ** 2 + (xs - points[..., 0, None, None]) ** 2
    maps = -d / (2 * 3.2**2)
    return torch.nn.functional.pixel_unshuffle(maps, SUB)


def test_decoding_returns_the_points_to_a_fraction_of_a_pixel() -> None:
    torch.manual_seed(0)
    points = torch.rand(8, K, 2) * torch.tensor([80.0, 110.0]) + 8
    found = decode_cells(head_for(points), sub_cells=SUB, stride=STRIDE)
    assert (found - points).abs().max() < 0.6


def test_loss_is_lowest_at_the_truth_and_ignores_what_is_not_labelled() -> None:
    points = torch.tensor([[[20.0, 30.0, 1.0], [60.0, 90.0, 1.0], [5.0, 5.0, 0.0]]])
    head = head_for(points[..., :2])
    here = CellLoss()(head, points, sub_cells=SUB, stride=STRIDE)
    moved = points.clone()
    moved[0, 0, 0] += 12
    assert CellLoss()(head, moved, sub_cells=SUB, stride=STRIDE) > here + 1
    hidden = points.clone()
    hidden[0, 2, :2] = 70
    assert CellLoss()(head, hidden, sub_cells=SUB, stride=STRIDE) == pytest.approx(float(here))


def test_pixel_shuffle_order_is_channel_row_column() -> None:
    head = torch.zeros(1, K * 16, 8, 6)
    head[0, 1 * 16 + 2 * 4 + 3, 5, 4] = 1  # keypoint 1, sub-row 2, sub-column 3
    maps = cell_logits(head, SUB)
    assert maps.shape == (1, K, 32, 24)
    assert maps[0, 1, 5 * 4 + 2, 4 * 4 + 3] == 1


def body(n: int = 2) -> torch.Tensor:
    """Labels of all 23 points of n people, left 40 px to the right of right."""
    points = torch.ones(n, len(KEYPOINTS), 3)
    for i, name in enumerate(KEYPOINTS):
        points[:, i, 0] = 68.0 if name.startswith("left") else 28.0
        points[:, i, 1] = 8.0 + 5 * i
    points[:, :, 1] = (points[:, :, 1] + points[:, MIRROR, 1]) / 2  # pairs at equal height
    return points


def term(name: str, head: torch.Tensor, points: torch.Tensor) -> float:
    """What a term adds to the plain loss."""
    plain = CellLoss()(head, points, sub_cells=SUB, stride=STRIDE)
    return float(CellLoss(**{name: 1.0})(head, points, sub_cells=SUB, stride=STRIDE) - plain)


def test_exchanged_people_cost_and_straight_ones_do_not() -> None:
    points = body()
    straight, crossed = head_for(points[..., :2]), head_for(points[:, MIRROR, :2])
    assert term("exchange", straight, points) < 0.01
    assert term("exchange", crossed, points) > 4
    one_side = points.clone()
    one_side[:, [i for i, n in enumerate(KEYPOINTS) if n.startswith("left")], 2] = 0
    assert term("exchange", crossed, one_side) == 0, "nothing to compare without both sides"


def test_a_rival_peak_costs_at_the_other_side_only() -> None:
    points = body()
    elsewhere = points[..., :2].clone()
    elsewhere[:, :, 0] = 48.0
    assert term("rival", head_for(points[:, MIRROR, :2]), points) > 0.8
    assert term("rival", head_for(elsewhere), points) < 0.01
    close = points.clone()
    close[..., 0] = 48.0
    assert term("rival", head_for(close[:, MIRROR, :2]), close) == 0, "legs that cross may share"


def test_a_picture_and_its_mirror_image_must_agree() -> None:
    crops = torch.rand(4, 3, 128, 96)
    points = body(4)
    points[:, :, 0] += torch.arange(4.0)[:, None]
    seen, labels = with_mirror_images(crops, points)
    assert torch.equal(seen[2], crops[0].flip(2))
    left, right = KEYPOINTS.index("left_knee"), KEYPOINTS.index("right_knee")
    assert float(labels[3, left, 0]) == 96 - float(points[1, right, 0])
    assert term("mirror", head_for(labels[..., :2]), labels) == pytest.approx(0, abs=1e-5)
    wrong = labels[..., :2].clone()
    wrong[2:] = wrong[2:, MIRROR]
    assert term("mirror", head_for(wrong), labels) > 1


def test_gradients_of_all_terms_are_finite() -> None:
    torch.manual_seed(1)
    points = body(4)
    head = (20 * torch.randn(4, 23 * 16, 8, 6)).requires_grad_()
    loss = CellLoss(exchange=1.0, rival=1.0, mirror=1.0)
    loss(head, points, sub_cells=SUB, stride=STRIDE).backward()
    assert torch.isfinite(head.grad).all()
    assert float(head.grad.abs().sum()) > 0


def test_guidance_is_least_at_the_guide_s_own_maps_and_counts_every_point() -> None:
    torch.manual_seed(0)
    guide = head_for(torch.rand(4, K, 2) * 60 + 20)
    same = guided(guide, guide, SUB)
    p = cell_logits(guide, SUB).flatten(2).softmax(2)
    entropy = torch.special.entr(p).sum(2).mean()
    assert same == pytest.approx(float(entropy), rel=1e-3)
    student = (guide + torch.randn_like(guide)).requires_grad_()
    loss = guided(student, guide, SUB)
    assert loss > same
    (gradient,) = torch.autograd.grad(loss, student)
    assert cell_logits(gradient, SUB).abs().amax((2, 3)).min() > 0
