"""The 23-point skeleton of Footfall, and its conversions to other conventions, by name.

Left and right are the person's own. Nothing converts by index: every foreign order is a tuple of
names in that convention's own spelling order, mapped to our names.
"""

from __future__ import annotations

from enum import Enum

import numpy as np
from numpy.typing import NDArray


class Side(str, Enum):
    """Side of the body, the person's own."""

    LEFT = "left"
    RIGHT = "right"

    @property
    def other(self) -> Side:
        """The opposite side."""
        return Side.RIGHT if self is Side.LEFT else Side.LEFT


KEYPOINTS: tuple[str, ...] = (
    "nose",
    "left_eye",
    "right_eye",
    "left_ear",
    "right_ear",
    "left_shoulder",
    "right_shoulder",
    "left_elbow",
    "right_elbow",
    "left_wrist",
    "right_wrist",
    "left_hip",
    "right_hip",
    "left_knee",
    "right_knee",
    "left_ankle",
    "right_ankle",
    "left_big_toe",
    "left_small_toe",
    "left_heel",
    "right_big_toe",
    "right_small_toe",
    "right_heel",
)
N_KEYPOINTS = len(KEYPOINTS)
INDEX: dict[str, int] = {name: i for i, name in enumerate(KEYPOINTS)}


def mirrored_name(name: str) -> str:
    """Name of the keypoint on the other side; unpaired names are returned as they are."""
    if name.startswith("left_"):
        return "right_" + name[5:]
    if name.startswith("right_"):
        return "left_" + name[6:]
    return name


MIRROR: NDArray[np.intp] = np.array([INDEX[mirrored_name(n)] for n in KEYPOINTS], dtype=np.intp)
"""``points[..., MIRROR, :]`` exchanges left and right."""

LEG_NAMES: tuple[str, ...] = ("hip", "knee", "ankle", "big_toe", "small_toe", "heel")
"""Parts of one leg, without the side."""

BODY_PARTS: tuple[str, ...] = ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")
"""The joints that hand-labelled sets hold and comparisons are scored on, without the side."""

BODY: tuple[int, ...] = tuple(INDEX[f"{s}_{p}"] for p in BODY_PARTS for s in ("left", "right"))
"""Indices of the twelve joints of :data:`BODY_PARTS`."""

BONES: tuple[tuple[str, str], ...] = (
    ("left_ear", "left_eye"),
    ("left_eye", "nose"),
    ("nose", "right_eye"),
    ("right_eye", "right_ear"),
    ("left_shoulder", "right_shoulder"),
    ("left_hip", "right_hip"),
    *(
        (f"{s}_{a}", f"{s}_{b}")
        for s in ("left", "right")
        for a, b in (
            ("shoulder", "elbow"),
            ("elbow", "wrist"),
            ("shoulder", "hip"),
            ("hip", "knee"),
            ("knee", "ankle"),
            ("ankle", "heel"),
            ("heel", "big_toe"),
            ("big_toe", "small_toe"),
        )
    ),
)
"""Pairs of keypoint names that are drawn as limbs."""


def part(name: str, side: Side) -> int:
    """Index of ``name`` (such as ``"knee"``) on ``side``."""
    return INDEX[f"{side.value}_{name}"]


_COCO_17 = KEYPOINTS[:17]
_LSP_14 = (
    "right_ankle",
    "right_knee",
    "right_hip",
    "left_hip",
    "left_knee",
    "left_ankle",
    "right_wrist",
    "right_elbow",
    "right_shoulder",
    "left_shoulder",
    "left_elbow",
    "left_wrist",
    "neck",
    "head_top",
)
_MPII_16 = (
    "right_ankle",
    "right_knee",
    "right_hip",
    "left_hip",
    "left_knee",
    "left_ankle",
    "mid_hip",
    "thorax",
    "upper_neck",
    "head_top",
    "right_wrist",
    "right_elbow",
    "right_shoulder",
    "left_shoulder",
    "left_elbow",
    "left_wrist",
)
_COCO_18_OPENPOSE = (
    "nose",
    "neck",
    "right_shoulder",
    "right_elbow",
    "right_wrist",
    "left_shoulder",
    "left_elbow",
    "left_wrist",
    "right_hip",
    "right_knee",
    "right_ankle",
    "left_hip",
    "left_knee",
    "left_ankle",
    "right_eye",
    "left_eye",
    "right_ear",
    "left_ear",
)
_BODY_25 = (
    "nose",
    "neck",
    "right_shoulder",
    "right_elbow",
    "right_wrist",
    "left_shoulder",
    "left_elbow",
    "left_wrist",
    "mid_hip",
    "right_hip",
    "right_knee",
    "right_ankle",
    "left_hip",
    "left_knee",
    "left_ankle",
    "right_eye",
    "left_eye",
    "right_ear",
    "left_ear",
    "left_big_toe",
    "left_small_toe",
    "left_heel",
    "right_big_toe",
    "right_small_toe",
    "right_heel",
)
# BlazePose calls our big toe "foot_index"; its inner/outer eye, mouth and hand points have no
# counterpart.
_BLAZEPOSE_33 = (
    "nose",
    "left_eye_inner",
    "left_eye",
    "left_eye_outer",
    "right_eye_inner",
    "right_eye",
    "right_eye_outer",
    "left_ear",
    "right_ear",
    "mouth_left",
    "mouth_right",
    "left_shoulder",
    "right_shoulder",
    "left_elbow",
    "right_elbow",
    "left_wrist",
    "right_wrist",
    "left_pinky",
    "right_pinky",
    "left_index",
    "right_index",
    "left_thumb",
    "right_thumb",
    "left_hip",
    "right_hip",
    "left_knee",
    "right_knee",
    "left_ankle",
    "right_ankle",
    "left_heel",
    "right_heel",
    "left_big_toe",
    "right_big_toe",
)

CONVENTIONS: dict[str, tuple[str, ...]] = {
    "footfall_23": KEYPOINTS,
    "coco_17": _COCO_17,
    "coco_18_openpose": _COCO_18_OPENPOSE,
    "body_25": _BODY_25,
    "lsp_14": _LSP_14,
    "mpii_16": _MPII_16,
    "blazepose_33": _BLAZEPOSE_33,
    # anny's shipped keypoint regressors are asked for by our own names, in our own order.
    "anny_23": KEYPOINTS,
}
"""Point names of each convention in its own order (ours where the point is the same)."""

# Points that a convention has and we can derive: the mean of two of ours.
_DERIVED: dict[str, tuple[str, str]] = {
    "neck": ("left_shoulder", "right_shoulder"),
    "thorax": ("left_shoulder", "right_shoulder"),
    "mid_hip": ("left_hip", "right_hip"),
}


def from_convention(points: NDArray[np.floating], convention: str) -> NDArray[np.float64]:
    """Points of another convention as ours.

    Parameters
    ----------
    points
        float[..., K', D] in the order of ``CONVENTIONS[convention]``.
    convention
        A key of :data:`CONVENTIONS`.

    Returns
    -------
    float64[..., 23, D]; NaN where the convention lacks the point.

    Raises
    ------
    ValueError
        When the convention is unknown or the array has another number of points.
    """
    names = _names(convention, points.shape[-2])
    out = np.full((*points.shape[:-2], N_KEYPOINTS, points.shape[-1]), np.nan)
    for source, name in enumerate(names):
        if name in INDEX:
            out[..., INDEX[name], :] = points[..., source, :]
    return out


def to_convention(points: NDArray[np.floating], convention: str) -> NDArray[np.float64]:
    """Our points in another convention's order.

    Neck, thorax and mid-hip are the means of the two shoulders or hips; what cannot be derived is
    NaN.

    Parameters
    ----------
    points
        float[..., 23, D].
    convention
        A key of :data:`CONVENTIONS`.

    Returns
    -------
    float64[..., K', D].
    """
    _names("footfall_23", points.shape[-2])
    names = CONVENTIONS[_known(convention)]
    out = np.full((*points.shape[:-2], len(names), points.shape[-1]), np.nan)
    for target, name in enumerate(names):
        if name in INDEX:
            out[..., target, :] = points[..., INDEX[name], :]
        elif name in _DERIVED:
            a, b = _DERIVED[name]
            out[..., target, :] = (points[..., INDEX[a], :] + points[..., INDEX[b], :]) / 2
    return out


def _known(convention: str) -> str:
    if convention not in CONVENTIONS:
        raise ValueError(f"unknown convention {convention!r}; known: {', '.join(CONVENTIONS)}")
    return convention


def _names(convention: str, n_points: int) -> tuple[str, ...]:
    names = CONVENTIONS[_known(convention)]
    if n_points != len(names):
        raise ValueError(f"{convention} has {len(names)} points, the array has {n_points}")
    return names
