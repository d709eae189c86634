"""Each missed patient has one cause, the first that holds."""

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from host import accelerator
from host.person.decode import Boxes
from quantize.data.frames import Frame, read_frames
from quantize.data.pictures import read_labels
from quantize.person_errors import Lost, Trace, lost_patients, told_by_cells, trace
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


ME, OTHER = (100.0, 50.0, 160.0, 250.0), (124.0, 50.0, 184.0, 250.0)  # they share 0.43
BETWEEN = (110.0, 50.0, 170.0, 250.0)  # 0.71 with the patient, 0.62 with the other


def boxes(*told: tuple[tuple[float, float, float, float], float]) -> Boxes:
    """Boxes with scores, the surest first."""
    return Boxes(np.array([b for b, _ in told]).reshape(-1, 4), np.array([s for _, s in told]))


def two_people(frame: Frame, seen: int = 23) -> Frame:
    """The patient and somebody in front of him; of the patient so many keypoints are seen."""
    keypoints = np.tile(frame.keypoints, (2, 1, 1))
    keypoints[0, :, 2] = np.where(np.arange(23) < seen, 2, 1)
    label = replace(frame.label, people_px=np.array([ME, OTHER]), subject=0)
    return replace(frame, label=label, keypoints=keypoints)


@pytest.mark.parametrize(
    ("found", "cells", "expected"),
    [
        (boxes((OTHER, 0.8)), boxes((OTHER, 0.8), (BETWEEN, 0.6)), Trace.OVERLAPPED),
        (boxes((OTHER, 0.8)), boxes((OTHER, 0.8), (ME, 0.6)), Trace.JUDGED),
        (boxes((OTHER, 0.8)), boxes((OTHER, 0.8), (ME, 0.2)), Trace.BELOW),
        (boxes((OTHER, 0.8)), boxes((OTHER, 0.8)), Trace.BESIDE),
        (NONE, boxes(((300.0, 50.0, 360.0, 250.0), 0.8)), Trace.SILENT),
        (NONE, NONE, Trace.SILENT),
        (boxes((ME, 0.8)), NONE, None),
        (boxes((BETWEEN, 0.8)), NONE, None),
    ],
)
def test_where_a_covered_patient_is_lost(
    frame: Frame, found: Boxes, cells: Boxes, expected: Trace | None
) -> None:
    assert trace([two_people(frame)], [found], [cells]) == [expected]


def test_one_box_for_two_is_no_box_of_the_covered_one(frame: Frame) -> None:
    nearer = boxes(((114.0, 50.0, 174.0, 250.0), 0.8))  # 0.62 with the patient, 0.71 with the other
    own = boxes((ME, 0.9))
    assert trace([two_people(frame)], [nearer], [own]) == [Trace.ONE_BOX]
    assert trace([two_people(frame, seen=1)], [nearer], [own]) == [Trace.HIDDEN]


def test_cells_tell_all_they_hear_in_pixels_of_the_frame(tmp_path: Path) -> None:
    frames = read_frames(write_frames(tmp_path, 2))
    height, width = (read_labels(tmp_path)["items"][0][k] for k in ("height", "width"))
    with closing(accelerator.open("person-s")) as network:
        told = told_by_cells(network, frames)
    assert len(told) == len(frames)
    for cells in told:
        assert (np.diff(cells.score) <= 0).all()
        assert (cells.score >= 0.1).all()
        assert (cells.box_px >= 0).all()
        assert (cells.box_px <= [width, height, width, height]).all()
