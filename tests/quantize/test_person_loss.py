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


def test_nobody_at_all_is_learned_too() -> None:
    empty = torch.zeros(2, 3, 5)
    quiet, loud = torch.full((2, 5, ROWS, COLUMNS), -6.0), torch.zeros(2, 5, ROWS, COLUMNS)
    assert box_centre_loss(quiet, empty, STRIDE) < box_centre_loss(loud, empty, STRIDE)
    assert torch.isfinite(box_centre_loss(quiet, empty, STRIDE))


def test_gain_and_bias_belong_to_their_channel() -> None:
    head = torch.ones(1, 5, 1, 1)
    told = scaled(head, (4.0, 1.0, 1.0, 0.5, 0.5), (-3.0, 0.0, 0.0, 2.0, 3.0))
    assert told.flatten().tolist() == [1.0, 1.0, 1.0, 2.5, 3.5]
