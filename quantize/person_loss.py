"""What a finder learns by: centres as soft peaks, boxes by their overlap with the labelled ones."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

_SPREAD, _LEAST_CELLS = 0.14, 0.5
"""Width of a peak as a share of the box, and at least, in cells."""
_NEAR = 0.1
"""Height of the peak from where a cell learns the box: the neighbours of the smallest peak do."""
_BOX_WEIGHT = 2.0


def scaled(head: Tensor, gains: tuple[float, ...], biases: tuple[float, ...]) -> Tensor:
    """Head output [N, 5, H, W] as the released head reads it: times gain plus bias."""
    shape = (1, -1, 1, 1)
    gain = torch.tensor(gains, device=head.device).view(shape)
    return head * gain + torch.tensor(biases, device=head.device).view(shape)


def box_centre_loss(values: Tensor, people: Tensor, stride: int) -> Tensor:
    """Focal loss of the centres plus the generalised overlap of the boxes about them.

    The first as in Zhou, Wang and Kraehenbuehl 2019 ("Objects as points", penalty-reduced focal
    loss), the second in all cells about a centre as in Liu et al. 2020 ("Training-time-friendly
    network") with the measure of Rezatofighi et al. 2019.

    Parameters
    ----------
    values
        Scaled head, float[N, 5, H, W] (see :class:`host.person.decode.BoxCentreDecoder`).
    people
        float[N, M, 5]: x0, y0, x1, y1 in input pixels, and 1 for a person, -1 for a place that
        teaches nothing (a person hardly seen), 0 for no entry.
    stride
        Pixels of a cell.
    """
    peaks, owner, ignored = _targets(people, values.shape[2], values.shape[3], stride)
    known = (people[..., 4] > 0).sum().clamp_min(1)
    centre = _focal(values[:, 0], peaks, ~ignored) / known
    n = torch.arange(len(people), device=people.device)[:, None, None]
    overlap = _generalised_overlap(_boxes(values, stride), people[n, owner, :4])
    near = peaks * (peaks >= _NEAR)
    # Small people have few cells: everybody counts alike, whatever his size.
    all_near = near.new_zeros(people.shape[:2]).scatter_add_(1, owner.flatten(1), near.flatten(1))
    weight = near / all_near[n, owner].clamp_min(1e-6)
    return centre + _BOX_WEIGHT * (weight * (1 - overlap)).sum() / known


def _targets(people: Tensor, rows: int, columns: int, stride: int) -> tuple[Tensor, Tensor, Tensor]:
    """Peaks, whose they are, and which cells are left alone, all [N, H, W]."""
    low, high = people[..., :2] / stride, people[..., 2:4] / stride
    middle, size = (low + high) / 2, high - low
    sigma = (_SPREAD * size).clamp_min(_LEAST_CELLS)
    top = middle.floor() + 0.5  # the cell that holds the centre has the full height
    x = (torch.arange(columns, device=people.device) + 0.5 - top[..., :1]) / sigma[..., :1]
    y = (torch.arange(rows, device=people.device) + 0.5 - top[..., 1:]) / sigma[..., 1:]
    hills = torch.exp(-0.5 * (x[..., None, :] ** 2 + y[..., :, None] ** 2))
    hills = hills * (people[..., 4] > 0)[..., None, None]
    peaks, owner = hills.max(1)
    xs = torch.arange(columns, device=people.device) + 0.5
    ys = torch.arange(rows, device=people.device) + 0.5
    in_x = (xs > low[..., :1]) & (xs < high[..., :1])
    in_y = (ys > low[..., 1:]) & (ys < high[..., 1:])
    inside = in_y[..., :, None] & in_x[..., None, :] & (people[..., 4] < 0)[..., None, None]
    return peaks, owner, inside.any(1)


def _focal(logit: Tensor, peaks: Tensor, counts: Tensor) -> Tensor:
    p = torch.sigmoid(logit)
    hit = -((1 - p) ** 2) * functional.logsigmoid(logit)
    miss = -((1 - peaks) ** 4) * p**2 * functional.logsigmoid(-logit)
    return torch.where(peaks >= 1.0, hit, miss * counts).sum()


def _boxes(values: Tensor, stride: int) -> Tensor:
    """Boxes that all cells tell: float[N, H, W, 4] in input pixels."""
    _, _, rows, columns = values.shape
    x = (torch.arange(columns, device=values.device) + 0.5 + values[:, 1]) * stride
    y = (torch.arange(rows, device=values.device)[:, None] + 0.5 + values[:, 2]) * stride
    half_w, half_h = values[:, 3:5].clamp(-2.0, 7.0).exp().unbind(1)
    return torch.stack([x - half_w / 2, y - half_h / 2, x + half_w / 2, y + half_h / 2], -1)


def _generalised_overlap(a: Tensor, b: Tensor) -> Tensor:
    def area(low: Tensor, high: Tensor) -> Tensor:
        return (high - low).clamp_min(0).prod(-1)

    common = area(torch.maximum(a[..., :2], b[..., :2]), torch.minimum(a[..., 2:], b[..., 2:]))
    hull = area(torch.minimum(a[..., :2], b[..., :2]), torch.maximum(a[..., 2:], b[..., 2:]))
    union = area(a[..., :2], a[..., 2:]) + area(b[..., :2], b[..., 2:]) - common
    return common / union.clamp_min(1e-6) - (hull - union) / hull.clamp_min(1e-6)
