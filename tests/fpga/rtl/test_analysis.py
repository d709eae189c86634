"""A walk looked at through the simulated circuit: every frame has the emulation's integers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from host.pipeline import analyze_file
from host.pose.recording import load_recording
from host.report.write import KEYPOINTS
from host.settings import AcceleratorTable, OutputSettings, PoseSettings, Settings
from model_zoo.package import ReleasedModel
from tools.compare import compare

LEAN = Settings(output=OutputSettings(report=False, overlay=False))


def test_simulated_circuit_and_emulation_give_the_same(
    tiny: ReleasedModel, tiny_bundle: Path, repository: Path, tmp_path: Path
) -> None:
    """Of random weights: nobody is recognised, but the network looks at whatever moves."""
    walk = repository / "host" / "demo" / "walk.mp4"
    lean = replace(LEAN, pose=PoseSettings(model=str(tiny.folder)))
    for backend in ("emulation", "rtl"):
        table = AcceleratorTable(backend=backend, bundle=str(tiny_bundle))
        told = analyze_file(walk, tmp_path / backend, replace(lean, accelerator=table))
        assert told.backend.name == backend
    integers = load_recording(tmp_path / "rtl" / KEYPOINTS).integers
    assert len(set(integers.tolist())) > 50, "few different frames prove little"
    found = compare(tmp_path / "emulation", tmp_path / "rtl")
    assert found.within, found
