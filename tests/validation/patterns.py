"""Judge the pattern model: same description, other description, old people, acted clips.

    python -m tests.validation.patterns --data DATA --renders RENDERS --out docs/validation.md

RENDERS holds what ``python -m quantize render`` drew: clips ``pathological``, ``pathological-2``,
``moderate-2a``, ``moderate-2b``, ``calibration`` and ``rendered-walks``, walks ``patterns-1``,
``patterns-3`` and ``old-walkers-2``. The model was fitted on the first description alone; its
results there are those of models that had not seen the person (five folds). Abstention is counted
apart.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from host.diagnosis.patterns.features import measure
from host.diagnosis.patterns.find import CODES, PatternFinder, assessable, together
from host.diagnosis.patterns.model import NONE, PatternModel, shipped_model
from host.text import sentence
from quantize.markdown import table
from tests.validation.acceptance import Bar, at_least, at_most, write_section
from tests.validation.acted import acted_table, acted_walks, alarms_table, truth_table
from tests.validation.fit_patterns import (
    UNSEEN_FROM_THE_SIDE,
    examples,
    folds,
    refit,
    training_walks,
)
from tests.validation.pattern_walks import (
    HEALTHY,
    KnownWalk,
    NetworkErrors,
    drawn_walks,
    point_walks,
)
from tests.validation.plots import wilson
from tests.validation.state import kept

Array = NDArray[np.float64]
PATTERNS = tuple(CODES)
DECIDES = "moderate"
_NAMES = {code: name for name, code in CODES.items()}


@dataclass(frozen=True)
class Outcome:
    """What was said of a walk with a known pattern.

    ``told``: a pattern, ``"none"``, or ``""`` for silence with its ``reason``.
    """

    walk: KnownWalk
    told: str
    reason: str = ""
    side_right: bool = True
    probability: float = float("nan")

    @property
    def wanted(self) -> str:
        """What can be told of this walk from the side."""
        return NONE if self.walk.pattern == UNSEEN_FROM_THE_SIDE else self.walk.pattern


def judged(walk: KnownWalk, finder: PatternFinder) -> Outcome:
    """One walk through the finder."""
    said = finder.find(walk.gait)
    if said.reason is not None:
        return Outcome(walk, "", said.reason.value.partition(".")[2])
    if not said.findings:
        return Outcome(walk, NONE)
    found = said.findings[0]
    side = "both" if found.side is None else found.side.value
    name = _NAMES[found.code]
    right = name != walk.pattern or side == walk.side
    return Outcome(walk, name, side_right=right, probability=found.probability)


def same_description(walks: Sequence[KnownWalk], model: PatternModel) -> list[Outcome]:
    """Each walk by a model of the same penalty and limits that has not seen its person."""
    usable = [w for w in walks if assessable(w.gait) is None]
    data, out = examples(usable), []
    for seen, left_out in folds(data):
        finder = PatternFinder(refit(data.rows(seen), model))
        out += [judged(usable[i], finder) for i in np.flatnonzero(left_out)]
    finder = PatternFinder(model)
    return out + [judged(w, finder) for w in walks if assessable(w.gait) is not None]


def sensitivities(outcomes: Iterable[Outcome]) -> dict[str, tuple[int, int, int]]:
    """Per pattern at the deciding severity, and walks without one: right, judged, silent."""
    out = {}
    for name in (*PATTERNS, NONE):
        own = [
            o for o in outcomes if o.walk.pattern == name and o.walk.severity in (DECIDES, HEALTHY)
        ]
        told = [o for o in own if o.told]
        out[name] = sum(o.told == name for o in told), len(told), len(own) - len(told)
    return out


def balanced_accuracy(counts: dict[str, tuple[int, int, int]]) -> float:
    """Mean of the shares of right answers over the patterns that were judged at all."""
    return float(np.mean([right / of for right, of, _ in counts.values() if of]))


def balanced_interval(outcomes: list[Outcome]) -> tuple[float, float]:
    """95 % bootstrap interval; walks are drawn within their pattern."""
    rng, counts = np.random.default_rng(0), sensitivities(outcomes)
    draws = np.array(
        [rng.binomial(of, right / of, 2000) / of for right, of, _ in counts.values() if of]
    ).mean(0)
    low, high = np.percentile(draws, [2.5, 97.5])
    return float(low), float(high)


def _moderate_table(columns: dict[str, list[Outcome]]) -> str:
    rows = []
    counted = {name: sensitivities(outcomes) for name, outcomes in columns.items()}
    for pattern in (*PATTERNS, NONE):
        cells = []
        for counts in counted.values():
            right, of, silent = counts[pattern]
            cells.append(f"{right}/{of} ({silent} silent)")
        rows.append([_words(pattern), *cells])
    cells = []
    for name, counts in counted.items():
        low, high = balanced_interval(columns[name])
        judged_at_all = sum(bool(of) for _, of, _ in counts.values())
        cells.append(
            f"**{balanced_accuracy(counts):.2f}** ({low:.2f} to {high:.2f}; {judged_at_all} kinds)"
        )
    rows.append(["balanced accuracy", *cells])
    return table(["moderate severity", *columns], rows)


def _words(pattern: str) -> str:
    if pattern == NONE:
        return "no pattern"
    return sentence(f"pattern_term.{CODES[pattern].value.partition('.')[2]}")


def _everything_table(outcomes: list[Outcome]) -> str:
    """What was said, by pattern and severity."""
    rows = []
    kinds = sorted({(o.walk.pattern, o.walk.severity) for o in outcomes}, key=_order)
    for pattern, severity in kinds:
        own = [o for o in outcomes if (o.walk.pattern, o.walk.severity) == (pattern, severity)]
        told = Counter(o.told or "silent" for o in own)
        words = ", ".join(f"{n} {name}" for name, n in told.most_common())
        sides = [o for o in own if o.told == pattern and o.walk.side != "both"]
        sided = f"{sum(o.side_right for o in sides)}/{len(sides)}" if sides else "-"
        rows.append([pattern, severity, words, sided])
    return table(["pattern", "severity", "said", "side right"], rows)


def _order(kind: tuple[str, str]) -> tuple[str, int]:
    levels = ("mild", "moderate", "severe")
    return kind[0], levels.index(kind[1]) if kind[1] in levels else -1


def _alarms_table(groups: dict[str, list[Outcome]]) -> str:
    rows = []
    for name, outcomes in groups.items():
        told = [o for o in outcomes if o.told]
        wrong = [o for o in told if o.told != NONE]
        low, high = wilson(len(wrong), len(told))
        which = ", ".join(f"{n} {k}" for k, n in Counter(o.told for o in wrong).items()) or "-"
        silent = str(len(outcomes) - len(told))
        share = f"{len(wrong) / len(told):.3f} ({low:.3f} to {high:.3f})"
        rows.append([name, str(len(told)), silent, str(len(wrong)), share, which])
    return table(["walks", "judged", "silent", "alarms", "share (95 %)", "of what"], rows)


def _silence_table(groups: dict[str, list[Outcome]]) -> str:
    reasons = sorted({o.reason for outcomes in groups.values() for o in outcomes if o.reason})
    rows = [
        [name, str(len(outcomes)), *(str(sum(o.reason == r for o in outcomes)) for r in reasons)]
        for name, outcomes in groups.items()
    ]
    return table(["walks", "all", *reasons], rows)


def _calibration_table(outcomes: list[Outcome]) -> str:
    """Told probability of findings against the share that was right."""
    rows = []
    found = [o for o in outcomes if o.told not in ("", NONE)]
    for low, high in ((0.5, 0.7), (0.7, 0.9), (0.9, 1.01)):
        own = [o for o in found if low <= o.probability < high]
        if own:
            right = sum(o.told == o.wanted for o in own)
            a, b = wilson(right, len(own))
            told = np.mean([o.probability for o in own])
            rows.append(
                [
                    f"{low:.1f} to {min(high, 1):.1f}",
                    str(len(own)),
                    f"{told:.2f}",
                    f"{right / len(own):.2f} ({a:.2f} to {b:.2f})",
                ]
            )
    return table(["told probability", "findings", "mean", "share right (95 %)"], rows)


SETS = ("train", "drawn", "points", "old", "healthy")


def gather(renders: Path, name: str) -> list[KnownWalk]:
    """One of :data:`SETS`: the fit's walks, the other description's, old people, other healthy.

    Measured once for all sections that ask.
    """
    return kept(name, renders, lambda: _gather(renders, name))


def _gather(renders: Path, name: str) -> list[KnownWalk]:
    second = [renders / folder for folder in ("pathological-2", "moderate-2a", "moderate-2b")]
    if name == "train":
        return training_walks(renders)
    if name == "drawn":
        return [w for folder in second for w in drawn_walks(folder)]
    if name == "healthy":
        return list(drawn_walks(renders / "rendered-walks"))
    folder, seed = {"points": ("patterns-3", 5), "old": ("old-walkers-2", 6)}[name]
    return list(point_walks(renders / folder, NetworkErrors(second), seed))


def report(data: Path, renders: Path, sets: dict[str, list[KnownWalk]]) -> tuple[str, list[Bar]]:
    """The section of the validation document, and its bars."""
    model = shipped_model()
    finder, acted = PatternFinder(model), list(acted_walks(data))
    same = same_description(sets["train"], model)
    found = {
        name: [judged(w, finder) for w in walks] for name, walks in sets.items() if name != "train"
    }
    columns = {
        "same description, unseen people": same,
        "other description, drawn": found["drawn"],
        "other description, points": found["points"],
        "other description, both": found["drawn"] + found["points"],
    }
    old_people = f"{len(sets['old'])} old people, points"
    alarms = {
        old_people: found["old"],
        "healthy of the second cohort, drawn": _healthy(found["drawn"]),
        "rendered-walks, drawn": found["healthy"],
        "recorded and healthy among patterns-3, points": _healthy(found["points"]),
    }
    hidden = [o for o in columns["other description, both"] if o.wanted != o.walk.pattern]
    parts = [
        "## Patterns",
        _ABOUT.format(
            walks=sum(model.provenance["walks"].values()),
            people=model.provenance["people"],
            threshold=model.threshold,
        ),
        _moderate_table(columns),
        "### False alarms: walks without a pattern",
        _alarms_table(alarms),
        "### All severities, other description, drawn and points",
        _everything_table(columns["other description, both"]),
        f"Trendelenburg walks, whose signs lie across the picture: "
        f"{sum(o.told == NONE for o in hidden)} of {sum(bool(o.told) for o in hidden)} judged "
        "were given no pattern,\nbeside the sentence that the drop of the pelvis cannot be seen "
        "from the side.",
        "### Why nothing was said",
        _silence_table({**columns, **alarms}),
        "### Calibration on the other description (drawn and points, old people included)",
        _calibration_table(columns["other description, both"] + found["old"]),
        "### Best class of moderate walks, other description, drawn and points, silence set aside",
        _confusion_table(columns["other description, both"], model),
        "### Real clips, acted or plain, through the whole path",
        acted_table(acted),
        "### Measurements outside their reference, against the truth of drawn clips",
        truth_table(sets["drawn"] + sets["healthy"], renders),
        alarms_table({old_people: sets["old"], "rendered-walks": sets["healthy"]}),
        _DEVIATIONS,
    ]
    return "\n\n".join(parts) + "\n", _bars(columns, found["old"])


def _bars(columns: dict[str, list[Outcome]], old: list[Outcome]) -> list[Bar]:
    """Patterns of the other description at moderate severity; alarms on old people."""
    out = []
    for name, outcomes in columns.items():
        if name.startswith("other"):
            share = balanced_accuracy(sensitivities(outcomes))
            out.append(at_least(f"patterns, {name}: balanced accuracy", share, 0.80, "", 2))
    told = [o.told for o in old if o.told]
    alarms = 100 * sum(t != NONE for t in told) / max(len(told), 1)
    return [*out, at_most("patterns, old people without one: false alarms", alarms, 5, " %", 1)]


_ABOUT = (
    "Fitted on {walks} rendered walks of {people} people in the first description; a pattern, or\n"
    "that there is none, is told from a probability of {threshold:.2f} on, chosen on unseen\n"
    "people of the fit and on old people (old-walkers) who judge nothing here. Points and old\n"
    "people of these tables were first judged after features and threshold were chosen\n"
    "(patterns-3, old-walkers-2); the drawn clips were seen before. No weight was fitted on the\n"
    "second description; what its earlier walks (patterns-2) showed of foot drop led to the\n"
    "feature of the landing foot. Drawn: pictures through the released network. Points: exact\n"
    "points with the errors of that network on drawn clips of the same pattern and severity.\n"
    "Shares are of judged walks; silence is counted apart. The width of the base and the drop of\n"
    "the pelvis are not observable from the side: ataxic walks are told by their uneven steps\n"
    "alone, Trendelenburg walks are not told at all (tried with gait-pose-s 0.1.2: the height\n"
    "difference of hips and shoulders in single support did not rise above its errors). Rendered\n"
    "walks are no patients."
)
_DEVIATIONS = (
    "A comparison is told when the whole interval lies outside the limit, so many that are truly\n"
    "outside by little are not told. Old people are rendered with a forward lean and a speed of\n"
    "this project's choice: what lies outside there may truly lie outside what recorded adults do."
)


def _confusion_table(outcomes: list[Outcome], model: PatternModel) -> str:
    """Walks by their pattern and the likeliest one."""
    counts: Counter[tuple[str, str]] = Counter()
    for o in outcomes:
        if o.walk.severity in (DECIDES, HEALTHY) and assessable(o.walk.gait) is None:
            likely = together(model.probabilities(measure(o.walk.gait)))
            counts[o.walk.pattern, max(likely, key=likely.__getitem__)] += 1
    kinds = (*PATTERNS, NONE)
    rows = [
        [_words(k) if k in kinds else k, *(str(counts[k, c]) for c in kinds)]
        for k in (*kinds, UNSEEN_FROM_THE_SIDE)
    ]
    return table(["walk", *(_words(k) for k in kinds)], rows)


def _healthy(outcomes: list[Outcome]) -> list[Outcome]:
    return [o for o in outcomes if o.walk.pattern == HEALTHY]


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--renders", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    sets = {name: gather(options.renders, name) for name in SETS}
    write_section(options.out, "patterns", *report(options.data, options.renders, sets))


if __name__ == "__main__":
    main()
