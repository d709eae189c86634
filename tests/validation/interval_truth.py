"""What is true of a rendered clip in every parameter that the exact points and events can tell.

Angles, trunk and arms are measured by the product's own definitions on the exact points, stride by
stride between the true contacts: what differs from the product's result is the error of the
network, of the camera's view and of the events, and, where the truth is that of the whole motion,
how the strides that are seen differ from the walker's others.
"""

from __future__ import annotations

import numpy as np

from host.gait.curves import SagittalCurves
from host.gait.parameters import Gates, Measured, build_parameters
from host.gait.parameters.leg_angles import leg_angles
from host.gait.parameters.samples import Samples
from host.gait.parameters.swing_foot import SwingFoot
from host.gait.parameters.temporal import temporal_samples
from host.gait.parameters.trunk_arms import TrunkAndArms
from host.gait.track import Resampler
from host.gait.types import Bout, Event, Person, Stride, Trajectories
from model_zoo.skeleton import N_KEYPOINTS, Side, part
from tests.validation.rendered_truth import ClipTruth

_GRAVITY, _LEG_SHARE = 9.81, 0.53


def true_parameters(truth: ClipTruth, *, whole_motion: bool = False) -> dict[str, float]:
    """Value of each parameter over the strides in which the whole walker is in the picture.

    With ``whole_motion`` over all strides of the motion, of which the camera sees a part: the
    walker's usual value.
    """
    span_s = truth.motion_s if whole_motion else truth.span_s
    first, last = span_s
    bouts = (Bout(0, first, last, 1),)
    events = tuple(
        Event(Side(e["foot"]), e["kind"], e["time_s"], 1.0, 1.0, 0) for e in truth.told["events"]
    )
    strides = tuple(
        Stride(Side(s["foot"]), s["start_s"], s["foot_off_s"], s["end_s"], 0, False, None)
        for s in truth.told["strides"]
        if first <= s["start_s"] and s["end_s"] <= last
    )
    track = Resampler().resample(_in_metres(truth))
    measured: Measured = {
        **temporal_samples(events, strides),
        **_lengths(truth, span_s),
        **TrunkAndArms().measure(track, bouts, strides),
        **SwingFoot().measure(track, strides, np.ones(len(track.time_s))),
        **leg_angles(SagittalCurves().cycles(track, bouts, strides)),
    }
    found = build_parameters(measured, Gates(frame_rate_hz=1e4), Person(truth.person.height_m))
    return {name: p.value for name, p in found.items() if np.isfinite(p.value)}


def _in_metres(truth: ClipTruth) -> Trajectories:
    """Exact points: x along the walk, y to the left of it, z up."""
    xyz = truth.xyz_m
    pelvis = xyz[:, [part("hip", side) for side in Side]].mean(axis=1)
    along = (pelvis[-1] - pelvis[0]) * [1, 1, 0]
    along /= np.linalg.norm(along)
    axes = np.stack((along, np.cross([0, 0, 1], along), [0, 0, 1]))
    score = np.ones((len(truth.time_s), N_KEYPOINTS))
    return Trajectories(truth.time_s, xyz @ axes.T, "m", score, "exact")


def _lengths(truth: ClipTruth, span_s: tuple[float, float]) -> Measured:
    """Lengths and speed of the steps and strides inside, as told by the renderer."""
    first, last = span_s

    def samples(kind: str, of: str) -> Samples:
        inside = [s for s in truth.told[kind] if first <= s["start_s"] and s["end_s"] <= last]
        return Samples.of([(s[of], Side(s["foot"])) for s in inside])

    def speed(stride: dict[str, float]) -> float:
        return stride["length_m"] / (stride["end_s"] - stride["start_s"])

    inside = [s for s in truth.told["strides"] if first <= s["start_s"] and s["end_s"] <= last]
    speeds = Samples.of([(speed(s), Side(s["foot"])) for s in inside])
    stature_m = truth.told["stature_m"]
    step = samples("steps", "length_m")
    return {
        "walking_speed": speeds,
        "relative_speed": speeds.times(1 / stature_m),
        "dimensionless_speed": speeds.times(1 / np.sqrt(_GRAVITY * _LEG_SHARE * stature_m)),
        "step_length": step,
        "relative_step_length": step.times(1 / stature_m),
        "stride_length": samples("strides", "length_m"),
        "step_width": samples("steps", "width_m"),
    }
