"""Cross-entropy over sub-cells with terms for left and right, and the decoding used to watch."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from model_zoo.skeleton import BODY_PARTS, INDEX, MIRROR

_SIDED = [
    (INDEX[f"left_{part}"], INDEX[f"right_{part}"])
    for part in (*BODY_PARTS, "big_toe", "small_toe", "heel")
]
_LEFT, _RIGHT = ([pair[side] for pair in _SIDED] for side in (0, 1))


def cell_logits(head: Tensor, sub_cells: int) -> Tensor:
    """Head output [N, K*s*s, H, W] as maps [N, K, H*s, W*s]."""
    return functional.pixel_shuffle(head, sub_cells)


@dataclass(frozen=True)
class CellLoss:
    """Mean cross-entropy of the labelled points against a Gaussian over the cells, and more.

    Attributes
    ----------
    sigma_cells
        Width of the soft label.
    exchange
        Weight of the whole-person term ``log(1 + exp(s - e))``: s and e are a person's mean
        cross-entropy over sided joints against the labels and against the labels exchanged.
    rival
        Weight of ``-log(1 - p)``: p is the mass that the map of a sided joint has about the label
        of the other side, where the two labels lie further apart than three cells.
    mirror
        Weight of the symmetric divergence (Jeffreys, 1946) between the maps of a crop and those
        of its mirror image, mirrored back; needs a batch from :func:`with_mirror_images`.
    """

    sigma_cells: float = 0.8
    exchange: float = 0.0
    rival: float = 0.0
    mirror: float = 0.0

    def __call__(self, head: Tensor, points: Tensor, *, sub_cells: int, stride: int) -> Tensor:
        """Scalar loss.

        Parameters
        ----------
        head
            float[N, K*s*s, H, W].
        points
            float[N, K, 3]: x, y in input pixels, weight of the label.
        """
        logits = cell_logits(head, sub_cells)
        cells = points[..., :2] / (stride / sub_cells)
        weight = points[..., 2]
        log_p = functional.log_softmax(logits.flatten(2), 2).view(logits.shape)
        own = self._cross_entropy(log_p, cells)
        loss = (own * weight).sum() / weight.sum().clamp_min(1.0)
        if self.exchange:
            loss = loss + self.exchange * self._exchange(log_p, cells, own, weight)
        if self.rival:
            loss = loss + self.rival * self._rival(log_p, cells, weight)
        if self.mirror:
            loss = loss + self.mirror * _divergence(log_p)
        return loss

    def _cross_entropy(self, log_p: Tensor, cells: Tensor) -> Tensor:
        gy = self._soft_label(log_p.shape[2], cells[..., 1])
        gx = self._soft_label(log_p.shape[3], cells[..., 0])
        return -torch.einsum("nky,nkyx,nkx->nk", gy, log_p, gx)

    def _soft_label(self, n: int, place: Tensor) -> Tensor:
        g = torch.exp(-(_offsets(n, place) ** 2) / (2 * self.sigma_cells**2))
        return g / g.sum(-1, keepdim=True).clamp_min(1e-6)

    def _exchange(self, log_p: Tensor, cells: Tensor, own: Tensor, weight: Tensor) -> Tensor:
        sided = _LEFT + _RIGHT
        crossed = self._cross_entropy(log_p, cells[:, MIRROR])[:, sided]
        both = (weight * weight[:, MIRROR])[:, sided]
        known = both.sum(1)
        difference = ((own[:, sided] - crossed) * both).sum(1) / known.clamp_min(1e-6)
        counted = (known > 0).float()
        return (functional.softplus(difference) * counted).sum() / counted.sum().clamp_min(1.0)

    def _rival(self, log_p: Tensor, cells: Tensor, weight: Tensor) -> Tensor:
        other = cells[:, MIRROR]
        apart = ((cells - other).norm(dim=-1) > 3.0).float()
        counted = (weight * weight[:, MIRROR] * apart)[:, _LEFT + _RIGHT]
        # A window about the other side's label, 1 at its middle: the mass there is a rival peak's.
        wy = torch.exp(-(_offsets(log_p.shape[2], other[..., 1]) ** 2) / 2)
        wx = torch.exp(-(_offsets(log_p.shape[3], other[..., 0]) ** 2) / 2)
        mass = torch.einsum("nky,nkyx,nkx->nk", wy, log_p.exp(), wx)[:, _LEFT + _RIGHT]
        cost = -torch.log1p(-mass.clamp(max=0.999))
        return (cost * counted).sum() / counted.sum().clamp_min(1.0)


def _offsets(n: int, place: Tensor) -> Tensor:
    """From ``place`` [...] to the middle of each of n cells, [..., n]."""
    return torch.arange(n, device=place.device) + 0.5 - place[..., None]


def with_mirror_images(crops: Tensor, points: Tensor) -> tuple[Tensor, Tensor]:
    """Half of a batch and its mirror images behind it: as many pictures as before."""
    half = len(crops) // 2
    crops, points = crops[:half], points[:half]
    turned = points[:, MIRROR].clone()
    turned[..., 0] = crops.shape[3] - turned[..., 0]
    return torch.cat([crops, crops.flip(3)]), torch.cat([points, turned])


def _divergence(log_p: Tensor) -> Tensor:
    """Of the first half's maps from those of the second, mirrored back; mean over all points."""
    half = len(log_p) // 2
    plain, turned = log_p[:half], log_p[half:][:, MIRROR].flip(3)
    per_point = ((plain.exp() - turned.exp()) * (plain - turned)).sum((2, 3))
    return 0.5 * per_point.mean()


def guided(head: Tensor, guide: Tensor, sub_cells: int) -> Tensor:
    """Mean cross-entropy of the maps of ``head`` against those of ``guide``, both [N, K*s*s, H, W].

    Knowledge distillation (Hinton, Vinyals and Dean, 2015) of the float network into its quantised
    self (Mishra and Marr, 2018): all maps count, also those of points that nobody labelled.
    """
    log_p, log_q = (
        functional.log_softmax(cell_logits(h.float(), sub_cells).flatten(2), 2)
        for h in (head, guide)
    )
    return -(log_q.exp() * log_p).sum(2).mean()


@torch.no_grad()
def decode_cells(head: Tensor, *, sub_cells: int, stride: int) -> Tensor:
    """Points float[N, K, 2] in input pixels: arg-max cell and 3x3 softmax centroid.

    Only for watching a training; the host decodes with ``host.pose.decode``.
    """
    logits = cell_logits(head.float(), sub_cells)
    n, k, height, width = logits.shape
    p = logits.flatten(2).softmax(2)
    best = p.argmax(2)
    row, column = best // width, best % width
    padded = functional.pad(p.view(n, k, height, width), (1, 1, 1, 1))
    window = torch.stack(
        [
            padded.flatten(2).gather(2, ((row + dy) * (width + 2) + column + dx)[..., None])[..., 0]
            for dy in range(3)
            for dx in range(3)
        ],
        -1,
    ).view(n, k, 3, 3)
    mass = window.sum((2, 3)).clamp_min(1e-9)
    offset = torch.tensor([-1.0, 0.0, 1.0], device=head.device)
    x = column + 0.5 + (window.sum(2) * offset).sum(2) / mass
    y = row + 0.5 + (window.sum(3) * offset).sum(2) / mass
    return torch.stack([x, y], -1) * (stride / sub_cells)
