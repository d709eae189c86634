"""What was seen by eye beside the peer is complete, and tells whose answers were looked at."""

from __future__ import annotations

import re
import tomllib

import pytest

from model_zoo.package import load_released, released_names
from tests.validation.clips import NUMBERS, TIMING_OR_UNUSABLE
from tests.validation.peer import LOOKED, WORST

SEEN = tomllib.loads(LOOKED.read_text(encoding="utf-8"))
KINDS = {"ours", "peer", "undecidable"}
FEW_FRAMES = {"treadmill_frontal_legs"}
"""Only legs are in this picture: fewer frames than wanted have enough points in common."""


def number(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


@pytest.mark.parametrize("models", SEEN)
def test_networks_are_named_with_their_versions(models: str) -> None:
    named = [re.fullmatch(r"([\w-]+) (\d+\.\d+\.\d+)", part) for part in models.split(" with ")]
    assert all(named)
    roles = []
    for name, version in (match.groups() for match in named if match):
        assert name in released_names()
        released = load_released(name)
        roles.append(released.role)
        assert number(version) <= number(released.version)
    assert roles in (["pose"], ["pose", "person"])


@pytest.mark.parametrize("models", SEEN)
def test_clips_are_those_of_the_table_each_with_all_its_frames(models: str) -> None:
    clips = SEEN[models]
    assert clips.keys() <= {*NUMBERS, *TIMING_OR_UNUSABLE}
    assert clips.keys() >= FEW_FRAMES
    for clip, counts in clips.items():
        assert counts.keys() == KINDS, clip
        assert all(type(n) is int and n >= 0 for n in counts.values()), clip
        frames = sum(counts.values())
        assert (0 < frames <= WORST) if clip in FEW_FRAMES else frames == WORST, clip


def test_every_network_was_looked_at_on_the_same_clips() -> None:
    first, *others = (set(clips) for clips in SEEN.values())
    assert len(first) > len(FEW_FRAMES)
    assert all(clips == first for clips in others)
