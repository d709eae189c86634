"""Labels of other sets become ours by name, with what is missing masked."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from scipy.io import savemat

from model_zoo.skeleton import CONVENTIONS, INDEX, KEYPOINTS
from quantize.data.convert import Conversion, convert, main
from quantize.data.foreign.coco import read_coco
from quantize.data.foreign.lsp import read_lsp
from quantize.data.foreign.mpii import read_mpii
from quantize.data.foreign.person import ForeignLabelsError
from quantize.data.pictures import read_set


def spot(name: str) -> tuple[float, float]:
    """Each point has a place of its own, in the middle of a pixel."""
    k = KEYPOINTS.index(name)
    return 20.5 + 3 * k, 30.5 + 2 * k


def coco(folder: Path, *, feet: bool, count: int = 1) -> Path:
    body = [v for n in KEYPOINTS[:17] for v in (*(c - 0.5 for c in spot(n)), 2)]
    body[3 * INDEX["left_eye"] : 3 * INDEX["left_eye"] + 3] = [0, 0, 0]
    body[3 * INDEX["right_knee"] + 2] = 1
    person = {"image_id": 7, "keypoints": body, "bbox": [10, 20, 90, 80], "iscrowd": 0}
    if feet:
        person["foot_kpts"] = [v for n in KEYPOINTS[17:] for v in (*(c - 0.5 for c in spot(n)), 2)]
    crowd = {"image_id": 7, "keypoints": body, "bbox": [0, 0, 9, 9], "iscrowd": 1}
    empty = {"image_id": 7, "keypoints": [0] * 51, "bbox": [0, 0, 9, 9]}
    images = [{"id": 7, "file_name": "a.png"}, {"id": 8, "file_name": "lost.png"}]
    lost = {**person, "image_id": 8}
    labels = {"images": images, "annotations": [person] * count + [crowd, empty, lost]}
    path = folder / "labels.json"
    path.write_text(json.dumps(labels))
    return path


@pytest.mark.parametrize("feet", [False, True])
def test_coco_points_are_mapped_by_name(tmp_path: Path, feet: bool) -> None:
    people = list(read_coco(coco(tmp_path, feet=feet)))
    assert [p.picture for p in people] == ["a.png", "lost.png"]
    points = people[0].keypoints
    assert people[0].box_px == (10, 20, 100, 100)
    assert (points[INDEX["left_eye"]] == 0).all()
    assert points[INDEX["right_knee"], 2] == 1
    named = [n for n in KEYPOINTS[: 23 if feet else 17] if n != "left_eye"]
    for name in named:
        assert tuple(points[INDEX[name], :2]) == spot(name), name
    if not feet:
        assert (points[17:] == 0).all()


@pytest.mark.parametrize("flaw", [{"bbox": None}, {"bbox": [1, 2]}, {"image_id": 99}])
def test_a_coco_person_without_box_or_picture_is_told(tmp_path: Path, flaw: dict) -> None:
    path = coco(tmp_path, feet=False)
    labels = json.loads(path.read_text())
    labels["annotations"][0] |= {"id": 4711, **flaw}
    path.write_text(json.dumps(labels))
    with pytest.raises(ForeignLabelsError, match="4711"):
        list(read_coco(path))


def lsp(folder: Path, *, extended: bool) -> Path:
    rows = np.zeros((14, 3, 2))
    for k, name in enumerate(CONVENTIONS["lsp_14"]):
        place = spot(name) if name in INDEX else (50.0, 20.0)
        rows[k, :2] = np.array(place)[:, None] + 0.5
    if extended:
        rows[:, 2] = 1
        rows[0, 2, 0] = 0
        rows[:, 2, 1] = 0
    else:
        rows[0, 2, 0] = 1
        rows = rows.transpose(1, 0, 2)
    path = folder / "joints.mat"
    savemat(path, {"joints": rows})
    return path


def test_the_extended_leeds_set_knows_labelled_and_not(tmp_path: Path) -> None:
    people = list(read_lsp(lsp(tmp_path, extended=True)))
    assert [p.picture for p in people] == ["im00001.jpg"]
    points = people[0].keypoints
    assert (points[INDEX["right_ankle"]] == 0).all()
    assert tuple(points[INDEX["left_wrist"]]) == (*spot("left_wrist"), 2)
    assert (points[:5] == 0).all()
    assert (points[17:] == 0).all()
    x0, y0, x1, y1 = people[0].box_px
    assert x0 < points[points[:, 2] > 0, 0].min() < points[:, 0].max() < x1
    assert y0 < points[points[:, 2] > 0, 1].min() < points[:, 1].max() < y1


def test_the_first_leeds_set_knows_hidden_and_seen(tmp_path: Path) -> None:
    people = list(read_lsp(lsp(tmp_path, extended=False)))
    assert [p.picture for p in people] == ["im0001.jpg", "im0002.jpg"]
    points = people[0].keypoints
    assert tuple(points[INDEX["right_ankle"]]) == (*spot("right_ankle"), 1)
    assert tuple(points[INDEX["left_hip"]]) == (*spot("left_hip"), 2)


def test_mpii_points_are_mapped_by_their_number(tmp_path: Path) -> None:
    names = CONVENTIONS["mpii_16"]
    points = [
        {
            "id": k,
            "x": spot(names[k])[0] + 0.5,
            "y": spot(names[k])[1] + 0.5,
            "is_visible": (k != 5 and 1) or 0,
        }
        for k in (0, 1, 2, 5, 13, 15)
    ]
    points[1]["is_visible"] = np.zeros((0, 0))
    marked = {"annopoints": {"point": points}, "scale": 3.0}
    unmarked = {"scale": 1.0}
    pictures = [
        {"image": {"name": "a.jpg"}, "annorect": [marked, {**marked}]},
        {"image": {"name": "b.jpg"}, "annorect": unmarked},
    ]
    savemat(tmp_path / "mpii.mat", {"RELEASE": {"annolist": pictures}})
    people = list(read_mpii(tmp_path / "mpii.mat"))
    assert [p.picture for p in people] == ["a.jpg", "a.jpg"]
    found = people[0].keypoints
    assert tuple(found[INDEX["left_ankle"]]) == (*spot("left_ankle"), 1)
    assert tuple(found[INDEX["right_knee"]]) == (*spot("right_knee"), 2)
    assert tuple(found[INDEX["left_wrist"]]) == (*spot("left_wrist"), 2)
    assert (found[INDEX["right_wrist"]] == 0).all()


@pytest.mark.parametrize("read", [read_coco, read_lsp, read_mpii])
def test_files_of_another_kind_are_told(read, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "x"
    path.write_text("nothing")
    with pytest.raises(ForeignLabelsError):
        list(read(path))


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Black, with a white pixel at the left ankle."""
    image = np.zeros((120, 160, 3), np.uint8)
    x, y = (int(v) for v in spot("left_ankle"))
    image[y, x] = 255
    cv2.imwrite(str(tmp_path / "a.png"), image)
    return tmp_path


def test_a_converted_set_reads_and_its_points_lie_where_they_were(pictures: Path) -> None:
    told: list[str] = []
    job = Conversion("coco-wholebody", coco(pictures, feet=True), pictures)
    convert(job, pictures / "out", told.append)
    people = read_set(pictures / "out")
    assert len(people) == 1
    assert any("lost.png" in line for line in told)
    image, points = people[0].image(), people[0].keypoints
    row, col = np.unravel_index(image.sum(2).argmax(), image.shape[:2])
    assert np.abs(points[INDEX["left_ankle"], :2] - [col + 0.5, row + 0.5]).max() < 1.0
    assert points[INDEX["left_eye"], 2] == 0


def test_large_crops_shrink_with_their_points(pictures: Path) -> None:
    labels = coco(pictures, feet=False)
    convert(Conversion("coco", labels, pictures), pictures / "large", lambda _: None)
    convert(Conversion("coco", labels, pictures, longest_px=50), pictures / "small", lambda _: None)
    large, small = (read_set(pictures / name)[0] for name in ("large", "small"))
    assert max(small.image().shape) == 50
    ratio = small.image().shape[1] / large.image().shape[1]
    there = large.keypoints[:, 2] > 0
    assert np.abs(small.keypoints[there, :2] - large.keypoints[there, :2] * ratio).max() < 0.6


def test_an_interrupted_conversion_goes_on(pictures: Path) -> None:
    labels = coco(pictures, feet=False, count=4)
    job = Conversion("coco", labels, pictures, shard=2)
    told: list[str] = []
    digest = convert(job, pictures / "out", told.append)
    assert len(read_set(pictures / "out")) == 4
    (pictures / "out" / "shard-00001.npz").unlink()
    told.clear()
    assert convert(job, pictures / "out", told.append) == digest
    assert [line.split(":")[0] for line in told if line.startswith("shard")] == ["shard 2 of 3"]
    with pytest.raises(ValueError, match="another recipe"):
        convert(Conversion("coco", labels, pictures, shard=3), pictures / "out", told.append)


def test_the_command_tells_labels_that_do_not_fit(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [
        "--labels",
        str(tmp_path / "none"),
        "--pictures",
        str(tmp_path),
        "--out",
        str(tmp_path),
    ]
    assert main(["mpii", *words]) == 2
    assert "MPII" in capsys.readouterr().err
