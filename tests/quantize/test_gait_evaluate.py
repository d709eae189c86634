"""Walks and clips are read alike, and the command measures what the network finds in them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from model_zoo.skeleton import MIRROR
from quantize import evaluate, gait_evaluate
from quantize.event_cases import clip_cases, walk_cases
from quantize.event_metric import KINDS
from tests.walk_files import HEIGHT_M, formula_walk

PX_PER_M = 120.0
SIZE = (1280, 320)


def write_walks(folder: Path, patterns: Sequence[str]) -> None:
    for i, pattern in enumerate(patterns):
        walk = formula_walk(i, pathology=pattern)
        (folder / f"walk-{i:05d}.npz").write_bytes(walk.to_bytes())


def write_clip(folder: Path) -> None:
    """The same walk as a rendered clip tells it, walking to the left."""
    walk = formula_walk()
    time_s = np.arange(len(walk.xyz_m)) / walk.rate_hz
    xy = np.stack([SIZE[0] - 60 + PX_PER_M * walk.xyz_m[..., 1],
                   SIZE[1] - 20 - PX_PER_M * walk.xyz_m[..., 2]], axis=-1)  # fmt: skip
    np.savez(folder / "a.points.npz", time_s=time_s, xy_px=xy, xyz_m=walk.xyz_m)
    first, last = 1.0, float(time_s[-1]) - 0.3
    events = [
        {"kind": KINDS[int(kind)], "foot": ("left", "right")[int(side)], "time_s": float(t),
         "inside": bool(first <= t <= last)}
        for side, kind, t in walk.events
    ]  # fmt: skip
    told = {
        "width_px": SIZE[0],
        "height_px": SIZE[1],
        "stature_m": HEIGHT_M,
        "events": events,
        "whole_in_picture_s": [first, last],
        "pattern": {"name": "crouch", "severity": "mild", "side": "both"},
    }
    (folder / "a.truth.json").write_text(json.dumps(told))


def run(folder: Path, *more: str) -> tuple[int, dict]:
    out = folder.parent / "scores.json"
    words = ["gait-events", "--data", str(folder), "--json", str(out), "--backend", "emulation"]
    code = evaluate.main([*words, *more])
    return code, json.loads(out.read_text()) if code == 0 else {}


def test_walks_are_measured_and_grouped(tmp_path: Path) -> None:
    folder = tmp_path / "two"
    folder.mkdir()
    write_walks(folder, ("none", "crouch"))
    code, told = run(folder)
    assert code == 0
    assert (told["set"], told["points"], told["walks"]) == ("two", "exact", 2)
    for kind in KINDS:
        assert told[kind]["f1"] >= 0.9
        assert told[kind]["feet_right"] == 1.0
        parts = told["by_tag"]["pathology"].values()
        assert sum(part[kind]["true"] for part in parts) == told[kind]["true"] > 15
    metric = gait_evaluate.metric_of(told)
    assert metric.dataset == "two, exact points"
    assert metric.values["contact_mae_ms"] == told["initial_contact"]["mae_ms"]
    assert metric.values["off_f1"] == told["foot_off"]["f1"]


def test_late_truth_is_an_early_network(tmp_path: Path) -> None:
    """Events moved by 40 ms move the bias by as much, the other way."""
    biases = []
    for name, later_s in (("plain", 0.0), ("later", 0.04)):
        folder = tmp_path / name
        folder.mkdir()
        walk = formula_walk()
        walk.events[:, 2] += later_s
        (folder / "walk-00000.npz").write_bytes(walk.to_bytes())
        biases.append(run(folder)[1]["initial_contact"]["bias_ms"])
    assert biases[1] - biases[0] == pytest.approx(-40, abs=1)


def test_exchanged_feet_are_named_wrongly(tmp_path: Path) -> None:
    walk = formula_walk()
    walk.xyz_m[:] = walk.xyz_m[:, MIRROR]
    (tmp_path / "walk-00000.npz").write_bytes(walk.to_bytes())
    assert run(tmp_path)[1]["initial_contact"]["feet_right"] == 0.0


def test_a_clip_says_the_same_as_the_walk_that_it_shows(tmp_path: Path) -> None:
    folder = tmp_path / "clips"
    folder.mkdir()
    write_clip(folder)
    (clip,) = clip_cases(folder)
    assert clip.tags == {"pathology": "crouch", "severity": "mild"}
    assert len(clip.judged[KINDS[0]]) < len(clip.known[KINDS[0]])
    code, told = run(folder)
    assert code == 0
    assert told["initial_contact"]["f1"] >= 0.9
    assert told["initial_contact"]["true"] == len(clip.judged[KINDS[0]])


def test_nothing_is_judged_at_the_ends_of_a_walk(tmp_path: Path) -> None:
    write_walks(tmp_path, ("none",))
    (case,) = walk_cases(tmp_path)
    (span,) = case.spans
    assert all(span[0] <= t <= span[1] for t, _ in case.judged[KINDS[0]])
    assert len(case.points.time_s) == pytest.approx(30 * case.points.time_s[-1], abs=1.5)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--mirror"], "--mirror is nothing for"),
        (["--validation"], "--validation is nothing for"),
        (["--worst", "3", "worst"], "--worst and --predictions are nothing for"),
        (["--keypoints", "nowhere"], "--keypoints is for rendered clips"),
    ],
)
def test_what_it_cannot_do_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], more: list[str], said: str
) -> None:
    write_walks(tmp_path, ("none",))
    assert run(tmp_path, *more)[0] == 2
    assert said in capsys.readouterr().err


def test_a_clip_without_key_points_is_no_smaller_set(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "clips"
    folder.mkdir()
    write_clip(folder)
    assert run(folder, "--keypoints", str(tmp_path / "none"))[0] == 2
    assert "has no key points of a" in capsys.readouterr().err


def test_an_empty_folder_holds_no_walks(tmp_path: Path) -> None:
    assert run(tmp_path)[0] == 2
