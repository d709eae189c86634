"""Checks of one recording: code, measured value, limit, passed; and the grade that follows.

Limits, where not obvious: 24 frames/s (25 to 30 suffice for cadence, step time and ranges; below 12
no timing is told: one stride time errs by more than 24 ms at 15), 5 % missing frames, mean score
0.5 (Sports2D), 30 degrees off the side view (lengths -13 %, angles -3 degrees), 60 degrees = a
front view; two event methods that differ by more than 80 ms in more than 20 % of the contacts. The
rest is our choice. 75 % of the standing foot's sharpness is an exposure of about 1/50 s
(host.pose.foot_edges). Cadence of the outline: right events differed from it by up to 7 % on short
bouts of real clips, wrong ones (from a weak network) by 14 to 49 %.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from host.codes import QualityCode, ScaleSource, ViewKind
from host.gait.body import BodySize
from host.gait.events import Detected
from host.gait.floor import FloorLine
from host.gait.scale.find import DISAGREE_SD
from host.gait.scale.types import Floor
from host.gait.silhouette import SilhouetteCadence, cadences_of_events, contact_times
from host.gait.track import Track
from host.gait.types import Bout, CaptureFacts, QualityCheck, Stride, Trajectories, View
from model_zoo.skeleton import LEG_NAMES, Side, part

GRADES: tuple[str, ...] = ("good", "limited", "unusable")

MIN_RATE_HZ = 24.0
_UNUSABLE_RATE_HZ = 12.0
MAX_CAMERA_MOTION_PX = 1.0
MAX_SPREAD_MS = 80.0
MAX_FLOOR_SLOPE_DEG = 5.0
MIN_SHARPNESS_PERCENT = 75.0
MIN_OUTLINE_STRENGTH = 0.5
MAX_CADENCE_APART_PERCENT = 10.0
MIN_POINTS_USED_PERCENT = 75.0
MIN_FOUND_PERCENT = 80.0
_MISSING_SPREAD_S = 0.2


@dataclass(frozen=True)
class Evidence:
    """What the checks look at: results of the stages before."""

    trajectories: Trajectories
    track: Track
    body: BodySize
    bouts: tuple[Bout, ...]
    view: View
    detected: Detected
    strides: tuple[Stride, ...]
    floor: Floor | None = None
    in_depth: bool = False

    @property
    def floor_measured(self) -> bool:
        """Whether a sheet or a walkway on the floor tells where the feet stand."""
        return self.floor is not None and bool({*self.floor.sources} - {ScaleSource.HEIGHT})

    @property
    def walking(self) -> NDArray[np.bool_]:
        """bool[N]: grid samples inside a bout."""
        inside = np.zeros(len(self.track.time_s), bool)
        for bout in self.bouts:
            inside |= (self.track.time_s >= bout.start_s) & (self.track.time_s < bout.end_s)
        return inside


def check_recording(evidence: Evidence, facts: CaptureFacts) -> tuple[QualityCheck, ...]:
    """All checks that can be made; a check whose value is unknown is left out."""
    checks = [
        *_capture_checks(evidence, facts),
        *_walk_checks(evidence),
        *_outline_checks(evidence, facts),
        *_scale_checks(evidence.floor),
        *_subject_checks(evidence),
    ]
    return tuple(c for c in checks if np.isfinite(c.value))


def grade(checks: tuple[QualityCheck, ...]) -> str:
    """Worst grade that a failed check forces; ``"good"`` when all passed."""
    forced = [c.severity for c in checks if not c.passed]
    return max(forced, key=GRADES.index, default="good")


def failed(checks: tuple[QualityCheck, ...], code: QualityCode) -> bool:
    """Whether this check was made and failed."""
    return any(c.code is code and not c.passed for c in checks)


def _at_least(
    code: QualityCode, value: float, unit: str, limit: float, severity: str = "limited"
) -> QualityCheck:
    return QualityCheck(code, value, unit, limit, bool(value >= limit), severity)


def _at_most(
    code: QualityCode, value: float, unit: str, limit: float, severity: str = "limited"
) -> QualityCheck:
    return QualityCheck(code, value, unit, limit, bool(value <= limit), severity)


def _capture_checks(evidence: Evidence, facts: CaptureFacts) -> list[QualityCheck]:
    rate = float(facts.frame_rate_hz)
    frames = len(evidence.trajectories.time_s)
    dropped = 100 * facts.dropped_frames / max(1, frames + facts.dropped_frames)
    severity = "unusable" if rate < _UNUSABLE_RATE_HZ else "limited"
    used = facts.points_used_percent
    return [
        # A rate of 23.98 is sold as 24.
        _at_least(QualityCode.FRAME_RATE, round(rate, 1), "Hz", MIN_RATE_HZ - 0.1, severity),
        _at_most(QualityCode.DROPPED_FRAMES, dropped, "%", 5.0),
        _at_most(QualityCode.VIDEO_TRUNCATED, facts.cut_off_percent, "%", 0.0),
        _at_most(QualityCode.CAMERA_STILL, facts.camera_motion_px, "px", MAX_CAMERA_MOTION_PX),
        _at_least(QualityCode.LIGHT, facts.luma_mean, "1", 40.0),
        _at_least(QualityCode.POINTS_USED, used, "%", MIN_POINTS_USED_PERCENT),
        _at_least(QualityCode.MOTION_BLUR, 100 * facts.swing_sharpness, "%", MIN_SHARPNESS_PERCENT),
    ]


def _walk_checks(evidence: Evidence) -> list[QualityCheck]:
    walked_s = sum(b.end_s - b.start_s for b in evidence.bouts)
    clean = sum(not s.excluded for s in evidence.strides)
    checks = [
        _at_least(QualityCode.WALKING_FOUND, walked_s, "s", 1.5, "unusable"),
        _at_least(QualityCode.STRIDES_COMPLETE, float(clean), "strides", 2.0, "unusable"),
    ]
    if evidence.view.kind is not ViewKind.UNKNOWN:
        # From the front only a measured floor or the growth in the picture tells of a walk.
        frontal = evidence.view.kind is ViewKind.FRONTAL
        told = evidence.floor_measured or evidence.in_depth
        severity = "unusable" if frontal and not told else "limited"
        checks.append(
            _at_most(QualityCode.VIEW_SIDE, evidence.view.angle_deg, "deg", 30.0, severity)
        )
    if evidence.detected.spread_s:
        usual = _usual_spread_ms(evidence.detected)
        # From the front feet are told by depth alone: without agreement there is nothing to tell.
        severity = "unusable" if evidence.view.kind is ViewKind.FRONTAL else "limited"
        checks.append(_at_most(QualityCode.EVENTS_AGREE, usual, "ms", MAX_SPREAD_MS, severity))
    return checks


def events_agree(detected: Detected) -> bool:
    """Whether the event methods agree, as the check of the same name asks."""
    return not detected.spread_s or _usual_spread_ms(detected) <= MAX_SPREAD_MS


def _usual_spread_ms(detected: Detected) -> float:
    spread = np.nan_to_num(np.array(detected.spread_s), nan=_MISSING_SPREAD_S)
    return 1000 * float(np.percentile(spread, 80))


def _outline_checks(evidence: Evidence, facts: CaptureFacts) -> list[QualityCheck]:
    """Cadence of the outline against the events; only a regular swing, from the side, can judge."""
    if facts.silhouette is None or evidence.view.kind is not ViewKind.SIDE:
        return []
    events = evidence.detected.events
    spans = [(float(t[0]), float(t[-1])) for t in contact_times(events).values()]
    outline = SilhouetteCadence().measure(facts.silhouette, spans)
    if outline.strength < MIN_OUTLINE_STRENGTH:
        return []
    told = cadences_of_events(events)
    apart = min(100 * abs(cadence / outline.steps_per_min - 1) for cadence in told)
    return [_at_most(QualityCode.CADENCE_AGREES, apart, "%", MAX_CADENCE_APART_PERCENT)]


def _scale_checks(floor: Floor | None) -> list[QualityCheck]:
    """The told body height against what the sheet or the walkway says; NaN where one is missing."""
    if floor is None:
        return []
    apart_cm, limit_cm = 100 * abs(floor.height_gap_m), 100 * DISAGREE_SD * floor.height_gap_sd_m
    return [_at_most(QualityCode.SCALE_AGREES, apart_cm, "cm", round(limit_cm, 1))]


def _subject_checks(evidence: Evidence) -> list[QualityCheck]:
    track, rows = evidence.track, evidence.walking
    feet = sum(all(track.has(part(n, s)) for n in ("heel", "big_toe")) for s in Side)
    if not np.isfinite(track.xyz).any():  # nobody: no question of which points are given
        return [_at_least(QualityCode.SUBJECT_FOUND, 0.0, "%", MIN_FOUND_PERCENT)]
    checks = [_at_least(QualityCode.FEET_GIVEN, float(feet), "1", 2.0)]
    if not rows.any():
        return checks
    found = 100 * float(np.isfinite(track.middle("hip", 0)[rows]).mean())
    legs = [part(name, side) for side in Side for name in LEG_NAMES if track.has(part(name, side))]
    score = float(track.score[rows][:, legs].mean()) if legs else float("nan")
    points = [track.foot(name, side) for side in Side for name in ("heel", "big_toe")]
    visible = 100 * float(np.isfinite(track.xyz[rows][:, points, 0]).mean())
    checks += [
        _at_least(QualityCode.SUBJECT_FOUND, found, "%", MIN_FOUND_PERCENT),
        _at_least(QualityCode.KEYPOINT_SCORE, score, "1", 0.5),
        _at_least(QualityCode.FEET_VISIBLE, visible, "%", 80.0),
    ]
    if evidence.view.kind is ViewKind.SIDE:
        slope = abs(FloorLine().slope_deg(track, evidence.body.height, evidence.strides))
        checks.append(_at_most(QualityCode.FLOOR_LEVEL, slope, "deg", MAX_FLOOR_SLOPE_DEG))
    if track.unit == "px":
        tall = float(np.median(evidence.body.height[rows]))
        checks.append(_at_least(QualityCode.SUBJECT_HEIGHT, tall, "px", 120.0))
    if evidence.trajectories.side_confidence is not None:
        certain = float(track.side_confidence[rows].mean())
        checks.append(_at_least(QualityCode.SIDES_CERTAIN, certain, "1", 0.6))
    return checks
