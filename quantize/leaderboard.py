"""All recorded runs of released networks beside their peers: ``python -m quantize leaderboard``.

``evaluate --record`` notes every run of a released network in ``recipes/runs.jsonl``; figures of
peers, with their source, stand in ``recipes/peers.toml``. The page and its JSON are written from
these two files only.
"""

from __future__ import annotations

import argparse
import json
import tomllib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from model_zoo.package import GOLDEN_FORM, Metric, ReleasedModel
from quantize.card import explained, figure_table

RECIPES = Path(__file__).parent / "recipes"
RUNS = RECIPES / "runs.jsonl"
PEERS = RECIPES / "peers.toml"
DOCS = Path(__file__).parent.parent / "docs"
RANKED_BY = ("pck_02", "subject_found")


@dataclass(frozen=True)
class Run:
    """One run of a network on a set.

    Attributes
    ----------
    sha256
        Of the golden form that ran; empty for peers.
    source
        Where a peer's figures come from; empty for our own.
    """

    name: str
    version: str
    role: str
    dataset: str
    labels_sha256: str | None
    values: dict[str, float | None]
    date: str
    sha256: str = ""
    source: str = ""

    def key(self) -> tuple[str, str, str, str]:
        """Runs of equal key repeat each other."""
        return (self.dataset, self.name, self.version, self.sha256)


@dataclass(frozen=True)
class Row:
    """A line of the page: the last of the runs that repeat each other, and how many there are."""

    run: Run
    runs: int


def record_run(model: ReleasedModel, metric: Metric, path: Path = RUNS) -> None:
    """Append what was measured; the committed page follows its own file."""
    run = Run(
        name=model.name,
        version=model.version,
        role=model.role,
        dataset=metric.dataset,
        labels_sha256=metric.labels_sha256,
        values=metric.values,
        date=datetime.now(UTC).date().isoformat(),
        sha256=model.files[GOLDEN_FORM],
    )
    with path.open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(asdict(run)) + "\n")
    if path == RUNS:
        main([])


def read_runs(runs: Path = RUNS, peers: Path = PEERS) -> list[Run]:
    """All runs, the peers' last."""
    ours = [Run(**json.loads(line)) for line in runs.read_text(encoding="utf-8").splitlines()]
    told: list[dict[str, Any]] = tomllib.loads(peers.read_text(encoding="utf-8"))["run"]
    return ours + [Run(labels_sha256=None, date="", **entry) for entry in told]


def rows_of(runs: Sequence[Run]) -> dict[str, list[Row]]:
    """Rows of each set, the best first; sets in the order of their names."""
    latest: dict[tuple[str, str, str, str], Row] = {}
    for run in runs:
        before = latest.get(run.key())
        latest[run.key()] = Row(run, before.runs + 1 if before else 1)
    sets: dict[str, list[Row]] = {}
    for row in sorted(latest.values(), key=_rank):
        sets.setdefault(row.run.dataset, []).append(row)
    return dict(sorted(sets.items()))


def _rank(row: Row) -> float:
    return -max((row.run.values.get(key) or 0.0 for key in RANKED_BY), default=0.0)


def page(runs: Sequence[Run]) -> str:
    """Content of ``docs/leaderboard.md``."""
    parts = [
        "# Leaderboard",
        "Written by `python -m quantize leaderboard` from `quantize/recipes/runs.jsonl` (every "
        "`evaluate --record` of a released network) and `quantize/recipes/peers.toml`. All runs "
        "on test sets are listed; nothing was chosen by them. *Read twice*: each crop is shown a "
        "second time mirrored, as the host does by default.",
    ]
    for dataset, rows in rows_of(runs).items():
        parts.append(f"## {dataset}")
        figures = [((_name(r.run), r.run.version, str(r.runs)), r.run.values) for r in rows]
        parts.append(figure_table(("network", "version", "runs"), figures))
        sources = sorted({f"- {_name(r.run)}: {r.run.source}" for r in rows if r.run.source})
        parts += ["\n".join(sources)] if sources else []
    parts.append("## What the columns say")
    for role in sorted({run.role for run in runs}):
        told = explained(role, [run.values for run in runs if run.role == role])
        parts.append(f"**{role}**: {told}")
    return "\n\n".join(parts) + "\n"


def _name(run: Run) -> str:
    return f"{run.name} (peer)" if run.source else run.name


def parser() -> argparse.ArgumentParser:
    """Options of ``python -m quantize leaderboard``."""
    p = argparse.ArgumentParser(prog="python -m quantize leaderboard", description=__doc__)
    p.add_argument("--out", type=Path, default=DOCS / "leaderboard.md", help="JSON goes beside it")
    return p


def main(argv: list[str] | None = None) -> int:
    """Write page and JSON; returns 0."""
    args = parser().parse_args(argv)
    runs = read_runs()
    args.out.write_text(page(runs), encoding="utf-8")
    told = {
        dataset: [{"runs": row.runs, **asdict(row.run)} for row in rows]
        for dataset, rows in rows_of(runs).items()
    }
    text = json.dumps(told, indent=1, ensure_ascii=False)
    args.out.with_suffix(".json").write_text(text + "\n", encoding="utf-8")
    return 0
