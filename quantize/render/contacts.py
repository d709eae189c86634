"""The contact schedule of a walk: which foot stands where, from when to when."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model_zoo.skeleton import Side

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Contact:
    """One stance of one foot.

    The foot lands with its heel at ``contact_s``, lies flat from ``flat_s`` to ``heel_off_s`` and
    leaves the floor with its toes at ``foot_off_s``. ``forward_m`` and ``left_m`` are the place of
    the heel of the flat foot along the path and to its left; ``toe_out_deg`` is positive outwards.
    ``landing_deg`` and ``leaving_deg`` are the foot's pitch (toes up positive) at both ends.
    """

    side: Side
    contact_s: float
    flat_s: float
    heel_off_s: float
    foot_off_s: float
    forward_m: float
    left_m: float
    toe_out_deg: float
    landing_deg: float
    leaving_deg: float

    def __post_init__(self) -> None:
        times = (self.contact_s, self.flat_s, self.heel_off_s, self.foot_off_s)
        if not all(a < b for a, b in itertools.pairwise(times)):
            raise ValueError(f"a stance's moments must follow each other: {times}")


@dataclass(frozen=True)
class Schedule:
    """All contacts of a walk in order of their landing."""

    contacts: tuple[Contact, ...]

    def of(self, side: Side) -> tuple[Contact, ...]:
        """Contacts of one foot."""
        return tuple(c for c in self.contacts if c.side is side)

    def events(self, first_s: float, last_s: float) -> list[dict[str, Any]]:
        """Initial contacts and foot offs inside a span of time, seconds after ``first_s``."""
        found = [
            {"foot": c.side.value, "kind": kind, "time_s": round(at - first_s, 5)}
            for c in self.contacts
            for kind, at in (("initial_contact", c.contact_s), ("foot_off", c.foot_off_s))
            if first_s <= at <= last_s
        ]
        return sorted(found, key=lambda e: float(str(e["time_s"])))

    def steps(self, first_s: float, last_s: float) -> list[dict[str, Any]]:
        """Steps whose two contacts lie inside a span of time.

        ``length_m`` is the distance of the two heel prints along the path, ``width_m`` across it,
        ``time_s`` the time from the other foot's contact to this one.
        """
        return [
            {
                "foot": b.side.value,
                "start_s": round(a.contact_s - first_s, 5),
                "end_s": round(b.contact_s - first_s, 5),
                "time_s": round(b.contact_s - a.contact_s, 5),
                "length_m": round(b.forward_m - a.forward_m, 4),
                "width_m": round(abs(b.left_m - a.left_m), 4),
            }
            for a, b in zip(self.contacts, self.contacts[1:], strict=False)
            if a.side is not b.side and first_s <= a.contact_s and b.contact_s <= last_s
        ]

    def strides(self, first_s: float, last_s: float) -> list[dict[str, Any]]:
        """Strides of each foot inside a span of time, with their stance and length."""
        out = []
        for side in Side:
            own = self.of(side)
            for a, b in itertools.pairwise(own):
                if first_s <= a.contact_s and b.contact_s <= last_s:
                    stride = b.contact_s - a.contact_s
                    out.append(
                        {
                            "foot": side.value,
                            "start_s": round(a.contact_s - first_s, 5),
                            "foot_off_s": round(a.foot_off_s - first_s, 5),
                            "end_s": round(b.contact_s - first_s, 5),
                            "length_m": round(b.forward_m - a.forward_m, 4),
                            "stance_percent": round(100 * (a.foot_off_s - a.contact_s) / stride, 3),
                        }
                    )
        return sorted(out, key=lambda s: float(str(s["start_s"])))


def summary(schedule: Schedule, first_s: float, last_s: float) -> dict[str, float]:
    """Cadence, speed and means over the whole steps and strides inside a span of time.

    Empty when it holds fewer than two contacts. Speed is the way of the heel prints over time
    between the first and the last contact of the same foot.
    """
    steps, strides = schedule.steps(first_s, last_s), schedule.strides(first_s, last_s)
    if not steps or not strides:
        return {}

    def mean(rows: list[dict[str, Any]], name: str, foot: str | None = None) -> float:
        return float(np.mean([r[name] for r in rows if foot in (None, r["foot"])]))

    out = {
        "cadence_per_min": 60 / mean(steps, "time_s"),
        "walking_speed_m_s": sum(s["length_m"] for s in strides)
        / sum(s["end_s"] - s["start_s"] for s in strides),
        "step_time_s": mean(steps, "time_s"),
        "step_length_m": mean(steps, "length_m"),
        "stride_length_m": mean(strides, "length_m"),
        "stance_percent": mean(strides, "stance_percent"),
    }
    for side in ("left", "right"):
        if any(s["foot"] == side for s in steps):
            out[f"step_time_{side}_s"] = mean(steps, "time_s", side)
            out[f"step_length_{side}_m"] = mean(steps, "length_m", side)
        if any(s["foot"] == side for s in strides):
            out[f"stance_percent_{side}"] = mean(strides, "stance_percent", side)
    return {name: round(value, 4) for name, value in out.items()}
