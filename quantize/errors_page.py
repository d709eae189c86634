"""The section of ``docs/models.md`` on what the released networks miss, and why."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from model_zoo.package import GOLDEN_FORM, load_released
from model_zoo.skeleton import BODY_PARTS
from quantize.markdown import table

DOCS = Path(__file__).parent.parent / "docs"
LOOKED = Path(__file__).parent / "recipes" / "looked.toml"
ERRORS, PAGE, BARS = "errors.json", "models.md", "validation.json"
BAR_SECTIONS = ("networks", "peer", "peer-m")
BEGIN, END = "<!-- begin errors -->", "<!-- end errors -->"
CAUSE_WORDS = {
    "person": "person exchanged",
    "pair": "pair exchanged",
    "limb": "on the other limb",
    "near": "near",
    "hidden": "hidden",
    "elsewhere": "elsewhere",
}
LOST_WORDS = {
    "unseen": "hardly to be seen",
    "shared": "half and more in another's box",
    "doubted": "seen, but doubted",
    "placed": "box badly placed",
    "nothing": "no box",
}
TRACE_WORDS = {
    "hidden": "not to be seen",
    "one_box": "one box for two",
    "overlapped": "overlap rule",
    "judged": "mean of cells, second look",
    "below": "below the threshold",
    "beside": "other boxes alone",
    "silent": "nothing told",
}
_FALSE_WORDS = {
    "placed": "badly placed or second boxes",
    "picture": "reflections and pictures",
    "nobody": "nobody",
}
_MIRROR_WORDS = {"both_right": "right both times", "sides": "sides", "rest": "other causes"}
_SIDES = ("person", "pair", "limb")
_GROUPED = {name: words for name, words in CAUSE_WORDS.items() if name not in _SIDES} | {
    "sides": "sides"
}
_MILLIMETRES = tuple(
    f"{side}_{part}"
    for part in (*BODY_PARTS, "heel", "big_toe", "small_toe")
    for side in ("left", "right")
)
_MOST = 2
_ELSEWHERE = {
    "four bits against float": "[experiments](experiments.md), row `qat`",
    "beside BlazePose": "clip by clip: [validation](validation.md)",
}
"""Bars whose causes stand on another page, by their first words."""

Figures = Mapping[str, Any]


def write_page(docs: Path = DOCS) -> None:
    """Write the section again, between its markers.

    Raises
    ------
    ValueError
        When the page has no such markers.
    """
    page = docs / PAGE
    text = page.read_text(encoding="utf-8")
    if BEGIN not in text or END not in text:
        raise ValueError(f"{page} has no lines {BEGIN} and {END}")
    before, rest = text.split(BEGIN, 1)
    page.write_text(before + BEGIN + "\n" + section(docs) + END + rest.split(END, 1)[1], "utf-8")


def section(docs: Path = DOCS) -> str:
    """The section, from what was measured and what was looked at."""
    errors: Figures = json.loads((docs / ERRORS).read_text(encoding="utf-8"))
    judged = json.loads((docs / BARS).read_text(encoding="utf-8"))
    bars = [bar for name in BAR_SECTIONS for bar in judged.get(name, ())]
    looked = tomllib.loads(LOOKED.read_text(encoding="utf-8"))["looked"]
    poses = {name: told for name, told in errors.items() if "body" in _any_set(told)}
    finders = {name: told for name, told in errors.items() if "lost" in _any_set(told)}
    written = (
        "Written by `python -m quantize errors --data DIR --renders DIR` for "
        + ", ".join(_measured(name, told) for name, told in errors.items())
        + ". The test sets are read once more for it, as at their recorded runs; nothing is chosen"
        " by them."
    )
    parts = [
        written,
        "### Bars that are missed",
        _BARS,
        table(("bar", "asked", "measured", "most of it"), _missed(bars, errors)),
        *(_of_poses(poses) if poses else ()),
        *(_of_finders(finders) if finders else ()),
        "### The worst, looked at",
        _looked(looked),
    ]
    return "\n\n".join(parts) + "\n"


def _of_poses(poses: Figures) -> list[str]:
    return [
        "### Why points are missed",
        _CAUSES,
        table(("network, set", "missed", *CAUSE_WORDS.values()), _budget(poses)),
        _DRAWN,
        *(_picture(name) for name in poses),
        _TAGS,
        table(("rendered-test-2", "persons", *poses), _conditions(poses)),
        "### Millimetres",
        _MM,
        table(("joint", *(f"{n}: bias; SD" for n in poses)), _millimetres(poses)),
    ]


def _of_finders(finders: Figures) -> list[str]:
    return [
        "### Why patients are missed",
        _LOST,
        table(("finder, set", "missed", *LOST_WORDS.values()), _lost(finders)),
        _TRACE,
        table(("finder, patients", "missed", *TRACE_WORDS.values()), _traces(finders)),
        *(_picture(name) for name in finders),
    ]


_BARS = (
    "*Most of it*: the largest causes, in the unit of the bar; *sides* are the first three causes "
    "of the next table together."
)
_CAUSES = (
    "Of 100 labelled points (shoulders to ankles; *feet*: heels and toes) so many are missed, each "
    "by the first cause that holds: the whole person fits better with left and right exchanged; "
    "this pair alone is exchanged; it lies on the other side's label (mostly both points on one "
    "limb); near, 0.2 to 0.4 torso away; hidden by something (told of renders only); elsewhere."
)
_DRAWN = (
    "Of each of the four commonest causes on rendered-test-2 the four persons who miss most by it: "
    "labels thick and pale, points thin, the left blue, the right orange."
)
_TAGS = "Of 100 points, missed in all and because of sides (the first three causes):"
_MM = (
    "Bias and standard deviation, x / y in mm at the person's depth, of the points within 0.2 "
    "torso of rendered-test-2. A knee angle within 5 degrees asks for about 15 mm."
)
_LOST = (
    "Of 100 patients, by the first cause that holds: fewer than a fifth of the keypoints are to be "
    "seen; half of the box or more lies in another person's; there is a good box, but its score is "
    "below the threshold; the box overlaps by less than half; no box. Drawn: frames of the three "
    "commonest causes, labels green, the missed patient red, boxes yellow."
)
_TRACE = (
    "The same patients by where they are lost, and of them those who share half of their box or "
    "more. *Own* cells tell a box that overlaps the patient's by half or more, and nobody else's "
    "as much. At most one keypoint is to be seen; a box lies on him and is another person's as "
    "well; own cells are sure and give way to a surer box that overlaps theirs; own cells stay at "
    "first, the mean of cells or the second look loses them; own cells say something, all below "
    "the threshold; no cell is his, other boxes touch him; nothing is told where he is."
)


def _measured(name: str, told: Figures) -> str:
    """A network with its version, and whether other weights are released by now."""
    now = load_released(name)
    newer = now.files[GOLDEN_FORM] != told["sha256"]
    return f"{name} {told['version']}" + (f" (released now: {now.version})" if newer else "")


def _any_set(told: Figures) -> Figures:
    return next(iter(told["sets"].values()))  # type: ignore[no-any-return]


def _picture(name: str) -> str:
    return f"![what {name} misses](images/errors-{name}.jpg)"


def _missed(bars: Sequence[Figures], errors: Figures) -> list[tuple[str, str, str, str]]:
    return [
        (bar["what"], bar["asked"], bar["measured"], _reason(bar["what"], errors))
        for bar in bars
        if bar["met"] is False
    ]


def _reason(what: str, errors: Figures) -> str:
    """What makes up most of a missed bar."""
    for begin, page in _ELSEWHERE.items():
        if what.startswith(begin):
            return page
    of, figure = what.split(": ", 1)
    network, dataset = of.split(", ", 1)
    name, version = network.split(" ")
    told = errors.get(name, {"version": "", "sets": {}})
    known = told["sets"].get(dataset)
    if known is None or told["version"] != version:
        return "not measured"
    if "lost" in known:
        found = "found" in figure
        words = LOST_WORDS if found else _FALSE_WORDS
        return _most(known["lost" if found else "false"], words, "" if found else " a frame")
    if "exchanged" in figure:
        side = known["by_tag"]["view"]["side"]
        return "side views: " + _most({c: side[c] for c in _SIDES}, CAUSE_WORDS)
    if "mirrored" in figure:
        return "differ: " + _most(known["mirror"], _MIRROR_WORDS)
    if "gap" in figure:
        gaps = {k: v for k, v in known["left_minus_right"].items() if v is not None}
        part = max(gaps, key=lambda k: abs(gaps[k]))
        chance = known["gap_above_by_chance"]
        return f"{_spoken(part)}, left {gaps[part]:+.1f}; by chance above 1 in {chance:.0f} %"
    shares = known["feet" if "feet" in figure else "body"]
    return _most(shares | {"sides": sum(shares[c] for c in _SIDES)}, _GROUPED)


def _most(shares: Figures, words: Mapping[str, str], unit: str = "") -> str:
    """The largest shares in words."""
    digits = 3 if unit else 1
    largest = sorted(shares.keys() & words.keys(), key=lambda k: (-shares[k], k))[:_MOST]
    return ", ".join(f"{words[k]} {shares[k]:.{digits}f}{unit}" for k in largest)


def _budget(poses: Figures) -> list[tuple[str, ...]]:
    rows = []
    for name, told in poses.items():
        for dataset, known in told["sets"].items():
            for group, suffix in (("body", ""), ("feet", ", feet")):
                shares = known[group]
                if shares is not None:
                    figures = (sum(shares.values()), *(shares[c] for c in CAUSE_WORDS))
                    cells = (f"{value:.1f}" for value in figures)
                    rows.append((f"{name}, {dataset}{suffix}", *cells))
    return rows


def _conditions(poses: Figures) -> list[tuple[str, ...]]:
    tags = {name: _rendered(told)["by_tag"] for name, told in poses.items()}
    first = next(iter(tags.values()))
    return [
        (
            f"{tag}: {_spoken(value)}",
            str(figures["persons"]),
            *(_both(of[tag][value]) for of in tags.values()),
        )
        for tag, values in first.items()
        for value, figures in values.items()
    ]


def _both(shares: Figures) -> str:
    missed = sum(shares[c] for c in CAUSE_WORDS)
    return f"{missed:.1f}, sides {sum(shares[c] for c in _SIDES):.1f}"


def _rendered(told: Figures) -> Figures:
    return next(known for known in told["sets"].values() if known["sd_mm"])  # type: ignore[no-any-return]


def _millimetres(poses: Figures) -> list[tuple[str, ...]]:
    return [
        (_spoken(name), *(_bias_and_sd(_rendered(told), name) for told in poses.values()))
        for name in _MILLIMETRES
    ]


def _bias_and_sd(known: Figures, name: str) -> str:
    if known["sd_mm"][name] is None:
        return "–"
    (x, y), (sd_x, sd_y) = known["bias_mm"][name], known["sd_mm"][name]
    return f"{x:+.0f} / {y:+.0f}; {sd_x:.0f} / {sd_y:.0f}"


def _lost(finders: Figures) -> list[tuple[str, ...]]:
    return [
        (
            f"{name}, {dataset}",
            f"{sum(known['lost'].values()):.1f}",
            *(f"{known['lost'][c]:.1f}" for c in LOST_WORDS),
        )
        for name, told in finders.items()
        for dataset, known in told["sets"].items()
    ]


def _traces(finders: Figures) -> list[tuple[str, ...]]:
    """All patients of each set, and the covered ones."""
    groups = (("trace", "patients", ""), ("trace_covered", "covered", ", half and more shared"))
    return [
        (
            f"{name}, {dataset}{words} ({known[count]})",
            f"{sum(known[group].values()):.1f}",
            *(f"{known[group][c]:.1f}" for c in TRACE_WORDS),
        )
        for name, told in finders.items()
        for dataset, known in told["sets"].items()
        for group, count, words in groups
    ]


def _looked(looked: Sequence[Figures]) -> str:
    parts = []
    for one in looked:
        now = load_released(one["network"]).version
        older = "" if now == one["version"] else f" (released now: {now}; not looked at again)"
        causes = "; ".join(f"{n} {words}" for words, n in one["causes"])
        parts.append(f"- {one['network']} {one['version']}, {one['set']}{older}: {causes}.")
    return "\n".join(parts)


def _spoken(name: str) -> str:
    return name.replace("_", " ")
