"""``gait-patterns`` in its integer form beside the auditable model, on the same walks.

    python -m tests.validation.temporal_patterns --model FOLDER --data DATA --renders RENDERS
        --out docs/validation.md

FOLDER is what ``python -m quantize export gait-patterns --out FOLDER`` wrote; the network is not
released, so that ``make validate`` judges it only where it was exported.

The network looks at windows of three seconds all along the walk
(:func:`quantize.pattern_evaluate.probabilities`). Both models must name the likeliest pattern of
every walk that the product would judge at all; silence is set aside, so that neither wins by it.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from host import accelerator
from host.accelerator import AcceleratorSettings
from host.diagnosis.patterns.features import measure
from host.diagnosis.patterns.find import CODES, assessable, together
from host.diagnosis.patterns.model import NONE, PatternModel, shipped_model
from host.gait.types import GaitResult, Trajectories
from model_zoo.pattern.gait_patterns import UNSEEN_FROM_THE_SIDE
from quantize.markdown import table
from quantize.pattern_evaluate import probabilities
from quantize.temporal.seen_walks import HELD_OUT
from tests.validation.acceptance import Bar, told, write_section
from tests.validation.acted import IMPAIRED, WALKERS, acted_walks
from tests.validation.fit_patterns import examples, folds, refit
from tests.validation.pattern_walks import HEALTHY, KnownWalk
from tests.validation.patterns import SETS, gather

Array = NDArray[np.float64]
Judge = Callable[[GaitResult, Trajectories], dict[str, float]]
DECIDES = "moderate"
_POINTS = "patterns-1"
_BOTH = 4
"""Place of "other description, both" in a row of the table."""


class TemporalPatterns:
    """Probabilities of a walk by an exported ``gait-patterns``.

    Parameters
    ----------
    folder
        The exported model.
    """

    def __init__(self, folder: Path) -> None:
        self._network = accelerator.open(folder, AcceleratorSettings("emulation"))

    def probabilities(self, gait: GaitResult, points: Trajectories) -> dict[str, float]:
        """By class, sides apart."""
        return probabilities(self._network, gait.bouts, points)


def comparison(
    folder: Path,
    model: PatternModel,
    sets: Mapping[str, Sequence[KnownWalk]],
    acted: Sequence[tuple[str, GaitResult, Trajectories]],
) -> tuple[str, list[Bar]]:
    """Tables of both models: balanced accuracy, false alarms, and the real clips; and lines."""
    network = TemporalPatterns(folder)
    same = [w for w in sets["train"] if _unseen(w)]
    groups = {
        "same description, unseen people": same,
        "other description, drawn": list(sets["drawn"]),
        "other description, points": list(sets["points"]),
        "other description, both": [*sets["drawn"], *sets["points"]],
    }
    fitted = {id(w): p for w, p in _unseen_by_folds(sets["train"], model)}

    def auditable(walk: KnownWalk) -> dict[str, float]:
        known = fitted.get(id(walk))
        return model.probabilities(measure(walk.gait)) if known is None else known

    def temporal(walk: KnownWalk) -> dict[str, float]:
        return network.probabilities(walk.gait, walk.points)

    def of_features(gait: GaitResult, _: Trajectories) -> dict[str, float]:
        return model.probabilities(measure(gait))

    rows = []
    for name, judge, of_clip in (
        ("auditable model", auditable, of_features),
        ("temporal network", temporal, network.probabilities),
    ):
        shares = [f"{_balanced(walks, judge):.2f}" for walks in groups.values()]
        old = [_best(judge(w)) for w in sets["old"] if assessable(w.gait) is None]
        alarms = sum(told != NONE for told in old)
        clips = [_given(acted, names, of_clip) for names in (IMPAIRED, WALKERS)]
        rows.append([name, *shares, f"{alarms} of {len(old)}", *clips])
    counts = ["walks", *(str(sum(map(_counts, walks))) for walks in groups.values()), "", "", ""]
    given = ["alarms, old people", "acted, given a pattern", "plain, given one"]
    head = ["balanced accuracy, moderate", *groups, *given]
    what = "other description, both; acted, given a pattern"
    lines = [told(f"patterns, {row[0]}: {what}", f"{row[_BOTH]}; {row[-2]}") for row in rows]
    parts = (_words(*rows), table(head, [*rows, counts]), _acted(acted, model, network))
    return "\n\n".join(parts), lines


def _words(auditable: Sequence[str], temporal: Sequence[str]) -> str:
    """The rows of both models side by side: other description, acted clips, plain ones."""
    (seen, acted, plain), (own, own_acted, own_plain) = (
        (row[_BOTH], row[-2], row[-1]) for row in (auditable, temporal)
    )
    return (
        f"Balanced accuracy on the other description: {seen} of the auditable model, {own} of the\n"
        f"network. Given a pattern by the auditable model: {acted} acted clips and {plain} plain\n"
        f"ones; by the network: {own_acted} and {own_plain}. The network, which learned from\n"
        "rendered walks alone, is not released; the product judges by the auditable model, which\n"
        "is silent about what is unlike its fit."
    )


def _given(
    walks: Iterable[tuple[str, GaitResult, Trajectories]], names: Sequence[str], judge: Judge
) -> str:
    """Of these real clips, how many are given a pattern."""
    told = [_best(judge(gait, points)) for name, gait, points in walks if name in names]
    return f"{sum(best not in ('', NONE) for best in told)} of {len(told)}"


def _acted(
    walks: Iterable[tuple[str, GaitResult, Trajectories]],
    model: PatternModel,
    network: TemporalPatterns,
) -> str:
    rows = []
    for name, gait, points in walks:
        if gait.quality_grade == "unusable":
            continue
        by_model = model.probabilities(measure(gait))
        rows.append([name, _told(by_model), _told(network.probabilities(gait, points))])
    return table(["real clip, silence set aside", "auditable model", "temporal network"], rows)


def _told(by_class: dict[str, float]) -> str:
    likely = together(by_class)
    best = _best(by_class)
    return f"{best} {likely[best]:.2f}" if likely else "-"


def _best(by_class: dict[str, float]) -> str:
    likely = together(by_class)
    return max(likely, key=likely.__getitem__) if likely else ""


def _balanced(walks: Iterable[KnownWalk], judge: Callable[[KnownWalk], dict[str, float]]) -> float:
    """Mean over the kinds of the share named rightly."""
    right: dict[str, list[bool]] = {name: [] for name in (*CODES, NONE)}
    for walk in walks:
        if _counts(walk):
            right[walk.pattern].append(_best(judge(walk)) == walk.pattern)
    return float(np.mean([np.mean(told) for told in right.values() if told]))


def _counts(walk: KnownWalk) -> bool:
    decides = walk.severity in (DECIDES, HEALTHY) and walk.pattern != UNSEEN_FROM_THE_SIDE
    return decides and assessable(walk.gait) is None


def _unseen(walk: KnownWalk) -> bool:
    """Whether the network has not seen the person: drawn clips, and held-out bodies."""
    folder, _, body = walk.group.partition("/")
    return folder != _POINTS or int(body) % HELD_OUT == 0


def _unseen_by_folds(
    walks: Sequence[KnownWalk], model: PatternModel
) -> list[tuple[KnownWalk, dict[str, float]]]:
    """Each walk of the fit by a model that has not seen its person."""
    usable = [w for w in walks if assessable(w.gait) is None]
    data, out = examples(usable), []
    for seen, left_out in folds(data):
        own = refit(data.rows(seen), model)
        out += [
            (usable[i], own.probabilities(measure(usable[i].gait)))
            for i in np.flatnonzero(left_out)
        ]
    return out


_ABOUT = (
    "## A temporal network on keypoints against the auditable model\n\n"
    "`gait-patterns` in its integer form (4-bit weights), trained on the first description alone.\n"
    "Both must name the likeliest pattern, silence set aside."
)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--renders", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    sets = {name: gather(options.renders, name) for name in SETS}
    acted = list(acted_walks(options.data))
    tables, lines = comparison(options.model, shipped_model(), sets, acted)
    write_section(options.out, "temporal-patterns", f"{_ABOUT}\n{tables}\n", lines)


if __name__ == "__main__":
    main()
