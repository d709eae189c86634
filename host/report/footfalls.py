"""When each foot stood on the floor, as the overlay and the report draw it."""

from __future__ import annotations

from dataclasses import dataclass

from host.report.assessment import Assessment, GaitEvent
from model_zoo.skeleton import Side


@dataclass(frozen=True)
class Stance:
    """One foot on the floor."""

    foot: Side
    start_s: float
    end_s: float | None
    """Foot off; None when it was not found before the next contact or the end of the bout."""
    bout: int


def stances(assessment: Assessment) -> list[Stance]:
    """Every initial contact with the foot off that follows it, in order of time."""
    found: list[Stance] = []
    for side in Side:
        own = sorted(
            (event for event in assessment.events if event.foot is side), key=lambda e: e.time_s
        )
        for event, following in zip(own, [*own[1:], None], strict=False):
            if event.kind == "initial_contact":
                found.append(Stance(side, event.time_s, _off_s(event, following), event.bout))
    return sorted(found, key=lambda stance: stance.start_s)


def _off_s(contact: GaitEvent, following: GaitEvent | None) -> float | None:
    if following is None or following.kind != "foot_off" or following.bout != contact.bout:
        return None
    return following.time_s
