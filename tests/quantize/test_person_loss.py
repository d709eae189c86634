"""The finder's loss is least where the decoder finds the labelled boxes again."""

import numpy as np
import pytest
import torch

from host.person.decode import BoxCentreDecoder
from model_zoo.package import Head
from quantize.person_loss import box_centre_loss, scaled

STRIDE, ROWS, COLUMNS = 8, 14, 24
PEOPLE = torch.tensor([[[20.0, 10, 40, 70, 1], [100, 30, 130, 110, 1], [0, 0, 0, 0, 0]]])


def learned(people: torch.Tensor, steps: int = 300) -> torch.Tensor:
    """Values that gradient descent reaches from nothing."""
    values = torch.zeros(1, 5, ROWS, COLUMNS)
    values[:, 0] = -3.0
    values[:, 3:] = 3.3
    values.requires_grad_()
    optimiser = torch.optim.Adam([values], 0.1)
    for _ in range(steps):
        optimiser.zero_grad()
        box_centre_loss(values, people, STRIDE).backward()
        optimiser.step()
    return values.detach()


def test_what_is_learned_is_decoded_to_the_labels() -> None:
    values = learned(PEOPLE)
    decoder = BoxCentreDecoder(
        Head("people", "box_centre", (0, 5), (1.0,), (0,)), (ROWS, COLUMNS, 5), (112, 192)
    )
    found = decoder.read(values[0].permute(1, 2, 0).numpy())
    assert len(found.score) == 2
    order = np.argsort(found.box_px[:, 0])
    np.testing.assert_allclose(found.box_px[order], PEOPLE[0, :2, :4].numpy(), atol=1.0)


def test_a_person_hardly_seen_teaches_nothing() -> None:
    hidden = PEOPLE.clone()
    hidden[0, 1, 4] = -1
    values = learned(PEOPLE)
    alone = PEOPLE.clone()
    alone[0, 1] = 0
    ignored = float(box_centre_loss(values, hidden, STRIDE))
    denied = float(box_centre_loss(values, alone, STRIDE))
    assert ignored < denied - 1
    assert ignored == pytest.approx(float(box_centre_loss(values, PEOPLE, STRIDE)), abs=0.2)


def test_a_centre_on_the_edge_of_two_cells_is_in_both() -> None:
    people = torch.tensor([[[20.0, 24, 44, 96, 1]]])  # centre at x 32, the edge of cells 3 and 4
    score = torch.sigmoid(learned(people)[0, 0])
    assert score[7, 3] > 0.85
    assert score[7, 4] > 0.85
    assert score[7, 1] < 0.2


def test_a_cell_is_as_sure_as_its_box_is_right() -> None:
    people = torch.tensor([[[20.0, 24, 44, 96, 1]]])
    values = learned(people).clone()
    right = float(box_centre_loss(values, people, STRIDE))
    values[:, 4] -= 0.7  # half as high: an overlap of a half
    sure = float(box_centre_loss(values, people, STRIDE))
    assert sure > right + 1
    values[:, 0, 7, 3:5] = 0.0
    assert float(box_centre_loss(values, people, STRIDE)) < sure - 0.3


def test_a_reflection_is_nobody_and_costs_more_than_a_wall() -> None:
    wall = torch.zeros(1, 2, 5)
    reflection, hidden = (
        torch.tensor([[[96.0, 40, 120, 100, mark], [0, 0, 0, 0, 0]]]) for mark in (-2.0, -1.0)
    )
    values = torch.full((1, 5, ROWS, COLUMNS), -6.0)
    values[:, 0, 8, 13] = 1.0
    cost = [float(box_centre_loss(values, p, STRIDE)) for p in (hidden, wall, reflection)]
    assert cost[0] < 0.1 * cost[1]
    assert cost[2] == pytest.approx(5 * cost[1], rel=0.05)


def test_nobody_at_all_is_learned_too() -> None:
    empty = torch.zeros(2, 3, 5)
    quiet, loud = torch.full((2, 5, ROWS, COLUMNS), -6.0), torch.zeros(2, 5, ROWS, COLUMNS)
    assert box_centre_loss(quiet, empty, STRIDE) < box_centre_loss(loud, empty, STRIDE)
    assert torch.isfinite(box_centre_loss(quiet, empty, STRIDE))


def test_gain_and_bias_belong_to_their_channel() -> None:
    head = torch.ones(1, 5, 1, 1)
    told = scaled(head, (4.0, 1.0, 1.0, 0.5, 0.5), (-3.0, 0.0, 0.0, 2.0, 3.0))
    assert told.flatten().tolist() == [1.0, 1.0, 1.0, 2.5, 3.5]
