"""Where the feet stood: footprints in the picture, laid on the floor along the line of the walk."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from host.gait.scale.types import Array, Underfoot
from host.gait.track import Track
from host.gait.types import Bout, Event, Stride
from model_zoo.skeleton import Side

# Part of the stride after a contact in which the foot is flat on the floor (Perry 1992: 12 to 31
# %).
REST = (0.12, 0.31)
_ROUNDS = 3
_LEAST = 3


@dataclass(frozen=True)
class Footprints:
    """The places of one bout's contacts in the picture.

    Attributes
    ----------
    contact_s
        float64[n], times of the contacts, rising.
    right
        bool[n], whose foot.
    heel_px
        float64[n, 2], the resting heel, y down; NaN where it is not seen.
    """

    contact_s: Array
    right: NDArray[np.bool_]
    heel_px: Array

    @classmethod
    def of(
        cls, track: Track, bout: Bout, events: tuple[Event, ...], strides: list[Stride]
    ) -> Footprints:
        """Footprints of the contacts of a bout; ``strides`` tell how long one lasts."""
        usual_s = float(np.median([s.end_s - s.start_s for s in strides])) if strides else 1.1
        own = sorted(
            (e for e in events if e.bout == bout.index and e.kind == "initial_contact"),
            key=lambda e: e.time_s,
        )
        places = [_resting(track, e.foot, e.time_s, usual_s) for e in own]
        return cls(
            np.array([e.time_s for e in own]),
            np.array([e.foot is Side.RIGHT for e in own], dtype=bool),
            np.array(places).reshape(-1, 2),
        )


@dataclass(frozen=True)
class Placed:
    """Footprints on the floor, in the unit of the camera's height.

    Attributes
    ----------
    along
        float64[n], way along the walk, rising with time.
    across
        float64[n], distance to the left of the line of the walk.
    heading
        float64[2], unit vector of the walk on the floor.
    middle
        float64[2], mean place on the floor.
    width_sd
        SD of the distance of the two lines.
    """

    along: Array
    across: Array
    heading: Array
    middle: Array
    width_sd: float


class WalkLine:
    """A straight walk: left and right feet stand on two parallel lines on the floor.

    A footprint's place on the floor is sure across the ray of sight and unsure along it: a pixel up
    or down is some centimetres, and networks draw the foot that the other leg hides too high, in
    every step by about as much. So the direction of the walk, the two lines and how much too high
    each foot is drawn are fitted together, with what is known of the width of steps, and each
    footprint is then moved onto the line of its foot by no more than the pixels allow: from the
    side only its x in the picture counts, from the front only its y.

    Parameters
    ----------
    print_sd
        How far a single footprint is off in the picture, SD in statures.
    near_sd, far_sd
        How far all footprints of one foot are drawn too high or too low, SD in statures (released
        networks on rendered walkers: 0.5 to 2 %, the far foot of an oblique view 3 to 5 %).
    usual_width, width_sd
        Step width in statures: 0.10 m (SD 0.03 m) in adults of any age at their own pace; wider
        here for impaired walks.
    stray_sd
        A footprint so many ``print_sd`` off its line is left out.
    """

    def __init__(
        self,
        *,
        print_sd: float = 0.008,
        near_sd: float = 0.01,
        far_sd: float = 0.03,
        usual_width: float = 0.06,
        width_sd: float = 0.03,
        stray_sd: float = 5.0,
    ) -> None:
        self.print_sd = print_sd
        self.near_sd = near_sd
        self.far_sd = far_sd
        self.usual_width = usual_width
        self.width_sd = width_sd
        self.stray_sd = stray_sd

    def place(self, prints: Footprints, under: Underfoot) -> Placed | None:
        """The footprints on the floor; None with fewer than three that can be placed."""
        look = _Look.of(prints, under, self.print_sd)
        if look.seen.sum() < _LEAST:
            return None
        heading = _first_heading(prints.contact_s[look.seen], look.floor[look.seen])
        if heading is None:
            return None
        fit = self._fitted(heading, look, under.stature)
        for _ in range(_ROUNDS):
            fit = self._fitted(fit.heading, look, under.stature)
            look = self._without_strays(fit, look)
        left = _left_of(fit.heading)
        foot = prints.right.astype(np.intp)
        floor = look.floor - look.per_stature * fit.too_high[foot][:, None]
        floor[~look.seen] = np.nan
        along, across = floor @ fit.heading, floor @ left
        mixed = np.einsum("i,nij,j->n", fit.heading, look.spread, left)
        own = np.einsum("i,nij,j->n", left, look.spread, left)
        moved = along - mixed / own * (across - fit.lines[foot])
        middle = look.floor[look.seen].mean(axis=0)
        return Placed(moved, across, fit.heading, middle, fit.width_sd)

    def _without_strays(self, fit: _Fit, look: _Look) -> _Look:
        """Footprints far off their line are wrong points (a foot that leaves the picture)."""
        left, foot = _left_of(fit.heading), look.right.astype(np.intp)
        off = (look.floor - look.per_stature * fit.too_high[foot][:, None]) @ left - fit.lines[foot]
        off = np.abs(off) / np.sqrt(np.einsum("i,nij,j->n", left, look.spread, left))
        kept = look.seen & (np.nan_to_num(off, nan=np.inf) <= self.stray_sd)
        return replace(look, seen=kept) if kept.sum() >= _LEAST else look

    def _fitted(self, heading: Array, look: _Look, stature: float) -> _Fit:
        """A better direction; the two lines across it; how much too high each foot is drawn."""
        seen, left = look.seen, _left_of(heading)
        along, across = look.floor[seen] @ heading, look.floor[seen] @ left
        right = look.right[seen]
        lift = look.per_stature[seen] @ left
        weight = 1 / np.sqrt(np.einsum("i,nij,j->n", left, look.spread[seen], left))
        both = np.stack((~right, right), axis=1).astype(np.float64)
        rows = np.column_stack((along - along.mean(), both, both * lift[:, None])) * weight[:, None]
        known = np.zeros((3, 5))
        known[0, 1:3] = np.array([1.0, -1.0]) / (self.width_sd * stature)
        # Which foot is farther from the camera, which stands at the frame's origin.
        far = 0 if float(look.floor[seen].mean(axis=0) @ left) > 0 else 1
        known[1, 3 + far], known[2, 4 - far] = 1 / self.far_sd, 1 / self.near_sd
        wanted = np.concatenate((across * weight, [self.usual_width / self.width_sd, 0.0, 0.0]))
        system = np.concatenate((rows, known))
        turn, *rest = np.linalg.lstsq(system, wanted, rcond=None)[0]
        covariance = np.linalg.pinv(system.T @ system)
        width_sd = float(np.sqrt(covariance[1, 1] + covariance[2, 2] - 2 * covariance[1, 2]))
        turned = heading + turn * left
        turned /= np.hypot(*turned)
        # The lines cross the walk at its middle; across the new direction they lie there.
        start = along.mean() * heading
        lines = np.array([(start + line * left) @ _left_of(turned) for line in rest[:2]])
        return _Fit(turned, lines, np.array(rest[2:]), width_sd)


@dataclass(frozen=True)
class _Fit:
    """Direction; across-walk place of the left and right line; how much too high, in statures."""

    heading: Array
    lines: Array
    too_high: Array
    width_sd: float


@dataclass(frozen=True)
class _Look:
    """Footprints through one camera: place, its noise, and where it goes per stature too high."""

    floor: Array
    spread: Array
    per_stature: Array
    seen: NDArray[np.bool_]
    right: NDArray[np.bool_]

    @classmethod
    def of(cls, prints: Footprints, under: Underfoot, print_sd: float) -> _Look:
        camera, above = under.camera, under.heel * under.stature
        floor = camera.on_floor(prints.heel_px, above)
        ends = [np.column_stack((floor, np.full(len(floor), z))) for z in (0.0, under.stature)]
        low, high = (camera.project(points) for points in ends)
        tall_px = np.hypot(*(high - low).T)
        spread = camera.spread_on_floor(prints.heel_px, above, 1.0)
        spread = spread * (print_sd * tall_px[:, None, None]) ** 2
        step_px = np.stack((np.zeros(len(floor)), -0.005 * tall_px), axis=1)
        per_stature = (camera.on_floor(prints.heel_px + step_px, above) - floor) / 0.005
        seen = np.isfinite(floor).all(axis=1) & np.isfinite(per_stature).all(axis=1)
        seen &= np.isfinite(spread).all(axis=(1, 2))
        return cls(floor, spread, per_stature, seen, prints.right)


def _left_of(heading: Array) -> Array:
    return np.array([-heading[1], heading[0]])


def _first_heading(time_s: Array, floor: Array) -> Array | None:
    """Direction from the earlier to the later half of the footprints."""
    half = len(time_s) // 2
    way = floor[-half:].mean(axis=0) - floor[:half].mean(axis=0)
    length = float(np.hypot(*way))
    return np.asarray(way / length) if length > 0 else None


def _resting(track: Track, side: Side, contact_s: float, stride_s: float) -> tuple[float, float]:
    """The heel in the picture while it rests after a contact; NaN where it is not seen."""
    start, stop = (contact_s + share * stride_s for share in REST)
    rows = (track.time_s >= start) & (track.time_s <= stop)
    heel = track.xyz[rows, track.foot("heel", side)]
    heel = heel[np.isfinite(heel[:, 0]) & np.isfinite(heel[:, 2])]
    if not len(heel):
        return float("nan"), float("nan")
    return float(np.median(heel[:, 0])), float(-np.median(heel[:, 2]))
