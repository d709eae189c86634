"""Each missed patient has one cause, the first that holds."""

from pathlib import Path

import numpy as np
import pytest

from host.person.decode import Boxes
from quantize.data.frames import Frame, read_frames
from quantize.person_errors import Lost, lost_patients
from tests.frames import write_frames

PLAIN = ("half and more", "nothing")
NONE = Boxes(np.empty((0, 4)), np.empty(0))


@pytest.fixture(scope="module")
def frame(tmp_path_factory: pytest.TempPathFactory) -> Frame:
    folder: Path = write_frames(tmp_path_factory.mktemp("frames"), 2)
    return read_frames(folder)[1]


def moved(frame: Frame, share: float) -> Boxes:
    """The patient's box, moved to the right by a share of its width."""
    box = frame.label.people_px.copy()
    box[:, [0, 2]] += share * (box[:, 2] - box[:, 0])
    return Boxes(box, np.array([0.4]))


@pytest.mark.parametrize(
    ("share", "tags", "expected"),
    [
        (0.0, PLAIN, Lost.DOUBTED),
        (0.0, ("under a fifth", "half and more"), Lost.UNSEEN),
        (0.0, ("half and more", "half and more"), Lost.SHARED),
        (0.5, PLAIN, Lost.NOTHING),
    ],
)
def test_patients_without_a_sure_box(
    frame: Frame, share: float, tags: tuple[str, str], expected: Lost
) -> None:
    assert lost_patients([frame], [NONE], [moved(frame, share)], [tags]) == [expected]


def test_a_box_beside_the_patient_is_badly_placed(frame: Frame) -> None:
    beside = moved(frame, 0.5)  # a third of the union
    assert lost_patients([frame], [beside], [beside], [PLAIN]) == [Lost.PLACED]
    away = moved(frame, 2.0)
    assert lost_patients([frame], [away], [away], [PLAIN]) == [Lost.NOTHING]


def test_who_is_found_or_not_there_is_not_lost(frame: Frame) -> None:
    good = moved(frame, 0.1)
    assert lost_patients([frame], [good], [good], [PLAIN]) == [None]


def test_nobody_is_not_lost(tmp_path: Path) -> None:
    empty = read_frames(write_frames(tmp_path, 1))[0]
    assert empty.label.subject is None
    assert lost_patients([empty], [NONE], [NONE], [(None, None)]) == [None]
