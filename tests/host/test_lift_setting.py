"""The setting that puts walks into space before they are measured."""

from dataclasses import replace

import pytest

from host.codes import ViewKind
from host.gait.types import Person
from host.pipeline import _to_lift, analyze_file
from host.pose.recording import save_recording
from host.settings import OutputSettings, PoseSettings, ScaleSettings, Settings
from tests.recordings import recording_of, walk

LEAN = Settings(output=OutputSettings(report=False, overlay=False))
HEIGHT = Person(height_m=1.7)


@pytest.fixture
def keypoints(tmp_path):
    path = tmp_path / "keypoints.npz"
    save_recording(recording_of([walk()]), path)
    return path


def analysed(keypoints, out, wish, field_deg=0.0):
    settings = replace(LEAN, pose=PoseSettings(lift=wish), scale=ScaleSettings(field_deg=field_deg))
    return analyze_file(keypoints, out, settings, HEIGHT)


def test_a_walk_is_lifted_when_the_settings_say_so(keypoints, tmp_path):
    found = analysed(keypoints, tmp_path / "out", "always", field_deg=55.0)
    assert {m.role: m.name for m in found.models}["lift"] == "gait-lift"
    assert found.view.kind == "side"
    assert {e.kind for e in found.events} == {"initial_contact", "foot_off"}


def test_the_speed_in_space_is_that_of_the_picture_from_the_side(keypoints, tmp_path):
    """Seen from the side the lens does not matter, and both ways measure one walk."""
    flat, space = (
        analysed(keypoints, tmp_path / wish, wish).parameters["walking_speed"].value
        for wish in ("off", "always")
    )
    assert space == pytest.approx(flat, rel=0.1)


def test_a_side_view_is_left_as_it_is(keypoints, tmp_path):
    for wish in ("off", "oblique"):
        found = analysed(keypoints, tmp_path / wish, wish)
        assert "lift" not in {m.role for m in found.models}


@pytest.mark.parametrize(
    ("wish", "lifted"),
    [
        ("off", set()),
        ("oblique", {ViewKind.OBLIQUE, ViewKind.FRONTAL}),
        ("always", set(ViewKind)),
    ],
)
def test_which_views_are_lifted(wish, lifted):
    assert {view for view in ViewKind if _to_lift(wish, view)} == lifted
