"""What the diagnosis document says of real clips, and whether told deviations are true ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from host.codes import DeviationCode, Place
from host.diagnosis.deviations import deviations
from host.diagnosis.diagnose import diagnose
from host.diagnosis.types import Deviation, Diagnosis
from host.gait.analyse import analyse_gait
from host.gait.types import GaitResult, Person, Trajectories
from host.pipeline import capture_facts
from host.text import quantity, sentence
from quantize.markdown import table
from tests.validation.interval_truth import true_parameters
from tests.validation.pattern_walks import MODEL, KnownWalk
from tests.validation.recorded import lead_named, recorded
from tests.validation.rendered_truth import ClipTruth

WALKERS = ("walk_outdoor_1m65", "side_normal_mirror", "side_indoor_arms_crossed")
"""Clips of people who just walk: no pattern shall be told of them."""
IMPAIRED = (
    "backlit_ataxic",
    "backlit_drag",
    "backlit_limp",
    "backlit_magnetic",
    "backlit_scissor",
    "side_circumduction_mirror_turn",
    "side_limping_table",
)
"""Clips of people who act an impairment of the legs: they shall not be told to show none."""
_SHOWN = {"temporal_symmetry": 2, "step_time_asymmetry": 0, "arm_swing": 0, "trunk_lean": 0}


def acted_walks(data: Path) -> Iterator[tuple[str, GaitResult, Trajectories]]:
    """Name, measurements and points of each clip, through the whole path."""
    for video in sorted((data / "video").glob("*.mp4")):
        recording, points = recorded(video, MODEL)
        person = Person(1.65 if "1m65" in video.stem else None)
        gait = analyse_gait(points, person, capture_facts(recording), lead=lead_named())
        yield video.stem, gait, points


def acted_table(walks: Iterable[tuple[str, GaitResult, Trajectories]]) -> str:
    """What is said of the real clips. Nobody diagnosed these people: they act, or just walk."""
    rows = []
    for name, gait, _ in walks:
        said = diagnose(gait)
        shown = [_value(gait, parameter, digits) for parameter, digits in _SHOWN.items()]
        clean = sum(not s.excluded for s in gait.strides)
        row = [name, gait.quality_grade, str(clean), _pattern(said), _outside(said.deviations)]
        rows.append([*row, *shown])
    head = ["clip", "grade", "strides", "pattern", "measured outside its reference"]
    units = ["temporal symmetry", "step time asymmetry %", "arm swing °", "trunk lean °"]
    return table([*head, *units], rows)


def _pattern(said: Diagnosis) -> str:
    if said.reason is not None:
        return f"silent: {_short(said.reason.value)}"
    told = [
        _short(f.code.value) + (f" ({f.side.value})" if f.side else "") + f" {f.probability:.2f}"
        for f in said.findings
    ]
    return ", ".join(told) or "no pattern"


def _outside(found: Iterable[Deviation]) -> str:
    told = [
        _short(d.code.value) + (f" ({d.side.value})" if d.side else "")
        for d in found
        if d.place is Place.OUTSIDE
    ]
    return ", ".join(told) or "-"


def _short(code: str) -> str:
    return code.partition(".")[2].replace("_", " ")


def _value(gait: GaitResult, name: str, digits: int) -> str:
    found = gait.parameters[name]
    return "-" if found.absent_reason is not None else f"{found.value:.{digits}f}"


def truth_table(walks: Sequence[KnownWalk], renders: Path) -> str:
    """Told deviations of drawn clips against the true values, by comparison."""
    told: dict[DeviationCode, list[tuple[Place, bool]]] = {}
    for walk in walks:
        known = true_parameters(ClipTruth.read(renders / f"{walk.group}.mp4"))
        for found in deviations(walk.gait):
            if found.parameter in known:
                truly = beyond(found, known[found.parameter])
                told.setdefault(found.code, []).append((found.place, truly))
    return table(
        ["comparison", "limit", "clips", "truly outside", "of these told", "told though within"],
        [[_words(code), _limit(code, walks), *_counts(pairs)] for code, pairs in told.items()],
    )


def beyond(found: Deviation, true: float) -> bool:
    """Whether a true value lies outside the reference of a comparison."""
    low = found.lowest is not None and true < found.lowest
    return low or (found.highest is not None and true > found.highest)


def _counts(pairs: list[tuple[Place, bool]]) -> list[str]:
    compared = [(place is Place.OUTSIDE, truly) for place, truly in pairs]
    compared = [c for c, (place, _) in zip(compared, pairs, strict=True) if place is not _ABSENT]
    truly = [told for told, true in compared if true]
    within = [told for told, true in compared if not true]
    return [str(len(compared)), str(len(truly)), str(sum(truly)), f"{sum(within)} of {len(within)}"]


_ABSENT = Place.NOT_COMPARED


def _words(code: DeviationCode) -> str:
    return _short(code.value)


def _limit(code: DeviationCode, walks: Sequence[KnownWalk]) -> str:
    found = next(d for w in walks for d in deviations(w.gait) if d.code is code)
    ends = [quantity(x, found.unit) for x in (found.lowest, found.highest) if x is not None]
    return f"{sentence(f'parameter.{found.parameter}')}: {' to '.join(ends)}"


def alarms_table(groups: Mapping[str, Sequence[KnownWalk]]) -> str:
    """How often each deviation is told of walks without a pattern."""
    rows = []
    for name, walks in groups.items():
        found = [deviations(w.gait) for w in walks]
        for code in DeviationCode:
            places = [next(d.place for d in own if d.code is code) for own in found]
            compared = sum(p is not _ABSENT for p in places)
            outside = sum(p is Place.OUTSIDE for p in places)
            rows.append([name, _words(code), str(compared), str(outside)])
    return table(["walks", "comparison", "compared", "outside"], rows)
