"""Windows along a walk are put together, and the likeliest pattern of clips is counted."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from host.gait.types import Bout
from model_zoo.pattern.gait_patterns import CLASSES
from quantize.event_cases import in_pixels
from quantize.event_metric import Case
from quantize.pattern_evaluate import figures, likeliest, metric_of, probabilities
from tests.walk_files import formula_walk


class Weighs:
    """A network to which a walk to the right shows the first class, and one to the left not."""

    def __init__(self) -> None:
        head = SimpleNamespace(bias=[0], scale=[0.1])
        self.model = SimpleNamespace(
            output=SimpleNamespace(heads=[head]),
            input=SimpleNamespace(shape=(1, 61, 72), rate_hz=20.0),
        )
        self.windows: list[NDArray[Any]] = []

    def run(self, batch: NDArray[Any]) -> NDArray[Any]:
        self.windows.append(batch)
        out = np.zeros((len(batch), 1, 1, len(CLASSES)), np.int16)
        out[..., 0] = np.sign(batch[:, 0, 30, -3].astype(int))[:, None, None] * 40
        return out


def seen(onward: int) -> Any:
    """A walk as a camera at its side sees it, to the right or to the left."""
    walk = formula_walk()
    time_s = np.arange(len(walk.xyz_m)) / walk.rate_hz
    xy = np.stack((600 - onward * 120 * walk.xyz_m[..., 1], 300 - 120 * walk.xyz_m[..., 2]), -1)
    return in_pixels(time_s, xy, np.ones(xy.shape[:2]), "exact")


@pytest.mark.parametrize("onward", [1, -1])
def test_a_walk_is_turned_to_the_right_and_its_windows_agree(onward: int) -> None:
    network, points = Weighs(), seen(onward)
    last = float(points.time_s[-1])
    told = probabilities(network, (Bout(0, 0.0, last, onward),), points)
    assert sum(told.values()) == pytest.approx(1)
    assert likeliest(told) == "none"
    assert len(network.windows[0]) == 1 + int((last - 3.05) / 0.5)
    assert probabilities(network, (Bout(0, 0.0, last, 0),), points) == {}


def test_both_sides_of_a_pattern_count_together() -> None:
    by_class = dict.fromkeys(CLASSES, 0.0) | {
        "crouch": 0.4,
        "antalgic/left": 0.35,
        "antalgic/right": 0.25,
    }
    assert likeliest(by_class) == "antalgic"
    assert likeliest({}) == ""


def case(pattern: str, severity: str | None = None) -> Case:
    tags = {"pathology": pattern} | ({"severity": severity} if severity else {})
    return Case(pattern, seen(1), {}, {}, (), tags)


def test_figures_balance_the_patterns_and_trendelenburg_shows_none() -> None:
    cases = [
        case("none"),
        case("healthy"),
        case("healthy"),
        case("crouch", "moderate"),
        case("crouch", "severe"),
        case("trendelenburg", "severe"),
    ]
    found = ["none", "none", "crouch", "", "crouch", "none"]
    told = figures(cases, found)
    assert told["balanced_accuracy"] == pytest.approx((3 / 4 + 1 / 2) / 2)
    assert told["balanced_accuracy_by_severity"]["moderate"] == pytest.approx(
        (2 / 3 + 0) / 2, abs=1e-4
    )
    assert told["named"] == {"crouch": {"": 1, "crouch": 1}, "none": {"crouch": 1, "none": 3}}
    model = {"name": "gait-patterns"}
    metric = metric_of(told | {"model": model, "set": "some", "points": "exact"})
    assert metric.values["balanced_accuracy"] == told["balanced_accuracy"]
