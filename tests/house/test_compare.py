"""The tool that compares backends sees every difference, and does not call nothing the same."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from host.pose.recording import Recording, save_recording
from host.report.write import ASSESSMENT, KEYPOINTS
from tests.recordings import recording_of, walk
from tools.compare import compare, main

TOLD: dict[str, Any] = {
    "events": [
        {"foot": "left", "kind": "initial_contact", "time_s": 0.5},
        {"foot": "right", "kind": "initial_contact", "time_s": 1.0},
    ],
    "parameters": {"cadence": {"value": 110.0}, "step_width": {"value": None}},
}


def recording() -> Recording:
    made = recording_of([walk(frames=20)])
    return replace(made, integers=np.arange(20, dtype=np.uint32))


def folder(path: Path, kept: Recording, told: dict[str, Any]) -> Path:
    path.mkdir()
    save_recording(kept, path / KEYPOINTS)
    (path / ASSESSMENT).write_text(json.dumps(told))
    return path


@pytest.fixture
def first(tmp_path: Path) -> Path:
    return folder(tmp_path / "first", recording(), TOLD)


def test_equal_and_nearly_equal_are_the_same(first: Path, tmp_path: Path) -> None:
    near = recording()
    near.xy_px[3, 0, 5] += 5e-4
    told = copy.deepcopy(TOLD)
    told["events"][1]["time_s"] += 5e-5
    told["parameters"]["cadence"]["value"] *= 1 + 5e-7
    other = folder(tmp_path / "near", near, told)
    found = compare(first, other)
    assert (found.frames, found.frames_with_people, found.integers) == (20, 19, 0)
    assert found.within
    assert main([str(first), str(first), str(other)]) == 0


@pytest.mark.parametrize("what", ["integers", "keypoints", "missing", "time", "count", "value"])
def test_each_difference_is_found(
    first: Path, tmp_path: Path, what: str, capsys: pytest.CaptureFixture[str]
) -> None:
    kept, told = recording(), copy.deepcopy(TOLD)
    if what == "integers":
        kept.integers[7] += np.uint32(1)
    elif what == "keypoints":
        kept.xy_px[3, 0, 5, 1] += 0.01
    elif what == "missing":
        kept.xy_px[3, 0, 5] = np.nan
    elif what == "time":
        told["events"][0]["time_s"] += 2e-4
    elif what == "count":
        told["events"].pop()
    else:
        told["parameters"]["step_width"]["value"] = 0.1
    other = folder(tmp_path / "other", kept, told)
    assert not compare(first, other).within
    assert main([str(first), str(other)]) == 1
    assert "DIFFERENT" in capsys.readouterr().out


def test_recordings_without_hashes_prove_nothing(tmp_path: Path) -> None:
    bare = replace(recording(), integers=np.zeros(0, np.uint32))
    one, two = (folder(tmp_path / name, bare, TOLD) for name in ("one", "two"))
    assert not compare(one, two).within
    assert main([str(one)]) == 2
