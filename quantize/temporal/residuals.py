"""The errors that a pose network made on rendered clips, to be laid over other walks.

An error belongs to a moment of the gait: feet are lost where legs cross, heels drift where a foot
rolls. So errors are kept with the cycle of the near foot, and are given back by the cycle of
another walk: each phase (contact to foot off, foot off to contact) of the other walk takes the
errors of the next phase of the same kind, stretched in time.
"""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model_zoo.skeleton import MIRROR, Side
from quantize.event_cases import clip_name, keypoints_of, seen_points

Array = NDArray[np.float64]

MIN_SCORE = 0.3
_SAME_FRAME_S = 0.005


@dataclass(frozen=True)
class Residuals:
    """Errors of one clip.

    Attributes
    ----------
    time_s
        float64[F] of the frames.
    error
        float64[F, 23, 2], found - true in body heights, ahead and up, NaN where the network gave
        nothing; the near leg and arm stand in the places of the left ones.
    phases
        (kind at its start, start, end) of the near foot's phases that the clip shows; kind 0 begins
        with an initial contact, 1 with a foot off.
    """

    time_s: Array
    error: Array
    phases: tuple[tuple[int, float, float], ...]

    def along(self, time_s: Array, phases: list[tuple[int, float, float]], first: int) -> Array:
        """Errors float64[N, 23, 2] at times of another walk with these phases of its near foot.

        ``first`` says with which of this clip's phases it begins.
        """
        at = np.full(len(time_s), np.nan)
        cursor = first
        for kind, start, end in phases:
            while self.phases[cursor % len(self.phases)][0] != kind:
                cursor += 1
            _, own_start, own_end = self.phases[cursor % len(self.phases)]
            cursor += 1
            inside = (time_s >= start) & (time_s < end)
            share = (time_s[inside] - start) / (end - start)
            at[inside] = own_start + share * (own_end - own_start)
        rows = np.abs(self.time_s[None, :] - at[:, None])
        nearest = np.where(np.isfinite(at), np.nan_to_num(rows, nan=np.inf).argmin(axis=1), 0)
        out = self.error[nearest]
        out[~np.isfinite(at)] = 0.0
        return out


def read_residuals(clips: Path, keypoints: Path) -> list[Residuals]:
    """Errors of every clip of which both the truth and the network's keypoints are there.

    Parameters
    ----------
    clips
        Folder of ``python -m quantize render --clip``: ``CLIP.truth.json``, ``CLIP.points.npz``.
    keypoints
        Folder with ``CLIP.npz``, or ``CLIP/keypoints.npz``, as ``footfall analyze`` writes it.
    """
    out = []
    for truth in sorted(clips.glob("*.truth.json")):
        path = keypoints_of(truth, keypoints)
        if path is not None and (one := _residuals(truth, path)) is not None:
            out.append(one)
    if not out:
        raise FileNotFoundError(f"no clip of {clips} has keypoints in {keypoints}")
    return out


def _residuals(truth: Path, keypoints: Path) -> Residuals | None:
    told = json.loads(truth.read_text(encoding="utf-8"))
    ahead = 1 if told["direction"] == "left_to_right" else -1
    near = Side.RIGHT if ahead > 0 else Side.LEFT
    points = seen_points(keypoints)[0]
    time_s, xz, seen = points.time_s, points.xyz[..., [0, 2]], points.score >= MIN_SCORE
    with np.load(truth.with_name(f"{clip_name(truth)}.points.npz")) as stored:
        true_s, true_xy = stored["time_s"].astype(float), stored["xy_px"].astype(float)
    row = np.abs(true_s[None] - time_s[:, None]).argmin(axis=1)
    height_px = 1000 * told["stature_m"] / told["camera"]["mm_per_px"]
    error = (xz - true_xy[row] * (1, -1)) / height_px * (ahead, 1)
    error[~seen | (np.abs(true_s[row] - time_s) > _SAME_FRAME_S)[:, None]] = np.nan
    if near is Side.RIGHT:
        error = error[:, MIRROR]
    first, last = told["whole_in_picture_s"]
    events = [
        (0 if e["kind"] == "initial_contact" else 1, e["time_s"])
        for e in told["events"]
        if e["foot"] == near.value and first <= e["time_s"] <= last
    ]
    phases = tuple((k, a, b) for (k, a), (_, b) in itertools.pairwise(events))
    if {kind for kind, _, _ in phases} != {0, 1}:
        return None
    return Residuals(time_s, error, phases)
