"""Count how often the points of a network are right at each score; what is withheld by it.

    python -m tests.validation.fit_scores --source gait-pose-s ... --renders FOLDER --out FILE.md
        [--keep]

FOLDER holds rendered clips with their truth. ``sure`` of the source in ``host/gait/sources.json``
is fitted on ``calibration`` and ``pathological`` (``--keep``: left as it is): log odds that a
shoulder, an elbow or a wrist lies within 0.2 torso lengths of its true place, hidden or not. Then
it is counted what :class:`host.pose.plausible.PlausibleBody` withholds on clips of other walkers.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import host.gait.sources
from host.gait.sources import known_sources, source_named
from host.pose.plausible import REASONS, log_odds, on_brighter, probability
from host.pose.recording import sided
from host.pose.stature import stature_px
from model_zoo.skeleton import INDEX, Side, part
from quantize.markdown import table
from tests.validation.acceptance import write_section
from tests.validation.fit_offsets import store
from tests.validation.logistic import newton
from tests.validation.recorded import recorded

Array = NDArray[np.float64]
FITTED, OTHERS = ("calibration", "pathological"), ("pathological-2", "rendered-walks")
ARMS = ("shoulder", "elbow", "wrist")
JOINTS = ("shoulder", "elbow", "wrist", "hip", "knee", "ankle", "heel", "big_toe")
NEAR = 0.2
_BINS = (0.0, 0.5, 0.75, 0.9, 1.0)


@dataclass(frozen=True)
class Seen:
    """One clip: ``xy_px`` float64[T, 23, 2] and ``score`` as the network gave them, sides put
    right; ``error`` float64[T, 23] in torso lengths, NaN outside the picture; ``hidden`` and
    ``withheld`` [T, 23]; ``time_s`` float64[T].
    """

    time_s: Array
    xy_px: Array
    score: Array
    error: Array
    hidden: NDArray[np.bool_]
    withheld: NDArray[np.uint8]


def seen(video: Path, model: str) -> Seen | None:
    """A clip as the network sees it; None where nobody was followed."""
    recording, _ = recorded(video, model)
    track = recording.meta["subject"]["track"]
    if track is None:
        return None
    one = list(recording.track).index(track)
    right = sided(recording)
    told = sided(replace(recording, withheld=np.zeros(0, np.uint8)))
    with np.load(video.with_suffix(".points.npz")) as store_:
        true, state = store_["xy_px"].astype(np.float64), store_["seen"]
    torso = np.linalg.norm(true[:, INDEX["left_shoulder"]] - true[:, INDEX["right_hip"]], axis=-1)
    xy = told.xy_px[:, one].astype(np.float64)
    error = np.linalg.norm(xy - true, axis=-1) / torso[:, None]
    return Seen(
        recording.time_s,
        xy,
        told.score[:, one].astype(np.float64),
        np.where(state > 0, error, np.nan),
        state == 1,
        right.withheld[:, one],
    )


def fitted_odds(clips: Sequence[Seen], joint: str) -> list[float]:
    """Logistic regression of "right" on the score's log odds and the counterpart."""
    rows, right = [], []
    for clip in clips:
        _, known, odds, on_other = _pair(clip, joint)
        rows.append(np.stack([odds[known], on_other[known]], axis=1))
        right.append(clip.error[:, _both(joint)][known] <= NEAR)
    x, y = np.concatenate(rows), np.concatenate(right)
    *factors, constant = newton(x, y, np.ones(len(y)), penalty=0.0)
    return [round(float(v), 3) for v in (constant, *factors)]


def _both(joint: str) -> list[int]:
    return [part(joint, side) for side in Side]


def _pair(clip: Seen, joint: str) -> tuple[Array, NDArray[np.bool_], Array, NDArray[np.bool_]]:
    """Scores, whether truth is known, log odds, lying on the brighter one; each [T, 2]."""
    pair = _both(joint)
    xy = clip.xy_px[:, pair] / stature_px(clip.time_s, clip.xy_px)[:, None, None]
    score = clip.score[:, pair]
    known = np.isfinite(clip.error[:, pair])
    return score, known, log_odds(score), on_brighter(xy, score)


def calibration_rows(
    name: str, clips: Sequence[Seen], sure: Mapping[str, Sequence[float]]
) -> list[list[str]]:
    """Told probability against the share that was right, of what is seen and of what is hidden."""
    out = []
    for joint in ARMS:
        told, right, hidden = [], [], []
        for clip in clips:
            score, known, _, on_other = _pair(clip, joint)
            told.append(probability(score, on_other, sure[joint])[known])
            right.append(clip.error[:, _both(joint)][known] <= NEAR)
            hidden.append(clip.hidden[:, _both(joint)][known])
        p, y, h = np.concatenate(told), np.concatenate(right), np.concatenate(hidden)
        for low, high in pairwise(_BINS):
            inside = (p >= low) & (p < high + (high == 1))
            shares = (100 * y[inside & of].mean() if (inside & of).any() else np.nan
                      for of in (inside, ~h, h))  # fmt: skip
            out.append([name, joint, f"{low:g} to {high:g}", f"{100 * inside.mean():.0f}",
                        f"{100 * p[inside].mean() if inside.any() else np.nan:.0f}",
                        *(f"{v:.0f}" for v in shares)])  # fmt: skip
    return out


def withheld_rows(name: str, clips: Sequence[Seen]) -> list[list[str]]:
    """Per joint: wrong before and after, and of each reason how many points and how many wrong."""
    error = np.concatenate([clip.error for clip in clips])
    reason = np.concatenate([clip.withheld for clip in clips])
    out = []
    for joint in JOINTS:
        known = np.isfinite(error[:, _both(joint)])
        wrong, why = error[:, _both(joint)][known] > NEAR, reason[:, _both(joint)][known]
        cells = []
        for number in range(1, len(REASONS) + 1):
            of = why == number
            cells.append(
                f"{100 * of.mean():.1f} ({100 * wrong[of].mean():.0f})" if of.any() else "-"
            )
        after = 100 * wrong[why == 0].mean()
        out.append([name, joint, f"{100 * wrong.mean():.1f}", f"{after:.1f}", *cells])
    return out


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--renders", type=Path, required=True)
    parser.add_argument("--source", nargs="+", required=True, help="released networks")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--keep", action="store_true", help="fit nothing")
    options = parser.parse_args()
    path = Path(host.gait.sources.__file__).with_name("sources.json")
    told, withheld = [], []
    for name in options.source:
        if not options.keep:
            sure = {j: fitted_odds(_clips(options.renders, FITTED, name), j) for j in ARMS}
            store(path, name, {"sure": sure})
            known_sources.cache_clear()
        others = _clips(options.renders, OTHERS, name)
        told += calibration_rows(name, others, source_named(name).sure)
        withheld += withheld_rows(name, others)
    heads = ["network", "joint", "told", "points %", "told, mean %", "right %", "seen: right %"]
    reasons = [reason.value.split(".")[1].replace("_", " ") for reason in REASONS]
    text = [
        "## Points that are withheld",
        "Made by `python -m tests.validation.fit_scores` on walks that nothing was fitted on"
        f" ({', '.join(OTHERS)}).\nRight = within {NEAR} torso lengths of the true place, hidden"
        " points included. Of arms the\nprobability is told by score, below 0.75 nothing is used:",
        table([*heads, "hidden: right %"], told),
        "Why points are withheld, % of all points (in brackets: % of these that were wrong):",
        table(["network", "joint", "wrong % before", "after", *reasons], withheld),
        "",
    ]
    write_section(options.out, "withheld", "\n\n".join(text))


def _clips(renders: Path, folders: Sequence[str], model: str) -> list[Seen]:
    videos = (video for folder in folders for video in sorted((renders / folder).glob("*.mp4")))
    return [clip for video in videos if (clip := seen(video, model)) is not None]


if __name__ == "__main__":
    main()
