"""``assessment.json``: the result of one analysis, for other programs.

The models say what the file may hold; unknown fields and NaN are refused, missing numbers are null.
Units are in the names, or in ``unit`` beside the value. Times are seconds from the first frame.

What a clinic has stored stays readable: a field that is added later may be missing, and null then
means "not recorded", which is not the same as an empty list. Taking a field away, or changing what
it means, raises :data:`SCHEMA_VERSION`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from host.codes import (
    Absence,
    Activity,
    AlertCode,
    Exclusion,
    QualityCode,
    SubjectReason,
    ViewKind,
)
from host.report.interpretation import DiagnosisResult
from host.report.part import Count, Fraction, Part
from model_zoo.skeleton import Side

SCHEMA_VERSION = 1

Grade = Literal["good", "limited", "unusable"]
Cycle = Annotated[list[float | None], Field(min_length=101, max_length=101)]
"""One value per percent of the gait cycle, 0..100."""


class Software(Part):
    """The program that made the assessment."""

    name: str
    version: str


class Model(Part):
    """A network that took part, or another origin of the body points."""

    role: str
    name: str
    version: str
    sha256: str | None


class Backend(Part):
    """What executed the networks; ``name`` is null when the body points came from elsewhere."""

    name: str | None
    version: str | None


class Said(Part):
    """A sentence by its code and the values it quotes, which may be sentences themselves."""

    code: str
    values: dict[str, int | float | str | Said]


class MachineAlert(Part):
    """Something of the machine failed and was made good; the results are whole.

    ``message``: in English. ``values``: what the sentence of ``code`` quotes, to be said in another
    language; null: not recorded.
    """

    code: AlertCode
    message: str
    values: dict[str, int | float | str | Said] | None = None


class Source(Part):
    """The recording."""

    file: str
    sha256: str | None
    frames: Count
    duration_s: float
    frame_rate_hz: float
    variable_frame_rate: bool
    dropped_frames: Count
    width_px: Count
    height_px: Count
    rotation_deg: int


class Subject(Part):
    """Who was analysed and why, and what the operator told about this person."""

    track: int | None
    why: SubjectReason
    height_m: float | None
    age_years: float | None
    sex: Literal["f", "m"] | None


class WalkBout(Part):
    """A stretch of walking in one direction: +1 towards larger x, -1 smaller x, 0 undecidable."""

    bout: Count
    start_s: float
    end_s: float
    direction: Literal[-1, 0, 1]


class View(Part):
    """How the camera sees the walk; 0 degrees = exactly from the side."""

    kind: ViewKind
    angle_deg: float | None
    bouts: list[WalkBout]


class Check(Part):
    """One quality check; ``advice`` only where it failed."""

    code: QualityCode
    value: float | None
    unit: str
    limit: float | None
    passed: bool
    advice: str | None


class Quality(Part):
    """Grade of the recording and the checks behind it."""

    grade: Grade
    checks: list[Check]


class ActivitySpan(Part):
    """What the person does during a part of the recording."""

    kind: Activity
    start_s: float
    end_s: float


class GaitEvent(Part):
    """A foot meets or leaves the floor."""

    foot: Side
    kind: Literal["initial_contact", "foot_off"]
    time_s: float
    side_confidence: Fraction | None
    confidence: Fraction | None
    bout: Count


class GaitStride(Part):
    """Initial contact to the next of the same foot."""

    foot: Side
    start_s: float
    foot_off_s: float | None
    end_s: float
    bout: Count
    excluded: bool
    reason: Exclusion | None
    """Why it is excluded; of a stride that counts: what is missing or doubtful about it."""

    @model_validator(mode="after")
    def _excluded_has_reason(self) -> GaitStride:
        if self.excluded and self.reason is None:
            raise ValueError("an excluded stride has a reason")
        return self


class SideStatistics(Part):
    """A parameter on one side of the body."""

    value: float | None
    n: Count
    sd: float | None


class NormBand(Part):
    """Healthy people of the same age and sex; ``z`` = (value - mean) / sd."""

    mean: float
    sd: Annotated[float, Field(gt=0)]
    z: float
    source: str


class ParameterResult(Part):
    """A number with its count, spread, interval, definition and norm, or why it is absent."""

    value: float | None
    unit: str
    definition: str
    n: Count
    sd: float | None
    interval_95: tuple[float, float] | None
    left: SideStatistics | None
    right: SideStatistics | None
    norm: NormBand | None
    norm_absent_reason: Absence | None
    absent_reason: Absence | None

    @model_validator(mode="after")
    def _absent_has_reason(self) -> ParameterResult:
        if (self.value is None) != (self.absent_reason is not None):
            raise ValueError("a parameter has either a value or the reason why it has none")
        return self


class ReferenceCurve(Part):
    """Mean and spread of a reference group, same definition, similar speed."""

    mean_deg: Cycle
    sd_deg: Cycle
    source: str


class CurveResult(Part):
    """Joint angle over the gait cycle of one side."""

    joint: str
    side: Side
    definition: str
    percent: Cycle
    mean_deg: Cycle
    sd_deg: Cycle
    n: Count
    reference: ReferenceCurve | None
    reference_absent_reason: Absence | None


class Assessment(Part):
    """Everything that one analysis says about one recording.

    ``alerts`` and ``activities`` are null where they were not recorded.
    """

    schema_version: Literal[1]
    software: Software
    models: list[Model]
    backend: Backend
    alerts: list[MachineAlert] | None = None
    source: Source
    subject: Subject
    view: View
    quality: Quality
    activities: list[ActivitySpan] | None = None
    events: list[GaitEvent]
    strides: list[GaitStride]
    parameters: dict[str, ParameterResult]
    curves: list[CurveResult]
    diagnosis: DiagnosisResult

    @model_validator(mode="after")
    def _unusable_has_no_numbers(self) -> Assessment:
        if self.quality.grade == "unusable":
            valued = [name for name, entry in self.parameters.items() if entry.value is not None]
            if valued or self.curves:
                raise ValueError(f"an unusable recording has no numbers: {valued or 'curves'}")
        return self

    @property
    def not_recorded(self) -> tuple[str, ...]:
        """Fields that the version which made this assessment did not know yet."""
        held = {
            "alerts": self.alerts,
            "activities": self.activities,
            "deviations": self.diagnosis.deviations,
        }
        return tuple(name for name, there in held.items() if there is None)

    def measured_like(self, other: Assessment) -> bool:
        """Whether the same version and networks made both, so that differences are the walks'."""
        own, others = ((a.software, a.models, a.not_recorded) for a in (self, other))
        return own == others

    def to_json(self) -> str:
        """The text of ``assessment.json``."""
        return self.model_dump_json(indent=1) + "\n"
