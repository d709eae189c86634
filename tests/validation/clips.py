"""Judge the whole path, file to report, on real clips; writes tables of ``docs/validation.md``.

    python -m tests.validation.clips --data DATA --out docs/validation.md
        [--keep FOLDER [--overlays]] [--model gait-pose-m] [--finder person-s] [--section clips-m]

DATA is the folder with ``video/``. What each clip should give was fixed before the first network
was released: numbers, timing or a refusal, or a refusal. Nothing is fitted here.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from host.gait.types import Person
from host.pipeline import analyze_file
from host.pose.recording import Recording, load_recording
from host.report import write
from host.report.assessment import Assessment
from host.settings import OutputSettings, PersonSettings, PoseSettings, Settings
from model_zoo.skeleton import INDEX
from quantize.event_metric import EMPTY, Match, Timed, inside_spans, match
from quantize.markdown import table
from tests.validation.acceptance import Bar, at_least, at_most, told, write_section
from tests.validation.gait import by_eye
from tests.validation.mirror import compare_mirrored, mirrored_video
from tests.validation.readers import stored_points
from tests.validation.recorded import CACHE, keypoints_file

NUMBERS = (
    "walk_outdoor_1m65",
    "side_normal_mirror",
    "side_slouch_mirror",
    "side_circumduction_mirror_turn",
    "side_limping_table",
    "side_noarmswing_mirror_turn",
    "side_indoor_arms_crossed",
    "backlit_scissor",
    "backlit_magnetic",
    "backlit_ataxic",
    "backlit_limp",
    "backlit_drag",
)
TIMING_OR_UNUSABLE = (
    "frontal_white_cane",
    "oblique_park_occlusion",
    "street_two_women_50fps",
    "treadmill_frontal_legs",
)
UNUSABLE = ("negative_standing_10fps", "negative_overhead_fall", "lab_two_persons_60fps")
EXPECTED = "as expected"
STRICT_S, LOOSE_S = 0.067, 0.1
LABELLED = ("walk_outdoor_1m65", "side_normal_mirror", "side_noarmswing_mirror_turn")
MIRRORED = ("side_normal_mirror", "walk_outdoor_1m65")
ACTED = {
    "temporal_symmetry": 2,
    "step_time_ratio": 2,
    "relative_speed": 2,
    "arm_swing": 0,
    "trunk_lean": 1,
    "knee_swing_peak": 0,
}
"""Parameters that acted walks should change, and digits to show."""
OUTDOOR_WOMAN = (50, 195)
"""Frames in which the walker of the outdoor clip is in the picture."""


@dataclass(frozen=True)
class Analysed:
    """One clip through the whole path."""

    clip: str
    assessment: Assessment
    recording: Recording


def analyse(
    video: Path, out: Path, person: Person, settings: Settings, cache: Path | None = None
) -> Analysed:
    """Run the product on one video, or on its kept key points, which gives the same."""
    source = video
    if cache is not None and not settings.output.overlay:
        finder = settings.person.finder
        source = keypoints_file(video, settings.pose.model, finder, cache=cache)
    assessment = analyze_file(source, out, settings, person)
    return Analysed(video.stem, assessment, load_recording(out / write.KEYPOINTS))


def person_of(clip: str) -> Person:
    """Only the outdoor walker's height is known."""
    return Person(height_m=1.65 if "1m65" in clip else None)


def contacts(assessment: Assessment) -> list[Timed]:
    """(time, foot) of all initial contacts."""
    return [(e.time_s, e.foot.value) for e in assessment.events if e.kind == "initial_contact"]


def box_hold(data: Path, analysed: Analysed) -> tuple[int, int]:
    """Frames in which our subject's box holds the stored peer's mid-hip, and frames judged.

    Outdoors the peer follows somebody else, so its run on the cropped picture is taken, and only
    the frames with the walker.
    """
    clip, recording = analysed.clip, analysed.recording
    track = recording.meta["subject"]["track"]
    if track is None:
        return 0, 0
    outdoor = clip == "walk_outdoor_1m65"
    peer = stored_points(data, f"{clip}_cropped" if outdoor else clip)
    hips = peer.xyz[:, [INDEX["left_hip"], INDEX["right_hip"]]].mean(axis=1)[:, [0, 2]] * [1, -1]
    column = list(recording.track).index(track)
    held = judged = 0
    for time_s, (x, y) in zip(peer.time_s, hips, strict=True):
        i = int(np.argmin(np.abs(recording.time_s - time_s)))
        box = recording.box_px[i, column]
        if not (np.isfinite(x) and np.isfinite(box).all()):
            continue
        if outdoor and not OUTDOOR_WOMAN[0] <= recording.frame[i] <= OUTDOOR_WOMAN[1]:
            continue
        judged += 1
        held += bool(box[0] <= x <= box[2] and box[1] <= y <= box[3])
    return held, judged


def verdict(analysed: Analysed) -> str:
    """Whether the clip gave what it should: :data:`EXPECTED` or what is wrong."""
    assessment, clip = analysed.assessment, analysed.clip
    grade = assessment.quality.grade
    valued = [n for n, p in assessment.parameters.items() if p.value is not None]
    clean = sum(not s.excluded for s in assessment.strides)
    if clip in NUMBERS:
        good = grade != "unusable" and clean >= 2
    elif clip in UNUSABLE:
        good = grade == "unusable" and not valued
    else:
        lengths = {"walking_speed", "step_length", "stride_length"} & set(valued)
        good = grade == "unusable" or not lengths
    return EXPECTED if good else "**missed**"


def clip_row(data: Path, analysed: Analysed) -> list[str]:
    """One line of the table of clips."""
    a = analysed.assessment
    held, judged = box_hold(data, analysed)
    shown = []
    for name, digits in (("cadence", 1), ("walking_speed", 2)):
        p = a.parameters[name]
        shown.append(f"{p.value:.{digits}f}" if p.value is not None else "-")
    angle = "?" if a.view.angle_deg is None else f"{a.view.angle_deg:.0f}°"
    missed = [c.code.value.removeprefix("quality.") for c in a.quality.checks if not c.passed]
    return [
        analysed.clip,
        a.quality.grade,
        f"{a.view.kind.value} {angle}",
        str(sum(not s.excluded for s in a.strides)),
        *shown,
        f"{held}/{judged}" if analysed.clip in NUMBERS and judged else "-",
        ", ".join(missed) or "-",
        verdict(analysed),
    ]


def acted_rows(clips: dict[str, Analysed]) -> list[list[str]]:
    """What the acted and the usual walks show, where it was measured."""
    rows = []
    for name in NUMBERS:
        found = clips[name].assessment.parameters
        shown = [
            "-" if (value := found[key].value) is None else f"{value:.{digits}f}"
            for key, digits in ACTED.items()
        ]
        rows.append([name, *shown])
    return rows


def score(
    data: Path, analysed: Analysed, tolerance_s: float = LOOSE_S, constant_s: float = 0.0
) -> Match:
    """Contacts, ``constant_s`` taken away, against the by-eye file."""
    truth, spans = by_eye(data, analysed.clip)
    found = [(time_s - constant_s, foot) for time_s, foot in contacts(analysed.assessment)]
    return match(truth, inside_spans(found, spans), tolerance_s)


def score_by_others(data: Path, clips: dict[str, Analysed]) -> Match:
    """All by-eye contacts within two frames, the constant of each clip that of the other clips.

    Markers over force plates give no such constant: it is of the points of real pictures, or of
    the eye. The product subtracts none, because clips that judge must not set it.
    """
    total = EMPTY
    for name in LABELLED:
        others = [clips[other] for other in LABELLED if other != name]
        late = [error for other in others for error in score(data, other).errors_s]
        total += score(data, clips[name], STRICT_S, float(np.mean(late)) if late else 0.0)
    return total


def contact_rows(data: Path, clips: dict[str, Analysed]) -> list[list[str]]:
    """Recall and precision per clip and over all."""
    rows, total = [], EMPTY
    for name in LABELLED:
        one = score(data, clips[name])
        total += one
        rows.append([name, *_match_cells(one)])
    return [*rows, ["all", *_match_cells(total)]]


def _match_cells(one: Match) -> list[str]:
    errors = 1000 * np.array(one.errors_s)
    spread = f"{errors.std(ddof=1):.0f}" if len(errors) > 1 else "-"
    mean = f"{errors.mean():+.0f}" if len(errors) else "-"
    feet = f"{one.feet_right}/{len(errors)}"
    return [
        str(one.n_true), str(one.n_found), f"{one.recall:.2f}", f"{one.precision:.2f}",
        feet, mean, spread,
    ]  # fmt: skip


_CLIP_HEAD = [
    "clip",
    "grade",
    "view",
    "clean strides",
    "cadence",
    "speed m/s",
    "box holds peer's mid-hip",
    "failed checks",
    "verdict",
]
_CONTACT_HEAD = ["clip", "true", "found", "recall", "precision", "feet right", "bias ms", "SD ms"]
_MIRROR_HEAD = [
    "clip",
    "contacts",
    "mirrored",
    "feet exchanged",
    "largest time difference s",
    "cadence",
    "mirrored cadence",
]


def bars(data: Path, clips: dict[str, Analysed]) -> list[Bar]:
    """What each clip should give, and by-eye contacts within two frames of 30/s."""
    total = wide = EMPTY
    for name in LABELLED:
        total += score(data, clips[name], STRICT_S)
        wide += score(data, clips[name])
    of = f"{_models(clips)}, by-eye contacts ±{STRICT_S:g} s"
    loosely = f"{_models(clips)}, by-eye contacts ±{LOOSE_S:g} s"
    wide_hits = len(wide.errors_s)
    ms = 1000 * np.array(total.errors_s)
    expected = sum(verdict(one) == EXPECTED for one in clips.values())
    hits = len(ms)
    steady = score_by_others(data, clips)
    lost, false = (n - len(steady.errors_s) for n in (steady.n_true, steady.n_found))
    return [
        at_least(f"{_models(clips)}: clips as expected", expected, len(clips)),
        at_most(f"{loosely}: missed", wide.n_true - wide_hits, 2),
        at_most(f"{loosely}: false", wide.n_found - wide_hits, 2),
        at_most(f"{loosely}: wrong feet", wide_hits - wide.feet_right, 1),
        at_most(f"{of}: missed", total.n_true - hits, 1),
        at_most(f"{of}: false", total.n_found - hits, 1),
        at_most(f"{of}: wrong feet", hits - total.feet_right, 1),
        at_most(f"{of}: SD", float(ms.std(ddof=1)), 20, " ms"),
        told(f"{of}: mean", f"{ms.mean():+.0f} ms"),
        told(f"{of}, less the mean of the other clips: missed, false", f"{lost}, {false}"),
    ]


def report(
    data: Path, work: Path, demo: Path, settings: Settings, cache: Path
) -> tuple[str, list[Bar]]:
    """A section about the whole path, and its bars."""
    index = json.loads((data / "video" / "index.json").read_text(encoding="utf-8"))
    clips = {}
    for name in sorted(entry["file"].removesuffix(".mp4") for entry in index):
        video = data / "video" / f"{name}.mp4"
        clips[name] = analyse(video, work / name, person_of(name), settings, cache)
    mirror_rows = []
    for video in (demo, *(data / "video" / f"{n}.mp4" for n in MIRRORED)):
        plain = clips.get(video.stem) or analyse(video, work / video.stem, Person(), settings)
        turned = mirrored_video(video, work / f"{video.stem}_mirrored.mp4")
        other = analyse(turned, work / turned.stem, person_of(video.stem), settings)
        mirror_rows.append([video.stem, *compare_mirrored(plain.assessment, other.assessment)])
    return "\n\n".join(
        [
            f"## Whole path with {_models(clips)}",
            "Made by `make validate DATA=FOLDER`.",
            "### Clips",
            table(_CLIP_HEAD, [clip_row(data, clips[n]) for n in sorted(clips)]),
            f"### Contacts against by-eye files (±{LOOSE_S:g} s)",
            table(_CONTACT_HEAD, contact_rows(data, clips)),
            "### What the acted walks show",
            "Nobody measured these people: the table tells whether the acted part stands out.\n"
            "Temporal symmetry of healthy people lies within 0.9 and 1.1 (Patterson 2008).",
            table(["clip", *ACTED], acted_rows(clips)),
            "### Mirrored video",
            table(_MIRROR_HEAD, mirror_rows),
            "",
        ]
    ), bars(data, clips)


def _models(clips: dict[str, Analysed]) -> str:
    first = next(iter(clips.values())).assessment
    return ", ".join(f"{m.name} {m.version}" for m in first.models)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--demo", type=Path, default=Path("host/demo/walk.mp4"))
    parser.add_argument("--cache", type=Path, default=CACHE, help="key points of videos")
    parser.add_argument("--keep", type=Path, help="keep what each analysis wrote here")
    parser.add_argument("--overlays", action="store_true", help="also draw overlays and reports")
    parser.add_argument("--model", default=PoseSettings.model, help="released pose network")
    parser.add_argument("--finder", default=PersonSettings.finder, help="outlines, or a network")
    parser.add_argument("--section", default="clips", help="name of the section to replace")
    args = parser.parse_args()
    settings = Settings(
        person=PersonSettings(finder=args.finder),
        pose=PoseSettings(model=args.model),
        output=OutputSettings(report=args.overlays, overlay=args.overlays),
    )
    with tempfile.TemporaryDirectory() as scratch:
        work = args.keep or Path(scratch)
        work.mkdir(parents=True, exist_ok=True)
        text, measured = report(args.data, work, args.demo, settings, args.cache)
    write_section(args.out, args.section, text, measured)


if __name__ == "__main__":
    main()
