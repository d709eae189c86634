"""Bars for the learned events on real recordings; docs/validation.md has the tables."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from host import accelerator
from host.accelerator import AcceleratorSettings
from host.gait.events import EventDetector, LearnedEvents
from host.gait.sources import Source
from quantize.event_metric import KINDS, Case, score
from tests.validation.event_cases import eye_cases, found_by, plate_cases, raw_errors

ALONE = "learned"


@pytest.fixture(scope="module")
def method() -> Iterator[EventDetector]:
    network = accelerator.open("gait-events", AcceleratorSettings("emulation"))
    yield EventDetector(Source(), (), learned=LearnedEvents(network))
    network.close()


def errors_ms(cases: list[Case], method: EventDetector, kind: str) -> np.ndarray:
    found = found_by(cases, {ALONE: method})[ALONE]
    return 1000 * np.array(
        [e for c, f in zip(cases, found, strict=True) for e in raw_errors(c, f, kind)]
    )


def test_every_contact_and_foot_off_on_force_plates(shared: Path, method: EventDetector) -> None:
    """Markers of people that it never saw, at rates and with offsets of their own."""
    cases = plate_cases(shared / "data")
    for kind, count, sd_ms in ((KINDS[0], 10, 15), (KINDS[1], 7, 15)):
        errors = errors_ms(cases, method, kind)
        assert len(errors) == count
        assert abs(errors.mean()) <= 25
        assert errors.std(ddof=1) <= sd_ms


def test_by_eye_contacts_of_stored_points(
    shared: Path, method: EventDetector, tmp_path: Path
) -> None:
    cases = eye_cases(shared / "data", None, tmp_path)
    found = found_by(cases, {ALONE: method})[ALONE]
    one = score(cases, found, KINDS[0], [0.036] * len(cases))
    assert one.true == 21
    assert len(one.errors_s) >= 19
    assert one.real >= 0.9 * one.found
    assert one.feet == len(one.errors_s)
    assert 1000 * np.std(one.errors_s, ddof=1) <= 25
