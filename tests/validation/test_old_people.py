"""The truth of walks without pictures, and what counts as a false alarm."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from host.codes import DeviationCode, Place
from host.diagnosis.types import Deviation
from model_zoo.skeleton import N_KEYPOINTS, Side, part
from tests.validation.old_people import Compared, report, walk_truth

STEP_S, STEP_M, LEAN_DEG, RATE_HZ = 0.6, 0.54, 5.0, 60.0


@pytest.fixture
def walk(tmp_path: Path) -> Path:
    """A walk along -y at 0.9 m/s, leaning by 5 degrees; each foot stands 60 % of a stride."""
    time_s = np.arange(0, 8, 1 / RATE_HZ)
    xyz = np.random.default_rng(0).normal(0, 0.001, (len(time_s), N_KEYPOINTS, 3))
    xyz[..., 1] -= (STEP_M / STEP_S) * time_s[:, None]
    heights = {"hip": 0.9, "shoulder": 1.4, "knee": 0.5, "elbow": 1.1, "wrist": 0.9}
    events = []
    for number, side in enumerate(Side):
        for name, height in heights.items():
            xyz[:, part(name, side), 2] += height
        xyz[:, part("shoulder", side), 1] -= 0.5 * np.tan(np.radians(LEAN_DEG))
        landed = np.arange(0.2 + number * STEP_S, 8, 2 * STEP_S)
        phase = (time_s - landed[0]) / (2 * STEP_S)
        share = np.clip((phase % 1 - 0.6) / 0.4, 0, 1)
        for name in ("heel", "big_toe", "small_toe", "ankle"):
            at_m = -STEP_M * (2 * np.floor(phase) + 2 * share + number)
            xyz[:, part(name, side), 1] = at_m + 0.001 * np.sin(40 * time_s)
        events += [(number, 0, at) for at in landed]
        events += [(number, 1, at + 0.6 * 2 * STEP_S) for at in landed]
    path = tmp_path / "walk-00000.npz"
    kept = np.array(sorted(events, key=lambda event: event[2]))
    np.savez(path, xyz_m=xyz, rate_hz=RATE_HZ, stature_m=1.8, events=kept)
    return path


def test_the_truth_is_the_walk_s(walk: Path) -> None:
    true = walk_truth(walk)
    assert true["trunk_lean"] == pytest.approx(LEAN_DEG, abs=0.1)
    assert true["walking_speed"] == pytest.approx(STEP_M / STEP_S, abs=2e-3)
    assert true["relative_speed"] == pytest.approx(STEP_M / STEP_S / 1.8, abs=2e-3)
    assert true["step_length"] == pytest.approx(STEP_M, abs=2e-3)
    assert true["step_time_asymmetry"] == pytest.approx(0, abs=2e-3)
    assert true["temporal_symmetry"] == pytest.approx(1, abs=2e-3)


def _lean(value: float, place: Place, true: float) -> Compared:
    code, ends = DeviationCode.LEANS_FORWARD, (value - 1, value + 1)
    found = Deviation(
        code, "trunk_lean", value, "deg", ends, place, None, 1.7, "people", "source", None, None
    )
    return Compared(found, true)


def test_false_alarms_are_counted_apart() -> None:
    own = [
        _lean(5.0, Place.OUTSIDE, 4.0),
        _lean(4.0, Place.OUTSIDE, 1.5),
        _lean(2.0, Place.UNDECIDED, 2.5),
        _lean(0.0, Place.WITHIN, 0.0),
    ]
    text, (line,) = report({DeviationCode.LEANS_FORWARD: own}, 4)
    assert line.measured == "1 of 2"
    assert "| 4 | 2 | 1 | 2 | 1 |" in text
    assert "Told though within" in text
