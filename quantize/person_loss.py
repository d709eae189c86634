"""What a finder learns by: centres as soft peaks, boxes by their overlap with the labelled ones."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

_SPREAD, _LEAST_CELLS = 0.14, 0.5
"""Width of a peak as a share of the box, and at least, in cells."""
_NEAR = 0.1
"""Height of the peak from where a cell learns the box: the neighbours of the smallest peak do."""
_OWN = 0.6
"""Height of the peak from where a cell tells of its person, also over somebody hardly seen."""
_BOX_WEIGHT = 2.0
_LOOK_ALIKE = 5.0
"""Weight of the cells of a reflection or a picture: most false boxes are on them."""


def scaled(head: Tensor, gains: tuple[float, ...], biases: tuple[float, ...]) -> Tensor:
    """Head output [N, 5, H, W] as the released head reads it: times gain plus bias."""
    shape = (1, -1, 1, 1)
    gain = torch.tensor(gains, device=head.device).view(shape)
    return head * gain + torch.tensor(biases, device=head.device).view(shape)


def box_centre_loss(values: Tensor, people: Tensor, stride: int) -> Tensor:
    """Focal loss of the centres plus the generalised overlap of the boxes about them.

    Centres are peaks as in Zhou, Wang and Kraehenbuehl 2019 ("Objects as points"), learned as
    quality (Li et al. 2020, "Generalized focal loss"): what a cell should say is the height of the
    peak there times the overlap of the box that it tells. A centre on the edge of two cells is in
    both then, and a box that nobody can place is no sure one. Boxes are learned in all cells about
    a centre as in Liu et al. 2020 ("Training-time-friendly network") with the measure of
    Rezatofighi et al. 2019.

    Parameters
    ----------
    values
        Scaled head, float[N, 5, H, W] (see :class:`host.person.decode.BoxCentreDecoder`).
    people
        float[N, M, 5]: x0, y0, x1, y1 in input pixels, and 1 for a person, -1 for a place that
        teaches nothing (a person hardly seen), -2 for a reflection or a picture of a person, which
        is nobody, 0 for no entry.
    stride
        Pixels of a cell.
    """
    peaks, owner, counts = _targets(people, values.shape[2], values.shape[3], stride)
    known = (people[..., 4] > 0).sum().clamp_min(1)
    n = torch.arange(len(people), device=people.device)[:, None, None]
    share, overlap = _overlaps(_boxes(values, stride), people[n, owner, :4])
    centre = _focal(values[:, 0], peaks * share.detach(), counts) / known
    near = peaks * (peaks >= _NEAR)
    # Small people have few cells: everybody counts alike, whatever his size.
    all_near = near.new_zeros(people.shape[:2]).scatter_add_(1, owner.flatten(1), near.flatten(1))
    weight = near / all_near[n, owner].clamp_min(1e-6)
    return centre + _BOX_WEIGHT * (weight * (1 - overlap)).sum() / known


def _targets(people: Tensor, rows: int, columns: int, stride: int) -> tuple[Tensor, Tensor, Tensor]:
    """Peaks, whose they are, and how much a cell's centre counts, all [N, H, W]."""
    low, high = people[..., :2] / stride, people[..., 2:4] / stride
    middle, size = (low + high) / 2, high - low
    sigma = (_SPREAD * size).clamp_min(_LEAST_CELLS)
    x = (torch.arange(columns, device=people.device) + 0.5 - middle[..., :1]) / sigma[..., :1]
    y = (torch.arange(rows, device=people.device) + 0.5 - middle[..., 1:]) / sigma[..., 1:]
    # The nearest cell has the full height, wherever in it the centre lies.
    x, y = (d**2 - (d**2).amin(-1, keepdim=True) for d in (x, y))
    hills = torch.exp(-0.5 * (x[..., None, :] + y[..., :, None]))
    hills = hills * (people[..., 4] > 0)[..., None, None]
    peaks, owner = hills.max(1)
    xs = torch.arange(columns, device=people.device) + 0.5
    ys = torch.arange(rows, device=people.device) + 0.5
    in_x = (xs > low[..., :1]) & (xs < high[..., :1])
    in_y = (ys > low[..., 1:]) & (ys < high[..., 1:])
    inside = in_y[..., :, None] & in_x[..., None, :]
    unclear, alike = ((inside & (people[..., 4] == m)[..., None, None]).any(1) for m in (-1, -2))
    counts = torch.where(alike, _LOOK_ALIKE, 1.0).masked_fill(unclear, 0.0)
    return peaks, owner, counts.masked_fill(peaks >= _OWN, 1.0)


def _focal(logit: Tensor, quality: Tensor, counts: Tensor) -> Tensor:
    p = torch.sigmoid(logit)
    entropy = functional.binary_cross_entropy_with_logits(logit, quality, reduction="none")
    return ((quality - p) ** 2 * entropy * counts).sum()


def _boxes(values: Tensor, stride: int) -> Tensor:
    """Boxes that all cells tell: float[N, H, W, 4] in input pixels."""
    _, _, rows, columns = values.shape
    x = (torch.arange(columns, device=values.device) + 0.5 + values[:, 1]) * stride
    y = (torch.arange(rows, device=values.device)[:, None] + 0.5 + values[:, 2]) * stride
    half_w, half_h = values[:, 3:5].clamp(-2.0, 7.0).exp().unbind(1)
    return torch.stack([x - half_w / 2, y - half_h / 2, x + half_w / 2, y + half_h / 2], -1)


def _overlaps(a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    """Intersection over union of boxes, and its generalisation that knows how far apart."""

    def area(low: Tensor, high: Tensor) -> Tensor:
        return (high - low).clamp_min(0).prod(-1)

    common = area(torch.maximum(a[..., :2], b[..., :2]), torch.minimum(a[..., 2:], b[..., 2:]))
    hull = area(torch.minimum(a[..., :2], b[..., :2]), torch.maximum(a[..., 2:], b[..., 2:]))
    union = area(a[..., :2], a[..., 2:]) + area(b[..., :2], b[..., 2:]) - common
    share = common / union.clamp_min(1e-6)
    return share, share - (hull - union) / hull.clamp_min(1e-6)
