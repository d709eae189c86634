"""A recorded walk whose feet are made to keep a contact schedule.

The schedule is fixed once per recording: a foot lands when its heel's forward speed falls below
0.3 m/s and leaves when its toes' forward speed rises above it. Feet then stand still and flat on
one floor (``feet``), recorded motion guides the swing, and the legs are fitted by inverse
kinematics; the pelvis is lowered where a leg would not reach.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline
from scipy.ndimage import gaussian_filter1d
from scipy.spatial.transform import Rotation, Slerp

from model_zoo.skeleton import Side
from quantize.render.body import BodyModel, Shape
from quantize.render.contacts import Contact, Schedule
from quantize.render.feet import FootPath
from quantize.render.legs import Leg, Sole, about_x, about_z, lower_smoothly, set_bones
from quantize.render.mocap import MocapLibrary, Retarget

Array = NDArray[np.float64]
_STILL_M_S = 0.3
_LEAST_STANCE_S, _LEAST_SWING_S = 0.35, 0.2
_GRID_HZ = 200.0
_STRAIGHT_DEG = 35.0


class MocapWalk:
    """One recording on one body, walking along -y.

    Raises
    ------
    ValueError
        When the trial is unknown, is no straight walk, or holds fewer than two whole stances of a
        foot.
    """

    def __init__(self, model: BodyModel, shape: Shape, library: MocapLibrary, trial: str) -> None:
        if trial not in library.trials:
            raise ValueError(f"the mocap file has no trial {trial!r}")
        clip = library.clip(library.trials.index(trial))
        self._model = model
        self._legs = {side: Leg.of(model, shape, side) for side in Side}
        self.soles = {side: Sole(model, shape, side) for side in Side}
        turn, root = Retarget(model, clip.joints)(shape, clip)
        way = root[-1] - root[0]
        spin = about_z(-np.rad2deg(np.arctan2(way[0], -way[1])))
        self._time = np.arange(len(turn)) / clip.rate_hz
        turn, root = spin @ turn, root @ spin.T
        astray = np.abs(np.unwrap(clip.heading_rad) - np.arctan2(way[0], -way[1]))
        if (np.rad2deg(np.minimum(astray, np.abs(astray - 2 * np.pi))) > _STRAIGHT_DEG).any():
            raise ValueError(f"trial {trial} is no straight walk")
        self._turn = [
            Slerp(self._time, Rotation.from_matrix(turn[:, b])) for b in range(turn.shape[1])
        ]
        self._speed = abs(float(np.polyfit(self._time, root[:, 1], 1)[0]))
        self._root = CubicSpline(self._time, root)
        tracks = {side: self._track(side, turn, root) for side in Side}
        floor = np.median([np.min(track[:, 2]) for track in tracks.values()])
        stand = -float(self.soles[Side.LEFT].place(np.zeros(1), np.zeros(1))[0, :, 2].min())
        root[:, 2] += stand - floor
        self._root = CubicSpline(self._time, root)
        self.schedule = Schedule(
            tuple(
                sorted(
                    (c for side in Side for c in self._contacts(side, tracks[side])),
                    key=lambda c: c.contact_s,
                )
            )
        )
        for side in Side:
            tracks[side][:, 2] += stand - floor
        self._feet = {
            side: FootPath(
                self.soles[side],
                self.schedule,
                side,
                CubicSpline(self._time, tracks[side][:, :4]),
                self._speed,
            )
            for side in Side
        }
        self._lower()

    @property
    def span_s(self) -> tuple[float, float]:
        """From when to when both feet are known."""
        ends = [self._feet[side].span_s for side in Side]
        return max(a for a, _ in ends), min(b for _, b in ends)

    def _track(self, side: Side, turn: Array, root: Array) -> Array:
        """Ankle (3), pitch and turn (degrees) of the recorded foot, float[T, 5]."""
        leg, letter = self._legs[side], ".L" if side is Side.LEFT else ".R"
        index = self._model.index
        ankle = (
            root
            + turn[:, index["root"]] @ leg.hip
            + turn[:, index["upperleg01" + letter]] @ leg.thigh
            + turn[:, index["lowerleg01" + letter]] @ leg.shank
        )
        ahead = turn[:, index["foot" + letter]] @ np.array([0.0, -1.0, 0.0])
        pitch = np.rad2deg(np.arcsin(np.clip(ahead[:, 2], -1, 1)))
        yaw = np.rad2deg(np.arctan2(ahead[:, 0], -ahead[:, 1]))
        return np.concatenate([ankle, pitch[:, None], yaw[:, None]], 1)

    def _contacts(self, side: Side, track: Array) -> list[Contact]:
        sole, out = self.soles[side], 1.0 if side is Side.LEFT else -1.0
        heel, toe = (
            track[:, :3]
            + np.einsum(
                "tij,tj->ti",
                about_z(track[:, 4]),
                sole.place(track[:, 3], track[:, 3])[:, point],
            )
            for point in (sole.heel, sole.toe)
        )
        heel_speed, toe_speed = (
            -np.gradient(gaussian_filter1d(p[:, 1], 1.0, mode="nearest"), self._time)
            for p in (heel, toe)
        )
        contacts, after = [], -1.0
        for down in _crossings(self._time, _STILL_M_S - heel_speed):
            if down < after + _LEAST_SWING_S:
                continue
            ups = [
                u
                for u in _crossings(self._time, toe_speed - _STILL_M_S)
                if u > down + _LEAST_STANCE_S
            ]
            if not ups:
                break
            after = ups[0]
            stance = after - down
            flat, rise = down + 0.13 * stance, down + 0.62 * stance
            still = (self._time >= flat) & (self._time <= rise)
            contacts.append(
                Contact(
                    side,
                    down,
                    flat,
                    rise,
                    after,
                    float(-heel[still, 1].mean()),
                    float(heel[still, 0].mean()),
                    out * float(track[still, 4].mean()),
                    float(np.clip(np.interp(down, self._time, track[:, 3]), 3, 28)),
                    float(np.clip(np.interp(after, self._time, track[:, 3]), -70, -20)),
                )
            )
        if len(contacts) < 2:
            raise ValueError(f"the recording holds fewer than two stances of the {side.value} foot")
        return contacts

    def _lower(self) -> None:
        first, last = self.span_s
        time = np.arange(first, last, 1 / _GRID_HZ)
        root = self._root(time)
        pelvis = self._turn[self._model.index["root"]](time).as_matrix()
        limit = np.full(len(time), np.inf)
        for side in Side:
            hip = root + pelvis @ self._legs[side].hip
            limit = np.minimum(
                limit, self._legs[side].highest(hip, self._feet[side].at(time).ankle) + root[:, 2]
            )
        root[:, 2] = lower_smoothly(root[:, 2], limit, _GRID_HZ)
        self._root = CubicSpline(time, root)

    def pose(self, time_s: Array) -> tuple[Array, Array]:
        """Bones at times float[T] inside :attr:`span_s`: turns and root, facing -y."""
        root = self._root(time_s)
        turn = np.stack([s(time_s).as_matrix() for s in self._turn], 1)
        pelvis = turn[:, self._model.index["root"]]
        for side in Side:
            letter = ".L" if side is Side.LEFT else ".R"
            foot, leg = self._feet[side].at(time_s), self._legs[side]
            thigh, shank = leg.fit(root + pelvis @ leg.hip, foot.ankle, foot.turn_deg)
            yaw = about_z(foot.turn_deg)
            for prefix, value in (
                ("upperleg", thigh),
                ("lowerleg", shank),
                ("foot", yaw @ about_x(foot.foot_deg)),
                ("toe", yaw @ about_x(foot.toe_deg)),
            ):
                set_bones(self._model, turn, (prefix,), value, letter)
        return turn, root


def _crossings(time_s: Array, value: Array) -> list[float]:
    """Times at which ``value`` rises through zero, by straight lines between the samples."""
    up = np.flatnonzero((value[:-1] <= 0) & (value[1:] > 0))
    part = -value[up] / (value[up + 1] - value[up])
    return [float(t) for t in time_s[up] + part * (time_s[up + 1] - time_s[up])]
