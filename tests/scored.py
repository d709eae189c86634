"""A made-up walk with a weak right leg: an assessment that suggests items of the scales."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from host.codes import SubjectReason, ViewKind
from host.diagnosis.diagnose import diagnose
from host.gait.parameters import Gates, build_parameters
from host.gait.parameters.samples import Samples
from host.gait.types import GaitResult, Person, Stride, View
from host.report.assess import assess
from host.report.assessment import Assessment
from model_zoo.skeleton import Side
from tests.recordings import SOURCE

MEANS: dict[str, tuple[float, float]] = {
    "step_time": (0.55, 0.65),
    "walking_speed": (0.8, 0.8),
    "single_support_percent": (38.0, 25.0),
    "stance_percent": (62.0, 75.0),
    "step_length": (0.3, 0.5),
    "relative_step_length": (0.10, 0.30),
    "knee_swing_peak": (60.0, 50.0),
    "foot_angle_at_contact": (20.0, 0.0),
    "thigh_extension": (-15.0, -5.0),
    "arm_swing": (40.0, 20.0),
}
"""Left and right."""


def scored_gait(
    means: Mapping[str, tuple[float, float]] = MEANS,
    spread: float = 0.02,
    strides: tuple[Stride, ...] = (),
    grade: str = "good",
) -> GaitResult:
    """Four values a side, each within ``spread`` times the mean of it."""
    offsets = np.array([-1, -1 / 3, 1 / 3, 1])
    samples = {
        name: Samples.of(
            [
                (mean + spread * abs(mean) * offset, side)
                for mean, side in zip(pair, Side, strict=True)
                for offset in offsets
            ]
        )
        for name, pair in means.items()
    }
    parameters = build_parameters(samples, Gates(frame_rate_hz=60.0), Person())
    return GaitResult(View(ViewKind.SIDE, 3.0), (), (), strides, parameters, (), grade, ())


def scored_assessment(person: Person | None = None, file: str = "walk.mp4") -> Assessment:
    """What the product would write about it."""
    gait = scored_gait()
    meta = {
        "source": {**SOURCE, "file": file, "sha256": None},
        "models": [],
        "backend": {"name": None, "version": None},
        "subject": {"track": 0, "why": SubjectReason.ONLY_ONE},
    }
    return assess(gait, meta, person or Person(), diagnose(gait))
