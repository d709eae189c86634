"""What the settings change on the way from keypoints to an assessment."""

from dataclasses import replace

import pytest

from host.accelerator.types import BACKENDS
from host.pipeline import analyze_file
from host.pose.recording import save_recording
from host.settings import AcceleratorTable, GaitSettings, OutputSettings, Settings
from tests.recordings import recording_of, walk

LEAN = Settings(output=OutputSettings(report=False, overlay=False))


@pytest.fixture
def keypoints(tmp_path):
    path = tmp_path / "keypoints.npz"
    save_recording(recording_of([walk()]), path)
    return path


def roles(assessment):
    return {model.role: model.name for model in assessment.models}


@pytest.mark.parametrize("backend", ["auto", *BACKENDS])
def test_the_learned_method_runs_where_no_circuit_of_it_is(keypoints, tmp_path, backend):
    """Its network is emulated whatever runs the pose network, and told among the models."""
    table = AcceleratorTable(backend=backend)
    settings = replace(LEAN, gait=GaitSettings(events="learned"), accelerator=table)
    found = analyze_file(keypoints, tmp_path / "out", settings)
    assert roles(found)["gait"] == "gait-events"
    assert {e.kind for e in found.events} == {"initial_contact", "foot_off"}


def test_a_published_method_needs_no_network(keypoints, tmp_path):
    settings = replace(LEAN, gait=GaitSettings(events="zeni"))
    assert "gait" not in roles(analyze_file(keypoints, tmp_path / "out", settings))
