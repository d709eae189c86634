"""The learned method around its network: windows, log-odds, times, and its place in the fusion."""

from types import SimpleNamespace

import numpy as np
import pytest

from host import accelerator
from host.accelerator import AcceleratorSettings
from host.gait.analyse import analyse_gait
from host.gait.body import BodyHeight
from host.gait.bouts import ProgressionBouts
from host.gait.events.base import Kind
from host.gait.events.detect import EventDetector, detector_led_by
from host.gait.events.learned import LearnedEvents
from host.gait.sources import Source
from host.gait.track import Resampler
from host.gait.types import Bout, Person
from model_zoo.skeleton import Side
from tests.host.gait.walker import Walker, facts, regular

SIDES = (Side.LEFT, Side.RIGHT)
MOMENTS, ANSWERS, FIRST = 201, 128, 37
WALKER = Walker(start_s=0.5, step_time_s=(0.5, 0.6), n_steps=14)


class ByHand:
    """In place of a network: even odds where the own heel is farthest ahead, or the toe behind."""

    model = SimpleNamespace(
        name="by-hand",
        input=SimpleNamespace(shape=(1, MOMENTS, 16)),
        output=SimpleNamespace(
            shape=(1, ANSWERS // 4, 8), heads=[SimpleNamespace(bias=(100,), scale=(0.01,))]
        ),
    )

    def __init__(self) -> None:
        self.windows = 0

    def run(self, x):
        self.windows += len(x)
        out = np.full((len(x), ANSWERS, 2), -900)
        for window, answer in zip(x[:, 0].astype(float), out, strict=True):
            for column, signal in enumerate((window[:, 0], -window[:, 2])):
                inner = signal[FIRST - 1 : FIRST + ANSWERS + 1]
                top = (inner[1:-1] > inner[:-2]) & (inner[1:-1] >= inner[2:]) & (inner[1:-1] > 20)
                answer[top, column] = 600
        return out.reshape(len(x), 1, ANSWERS // 4, 8).astype(np.int32)


def tracked(walker=WALKER):
    time_s = regular(walker.end_s() + 0.8, 30)
    track = Resampler().resample(walker.trajectories(time_s))
    body = BodyHeight().measure(track)
    return track, body


def test_times_are_those_of_the_signal_in_every_window():
    track, body = tracked()
    network = ByHand()
    found = LearnedEvents(network).detect(track, body, Bout(0, 0.5, WALKER.end_s(), 1))
    assert network.windows == 2 * -(-((len(track.time_s) + 1) // 2) // ANSWERS)
    for kind, truth in ((Kind.CONTACT, WALKER.contacts()), (Kind.OFF, WALKER.offs())):
        for side in (0, 1):
            true = [t for t, s in truth if s == side][1:-1]
            own = [
                c.time_s
                for c in found
                if c.kind is kind and c.side.value == ("left", "right")[side]
            ]
            nearest = [min(own, key=lambda t, at=at: abs(t - at)) - at for at in true]
            assert np.std(nearest) < 0.015
            assert np.abs(nearest).max() < 0.09


def test_a_bout_without_direction_has_no_events():
    track, body = tracked()
    network = ByHand()
    assert LearnedEvents(network).detect(track, body, Bout(0, 0.5, 3.0, 0)) == []
    assert network.windows == 0


@pytest.mark.parametrize("joined", [True, False])
def test_it_leads_the_methods_that_are_joined_with_it(joined):
    track, body = tracked()
    learned = LearnedEvents(ByHand())
    late = Source(offsets_s={"learned": {"initial_contact": 0.05, "foot_off": 0.0}})
    both = [
        detector_led_by(learned, one) if joined else EventDetector(one, (), learned=learned)
        for one in (Source(), late)
    ]
    bouts = ProgressionBouts().find(track, body)
    plain, moved = (detector.detect(track, body, bouts).events for detector in both)
    contacts = [
        [e.time_s for e in events if e.kind == "initial_contact"] for events in (plain, moved)
    ]
    assert len(contacts[0]) >= 12
    gaps = np.subtract(contacts[0][1:-1], contacts[1][1:-1])
    assert gaps == pytest.approx(np.full(len(gaps), 0.05), abs=1e-6)


def test_the_released_network_reads_a_walk_of_formulas():
    """It never saw such feet; still every stride has its events, at one pace."""
    network = accelerator.open("gait-events", AcceleratorSettings("emulation"))
    try:
        time_s = regular(WALKER.end_s() + 0.8, 30)
        points = WALKER.trajectories(time_s)
        result = analyse_gait(points, Person(1.7), facts(time_s), lead=LearnedEvents(network))
    finally:
        network.close()
    assert result.parameters["cadence"].value == pytest.approx(120 / 1.1, rel=0.02)
    for kind, truth in (("initial_contact", WALKER.contacts()), ("foot_off", WALKER.offs())):
        own = [(e.time_s, e.foot) for e in result.events if e.kind == kind]
        errors = []
        for true_s, side in truth[2:-1]:
            near = [t - true_s for t, foot in own if foot is SIDES[side] and abs(t - true_s) < 0.15]
            assert len(near) == 1
            errors += near
        assert np.std(errors) < 0.02
