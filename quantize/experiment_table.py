"""The page of experiments, written from their recorded results."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from quantize.markdown import table

RESULTS = Path(__file__).parent / "recipes" / "experiments" / "results.jsonl"
COLUMNS = ("pck_02", "either_side", "swap_rate", "mirror_consistency")
HEAD = (
    "experiment",
    "asks",
    "stage, thousand pictures",
    "from",
    "photographs: PCK@0.2, either side, swap %, mirror %",
    "renders: PCK@0.2, feet, swap %, mirror %",
    "against",
)


def page(results: Path = RESULTS) -> str:
    """Content of ``docs/experiments.md``; of several runs of one experiment the last counts."""
    runs = {r["name"]: r for r in map(json.loads, results.read_text().splitlines())}
    lines = [
        "# Experiments",
        "",
        "Written by `python -m quantize experiment --table docs/experiments.md` from",
        "`quantize/recipes/experiments/results.jsonl`; each row is a file beside it, run by",
        "`python -m quantize experiment NAME`. Every figure is of the validation split (150",
        "upright photographs) or of 400 renders of a set that was not learnt from; no test set was",
        "looked at. Rows compared have equal numbers of pictures and one seed; differences below",
        "about a point on photographs are within chance.",
        "",
        table(HEAD, [_row(run, runs.get(run["against"])) for run in runs.values()]),
    ]
    waiting = sorted(p.stem for p in results.parent.glob("*.toml") if p.stem not in runs)
    if waiting:
        lines += ["", "Described, not run yet: " + ", ".join(f"`{name}`" for name in waiting) + "."]
    return "\n".join(lines) + "\n"


def _row(run: dict[str, Any], control: dict[str, Any] | None) -> tuple[str, ...]:
    photographs, renders = run["scores"]["photographs"], run["scores"]["renders"]
    feet = ("pck_02", "pck_02_feet", "swap_rate", "mirror_consistency")
    return (
        f"`{run['name']}`",
        run["asks"],
        f"{run['stage']}, {run['pictures'] / 1000:.0f}",
        run["start"],
        " / ".join(_figure(photographs[c]) for c in COLUMNS),
        " / ".join(_figure(renders[c]) for c in feet),
        _difference(run, control),
    )


def _difference(run: dict[str, Any], control: dict[str, Any] | None) -> str:
    if control is None:
        return "-"
    parts = []
    for kind in ("photographs", "renders"):
        ours, theirs = run["scores"][kind], control["scores"][kind]
        pck, swap = (ours[c] - theirs[c] for c in ("pck_02", "swap_rate"))
        parts.append(f"{kind} {pck:+.1f}, swap {swap:+.1f}")
    return f"`{control['name']}`: " + "; ".join(parts)


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f}"
