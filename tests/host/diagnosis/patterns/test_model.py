"""The model's arithmetic can be followed by hand, and left and right are treated alike."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from host.diagnosis.patterns.features import FEATURES, NAMES, SIGNS
from host.diagnosis.patterns.model import (
    FILE,
    NONE,
    from_table,
    mirrored_class,
    shipped_model,
    to_table,
)
from host.text import sentence

MODEL = shipped_model()
PATTERNS = MODEL.classes[1:]
walks = st.lists(st.floats(-6, 6), min_size=len(NAMES), max_size=len(NAMES)).map(
    lambda z: MODEL.mean + MODEL.sd * np.array(z)
)


@settings(deadline=None)  # a busy machine is no fault
@given(walks, st.sampled_from(PATTERNS))
def test_contributions_and_constants_make_the_log_odds(features: np.ndarray, name: str) -> None:
    told = MODEL.probabilities(features)
    k = MODEL.classes.index(name)
    constant = (MODEL.constants[k] - MODEL.constants[0]) / MODEL.temperature
    log_odds = sum(MODEL.contributions(features, name).values()) + constant
    assert np.log(told[name] / told[NONE]) == pytest.approx(log_odds, abs=1e-6)
    assert sum(told.values()) == pytest.approx(1)


@settings(deadline=None)  # a busy machine is no fault
@given(walks)
def test_a_mirrored_walk_has_the_mirrored_answer(features: np.ndarray) -> None:
    one, other = MODEL.probabilities(features), MODEL.probabilities(features * SIGNS)
    for name, probability in one.items():
        assert other[mirrored_class(name)] == pytest.approx(probability, abs=2e-3)


@settings(deadline=None)  # a busy machine is no fault
@given(walks, st.sets(st.sampled_from(range(len(NAMES)))))
def test_what_is_missing_adds_nothing(features: np.ndarray, gone: set[int]) -> None:
    features[list(gone)] = np.nan
    for name in PATTERNS:
        assert not {NAMES[i] for i in gone} & set(MODEL.contributions(features, name))
    at_mean = np.where(np.isnan(features), MODEL.mean, features)
    assert MODEL.probabilities(features) == pytest.approx(MODEL.probabilities(at_mean))


def test_the_mean_of_a_class_is_near_and_a_strange_walk_is_far() -> None:
    for centre in MODEL.centres:
        assert MODEL.distance(MODEL.mean + MODEL.sd * centre) < 1e-6
    strange = np.where(np.arange(len(NAMES)) % 2, 4.0, -4.0)
    assert MODEL.distance(MODEL.mean + MODEL.sd * strange) > MODEL.farthest
    assert np.isnan(MODEL.distance(np.full(len(NAMES), np.nan)))


def test_the_file_holds_the_model_and_its_origin() -> None:
    table = json.loads(FILE.read_text(encoding="utf-8"))
    again = to_table(from_table(table))
    assert again == table
    assert FILE.stat().st_size < 40_000
    assert {"made_by", "from", "network", "walks", "people", "penalty"} <= set(MODEL.provenance)
    assert MODEL.threshold >= 0.5


def test_a_model_of_other_features_is_refused() -> None:
    table = json.loads(FILE.read_text(encoding="utf-8"))
    with pytest.raises(ValueError, match="other features"):
        from_table({**table, "features": table["features"][::-1]})
    with pytest.raises(ValueError, match="expected"):
        replace(MODEL, weights=MODEL.weights[:, 1:])


def test_every_feature_has_words() -> None:
    for feature in FEATURES:
        assert sentence(f"feature.{feature.name}")
