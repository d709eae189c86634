"""Who finds the walking person better: the network or the outlines? A section of validation.md.

    python -m tests.validation.finders --data DATA --out docs/validation.md [--names person-s ...]

Every clip goes through the whole path once with each finder; nothing is chosen or fitted here.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

from host.settings import OUTLINES, OutputSettings, PersonSettings, Settings
from quantize.markdown import table
from tests.validation.acceptance import write_section
from tests.validation.clips import LABELLED, NUMBERS, analyse, box_hold, person_of, score, verdict
from tests.validation.recorded import CACHE

_HEAD = ["clip", "finder", "tracks", "subject seen s", "box holds peer's mid-hip"]
_HEAD += ["clean strides", "cadence", "grade", "verdict", "by-eye contacts found"]


def row(data: Path, clip: str, finder: str, work: Path, cache: Path) -> list[str]:
    """One line: one clip with one finder."""
    video = data / "video" / f"{clip}.mp4"
    settings = Settings(
        output=OutputSettings(report=False, overlay=False), person=PersonSettings(finder=finder)
    )
    out = work / f"{clip}-{Path(finder).name}"
    one = analyse(video, out, person_of(clip), settings, cache)
    assessment, recording = one.assessment, one.recording
    subject = recording.meta["subject"]
    seen = [c["seen_s"] for c in subject["candidates"] if c["track"] == subject["track"]]
    held, judged = box_hold(data, one) if clip in NUMBERS else (0, 0)
    cadence = assessment.parameters["cadence"].value
    found = score(data, one) if clip in LABELLED else None
    return [
        clip,
        Path(finder).name,
        str(len(recording.track)),
        f"{seen[0]:.1f}" if seen else "-",
        f"{held}/{judged}" if judged else "-",
        str(sum(not s.excluded for s in assessment.strides)),
        "-" if cadence is None else f"{cadence:.1f}",
        assessment.quality.grade,
        verdict(one),
        "-" if found is None else f"{len(found.errors_s)}/{found.n_true}, {found.feet_right} feet",
    ]


def report(data: Path, finders: list[str], work: Path, cache: Path) -> str:
    """The section."""
    index = json.loads((data / "video" / "index.json").read_text(encoding="utf-8"))
    clips = sorted(entry["file"].removesuffix(".mp4") for entry in index)
    rows = [row(data, clip, finder, work, cache) for clip in clips for finder in finders]
    words = (
        "Every clip through the whole path with each finder (`person.finder`). Tracks: people that "
        "the keypoints confirmed, reflections and passers-by included."
    )
    return "\n\n".join(["## Finders of people", words, table(_HEAD, rows), ""])


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--names", nargs="+", default=[OUTLINES, "person-s"], help="finders")
    parser.add_argument("--cache", type=Path, default=CACHE, help="key points of videos")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        text = report(args.data, args.names, Path(scratch), args.cache)
    write_section(args.out, "finders", text)


if __name__ == "__main__":
    main()
