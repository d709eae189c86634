"""Events by a learned model: ``gait-events`` looks at the path of each foot."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from host.gait.body import BodySize
from host.gait.events.base import Candidate, Kind
from host.gait.events.streams import (
    RATE_HZ,
    FootStream,
    SummitRule,
    foot_streams,
    summits,
    windows,
)
from host.gait.signals import Array
from host.gait.track import Track
from host.gait.types import Bout
from model_zoo.package import ReleasedModel

KINDS = (Kind.CONTACT, Kind.OFF)


class EventNetwork(Protocol):
    """What runs the network: an accelerator of :mod:`host.accelerator`."""

    @property
    def model(self) -> ReleasedModel:
        """What is run."""

    def run(self, x: NDArray[Any]) -> NDArray[np.int32]:
        """Integers in, integers out."""


class LearnedEvents:
    """Initial contact and foot off as the moments at which the network expects them.

    For each moment (1/50 s) of a foot's stream the network gives the log-odds that a contact, and
    that a foot off, falls on it; :func:`~host.gait.events.streams.summits` reads events from them,
    with times between the moments. The strength of an event is the expected number of events there.

    Needs heels, toes, knees and hips, or ankles in place of the feet; a walking direction. Trained
    on recorded and on simulated walks with the errors of the project's own pose networks; what it
    was measured on stands in ``docs/validation.md``.

    Limits: looks about 0.75 s to both sides, so that the first and last events of a track are less
    sure; does not correct exchanged legs (that is the side stage's task).

    Parameters
    ----------
    network
        The opened network.
    rule
        How events are read from probabilities.
    """

    name = "learned"

    def __init__(self, network: EventNetwork, rule: SummitRule | None = None) -> None:
        self.network = network
        self.rule = rule if rule is not None else SummitRule()

    def detect(self, track: Track, body: BodySize, bout: Bout) -> list[Candidate]:
        """Candidates of both feet and kinds; none of a bout without a direction."""
        if bout.direction == 0:
            return []
        streams = foot_streams(track, body, bout)
        found: list[Candidate] = []
        for stream, chance in zip(streams, self.chances(streams), strict=True):
            if not stream.x.any():
                continue
            for column, kind in enumerate(KINDS):
                places, strengths = summits(chance[:, column], self.rule)
                times_s = stream.time_s[0] + places / RATE_HZ
                found += [
                    Candidate(kind, stream.side, float(t), float(s))
                    for t, s in zip(times_s, strengths, strict=True)
                ]
        return found

    def chances(self, streams: tuple[FootStream, ...]) -> list[Array]:
        """Probability float64[M, 2] that a contact, a foot off falls on each moment."""
        model = self.network.model
        cells, values = model.output.shape[1:]
        moments, answers = model.input.shape[1], cells * values // len(KINDS)
        cut = [windows(stream.x, moments, answers) for stream in streams]
        head = model.output.heads[0]
        out = self.network.run(np.concatenate(cut)).astype(np.float64)
        odds = (out + np.array(head.bias)) * np.array(head.scale)
        ends = np.cumsum([len(part) for part in cut])[:-1]
        parts = np.split(odds.reshape(len(odds), answers, len(KINDS)), ends)
        return [
            1 / (1 + np.exp(-part.reshape(-1, len(KINDS))[: len(stream.x)]))
            for part, stream in zip(parts, streams, strict=True)
        ]
