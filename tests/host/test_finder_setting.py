"""``person.finder`` chooses who finds people, names him in the recording, and refuses the unfit."""

from pathlib import Path

import pytest

from host.codes import ErrorCode
from host.errors import FootfallError, InputError
from host.pipeline import record
from host.settings import OUTLINES, AcceleratorTable, PersonSettings, Settings
from tests.videos import draw_walker, textured_room, write_video


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pictures = []
    for number in range(12):
        room = textured_room(320, 240)
        draw_walker(room, 60 + 10.0 * number, 220, 150, number / 32)
        pictures.append(room)
    return write_video(tmp_path_factory.mktemp("video") / "walk.mp4", pictures)


def models(recording: object) -> list[str]:
    return [f"{m['role']} {m['name']}" for m in recording.meta["models"]]


def test_a_network_that_finds_is_named(video: Path) -> None:
    found = record(video, Settings(person=PersonSettings(finder="person-s")))
    assert models(found) == ["pose gait-pose-s", "person person-s"]


def test_outlines_are_no_model(video: Path) -> None:
    found = record(video, Settings(person=PersonSettings(finder=OUTLINES)))
    assert models(found) == ["pose gait-pose-s"]


def test_a_network_that_tells_no_boxes_is_refused(video: Path) -> None:
    with pytest.raises(InputError) as told:
        record(video, Settings(person=PersonSettings(finder="gait-pose-s")))
    assert told.value.code is ErrorCode.SETTING_INVALID
    assert "person.finder" in str(told.value)


def test_an_unknown_finder_is_told(video: Path) -> None:
    with pytest.raises(InputError) as told:
        record(video, Settings(person=PersonSettings(finder="person-x")))
    assert told.value.code is ErrorCode.MODEL_UNKNOWN


def test_a_bundle_without_the_finder_leaves_it_to_the_emulation(
    video: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pose network alone decides whether a named bundle can be used."""
    from host import accelerator

    asked = []
    plain = accelerator.open

    def recorded(model: str, settings: accelerator.AcceleratorSettings) -> accelerator.Accelerator:
        asked.append((model, settings.backend))
        if settings.backend == "rtl" and model == "gait-pose-s":
            return plain(model, accelerator.AcceleratorSettings("emulation"))
        return plain(model, settings)

    monkeypatch.setattr(accelerator, "open", recorded)
    table = AcceleratorTable(backend="rtl", bundle="no-such-bundle")
    found = record(video, Settings(accelerator=table, person=PersonSettings(finder="person-s")))
    assert models(found)[1] == "person person-s"
    assert asked[1:] == [("person-s", "rtl"), ("person-s", "emulation")]


def test_other_faults_of_the_backend_are_told(video: Path) -> None:
    table = AcceleratorTable(backend="rtl", bundle="no-such-bundle")
    with pytest.raises(FootfallError) as told:
        record(video, Settings(accelerator=table))
    assert told.value.code is ErrorCode.BUNDLE_UNKNOWN
