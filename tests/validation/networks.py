"""What was asked of the networks themselves: a section of ``docs/validation.md``.

    python -m tests.validation.networks --out docs/validation.md

Nothing is measured here: the figures are the recorded runs of the released golden forms
(``python -m quantize evaluate MODEL --data SET --record``, listed in ``docs/leaderboard.md``) and
the comparisons at equal numbers of pictures (``docs/experiments.md``). A run counts for the weights
that are released now, told apart by the hash of their golden form.
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from model_zoo.package import GOLDEN_FORM, load_released
from quantize.experiment_table import RESULTS
from quantize.leaderboard import Run, read_runs
from quantize.markdown import table
from tests.validation.acceptance import Bar, at_least, at_most, told, write_section

TWICE = ", read twice"
SWAP = "swap_rate_side"
GAP, GAP_WORDS = "left_right_gap", "largest gap of left and right"


@dataclass(frozen=True)
class Asked:
    """One figure that was asked for.

    Attributes
    ----------
    least
        The figure shall not be smaller; larger where False.
    twice
        The same figure of the crops read twice, as the host does by default, is told beside it.
    """

    network: str
    dataset: str
    figure: str
    words: str
    bar: float
    unit: str = " %"
    least: bool = True
    twice: bool = True


FIGURES = (
    Asked("gait-pose-m", "standing_test", "pck_02", "PCK@0.2", 80),
    Asked("gait-pose-m", "standing_test", "pck_02", "PCK@0.2, aim", 88, twice=False),
    Asked("gait-pose-m", "sport_small", "pck_02", "PCK@0.2, aim", 62),
    Asked("gait-pose-m", "rendered-test-2", "pck_02", "PCK@0.2", 93),
    Asked("gait-pose-m", "rendered-test-2", "pck_02_feet", "PCK@0.2 of the feet", 88),
    Asked("gait-pose-m", "rendered-test-2", SWAP, "sides exchanged, side views", 3, least=False),
    Asked("gait-pose-m", "rendered-test-2", "mirror_consistency", "same when mirrored", 95),
    Asked("gait-pose-m", "standing_test", "mirror_consistency", "same when mirrored", 95),
    Asked("gait-pose-m", "rendered-test-2", GAP, GAP_WORDS, 1, " points", least=False),
    Asked("gait-pose-m", "standing_test", GAP, GAP_WORDS, 1, " points", least=False),
    Asked("gait-pose-s", "standing_test", "pck_02", "PCK@0.2", 75),
    Asked("gait-pose-s", "standing_test", "pck_02", "PCK@0.2, aim", 84, twice=False),
    Asked("gait-pose-s", "rendered-test-2", "pck_02", "PCK@0.2", 90),
    Asked("gait-pose-s", "rendered-test-2", SWAP, "sides exchanged, side views", 3, least=False),
    Asked("gait-pose-s", "rendered-test-2", "mirror_consistency", "same when mirrored", 95),
    Asked("gait-pose-s", "standing_test", "mirror_consistency", "same when mirrored", 95),
    Asked("gait-pose-s", "rendered-test-2", GAP, GAP_WORDS, 1, " points", least=False),
    Asked("gait-pose-s", "standing_test", GAP, GAP_WORDS, 1, " points", least=False),
    Asked("person-s", "rendered-frames-1", "subject_found", "subject found", 97, twice=False),
    Asked(
        "person-s", "rendered-frames-1", "false_boxes", "false boxes per frame", 0.05, "",
        least=False, twice=False,
    ),
)  # fmt: skip
LARGEST_COST = 2.0
"""Points that four bits may cost against float after as many pictures."""


class Runs:
    """Recorded runs of the weights that are released now, the last of each set."""

    def __init__(self, runs: Sequence[Run]) -> None:
        names = {asked.network for asked in FIGURES}
        models = {name: load_released(name) for name in names}
        self.versions = {name: model.version for name, model in models.items()}
        now = {name: model.files[GOLDEN_FORM] for name, model in models.items()}
        self._runs = {(r.name, r.dataset): r for r in runs if now.get(r.name) == r.sha256}

    def value(self, network: str, dataset: str, figure: str) -> float:
        """A figure; NaN where these weights were never measured."""
        run = self._runs.get((network, dataset))
        found = None if run is None else run.values.get(figure)
        return math.nan if found is None else found


def bars(runs: Runs) -> list[Bar]:
    """What the released networks reach on the sets that were never learnt from."""
    result = []
    for asked in FIGURES:
        what = f"{asked.network} {runs.versions[asked.network]}, {asked.dataset}: {asked.words}"
        value = runs.value(asked.network, asked.dataset, asked.figure)
        judge = at_least if asked.least else at_most
        digits = 3 if not asked.unit else 1
        result.append(judge(what, value, asked.bar, asked.unit, digits))
        again = runs.value(asked.network, asked.dataset + TWICE, asked.figure)
        # A figure of one look, such as the likeness of mirrored pictures, is the same twice.
        if asked.twice and math.isfinite(again) and again != value:
            result.append(told(f"{what}, read twice", f"{again:.1f}{asked.unit}"))
    return result


def quantisation_bars(results: Path = RESULTS) -> list[Bar]:
    """What four bits cost against float after the same number of pictures."""
    lines = [json.loads(line) for line in results.read_text(encoding="utf-8").splitlines()]
    scores = {line["name"]: line["scores"] for line in lines}
    return [
        at_most(
            f"four bits against float at equal pictures, {kind}: points lost",
            scores["float-control"][kind]["pck_02"] - scores["qat"][kind]["pck_02"],
            LARGEST_COST,
            digits=1,
        )
        for kind in ("photographs", "renders")
    ]


def report(judged: Sequence[Bar]) -> str:
    """The section."""
    words = (
        "Recorded runs of the released golden forms, each crop read once unless said (the host\n"
        "reads every crop twice by default); tables of all runs: `docs/leaderboard.md`. Four bits\n"
        "against float: `docs/experiments.md`. No choice was made on these sets. What is missed,\n"
        "why, with pictures and what would close it: `docs/models.md`."
    )
    rows = [[bar.what, bar.asked, bar.measured] for bar in judged]
    return "\n\n".join(["## Networks", words, table(["what", "asked", "measured"], rows), ""])


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True, help="document to write into")
    options = parser.parse_args()
    judged = [*bars(Runs(read_runs())), *quantisation_bars()]
    write_section(options.out, "networks", report(judged), judged)


if __name__ == "__main__":
    main()
