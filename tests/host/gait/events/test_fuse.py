import pytest

from host.gait.events.base import Candidate, Kind
from host.gait.events.fuse import Fuser
from host.gait.sources import Source
from model_zoo.skeleton import Side

L, R = Side.LEFT, Side.RIGHT


def contact(time_s, side=L, strength=1.0):
    return Candidate(Kind.CONTACT, side, time_s, strength)


def fuse(first, second, source=None):
    by_method = {"zeni": first, "heel_speed": second}
    return Fuser().fuse(by_method, source or Source(), Kind.CONTACT)


def test_a_constant_difference_between_methods_is_not_disagreement():
    lead = [contact(t) for t in (1.0, 2.0, 3.0)]
    late = [contact(t + 0.05) for t in (1.0, 2.0, 3.0)]
    events = fuse(lead, late)
    assert [e.time_s for e in events] == [1.0, 2.0, 3.0]
    assert all(e.spread_s == pytest.approx(0, abs=1e-9) for e in events)
    assert all(e.confidence == pytest.approx(1.0) for e in events)


def test_an_event_that_one_method_saw_stands_on_the_lead_s_time_base():
    lead = [contact(t) for t in (1.0, 2.0)]
    late = [contact(t + 0.05) for t in (1.0, 2.0, 3.0)]
    events = fuse(lead, late)
    assert [e.time_s for e in events] == pytest.approx([1.0, 2.0, 3.0])
    assert events[2].confidence < 0.5 < events[0].confidence


def test_methods_do_not_mix_feet_and_lower_confidence_where_they_differ():
    events = fuse([contact(1.0, L), contact(2.0, L)], [contact(1.0, R), contact(2.15, L)])
    assert [(e.time_s, e.side) for e in events if e.side is R] == [(1.0, R)]
    left = [e for e in events if e.side is L]
    assert [e.confidence for e in left] == pytest.approx([0.7, 0.7])


def test_the_source_s_offset_is_taken_away():
    source = Source(offsets_s={"zeni": {"initial_contact": -0.047}})
    assert fuse([contact(1.0)], [], source)[0].time_s == pytest.approx(1.047)
