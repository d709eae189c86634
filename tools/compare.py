"""Compare analyses of one recording on several backends (``python -m tools.compare A B [C ...]``).

Every folder is one that ``footfall analyze`` wrote; the first is what the others are compared with.
The integers of the networks must be identical in every frame; what is computed from them may differ
by the floating point of another machine. Exit status 1 when something differs by more.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from host.pose.recording import Recording, load_recording
from host.report.write import ASSESSMENT, KEYPOINTS

MOST_PX = 1e-3
MOST_S = 1e-4
MOST_RELATIVE = 1e-6
SMALL = 1e-9
"""A parameter below this is compared as it is: a share of nothing says nothing."""


@dataclass(frozen=True)
class Difference:
    """How far one analysis is from another.

    Attributes
    ----------
    frames, frames_with_people
        Compared frames, and those in which a network ran.
    integers
        Frames whose integers differ; all when the number of frames differs.
    keypoints_px, events_s, parameters
        Largest difference; of parameters relative. Infinite where something is missing on one side.
    """

    frames: int
    frames_with_people: int
    integers: int
    keypoints_px: float
    events_s: float
    parameters: float

    @property
    def within(self) -> bool:
        """Whether the two may be called the same; nothing compared is not the same."""
        return (
            self.frames_with_people > 0
            and self.integers == 0
            and self.keypoints_px <= MOST_PX
            and self.events_s <= MOST_S
            and self.parameters <= MOST_RELATIVE
        )


def compare(one: Path, other: Path) -> Difference:
    """Difference of two folders of ``footfall analyze``."""
    a, b = load_recording(one / KEYPOINTS), load_recording(other / KEYPOINTS)
    said, told = (json.loads((f / ASSESSMENT).read_text(encoding="utf-8")) for f in (one, other))
    same_length = a.integers.shape == b.integers.shape
    differing = int(np.count_nonzero(a.integers != b.integers)) if same_length else len(a.time_s)
    return Difference(
        frames=len(a.time_s),
        frames_with_people=int(np.count_nonzero(a.integers)),
        integers=differing,
        keypoints_px=_keypoints(a, b),
        events_s=_largest(_events(said), _events(told)),
        parameters=_parameters(said["parameters"], told["parameters"]),
    )


def _keypoints(a: Recording, b: Recording) -> float:
    if a.xy_px.shape != b.xy_px.shape or (np.isnan(a.xy_px) != np.isnan(b.xy_px)).any():
        return np.inf
    return float(np.nanmax(np.abs(a.xy_px - b.xy_px), initial=0.0))


def _events(assessment: dict[str, Any]) -> dict[tuple[str, ...], list[float]]:
    times: dict[tuple[str, ...], list[float]] = {}
    for event in assessment["events"]:
        times.setdefault((event["foot"], event["kind"]), []).append(event["time_s"])
    return times


def _largest(a: dict[tuple[str, ...], list[float]], b: dict[tuple[str, ...], list[float]]) -> float:
    if {kind: len(times) for kind, times in a.items()} != {k: len(t) for k, t in b.items()}:
        return np.inf
    pairs = [pair for kind in a for pair in zip(sorted(a[kind]), sorted(b[kind]), strict=True)]
    return max((abs(x - y) for x, y in pairs), default=0.0)


def _parameters(a: dict[str, Any], b: dict[str, Any]) -> float:
    if set(a) != set(b):
        return np.inf
    worst = 0.0
    for name in a:
        x, y = a[name]["value"], b[name]["value"]
        if (x is None) != (y is None):
            return np.inf
        if x is not None:
            worst = max(worst, abs(x - y) / max(abs(x), abs(y), SMALL))
    return worst


def main(folders: Sequence[str]) -> int:
    """Print a line per comparison; 0 when all are the same."""
    if len(folders) < 2:
        print("usage: python -m tools.compare FOLDER FOLDER [FOLDER ...]", file=sys.stderr)
        return 2
    worst = 0
    for other in folders[1:]:
        found = compare(Path(folders[0]), Path(other))
        print(
            f"{other}: other integers in {found.integers} of {found.frames_with_people} frames "
            f"with people; keypoints {found.keypoints_px:.2g} px, events {found.events_s:.2g} s, "
            f"parameters {found.parameters:.2g}: {'same' if found.within else 'DIFFERENT'}"
        )
        worst |= not found.within
    return worst


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
