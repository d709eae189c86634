"""All enumerated codes that leave the program: errors, quality checks, exclusions, absences.

Codes are stable names for other programs; the sentences people read stand in ``host/text``
under the same name, with the measured number and an advice.
"""

from __future__ import annotations

from enum import Enum


class Code(str, Enum):
    """Base: a code is its own text."""

    def __str__(self) -> str:
        return str(self.value)


class ErrorCode(Code):
    """Why a command or request was refused (one line to the user; HTTP problem type)."""

    FILE_MISSING = "error.file_missing"
    FILE_UNREADABLE = "error.file_unreadable"
    FILE_IS_FOLDER = "error.file_is_folder"
    NOT_A_VIDEO = "error.not_a_video"
    VIDEO_TRUNCATED = "error.video_truncated"
    VIDEO_TOO_SHORT = "error.video_too_short"
    NOT_KEYPOINTS = "error.not_keypoints"
    KEYPOINTS_SCHEMA = "error.keypoints_schema"
    NOT_AN_ASSESSMENT = "error.not_an_assessment"
    OPTION_INVALID = "error.option_invalid"
    SETTING_UNKNOWN = "error.setting_unknown"
    SETTING_INVALID = "error.setting_invalid"
    SETTINGS_MALFORMED = "error.settings_malformed"
    OUTPUT_EXISTS = "error.output_exists"
    OUTPUT_NOT_WRITABLE = "error.output_not_writable"
    DISK_FULL = "error.disk_full"
    MODEL_UNKNOWN = "error.model_unknown"
    MODEL_DAMAGED = "error.model_damaged"
    BACKEND_UNAVAILABLE = "error.backend_unavailable"
    GOLDEN_MISMATCH = "error.golden_mismatch"
    ACCELERATOR_TIMEOUT = "error.accelerator_timeout"
    ACCELERATOR_FAILED = "error.accelerator_failed"
    ACCELERATOR_CONNECTION = "error.accelerator_connection"
    SIMULATOR_FAILED = "error.simulator_failed"
    BOARD_UNREACHABLE = "error.board_unreachable"
    BUNDLE_UNKNOWN = "error.bundle_unknown"
    BUNDLE_DAMAGED = "error.bundle_damaged"
    BITSTREAM_REFUSED = "error.bitstream_refused"
    ENCODER_MISSING = "error.encoder_missing"
    NOT_FOUND = "error.not_found"
    METHOD_NOT_ALLOWED = "error.method_not_allowed"
    RECORDING_UNKNOWN = "error.recording_unknown"
    DIAGNOSIS_UNKNOWN = "error.diagnosis_unknown"
    DIAGNOSIS_NOT_DONE = "error.diagnosis_not_done"
    ANALYSIS_WAITING = "error.analysis_waiting"
    SCALE_ITEM_UNKNOWN = "error.scale_item_unknown"
    SCALE_ITEM_WITHOUT_POINTS = "error.scale_item_without_points"
    SCALE_POINTS_INVALID = "error.scale_points_invalid"
    SCALE_ITEM_CHANGED = "error.scale_item_changed"
    REQUEST_INVALID = "error.request_invalid"
    ORIGIN_REFUSED = "error.origin_refused"
    NOT_A_FORM = "error.not_a_form"
    UPLOAD_TOO_LARGE = "error.upload_too_large"
    UPLOAD_INCOMPLETE = "error.upload_incomplete"
    DISK_RESERVE = "error.disk_reserve"
    ADDRESS_UNAVAILABLE = "error.address_unavailable"
    DATA_DIR_IN_USE = "error.data_dir_in_use"
    WORKER_DIED = "error.worker_died"
    ANALYSIS_DEADLINE = "error.analysis_deadline"
    INTERNAL = "error.internal"


class AlertCode(Code):
    """What went wrong with the machine and was made good; told beside the results."""

    BOARD_NOT_USED = "alert.board_not_used"
    BOARD_RELOADED = "alert.board_reloaded"
    BOARD_LOST = "alert.board_lost"


class BoardReason(Code):
    """Why a board, bundle or bitstream is not used; quoted by errors."""

    NO_PACKAGE = "board_reason.no_package"
    NO_ANSWER = "board_reason.no_answer"
    NO_DEVICE = "board_reason.no_device"
    NO_FOLDER = "board_reason.no_folder"
    NO_BUNDLE = "board_reason.no_bundle"
    DAMAGED = "board_reason.damaged"
    NO_BITSTREAM = "board_reason.no_bitstream"
    NO_SIMULATOR = "board_reason.no_simulator"
    OTHER_INTEGERS = "board_reason.other_integers"
    SYNTHETIC = "board_reason.synthetic"
    OTHER_BOARD = "board_reason.other_board"
    OTHER_DESCRIPTION = "board_reason.other_description"
    OTHER_BUNDLE = "board_reason.other_bundle"
    LOADED_AGAIN = "board_reason.loaded_again"
    UNKNOWN_BITS = "board_reason.unknown_bits"
    NOT_IDLE = "board_reason.not_idle"


class RunState(Code):
    """Where one analysis run of the service stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Condition(Code):
    """How the person was asked to walk in one recording."""

    COMFORTABLE = "comfortable"
    FAST = "fast"
    DUAL_TASK = "dual_task"


class DoctorCode(Code):
    """What ``footfall doctor`` looks at."""

    PYTHON = "doctor.python"
    PACKAGES = "doctor.packages"
    PACKAGE_BROKEN = "doctor.package_broken"
    MODEL = "doctor.model"
    MODEL_NONE = "doctor.model_none"
    SPEED = "doctor.speed"
    ENCODER = "doctor.encoder"
    ENCODER_WRONG = "doctor.encoder_wrong"
    DISK = "doctor.disk"
    DISK_REFUSED = "doctor.disk_refused"
    CAMERA = "doctor.camera"
    CAMERA_NONE = "doctor.camera_none"
    CAMERA_REFUSED = "doctor.camera_refused"
    BOARD = "doctor.board"
    BOARD_NONE = "doctor.board_none"
    BOARD_REFUSED = "doctor.board_refused"


class QualityCode(Code):
    """Checks of one recording; each has value, unit, limit, passed and an advice."""

    FRAME_RATE = "quality.frame_rate"
    DROPPED_FRAMES = "quality.dropped_frames"
    VIDEO_TRUNCATED = "quality.video_truncated"
    SUBJECT_FOUND = "quality.subject_found"
    SUBJECT_HEIGHT = "quality.subject_height"
    KEYPOINT_SCORE = "quality.keypoint_score"
    FEET_VISIBLE = "quality.feet_visible"
    FEET_GIVEN = "quality.feet_given"
    VIEW_SIDE = "quality.view_side"
    CAMERA_STILL = "quality.camera_still"
    FLOOR_LEVEL = "quality.floor_level"
    SIDES_CERTAIN = "quality.sides_certain"
    WALKING_FOUND = "quality.walking_found"
    STRIDES_COMPLETE = "quality.strides_complete"
    EVENTS_AGREE = "quality.events_agree"
    LIGHT = "quality.light"
    SCALE_AGREES = "quality.scale_agrees"
    MOTION_BLUR = "quality.motion_blur"
    CADENCE_AGREES = "quality.cadence_agrees"
    POINTS_USED = "quality.points_used"


class Exclusion(Code):
    """Why a stride does not enter the statistics."""

    BOUT_EDGE = "stride.bout_edge"
    STARTING = "stride.starting"
    STOPPING = "stride.stopping"
    TURNING = "stride.turning"
    STANDING = "stride.standing"
    EVENT_ORDER = "stride.event_order"
    MISSING_FOOT_OFF = "stride.missing_foot_off"
    IMPLAUSIBLE_TIME = "stride.implausible_time"
    IMPLAUSIBLE_LENGTH = "stride.implausible_length"
    SIDE_UNCERTAIN = "stride.side_uncertain"
    POINTS_MISSING = "stride.points_missing"
    PAUSE = "stride.pause"


class Withheld(Code):
    """Why a point that the network gave is not used."""

    BOTH_ON_ONE = "withheld.both_on_one"
    UNSURE = "withheld.unsure"
    TOO_LONG = "withheld.too_long"
    TOO_FAST = "withheld.too_fast"


class Activity(Code):
    """What the person does during a part of the recording."""

    SITTING = "activity.sitting"
    RISING = "activity.rising"
    SITTING_DOWN = "activity.sitting_down"
    STANDING = "activity.standing"
    STARTING = "activity.starting"
    WALKING = "activity.walking"
    TURNING = "activity.turning"
    STOPPING = "activity.stopping"


class Absence(Code):
    """Why a parameter, curve or norm has no value."""

    NO_WALKING = "absent.no_walking"
    TOO_FEW_STRIDES = "absent.too_few_strides"
    NO_SCALE = "absent.no_scale"
    SCALE_UNSURE = "absent.scale_unsure"
    VIEW_NOT_SIDE = "absent.view_not_side"
    CAMERA_MOVES = "absent.camera_moves"
    FRAME_RATE_LOW = "absent.frame_rate_low"
    FEET_HIDDEN = "absent.feet_hidden"
    NOT_OBSERVABLE = "absent.not_observable"
    QUALITY_UNUSABLE = "absent.quality_unusable"
    NO_NORM = "absent.no_norm"
    NO_NORM_AT_SPEED = "absent.no_norm_at_speed"
    AGE_SEX_UNKNOWN = "absent.age_sex_unknown"
    NOT_CALIBRATED = "absent.not_calibrated"
    SPEED_UNKNOWN = "absent.speed_unknown"
    EVENTS_UNCERTAIN = "absent.events_uncertain"
    ONE_SIDE_ONLY = "absent.one_side_only"
    SIDES_UNCERTAIN = "absent.sides_uncertain"
    ONE_DIRECTION_ONLY = "absent.one_direction_only"
    BELOW_NOISE = "absent.below_noise"
    NOT_DEFINED = "absent.not_defined"
    NO_TOE_MINIMUM = "absent.no_toe_minimum"
    WALK_TOO_SHORT = "absent.walk_too_short"
    ERROR_NOT_MEASURED = "absent.error_not_measured"
    ERROR_TOO_LARGE = "absent.error_too_large"


class Abstention(Code):
    """Why the diagnosis document says nothing about patterns."""

    NO_MODEL = "diagnosis.no_model"  # only in assessments of version 0.1, which are still read
    QUALITY_UNUSABLE = "diagnosis.quality_unusable"
    VIEW_NOT_SIDE = "diagnosis.view_not_side"
    TOO_FEW_STRIDES = "diagnosis.too_few_strides"
    NOT_MEASURED = "diagnosis.not_measured"
    OUTSIDE_KNOWN = "diagnosis.outside_known"
    UNDECIDED = "diagnosis.undecided"
    CRITERIA_DISAGREE = "diagnosis.criteria_disagree"


class ChangeCode(Code):
    """What can be said of a parameter at two visits."""

    WITHIN_ERROR = "change.within_error"
    BEYOND_ERROR = "change.beyond_error"
    BELOW_SMALL = "change.below_small"
    SMALL = "change.small"
    SUBSTANTIAL = "change.substantial"
    ERROR_UNKNOWN = "change.error_unknown"
    NOT_COMPARABLE = "change.not_comparable"


class PatternCode(Code):
    """What a walk shows, by what is measured; the field's term stands beside it in the texts."""

    STIFF_KNEE_ONE_SIDE = "pattern.stiff_knee_one_side"
    SHORT_STEPS_STOOPED = "pattern.short_steps_stooped"
    UNEVEN_STEPS = "pattern.uneven_steps"
    SHORT_STANCE_ONE_SIDE = "pattern.short_stance_one_side"
    FOOT_HANGS_IN_SWING = "pattern.foot_hangs_in_swing"
    KNEES_BENT_IN_STANCE = "pattern.knees_bent_in_stance"
    SLOW_FOR_AGE = "pattern.slow_for_age"
    SLOW_AND_CAUTIOUS = "pattern.slow_and_cautious"
    WIDE_BASE = "pattern.wide_base"
    PELVIS_DROPS = "pattern.pelvis_drops"


class DeviationCode(Code):
    """Measurements that are held against a reference, by what is told where one lies outside."""

    UNEVEN_STANCE = "deviation.uneven_stance"
    UNEVEN_STEP_TIMES = "deviation.uneven_step_times"
    UNEVEN_STEP_LENGTHS = "deviation.uneven_step_lengths"
    SLOW = "deviation.slow"
    LOW_SPEED = "deviation.low_speed"
    LEANS_FORWARD = "deviation.leans_forward"
    KNEES_BEND_LITTLE = "deviation.knees_bend_little"


class Place(Code):
    """Where the interval of a measurement lies against a reference."""

    OUTSIDE = "place.outside"
    WITHIN = "place.within"
    UNDECIDED = "place.undecided"
    NOT_COMPARED = "place.not_compared"


class ScaleGap(Code):
    """Why nothing is suggested for an item of a clinical scale."""

    NEEDS_PERSON = "scale_gap.needs_person"
    NEEDS_VIEW = "scale_gap.needs_view"
    NEEDS_PERMISSION = "scale_gap.needs_permission"
    NO_MEASURE = "scale_gap.no_measure"
    NO_LIMIT = "scale_gap.no_limit"
    NO_SIDE = "scale_gap.no_side"
    NOT_MEASURED = "scale_gap.not_measured"
    NOT_RECORDED = "scale_gap.not_recorded"
    NUMBER_ONLY = "scale_gap.number_only"


class SubjectReason(Code):
    """Why this track is the subject."""

    ONLY_ONE = "subject.only_one"
    WALKS_FURTHEST = "subject.walks_furthest"
    LARGEST = "subject.largest"
    NONE = "subject.none"


class ScaleSource(Code):
    """What gives a recording its metres."""

    HEIGHT = "scale_source.height"
    WALKWAY = "scale_source.walkway"
    SHEET = "scale_source.sheet"

    @property
    def setting(self) -> str:
        """Its name in the settings: ``scale.source``."""
        return self.value.partition(".")[2]


class ViewKind(Code):
    """How the camera sees the walk."""

    SIDE = "side"
    OBLIQUE = "oblique"
    FRONTAL = "frontal"
    UNKNOWN = "unknown"
