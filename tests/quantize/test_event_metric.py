"""Events are paired one to one, and every way to be wrong costs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from host.gait.types import Trajectories
from quantize.event_metric import KINDS, Case, inside_spans, match, score

TRUE = [(1.0, "left"), (1.5, "right"), (2.0, "left"), (2.5, "right")]
POINTS = Trajectories(np.zeros(0), np.zeros((0, 23, 3)), "px", np.zeros((0, 23)), "none")


def case() -> Case:
    everything = [(0.5, "right"), *TRUE]
    return Case(
        "walk", POINTS, dict.fromkeys(KINDS, TRUE), dict.fromkeys(KINDS, everything), ((0.9, 2.6),)
    )


def test_each_event_is_paired_once() -> None:
    found = [(1.02, "left"), (1.05, "left"), (1.5, "right"), (2.2, "left")]
    told = match(TRUE, found)
    assert told.errors_s == pytest.approx([0.02, 0.0])
    assert (told.recall, told.precision, told.feet_right) == (0.5, 0.5, 2)


def test_a_wrong_foot_is_a_hit_with_a_wrong_name_unless_the_right_one_is_near() -> None:
    assert match(TRUE[:1], [(1.01, "right")]).feet_right == 0
    told = match(TRUE[:1], [(1.01, "right"), (1.02, "left")])
    assert told.errors_s == pytest.approx([0.02])
    assert told.feet_right == 1


def test_a_bias_is_taken_away_before_the_tolerance() -> None:
    late = [(t + 0.15, foot) for t, foot in TRUE]
    assert match(TRUE, late).errors_s == ()
    assert match(TRUE, late, bias_s=0.15).errors_s == pytest.approx([0.0] * 4)


def test_spans_are_widened_by_their_margin() -> None:
    assert inside_spans(TRUE, [(1.4, 2.0)], 0.0) == TRUE[1:3]
    assert inside_spans(TRUE, [(1.4, 1.8)], 0.4) == TRUE[:3]


def test_what_is_found_outside_the_spans_is_not_held_against_anybody() -> None:
    found = {KINDS[0]: [(0.5, "right"), *TRUE, (3.0, "left")]}
    told = score([case()], [found], KINDS[0], [0.0])
    assert (told.true, told.found, told.real, told.feet, told.f1) == (4, 4, 4, 4, 1.0)


def test_misses_and_false_events_both_lower_the_score() -> None:
    missed = score([case()], [{KINDS[0]: TRUE[:2]}], KINDS[0], [0.0])
    assert missed.f1 == pytest.approx(2 / 3)
    extra = score([case()], [{KINDS[0]: [*TRUE, (1.25, "left")]}], KINDS[0], [0.0])
    assert extra.f1 == pytest.approx(8 / 9)
    nothing = score([case()], [{KINDS[0]: []}], KINDS[0], [0.0])
    assert nothing.f1 == 0.0


def test_an_event_at_the_edge_counts_though_it_need_not_be_found() -> None:
    """Known, and not judged: finding it is right, missing it is no miss."""
    edge = replace(case(), spans=((0.4, 2.6),))
    assert score([edge], [{KINDS[0]: [(0.5, "right"), *TRUE]}], KINDS[0], [0.0]).f1 == 1.0
    assert score([edge], [{KINDS[0]: TRUE}], KINDS[0], [0.0]).f1 == 1.0


def test_each_case_has_its_own_offset() -> None:
    late = {KINDS[0]: [(t + 0.03, foot) for t, foot in TRUE]}
    early = {KINDS[0]: [(t - 0.05, foot) for t, foot in TRUE]}
    told = score([case(), case()], [late, early], KINDS[0], [0.03, -0.05])
    assert told.errors_s == pytest.approx([0.0] * 8)
