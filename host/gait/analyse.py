"""The gait room's one entry: trajectories in, everything that can be said about the gait out."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from host.codes import Absence, Exclusion, QualityCode, ViewKind
from host.gait.body import BodyHeight, BodySize
from host.gait.border import whole_in_picture
from host.gait.bouts import Activities, ProgressionBouts
from host.gait.curves import Cycles, SagittalCurves
from host.gait.depth_walk import DepthWalks
from host.gait.events import STAND_IN, Detected, Lead, detector_led_by, lead_for
from host.gait.parameters import Gates, Measured, build_parameters
from host.gait.parameters.leg_angles import leg_angles
from host.gait.parameters.method_error import method_errors
from host.gait.parameters.profile import SagittalProfile
from host.gait.parameters.samples import Samples
from host.gait.parameters.spatial import SpatialMeasure
from host.gait.parameters.swing_foot import SwingFoot
from host.gait.parameters.temporal import temporal_samples
from host.gait.parameters.trunk_arms import TrunkAndArms
from host.gait.parameters.variability import fast_enough, timing_noise_s
from host.gait.quality import Evidence, check_recording, events_agree, failed, grade
from host.gait.scale.depth import in_depth
from host.gait.scale.find import find_floor, lens_sd
from host.gait.scale.legs import LegScale
from host.gait.scale.types import Floor, ScaleOptions
from host.gait.sources import Source, source_named
from host.gait.strides import StrideBuilder
from host.gait.track import Resampler, Track
from host.gait.types import (
    Bout,
    CaptureFacts,
    Curve,
    GaitResult,
    Parameter,
    Person,
    QualityCheck,
    Stride,
    Trajectories,
    View,
)
from host.gait.view import NO_VIEW, ViewEstimator
from model_zoo.skeleton import Side

_MIN_CONTACTS = 3


def analyse_gait(
    trajectories: Trajectories,
    person: Person,
    facts: CaptureFacts,
    *,
    source: Source | None = None,
    lead: Lead = STAND_IN,
    scale: ScaleOptions | None = None,
) -> GaitResult:
    """Bouts, events, strides, parameters, curves and quality of one recording.

    Parameters
    ----------
    trajectories
        Keypoints of one person; sides as named, with the confidence of the naming where known.
    person
        Stature (for metres), age and sex (for norms); all may be None.
    facts
        Frame rate and the checks of the capture.
    source
        Constants of the keypoint source; looked up by ``trajectories.source`` when None.
    lead
        Event method whose times count: one of :data:`host.gait.events.METHODS` by name, or the
        learned one with its network open, for which another stands in where the points have no
        heels and toes (:func:`host.gait.events.lead_for`).
    scale
        What gives metres; all that is there when None.

    Returns
    -------
    The result. A recording without a gait to report is graded ``"unusable"`` and no parameter has a
    value; nothing is raised for bad recordings.
    """
    known = source if source is not None else source_named(trajectories.source)
    track = Resampler(min_score=known.min_score).resample(trajectories)
    if track.unit == "m" and not known.true_metres and person.height_m is not None:
        track = LegScale(person.sex).scaled(track, person.height_m)
    body = BodyHeight(height_seen=known.height_seen).measure(track)
    track = whole_in_picture(track, body, facts.picture_px)
    options = scale if scale is not None else ScaleOptions()
    found = _find(track, body, facts, person, options, known, lead)
    bouts, detected, view = found.bouts, found.detected, found.view
    activities = Activities().find(*found.aside, bouts)
    strides = StrideBuilder().build(*found.aside, bouts, detected.events, activities)
    floor = None
    if not found.in_depth:
        floor = find_floor(track, body, bouts, facts, person.height_m, options, known.heel_share)
    evidence = Evidence(
        trajectories, track, body, bouts, view, detected, strides, floor, found.in_depth
    )
    checks = check_recording(evidence, facts)
    quality = grade(checks)
    spatial = _spatial(found, track, body, person, floor)
    gates = _gates(evidence, checks, known.calibrated(found.method), facts)
    noise_s = timing_noise_s(known.event_sd_s(found.method), facts.frame_rate_hz)
    gates = replace(gates, timing_noise_s=noise_s)
    cycles = SagittalCurves(source=known).cycles(track, bouts, strides)
    measured = _measured(found, track, spatial, strides, cycles)
    measured |= SagittalProfile().measure(cycles, _speed_mps(measured, gates))
    errors = method_errors(trajectories.source, found.method, view.kind)
    parameters = build_parameters(measured, gates, person, errors)
    return GaitResult(
        view=view,
        bouts=tuple(replace(b, direction=0) for b in bouts) if found.in_depth else bouts,
        events=detected.events,
        strides=strides,
        parameters=parameters,
        curves=_curves(cycles, parameters, gates),
        quality_grade=quality,
        checks=checks,
        scale_m_per_unit=_scale(spatial, evidence),
        activities=activities,
        floor=floor,
        error_measured=frozenset(errors),
    )


@dataclass(frozen=True)
class _Found:
    """Bouts and events, and the walk as it was looked at for them."""

    aside: tuple[Track, BodySize]
    bouts: tuple[Bout, ...]
    detected: Detected
    view: View
    method: str
    lens_sd: float | None = None
    """Of a walk in depth: relative SD of the focal length."""
    stature_m: float | None = None
    """Of a walk in depth, where something on the floor tells it."""

    @property
    def in_depth(self) -> bool:
        """Whether the way is told by the growth in the picture."""
        return self.lens_sd is not None


def _find(  # noqa: PLR0913 - what is known of one recording
    track: Track,
    body: BodySize,
    facts: CaptureFacts,
    person: Person,
    options: ScaleOptions,
    known: Source,
    lead: Lead,
) -> _Found:
    """Who walks towards the camera or away is looked at by way of the floor, or of the depth.

    Where a floor was measured its footprints count, unless the event methods disagree on them.
    """
    aside = track, body
    first = ViewEstimator().estimate(track, body, ())
    whole = None
    if track.unit == "px" and first.kind is ViewKind.FRONTAL:
        if facts.floor_sheets or options.walkway:
            whole = find_floor(track, body, (), facts, person.height_m, options, known.heel_share)
            aside = aside if whole is None else in_depth(track, body, whole.best)
        else:
            walk = _in_depth(track, body, facts, first, options.field_deg)
            if walk is not None:
                return walk
    candidates = ProgressionBouts().find(*aside)
    lead = lead_for(lead, track)
    detected = detector_led_by(lead, known).detect(*aside, candidates)
    bouts, detected = _walking_only(candidates, detected)
    # Without a walk there is no walking path for the camera to stand beside.
    view = ViewEstimator().estimate(track, body, bouts) if bouts else NO_VIEW
    if whole is not None and not (bouts and events_agree(detected)):
        focal = np.array([draw.camera.focal_px for draw in whole.draws])
        longer = max(facts.picture_px or (0, 0))
        field_deg = float(np.degrees(2 * np.arctan(longer / 2 / whole.best.camera.focal_px)))
        walk = _in_depth(track, body, facts, first, field_deg)
        if walk is not None:
            sure = float(np.std(np.log(focal)))
            return replace(walk, lens_sd=sure, stature_m=whole.stature if whole.metric else None)
    return _Found(aside, bouts, detected, view, lead if isinstance(lead, str) else lead.name)


def _in_depth(
    track: Track, body: BodySize, facts: CaptureFacts, view: View, field_deg: float | None
) -> _Found | None:
    """The walk by its growth in the picture; None where there is none."""
    if facts.picture_px is None:
        return None
    walk = DepthWalks().find(track, body, facts.picture_px, field_deg)
    if walk is None:
        return None
    seen, sure = (walk.track, walk.body), lens_sd(field_deg)
    return _Found(seen, walk.bouts, walk.detected, view, DepthWalks.name, sure)


def _spatial(
    found: _Found,
    track: Track,
    body: BodySize,
    person: Person,
    floor: Floor | None,
) -> SpatialMeasure:
    """Lengths of the walk as it was looked at; in depth the lens is as sure as it is known."""
    if not found.in_depth:
        return SpatialMeasure(track, body, person.height_m, found.view, floor)
    height_m = person.height_m if found.stature_m is None else found.stature_m
    return SpatialMeasure(*found.aside, height_m, found.view, None, found.lens_sd)


def _measured(
    found: _Found,
    track: Track,
    spatial: SpatialMeasure,
    strides: tuple[Stride, ...],
    cycles: Cycles,
) -> Measured:
    """Samples of all parameters but the profile's."""
    lengths = spatial.measure(found.bouts, found.detected.events, strides)
    if found.in_depth and not np.isfinite(found.aside[0].xyz[..., 1]).any():
        lengths["step_width"] = Absence.SIDES_UNCERTAIN
    return {
        **temporal_samples(found.detected.events, strides),
        **lengths,
        **TrunkAndArms().measure(track, found.bouts, strides),
        **SwingFoot().measure(track, strides, spatial.metres_per_unit()),
        **leg_angles(cycles),
    }


def _walking_only(
    candidates: tuple[Bout, ...], detected: Detected
) -> tuple[tuple[Bout, ...], Detected]:
    """Only stretches in which both feet take turns are walking; they are numbered anew."""
    number: dict[int, int] = {}
    for bout in candidates:
        own = [e for e in detected.events if e.bout == bout.index and e.kind == "initial_contact"]
        if len(own) >= _MIN_CONTACTS and {e.foot for e in own} == set(Side):
            number[bout.index] = len(number)
    bouts = tuple(replace(b, index=number[b.index]) for b in candidates if b.index in number)
    events = tuple(replace(e, bout=number[e.bout]) for e in detected.events if e.bout in number)
    periods = {number[i]: t for i, t in detected.period_s.items() if i in number}
    return bouts, Detected(events, periods, detected.spread_s if bouts else ())


def _gates(
    evidence: Evidence, checks: tuple[QualityCheck, ...], calibrated: bool, facts: CaptureFacts
) -> Gates:
    """Why parameters have no value, from the checks; the first reason that applies is named."""
    if not evidence.bouts:
        return Gates(everything=Absence.NO_WALKING)
    if grade(checks) == "unusable":
        return Gates(everything=Absence.QUALITY_UNUSABLE)
    oblique = evidence.view.kind in (ViewKind.OBLIQUE, ViewKind.FRONTAL)
    slow_camera = failed(checks, QualityCode.FRAME_RATE)
    hidden = failed(checks, QualityCode.FEET_VISIBLE)
    phases = _first(
        (oblique, Absence.VIEW_NOT_SIDE),
        (slow_camera, Absence.FRAME_RATE_LOW),
        (hidden, Absence.FEET_HIDDEN),
        (failed(checks, QualityCode.EVENTS_AGREE), Absence.EVENTS_UNCERTAIN),
        (not calibrated, Absence.NOT_CALIBRATED),
    )
    lengths = _first(
        (oblique and evidence.floor is None and not evidence.in_depth, Absence.VIEW_NOT_SIDE),
        (failed(checks, QualityCode.CAMERA_STILL), Absence.CAMERA_MOVES),
    )
    clean = [s for s in evidence.strides if not s.excluded]
    unsure = sum(s.reason is Exclusion.SIDE_UNCERTAIN for s in clean)
    sides = _first(
        (evidence.in_depth, Absence.VIEW_NOT_SIDE),
        (2 * unsure > len(clean), Absence.SIDES_UNCERTAIN),
    )
    return Gates(
        phases=phases,
        lengths=lengths,
        sides=sides,
        single=Absence.VIEW_NOT_SIDE if evidence.in_depth else None,
        sagittal=Absence.VIEW_NOT_SIDE if oblique else None,
        clearance=None if fast_enough(facts.frame_rate_hz) else Absence.FRAME_RATE_LOW,
        frame_rate_hz=facts.frame_rate_hz,
    )


def _first(*reasons: tuple[bool, Absence]) -> Absence | None:
    return next((reason for applies, reason in reasons if applies), None)


def _speed_mps(measured: Measured, gates: Gates) -> float:
    """Mean walking speed; NaN where it may not be told."""
    speed = measured.get("walking_speed")
    if gates.lengths is not None or not isinstance(speed, Samples) or speed.n == 0:
        return float("nan")
    return speed.mean()


def _curves(cycles: Cycles, parameters: dict[str, Parameter], gates: Gates) -> tuple[Curve, ...]:
    """Sagittal curves; none where the recording is unusable or not seen from the side."""
    if gates.everything is not None or gates.sagittal is not None:
        return ()
    return SagittalCurves().curves(cycles, parameters["walking_speed"].value)


def _scale(spatial: SpatialMeasure, evidence: Evidence) -> float:
    """Median metres per unit over the walk; NaN without a scale or a walk, or in depth."""
    scale = spatial.metres_per_unit()
    rows = evidence.walking
    if scale is None or evidence.in_depth or not rows.any():
        return float("nan")
    return float(np.median(scale[rows]))
