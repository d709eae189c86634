"""Labels of other sets become ours by name, with what is missing masked."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from scipy.io import savemat

from model_zoo.skeleton import CONVENTIONS, INDEX, KEYPOINTS
from quantize.data import convert as command
from quantize.data.convert import READERS, Conversion, convert, main
from quantize.data.foreign.coco import read_coco
from quantize.data.foreign.lsp import read_lsp
from quantize.data.foreign.mpii import read_mpii
from quantize.data.foreign.person import ForeignLabelsError, masked
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


def changed(path: Path, **first: object) -> Path:
    """The same labels with other entries of the first annotation."""
    labels = json.loads(path.read_text())
    labels["annotations"][0] |= first
    path.write_text(json.dumps(labels))
    return path


@pytest.mark.parametrize(
    "flaw",
    [
        {"bbox": None},
        {"bbox": [1, 2]},
        {"bbox": [1, 2, float("nan"), 4]},
        {"image_id": 99},
        {"keypoints": [1, 2, 2]},
        {"keypoints": None},
        {"keypoints": ["a"] * 51},
        {"foot_kpts": [1, 2]},
    ],
)
def test_a_flaw_of_a_coco_person_is_one_line_with_his_number(tmp_path: Path, flaw: dict) -> None:
    path = changed(coco(tmp_path, feet=False), id=4711, **flaw)
    with pytest.raises(ForeignLabelsError, match=r"^[^\n]*labels\.json: annotation 4711 [^\n]*$"):
        list(read_coco(path))


@pytest.mark.parametrize("annotations", [None, ["somebody"], [[1, 2]]])
def test_coco_annotations_of_another_kind_are_told(tmp_path: Path, annotations: object) -> None:
    path = coco(tmp_path, feet=False)
    path.write_text(json.dumps(json.loads(path.read_text()) | {"annotations": annotations}))
    with pytest.raises(ForeignLabelsError, match=r"labels\.json"):
        list(read_coco(path))


@pytest.mark.parametrize("valid", [True, False])
def test_feet_that_nobody_labelled_are_masked(tmp_path: Path, valid: bool) -> None:
    path = changed(coco(tmp_path, feet=True), foot_valid=valid)
    assert [bool(v) for v in next(read_coco(path)).keypoints[17:, 2]] == [valid] * 6


def test_outlines_of_any_form_do_not_matter(tmp_path: Path) -> None:
    packed = {"counts": [272, 2, 4, 4], "size": [480, 640]}
    path = changed(coco(tmp_path, feet=False), segmentation=packed, num_keypoints=16)
    assert len(list(read_coco(path))) == 2


def test_a_point_without_a_place_is_masked() -> None:
    points = np.full((23, 3), 2.0)
    points[3, 0] = np.nan
    assert (masked(points)[3] == 0).all()
    assert (masked(points)[4] == 2).all()


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
            "is_visible": "0" if k == 5 else 1,  # Text and numbers, as published.
        }
        for k in (0, 1, 2, 5, 13, 15)
    ]
    points[1]["is_visible"] = np.zeros((0, 0))
    marked = {"annopoints": {"point": points}, "scale": 3.0}
    unmarked = {"scale": 1.0}
    nobody = {"annopoints": np.zeros((0, 0)), "scale": 1.0}
    pictures = [
        {"image": {"name": "a.jpg"}, "annorect": [marked, {**marked}]},
        {"image": {"name": "b.jpg"}, "annorect": unmarked},
        {"image": {"name": "c.jpg"}, "annorect": nobody},
        {"image": {"name": "d.jpg"}, "annorect": np.zeros((0, 0))},
    ]
    savemat(tmp_path / "mpii.mat", {"RELEASE": {"annolist": pictures}})
    people = list(read_mpii(tmp_path / "mpii.mat"))
    assert [p.picture for p in people] == ["a.jpg", "a.jpg"]
    found = people[0].keypoints
    assert tuple(found[INDEX["left_ankle"]]) == (*spot("left_ankle"), 1)
    assert tuple(found[INDEX["right_knee"]]) == (*spot("right_knee"), 2)
    assert tuple(found[INDEX["left_wrist"]]) == (*spot("left_wrist"), 2)
    assert (found[INDEX["right_wrist"]] == 0).all()


def test_an_mpii_point_of_an_unknown_number_is_told(tmp_path: Path) -> None:
    points = [{"id": 16, "x": 1.0, "y": 2.0, "is_visible": 1}] * 2
    picture = {"image": {"name": "a.jpg"}, "annorect": {"annopoints": {"point": points}}}
    savemat(tmp_path / "mpii.mat", {"RELEASE": {"annolist": picture}})
    with pytest.raises(ForeignLabelsError, match="picture 0"):
        list(read_mpii(tmp_path / "mpii.mat"))


def mpii_json(folder: Path, **more: object) -> Path:
    places = [spot(n) if n in INDEX else (50.0, 20.0) for n in CONVENTIONS["mpii_16"]]
    joints = [[x + 0.5, y + 0.5] for x, y in places]
    joints[3] = [-1.0, -1.0]
    seen = [0 if k == 3 else 1 for k in range(16)]
    person = {"joints": joints, "joints_vis": seen, "image": "a.png", "scale": 3.02}
    path = folder / "train.json"
    path.write_text(json.dumps([{**person, "center": [594.0, 257.0], **more}]))
    return path


def test_mpii_as_json_gives_the_same_points(tmp_path: Path) -> None:
    (person,) = read_mpii(mpii_json(tmp_path))
    assert person.picture == "a.png"
    assert (person.keypoints[INDEX["left_hip"]] == 0).all()
    for name in ("right_ankle", "left_ankle", "right_wrist", "left_wrist", "left_shoulder"):
        assert tuple(person.keypoints[INDEX[name]]) == (*spot(name), 2), name


@pytest.mark.parametrize("flaw", [{"joints": [[1, 2]]}, {"joints_vis": None}])
def test_a_flaw_of_mpii_json_is_told(tmp_path: Path, flaw: dict) -> None:
    with pytest.raises(ForeignLabelsError, match=r"train\.json: person 0"):
        list(read_mpii(mpii_json(tmp_path, **flaw)))


@pytest.mark.parametrize("kept", [0.0, 0.2, 0.7])
@pytest.mark.parametrize("form", ["coco", "lsp", "mpii"])
def test_label_files_that_were_cut_off_are_told(tmp_path: Path, form: str, kept: float) -> None:
    path = {
        "coco": lambda: coco(tmp_path, feet=True),
        "lsp": lambda: lsp(tmp_path, extended=True),
        "mpii": lambda: mpii_json(tmp_path).rename(tmp_path / "mpii.json"),
    }[form]()
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * kept)])
    with pytest.raises(ForeignLabelsError, match=r"^[^\n]*$"):
        list(READERS[form](path))


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


def words(labels: Path, pictures: Path, out: Path) -> list[str]:
    return ["coco", "--labels", str(labels), "--pictures", str(pictures), "--out", str(out)]


def test_a_folder_without_the_pictures_leaves_nothing(
    pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    assert main(words(coco(pictures, feet=False), elsewhere, tmp_path / "out")) == 2
    assert "none of the pictures" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_picture_that_was_cut_off_is_left_out(pictures: Path) -> None:
    labels = coco(pictures, feet=False)
    noise = np.random.default_rng(0).integers(0, 256, (120, 160, 3), np.uint8)
    coded = cv2.imencode(".jpg", noise)[1].tobytes()
    (pictures / "lost.png").write_bytes(coded[: len(coded) // 2])
    told: list[str] = []
    convert(Conversion("coco", labels, pictures), pictures / "out", told.append)
    assert any("lost.png is cut off" in line for line in told)
    assert [p.item["picture"] for p in read_set(pictures / "out")] == ["a.png"]


def test_a_box_outside_its_picture_is_told(pictures: Path) -> None:
    labels = changed(coco(pictures, feet=False), bbox=[500, 10, 20, 20])
    with pytest.raises(ValueError, match="nobody could be cut out"):
        convert(Conversion("coco", labels, pictures), pictures / "out", lambda _: None)


def test_somebody_elses_set_is_not_written_into(pictures: Path) -> None:
    out = pictures / "owned"
    out.mkdir()
    (out / "labels.json").write_text("{}")
    with pytest.raises(ValueError, match="did not begin"):
        convert(Conversion("coco", coco(pictures, feet=False), pictures), out, lambda _: None)
    assert [f.name for f in out.iterdir()] == ["labels.json"]


def test_other_labels_of_the_same_name_need_another_folder(pictures: Path) -> None:
    labels = coco(pictures, feet=False)
    convert(Conversion("coco", labels, pictures), pictures / "out", lambda _: None)
    changed(labels, bbox=[11, 21, 90, 80])
    with pytest.raises(ValueError, match="another recipe"):
        convert(Conversion("coco", labels, pictures), pictures / "out", lambda _: None)


def test_a_full_disk_is_one_line_and_the_command_goes_on(
    pictures: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    line = words(coco(pictures, feet=False), pictures, pictures / "out")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(command, "write_shard", full)
        assert main(line) == 3
    assert "No space left" in capsys.readouterr().err
    assert main(line) == 0
    assert len(read_set(pictures / "out")) == 1
