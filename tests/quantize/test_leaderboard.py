"""The leaderboard lists every recorded run, ours and the peers', and is made of nothing else."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from model_zoo.package import RELEASED, Metric, load_released
from quantize import leaderboard
from quantize.leaderboard import Run, page, read_runs, record_run, rows_of

OURS = Run("net-a", "0.1.0", "pose", "standing", "ff", {"persons": 9.0, "pck_02": 70.0}, "d", "12")
PEER = replace(
    OURS, name="Peer", version="tuned", values={"pck_02": 85.0}, sha256="", source="a paper"
)


def test_runs_are_ranked_and_repetitions_counted() -> None:
    again = replace(OURS, values={"pck_02": 71.0})
    newer = replace(OURS, version="0.2.0", sha256="13", values={"pck_02": 80.0})
    rows = rows_of([OURS, newer, again, PEER])["standing"]
    assert [(r.run.name, r.run.version, r.runs) for r in rows] == [
        ("Peer", "tuned", 1),
        ("net-a", "0.2.0", 1),
        ("net-a", "0.1.0", 2),
    ]
    assert rows[-1].run.values["pck_02"] == 71.0


def test_the_page_tells_sources_and_leaves_unknown_columns_out() -> None:
    text = page([OURS, PEER])
    assert "| Peer (peer) | tuned | 1 | – | 85.0 |" in text
    assert "- Peer (peer): a paper" in text
    assert "swapped" not in text.split("## What")[0]
    assert "feet bias" not in text


def test_recording_a_run_keeps_what_is_needed_to_tell_it_again(tmp_path: Path) -> None:
    model = load_released(RELEASED / "gait-pose-s")
    path = tmp_path / "runs.jsonl"
    record_run(model, Metric("noise", {"pck_02": 3.25, "swap_rate": None}, "a command", "ab"), path)
    record_run(model, Metric("noise", {"pck_02": 3.25, "swap_rate": None}, "a command", "ab"), path)
    (tmp_path / "peers.toml").write_text("run = []")
    first, second = read_runs(path, tmp_path / "peers.toml")
    assert first == second
    assert first.sha256 == model.files["model.int.onnx"]
    assert (first.role, first.values["swap_rate"], first.labels_sha256) == ("pose", None, "ab")


def test_the_committed_page_is_what_the_recorded_runs_give(
    tmp_path: Path, repository: Path
) -> None:
    out = tmp_path / "leaderboard.md"
    assert leaderboard.main(["--out", str(out)]) == 0
    for name in ("leaderboard.md", "leaderboard.json"):
        told = (repository / "docs" / name).read_text(encoding="utf-8")
        assert (tmp_path / name).read_text(encoding="utf-8") == told, (
            "run `python -m quantize leaderboard`"
        )
    listed = json.loads((tmp_path / "leaderboard.json").read_text(encoding="utf-8"))
    counted = sum(row["runs"] for rows in listed.values() for row in rows)
    assert counted == len(read_runs())


@pytest.mark.parametrize("name", ["gait-pose-s", "gait-pose-m"])
def test_what_a_released_network_claims_is_on_the_leaderboard(name: str) -> None:
    model = load_released(RELEASED / name)
    runs = [r for r in read_runs() if (r.name, r.version) == (name, model.version)]
    assert model.metrics
    for metric in model.metrics:
        assert any(r.dataset == metric.dataset and r.values == metric.values for r in runs)
