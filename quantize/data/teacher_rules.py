"""Which machine-made labels are good enough to learn from, and what is stored of them.

A teacher network labels a picture and its mirror image. The label is the mean of both; where they
disagree, where a joint is not seen, or where the body is not upright, nothing is learned. All
points here are float64[23, 3]: x, y in pixels of one picture, and visibility 0 to 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from model_zoo.skeleton import BODY, INDEX, MIRROR
from quantize.data.splits import is_upright

Points = NDArray[np.float64]
View = Literal["front", "back", "side"]

_TRUNK = [INDEX[f"{side}_{part}"] for part in ("shoulder", "hip") for side in ("left", "right")]
_LEGS = [INDEX[f"{side}_{part}"] for part in ("knee", "ankle") for side in ("left", "right")]
_FEET = [INDEX[f"{side}_{part}"] for part in ("heel", "big_toe") for side in ("left", "right")]
_SMALL_TOES = [INDEX["left_small_toe"], INDEX["right_small_toe"]]
_BODY = list(BODY)
_NOSE_AND_EYES = [INDEX["nose"], INDEX["left_eye"], INDEX["right_eye"]]


class Refusal(Enum):
    """Why a person is not learned from."""

    UNSTEADY = "picture and mirror image disagree"
    EXCHANGED = "left and right are exchanged in the mirror image"
    DOUBTED = "the smaller network sees another body"
    UNSEEN = "shoulders, hips or legs are not seen"
    SMALL = "the torso is too small"
    NOT_UPRIGHT = "not standing or walking"
    CUT = "the picture's edge cuts the body"


@dataclass(frozen=True)
class Rules:
    """Limits; lengths in torsos (left shoulder to right hip) but ``torso_px`` (stored crop).

    ``steady``: mean distance of the 12 body joints between picture and mirror image; ``joint``:
    the same of one joint of trunk and legs; ``second``: mean distance to the smaller network on
    trunk and legs. ``hidden_leg``: least visibility of the hidden knee and ankle of a person seen
    from the side, whose other leg must be seen as usual.
    """

    steady: float = 0.1
    joint: float = 0.25
    second: float = 0.25
    trunk_seen: float = 0.7
    legs_seen: float = 0.3
    hidden_leg: float = 0.1
    leg: float = 1.1
    straight: float = 0.92
    torso_px: float = 25.0
    side: float = 0.25
    hips_up: float = 0.07
    hips_out: float = 0.06


def torso_px(points: Points) -> float:
    """Left shoulder to right hip."""
    gap = points[INDEX["left_shoulder"], :2] - points[INDEX["right_hip"], :2]
    return float(np.hypot(*gap))


def mirrored(points: Points, width: float) -> Points:
    """Points found on a mirror image, as points of the picture."""
    out = points[MIRROR].copy()
    out[:, 0] = width - out[:, 0]
    return out


def view_of(points: Points, rules: Rules) -> View:
    """``side``: shoulders less than ``rules.side`` torsos apart in the image."""
    across = points[INDEX["left_shoulder"], 0] - points[INDEX["right_shoulder"], 0]
    if abs(across) < rules.side * torso_px(points):
        return "side"
    return "front" if across > 0 else "back"


def worth_labelling(found: Points, rules: Rules) -> bool:
    """Whether the small network's body may become a label at all; saves the large one's time."""
    trunk_seen = (found[_TRUNK, 2] >= 0.7 * rules.trunk_seen).all()
    return bool(trunk_seen and torso_px(found) >= 0.85 * rules.torso_px and _nearly_upright(found))


def _nearly_upright(points: Points) -> bool:
    """Ankles below hips below shoulders."""
    shoulders, hips, ankles = (
        points[[INDEX[f"left_{part}"], INDEX[f"right_{part}"]], 1].mean()
        for part in ("shoulder", "hip", "ankle")
    )
    return bool(shoulders < hips and ankles - hips > 0.6 * torso_px(points))


def apart(a: Points, b: Points, torso: float) -> NDArray[np.float64]:
    """Distance of each point between two labels, in torsos: float64[23]."""
    return np.asarray(np.linalg.norm(a[:, :2] - b[:, :2], axis=1) / torso)


def judge(
    picture: Points, mirror: Points, second: Points, size_px: tuple[int, int], rules: Rules
) -> Refusal | None:
    """Whether the mean of two labels may be learned from; None when it may.

    Parameters
    ----------
    picture, mirror
        The teacher's points on the picture and on its mirror image (both as points of the picture).
    second
        The smaller network's points on the picture.
    size_px
        Width and height of the whole source picture, in which the points lie.
    """
    mean = (picture + mirror) / 2
    torso = torso_px(mean)
    if torso <= 0:
        return Refusal.SMALL
    gaps = apart(picture, mirror, torso)
    if gaps[_BODY].mean() > rules.steady or (gaps[_TRUNK + _LEGS] > rules.joint).any():
        return Refusal.UNSTEADY
    if _exchanged(picture, mirror):
        return Refusal.EXCHANGED
    if apart(mean, second, torso)[_TRUNK + _LEGS].mean() > rules.second:
        return Refusal.DOUBTED
    if not _seen(mean, rules):
        return Refusal.UNSEEN
    if not is_upright(mean) or not stands(mean, rules):
        return Refusal.NOT_UPRIGHT
    needed = mean[_TRUNK + _LEGS + _FEET, :2]
    if not bool(np.all((needed >= 0) & (needed < size_px))):
        return Refusal.CUT
    return None


def _exchanged(picture: Points, mirror: Points) -> bool:
    """Some left/right pair fits better with its sides exchanged."""
    pairs = [(k, int(MIRROR[k])) for k in _BODY if k < MIRROR[k]]
    straight, crossed = np.zeros(len(pairs)), np.zeros(len(pairs))
    for i, (left, right) in enumerate(pairs):
        for k, other in ((left, right), (right, left)):
            straight[i] += np.hypot(*(picture[k, :2] - mirror[k, :2]))
            crossed[i] += np.hypot(*(picture[k, :2] - mirror[other, :2]))
    return bool((crossed < straight).any())


def _seen(mean: Points, rules: Rules) -> bool:
    if (mean[_TRUNK, 2] < rules.trunk_seen).any():
        return False
    legs = {
        side: min(mean[INDEX[f"{side}_knee"], 2], mean[INDEX[f"{side}_ankle"], 2])
        for side in ("left", "right")
    }
    clear, hidden = max(legs.values()), min(legs.values())
    from_the_side = view_of(mean, rules) == "side"
    return clear >= rules.legs_seen and hidden >= (
        rules.hidden_leg if from_the_side else rules.legs_seen
    )


def stands(points: Points, rules: Rules) -> bool:
    """Neither sits nor rides: both ankles are well below the hips, and one leg carries.

    A leg that carries reaches ``rules.leg`` torsos down, its knee at least 0.45, and is straight:
    hip to ankle at least ``rules.straight`` of thigh and shank together.
    """
    torso = torso_px(points)
    carries = []
    for side in ("left", "right"):
        hip, knee, ankle = (points[INDEX[f"{side}_{p}"], :2] for p in ("hip", "knee", "ankle"))
        if ankle[1] - hip[1] <= 0.7 * torso or knee[1] - hip[1] <= 0.3 * torso:
            return False
        bones = np.hypot(*(knee - hip)) + np.hypot(*(ankle - knee))
        carries.append(
            ankle[1] - hip[1] >= rules.leg * torso
            and knee[1] - hip[1] >= 0.45 * torso
            and np.hypot(*(ankle - hip)) >= rules.straight * bones
        )
    return any(carries)


def hips_as_labelled_by_hand(points: Points, rules: Rules) -> Points:
    """Hips moved up along the trunk and outwards: from BlazePose's convention to LSPET's."""
    out = points.copy()
    left, right = INDEX["left_hip"], INDEX["right_hip"]
    shoulders = points[[INDEX["left_shoulder"], INDEX["right_shoulder"]], :2].mean(0)
    trunk = shoulders - points[[left, right], :2].mean(0)
    length, torso = float(np.hypot(*trunk)), torso_px(points)
    if length <= 0:
        return out
    up = trunk / length
    across = np.array([-up[1], up[0]])
    side = 1.0 if (points[left, :2] - points[right, :2]) @ across >= 0 else -1.0
    for k, sign in ((left, side), (right, -side)):
        out[k, :2] += torso * (rules.hips_up * up + sign * rules.hips_out * across)
    return out


def visibility_codes(mean: Points, gaps: NDArray[np.float64], view: View) -> NDArray[np.int64]:
    """v of each point: 2 seen, 1 guessed, 0 not to be learned; small toes are always 0.

    ``gaps``: distance between picture and mirror image, in torsos. Nose and eyes of a person seen
    from behind are guesses whatever the visibility says.
    """
    codes = np.where(mean[:, 2] >= 0.5, 2, np.where(mean[:, 2] >= 0.25, 1, 0))
    codes[gaps > Rules.joint] = 0
    if view == "back":
        codes[_NOSE_AND_EYES] = np.minimum(codes[_NOSE_AND_EYES], 1)
    hidden = [k for k in _LEGS if codes[k] == 0 and gaps[k] <= Rules.joint]
    codes[hidden] = 1
    codes[_SMALL_TOES] = 0
    return np.asarray(codes, np.int64)


def body_box(points: Points) -> tuple[float, float, float, float]:
    """x0, y0, x1, y1 around all points and the top of the head, 4 % of the longer side wider.

    The top of the head is taken 0.22 torsos above the nose, along the trunk.
    """
    hips = points[[INDEX["left_hip"], INDEX["right_hip"]], :2].mean(0)
    trunk = points[[INDEX["left_shoulder"], INDEX["right_shoulder"]], :2].mean(0) - hips
    head = points[INDEX["nose"], :2] + 0.22 * torso_px(points) * trunk / max(np.hypot(*trunk), 1e-6)
    used = np.delete(points[:, :2], _SMALL_TOES, axis=0)
    extent = np.vstack([used, head])
    low, high = extent.min(0), extent.max(0)
    wide = 0.04 * float(max(high - low))
    return (
        float(low[0] - wide), float(low[1] - wide), float(high[0] + wide), float(high[1] + wide)
    )  # fmt: skip
