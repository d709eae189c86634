"""What is true of a rendered clip: events, steps, parameters and curves, by the product's words."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from host.gait.types import Person
from model_zoo.skeleton import Side, part
from quantize.event_metric import Timed

Array = NDArray[np.float64]
Curves = dict[tuple[str, Side], Array]
_PERCENT = np.arange(101) / 100
_FLAT = slice(12, 32)
JOINTS = ("thigh", "knee", "ankle")


@dataclass(frozen=True)
class ClipTruth:
    """One clip: the document of the renderer and the exact points.

    ``told`` is ``CLIP.truth.json``, ``time_s`` float64[T], ``xyz_m`` float64[T, 23, 3] in the room.
    """

    told: dict[str, Any]
    time_s: Array
    xyz_m: Array

    @classmethod
    def read(cls, video: Path) -> ClipTruth:
        """Truth of ``CLIP.mp4``, from the two files beside it."""
        told = json.loads(video.with_suffix(".truth.json").read_text(encoding="utf-8"))
        with np.load(video.with_suffix(".points.npz")) as store:
            return cls(told, store["time_s"].astype(float), store["xyz_m"].astype(float))

    @property
    def pattern(self) -> str:
        """Name of what the walk shows; ``healthy`` where it is not impaired."""
        return str(self.told.get("pattern", {}).get("name", "healthy"))

    @property
    def severity(self) -> str:
        """mild, moderate or severe; ``-`` for healthy walks."""
        return str(self.told.get("pattern", {}).get("severity", "-"))

    @property
    def person(self) -> Person:
        """What an operator would tell."""
        told = self.told
        return Person(told["stature_m"], float(told["age_years"]), told["sex"])

    @property
    def field_deg(self) -> float:
        """Angle of view along the picture's longer side."""
        longer = max(self.told["width_px"], self.told["height_px"])
        return float(np.degrees(2 * np.arctan(longer / 2 / self.told["camera"]["focal_px"])))

    @property
    def span_s(self) -> tuple[float, float]:
        """From when to when the whole walker is in the picture."""
        first, last = self.told["whole_in_picture_s"]
        return float(first), float(last)

    @property
    def motion_s(self) -> tuple[float, float]:
        """From the beginning of the first stride of the whole motion to the end of the last."""
        strides = self.told["strides"]
        return min(s["start_s"] for s in strides), max(s["end_s"] for s in strides)

    def events(self, kind: str, *, inside: bool) -> list[Timed]:
        """(time, foot) of the events of one kind, all or those inside :attr:`span_s`."""
        found = self.told["events"]
        return [
            (e["time_s"], e["foot"]) for e in found if e["kind"] == kind and e["inside"] >= inside
        ]

    @cached_property
    def _inside(self) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        first, last = self.span_s
        steps, strides = (
            [s for s in self.told[name] if first <= s["start_s"] and s["end_s"] <= last]
            for name in ("steps", "strides")
        )
        return steps, strides

    def parameters(self) -> dict[str, tuple[float, float, float]]:
        """(both, left, right) of each parameter that is known exactly, as means of both sides."""
        steps, strides = self._inside
        stance = [(s["stance_percent"], s["foot"]) for s in strides]
        time_s = [(s["end_s"] - s["start_s"], s["foot"]) for s in strides]
        out = {
            "step_time": _sided([(s["time_s"], s["foot"]) for s in steps]),
            "step_length": _sided([(s["length_m"], s["foot"]) for s in steps]),
            "stride_time": _sided(time_s),
            "stride_length": _sided([(s["length_m"], s["foot"]) for s in strides]),
            "walking_speed": _sided(
                [(s["length_m"] / (s["end_s"] - s["start_s"]), s["foot"]) for s in strides]
            ),
            "stance_percent": _sided(stance),
            "swing_percent": _sided([(100 - v, foot) for v, foot in stance]),
            "stance_time": _sided([(s["foot_off_s"] - s["start_s"], s["foot"]) for s in strides]),
        }
        _both, left, right = out["stance_percent"]
        out["double_support_percent"] = (left + right - 100,) * 3
        out["cadence"] = (60 / out["step_time"][0],) * 3
        return out

    def curves(self) -> Curves:
        """Mean sagittal angles of the strides inside, degrees, ``{(joint, side): float64[101]}``.

        Of ``JOINTS`` and ``foot``. Defined as in :mod:`host.gait.curves`, from the exact points in
        the plane of the walk.
        """
        pelvis = self.xyz_m[:, [part("hip", side) for side in Side]].mean(axis=1)
        along = (pelvis[-1] - pelvis[0]) * [1, 1, 0]
        along /= np.linalg.norm(along)
        flat = np.stack((self.xyz_m @ along, self.xyz_m[..., 2]), axis=-1)
        cycles: dict[tuple[str, Side], list[Array]] = {}
        for stride in self._inside[1]:
            side = Side(stride["foot"])
            grid = stride["start_s"] + _PERCENT * (stride["end_s"] - stride["start_s"])
            for joint, angle in self._angles(flat, side, grid).items():
                cycles.setdefault((joint, side), []).append(angle)
        return {key: np.mean(values, axis=0) for key, values in cycles.items()}

    def _angles(self, flat: Array, side: Side, grid: Array) -> dict[str, Array]:
        hip, knee, ankle, heel, toe = (
            np.stack([np.interp(grid, self.time_s, flat[:, part(n, side), a]) for a in (0, 1)], 1)
            for n in ("hip", "knee", "ankle", "heel", "big_toe")
        )
        thigh, shank = _hanging(hip, knee), _hanging(knee, ankle)
        foot = np.degrees(np.arctan2(toe[:, 1] - heel[:, 1], toe[:, 0] - heel[:, 0]))
        foot = foot - np.median(foot[_FLAT])
        return {"thigh": thigh, "knee": thigh - shank, "ankle": foot - shank, "foot": foot}


def _hanging(upper: Array, lower: Array) -> Array:
    return np.degrees(np.arctan2(lower[:, 0] - upper[:, 0], upper[:, 1] - lower[:, 1]))


def _sided(values: list[tuple[float, str]]) -> tuple[float, float, float]:
    """Mean of both sides' means, and the two means."""
    left, right = (
        float(np.mean(own)) if (own := [v for v, foot in values if foot == side]) else float("nan")
        for side in ("left", "right")
    )
    return (left + right) / 2, left, right
