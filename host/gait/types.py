"""What passes between the stages of the gait room: plain frozen dataclasses, units in the names."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from host.codes import Absence, Activity, Exclusion, QualityCode, ViewKind
from host.gait.scale.types import Floor, SheetSighting
from model_zoo.skeleton import N_KEYPOINTS, Side

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Trajectories:
    """Keypoints of one person over time, in the frame of the walk.

    Attributes
    ----------
    time_s
        float64[T], presentation time, strictly increasing, not necessarily regular.
    xyz
        float64[T, 23, 3]: x along the image's or laboratory's horizontal axis (not yet turned
        into the walking direction), y lateral (NaN from one camera), z up. NaN where missing.
    unit
        ``"px"`` or ``"m"``.
    score
        float64[T, 23] in 0..1, the source's own confidence; ones for markers.
    source
        Name of the keypoint source; event constants are looked up by it (a constant fitted for one
        source is never applied to another).
    side_confidence
        float64[T] in 0..1, how sure left and right are told apart per frame; None when not judged.
    """

    time_s: Array
    xyz: Array
    unit: str
    score: Array
    source: str
    side_confidence: Array | None = None

    @classmethod
    def of_picture(
        cls,
        time_s: Array,
        xy_px: Array,
        score: Array,
        source: str,
        side_confidence: Array | None = None,
    ) -> Trajectories:
        """Points of one picture after another, in pixels: z up, lateral unknown.

        Parameters
        ----------
        time_s, source, side_confidence
            As in the class; a confidence that is NaN is 0.
        xy_px
            float64[T, 23, 2], y down; NaN where missing.
        score
            float64[T, 23]; counts as 0 where it or the point is missing.
        """
        xyz = np.full((*xy_px.shape[:2], 3), np.nan)
        xyz[..., 0], xyz[..., 2] = xy_px[..., 0], -xy_px[..., 1]
        seen = np.where(np.isfinite(xy_px[..., 0]), np.nan_to_num(score), 0.0)
        sure = None if side_confidence is None else np.nan_to_num(side_confidence)
        return cls(time_s, xyz, "px", seen, source, sure)

    def __post_init__(self) -> None:
        frames = len(self.time_s)
        if self.xyz.shape != (frames, N_KEYPOINTS, 3):
            raise ValueError(f"xyz is {self.xyz.shape}, expected ({frames}, {N_KEYPOINTS}, 3)")
        if self.score.shape != (frames, N_KEYPOINTS):
            raise ValueError(f"score is {self.score.shape}, expected ({frames}, {N_KEYPOINTS})")
        if self.side_confidence is not None and self.side_confidence.shape != (frames,):
            shape = self.side_confidence.shape
            raise ValueError(f"side_confidence is {shape}, expected ({frames},)")
        if self.unit not in ("px", "m"):
            raise ValueError(f"unit {self.unit!r} is neither 'px' nor 'm'")
        if frames and not np.all(np.diff(self.time_s) > 0):
            raise ValueError("time_s must increase strictly")


@dataclass(frozen=True)
class Bout:
    """One stretch of walking in one direction; half-open in time: [start_s, end_s)."""

    index: int
    start_s: float
    end_s: float
    direction: int
    """+1 when the person walks towards larger x, -1 towards smaller x, 0 when not decidable
    (frontal).
    """


@dataclass(frozen=True)
class Segment:
    """What the person does during a part of the recording; half-open in time: [start_s, end_s)."""

    kind: Activity
    start_s: float
    end_s: float


@dataclass(frozen=True)
class Event:
    """Initial contact or foot off of one foot."""

    foot: Side
    kind: str
    """``"initial_contact"`` or ``"foot_off"``."""
    time_s: float
    confidence: float
    """0..1, from the prominence of the event and the agreement of the methods."""
    side_confidence: float
    """0..1, how sure it is that the foot is named rightly."""
    bout: int


@dataclass(frozen=True)
class Stride:
    """Initial contact to the next initial contact of the same foot."""

    foot: Side
    start_s: float
    foot_off_s: float
    end_s: float
    bout: int
    excluded: bool
    reason: Exclusion | None
    """Why it is excluded; with ``excluded`` false, why it enters the timing only."""


@dataclass(frozen=True)
class SideValue:
    """A parameter for one side of the body."""

    value: float
    n: int
    sd: float


@dataclass(frozen=True)
class Norm:
    """Reference for one parameter by age and sex."""

    mean: float
    sd: float
    z: float
    source: str


@dataclass(frozen=True)
class Parameter:
    """One spatio-temporal parameter. ``value`` is NaN exactly when ``absent_reason`` is set."""

    name: str
    value: float
    unit: str
    definition: str
    """Key of the definition sentence in ``host/text``."""
    n: int
    sd: float
    interval_95: tuple[float, float] | None = None
    left: SideValue | None = None
    right: SideValue | None = None
    norm: Norm | None = None
    norm_absent_reason: Absence | None = None
    absent_reason: Absence | None = None


@dataclass(frozen=True)
class CurveReference:
    """Mean and spread of a reference group for one joint, matched in speed and definition."""

    mean_deg: Array
    sd_deg: Array
    source: str


@dataclass(frozen=True)
class Curve:
    """A joint angle over the gait cycle of one side: mean and spread over its strides."""

    joint: str
    side: Side
    definition: str
    percent: Array
    """float64[101]: 0..100 % of the cycle, initial contact to initial contact."""
    mean_deg: Array
    sd_deg: Array
    n: int
    reference: CurveReference | None = None
    reference_absent_reason: Absence | None = None


@dataclass(frozen=True)
class QualityCheck:
    """One check of the recording."""

    code: QualityCode
    value: float
    unit: str
    limit: float
    passed: bool
    severity: str = "limited"
    """Grade that a failed check forces: ``"limited"`` or ``"unusable"``."""


@dataclass(frozen=True)
class View:
    """How the camera sees the walk."""

    kind: ViewKind
    angle_deg: float
    """0 = exactly from the side, 90 = from the front or back; NaN when unknown."""


@dataclass(frozen=True)
class Person:
    """What the operator told about the person; None where not told."""

    height_m: float | None = None
    age_years: float | None = None
    sex: str | None = None
    """``"f"`` or ``"m"``."""


@dataclass(frozen=True)
class Silhouette:
    """Size of the person's outline in each analysed frame; NaN where there is none."""

    time_s: Array
    """float64[T], presentation time."""
    width_px: Array
    """float64[T], in pixels of the upright picture."""
    height_px: Array
    """float64[T], in pixels of the upright picture."""


@dataclass(frozen=True)
class CaptureFacts:
    """What the gait room must know of the recording beyond the keypoints."""

    frame_rate_hz: float
    dropped_frames: int
    variable_frame_rate: bool
    camera_motion_px: float = float("nan")
    """Median displacement of the background between frames, in source pixels; NaN when unknown."""
    luma_mean: float = float("nan")
    """Mean brightness of the subject's box, 0..255; NaN when unknown."""
    swing_sharpness: float = float("nan")
    """Sharpness of the swinging foot as a share of the standing foot's; NaN when unknown."""
    silhouette: Silhouette | None = None
    """Outline of the subject; None when there is none."""
    points_used_percent: float = float("nan")
    """Share of the subject's points below the head that were not withheld; NaN when unknown."""
    picture_px: tuple[int, int] | None = None
    """Width and height of the upright picture; None when unknown."""
    cut_off_percent: float = float("nan")
    """Share of the recording behind the end of a file that was cut off; NaN for a whole file."""
    floor_sheets: tuple[SheetSighting, ...] = ()
    """Printed sheets of known size that were seen on the floor."""


@dataclass(frozen=True)
class GaitResult:
    """Everything the gait room says about one recording."""

    view: View
    bouts: tuple[Bout, ...]
    events: tuple[Event, ...]
    strides: tuple[Stride, ...]
    parameters: dict[str, Parameter]
    curves: tuple[Curve, ...]
    quality_grade: str
    """``"good"``, ``"limited"`` or ``"unusable"``."""
    checks: tuple[QualityCheck, ...]
    scale_m_per_unit: float = float("nan")
    activities: tuple[Segment, ...] = ()
    floor: Floor | None = None
    """The camera above the floor, where it could be found."""
    error_measured: frozenset[str] = frozenset()
    """Parameters whose intervals hold the error of the method."""
