"""The metric is the agreed one, and the command measures what the host would see."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from host import accelerator
from model_zoo.package import load_released
from model_zoo.skeleton import BODY, INDEX, KEYPOINTS, MIRROR
from quantize import evaluate
from quantize.data.pictures import label_hash, read_set
from quantize.pose_metric import PoseMetric
from tests.networks import write_random_release

N = 40


def random_persons(seed: int = 0, n: int = N) -> tuple[np.ndarray, np.ndarray]:
    """Labels with gaps and predictions of which some are far off and some exchanged."""
    rng = np.random.default_rng(seed)
    labels = np.concatenate([rng.uniform(0, 200, (n, 23, 2)), np.full((n, 23, 1), 2.0)], axis=2)
    labels[rng.random((n, 23)) < 0.15] = 0
    points = labels[..., :2] + rng.normal(0, 12, (n, 23, 2))
    exchanged = rng.random(n) < 0.3
    points[exchanged] = points[exchanged][:, MIRROR]
    return labels, points


def plain_scores(labels: np.ndarray, points: np.ndarray) -> tuple[float, float]:
    """PCK@0.2 and swap rate in the plainest loops, from the definition."""
    right = total = pairs = swapped = 0
    for label, point in zip(labels, points, strict=True):
        limit = 0.0
        for a, b in (("right_shoulder", "left_hip"), ("left_shoulder", "right_hip")):
            p, q = label[INDEX[a]], label[INDEX[b]]
            if p[2] > 0 and q[2] > 0:
                limit = 0.2 * math.dist(p[:2], q[:2])
        if not limit:
            continue
        for i in BODY:
            if label[i, 2] > 0:
                total += 1
                right += math.dist(label[i, :2], point[i]) <= limit
        for i in range(0, len(BODY), 2):
            a, b = BODY[i], BODY[i + 1]
            apart = math.dist(label[a, :2], label[b, :2]) > limit
            if label[a, 2] > 0 and label[b, 2] > 0 and apart:
                pairs += 1
                straight = math.dist(label[a, :2], point[a]) + math.dist(label[b, :2], point[b])
                crossed = math.dist(label[a, :2], point[b]) + math.dist(label[b, :2], point[a])
                swapped += crossed < straight / 2
    return 100 * right / total, 100 * swapped / pairs


def test_metric_equals_its_definition() -> None:
    labels, points = random_persons()
    scores = PoseMetric().score(labels, points)
    pck, swap = plain_scores(labels, points)
    assert scores.pck_02 == pytest.approx(pck, abs=1e-9)
    assert scores.swap_rate == pytest.approx(swap, abs=1e-9)
    assert scores.persons + scores.left_out == N
    assert scores.left_out > 0
    low, high = scores.interval_95
    assert low < pck < high
    assert high - low < 40


def test_metric_equals_the_evaluation_that_the_peers_were_measured_with(
    shared: Path, tmp_path: Path
) -> None:
    labels, points = random_persons(3, 200)
    items = [
        {"file": str(i), "keypoints": label.round(1).tolist()} for i, label in enumerate(labels)
    ]
    guesses = [
        {"file": str(i), "keypoints": [[*map(float, xy), 1.0] for xy in person]}
        for i, person in enumerate(points)
    ]
    for name, content in (("labels", items), ("predictions", guesses)):
        (tmp_path / f"{name}.json").write_text(json.dumps({"items": content}))
    words = [sys.executable, shared / "spike" / "pose_eval.py", "labels.json", "predictions.json"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, check=True, timeout=60)
    theirs = json.loads(done.stdout)
    ours = PoseMetric().score(labels.round(1), points)
    assert round(ours.pck_02, 2) == theirs["PCK"]
    assert round(ours.pck_02_no_hips, 2) == theirs["PCK_no_hips"]
    assert round(ours.pck_02_either_side, 2) == theirs["PCK_either_side"]
    assert round(ours.swap_rate, 2) == theirs["swap_rate_pairs"]
    assert ours.interval_95 == pytest.approx(theirs["ci95"], abs=0.6)
    joints = {KEYPOINTS[i]: round(ours.pck_02_by_joint[KEYPOINTS[i]], 1) for i in BODY}
    assert joints == theirs["per_joint"]
    assert ours.left_out == theirs["left_out"]


def test_what_is_not_labelled_has_no_figure() -> None:
    labels, points = random_persons()
    labels[:, 17:] = 0
    scores = PoseMetric().score(labels, points)
    assert scores.pck_02_feet is None
    assert scores.pck_02_by_joint["left_heel"] is None
    assert scores.bias_mm_by_joint is None
    empty = PoseMetric().score(labels * 0, points)
    assert (empty.persons, empty.pck_02, empty.interval_95, empty.swap_rate) == (
        0,
        None,
        None,
        None,
    )


def test_a_score_is_told_by_its_share_of_right_points() -> None:
    labels, points = random_persons(n=300)
    scores = np.random.default_rng(2).random((300, 23), dtype=np.float32)
    scores[0, 0] = 1.0
    points[scores < 0.35] += 1000
    rows = PoseMetric().share_by_score(labels, points, scores)
    assert [r["score_from"] for r in rows] == [i / 10 for i in range(10)]
    assert rows[1]["pck_02"] == 0
    assert 0 < rows[3]["pck_02"] < rows[4]["pck_02"]
    scored = PoseMetric().score(labels, points)
    labelled = (labels[..., 2] > 0).sum(axis=1)
    assert sum(r["points"] for r in rows) <= labelled.sum()
    assert scored.persons < 300


def test_exchanging_all_sides_is_seen() -> None:
    labels, _ = random_persons()
    scores = PoseMetric().score(labels, labels[..., :2][:, MIRROR])
    assert scores.pck_02_either_side == 100
    assert scores.swap_rate > 99
    assert scores.pck_02 < 30


def test_bias_and_spread_are_in_millimetres_of_each_person() -> None:
    labels, _ = random_persons(n=400)
    rng = np.random.default_rng(1)
    mm_per_px = rng.uniform(4, 9, 400)
    error_mm = rng.normal([12, -5], [8, 3], (400, 23, 2))
    points = labels[..., :2] + error_mm / mm_per_px[:, None, None]
    labels[:, INDEX["left_shoulder"], :2], labels[:, INDEX["right_hip"], :2] = (0, 0), (0, 200)
    labels[:, :, 2] = np.where(labels[:, :, 2] > 0, 2, 0)
    scores = PoseMetric().score(labels, points, mm_per_px)
    assert scores.bias_mm_by_joint["left_knee"] == pytest.approx((12, -5), abs=1.5)
    assert scores.sd_mm_by_joint["left_knee"] == pytest.approx((8, 3), abs=1.0)


def test_left_and_right_are_compared_for_each_pair() -> None:
    labels, _ = random_persons(n=200)
    points = labels[..., :2].copy()
    points[:50, INDEX["left_knee"]] += 1000
    scores = PoseMetric().score(labels, points)
    knees = [scores.pck_02_by_joint[f"{side}_knee"] for side in ("left", "right")]
    assert knees[1] == 100
    assert scores.pck_02_left_minus_right["knee"] == pytest.approx(knees[0] - 100)
    assert scores.pck_02_left_minus_right["knee"] < -15
    assert scores.pck_02_left_minus_right["hip"] == 0


def test_what_depends_on_the_mirror_is_counted_at_a_tenth_of_the_torso() -> None:
    labels = np.zeros((10, 23, 3))
    labels[..., 2] = 1
    labels[:, INDEX["right_hip"], 1] = 100
    points = labels[..., :2] + 7
    turned = points.copy()
    turned[:, :5, 0] += 9.9
    turned[:, 5:10, 0] -= 10.1
    labels[:, 20:, 2] = 0
    share = PoseMetric().mirror_consistency(labels, points, turned)
    assert share == pytest.approx(100 * 15 / 20)
    assert PoseMetric().mirror_consistency(labels * 0, points, turned) is None


def test_the_headline_names_the_least_certain_joint() -> None:
    labels = np.zeros((500, 23, 3))
    labels[..., 2] = 1
    labels[:, INDEX["right_hip"], 1] = 100
    rng = np.random.default_rng(4)
    sd_px = np.full(23, 2.0)
    sd_px[INDEX["left_heel"]] = 4.0
    points = labels[..., :2] + rng.standard_normal((500, 23, 2)) * sd_px[:, None]
    points[:, INDEX["right_knee"], 0] -= 3
    headline = PoseMetric().score(labels, points, np.full(500, 5.0)).headline_mm
    assert headline is not None
    assert headline["feet"]["largest_sd_joint"] == "left_heel"
    assert headline["feet"]["largest_sd"] == pytest.approx(20, rel=0.15)
    assert headline["feet"]["sd"] == pytest.approx(math.sqrt((5 * 10**2 + 20**2) / 6), rel=0.1)
    assert headline["legs"]["largest_bias"] == pytest.approx(15, rel=0.15)
    assert headline["legs"]["sd"] == pytest.approx(10, rel=0.1)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("released") / "tiny-pose"
    write_random_release(folder)
    return folder


def write_set(folder: Path, keypoints: np.ndarray, **tags: list[Any]) -> Path:
    """A labelled set of noisy pictures, 120 x 160 px, in the project's format."""
    rng = np.random.default_rng(5)
    folder.mkdir(exist_ok=True)
    coded = []
    for _ in keypoints:
        small = rng.integers(0, 256, (8, 6, 3), dtype=np.uint8)
        big = cv2.resize(small, (120, 160), interpolation=cv2.INTER_CUBIC)
        coded.append(cv2.imencode(".jpg", big)[1].ravel())
    offset = np.cumsum([0, *map(len, coded)])
    np.savez(folder / "shard-0.npz", jpg=np.concatenate(coded), offset=offset)
    items = [
        {"file": f"{i}.jpg", "shard": "shard-0.npz", "index": i, "box": [20, 20, 100, 140]}
        | {"keypoints": points.tolist()}
        | {name: values[i] for name, values in tags.items()}
        for i, points in enumerate(keypoints)
    ]
    (folder / "labels.json").write_text(json.dumps({"set": "noise", "items": items}))
    return folder


@pytest.fixture(scope="module")
def labelled(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A set whose labels are the model's own points moved by 3 px to the left and 2 px down."""
    folder = tmp_path_factory.mktemp("sets") / "noise"
    blank = np.concatenate(
        [np.random.default_rng(0).uniform(0, 99, (24, 23, 2)), np.ones((24, 23, 1))], 2
    )
    write_set(folder, blank)
    points, _ = evaluate.predict(accelerator.open(model), read_set(folder), mirror=False)
    labels = np.concatenate([points + np.array([-3, 2]), np.full((24, 23, 1), 2.0)], axis=2)
    views = ["side", "front"] * 12
    return write_set(folder, labels, view=views, age=[50, 60, 80] * 8, mm_per_px=[10.0] * 24)


def test_the_command_measures_without_torch(model: Path, labelled: Path, tmp_path: Path) -> None:
    out = tmp_path / "scores.json"
    code = (
        "import sys\n"
        "for name in ('torch', 'brevitas', 'qonnx', 'onnx'):\n"
        "    sys.modules[name] = None\n"
        "from quantize.__main__ import main\n"
        "sys.exit(main(sys.argv[1:]))\n"
    )
    words = [str(model), "--data", str(labelled), "--json", str(out)]
    subprocess.run([sys.executable, "-c", code, "evaluate", *words], check=True, timeout=120)
    result = json.loads(out.read_text())
    assert result["model"]["name"] == "tiny-pose"
    assert result["set"] == "noise"
    items = json.loads((labelled / "labels.json").read_text())["items"]
    assert result["labels_sha256"] == label_hash(items)
    assert result["persons"] == 24
    assert set(result["by_tag"]) == {"view", "age"}
    assert result["by_tag"]["view"]["side"]["persons"] == 12
    assert set(result["by_tag"]["age"]) == {"under 55", "55 to 69", "70+"}
    near = result["bias_mm_by_joint"]["left_knee"]
    assert near == pytest.approx([30, -20], abs=0.1), "3 px to the right of the label at 10 mm/px"
    assert result["sd_mm_by_joint"]["left_knee"] == pytest.approx([0, 0], abs=0.1)
    assert result["pck_02"] > 60
    assert result["headline_mm"]["legs"]["largest_bias"] == pytest.approx(30, abs=0.1)
    assert 0 <= result["mirror_consistency"] < 90, "random weights are no mirror images"


def test_points_of_mirror_images_come_back_to_their_picture(model: Path, labelled: Path) -> None:
    network, people = accelerator.open(model), read_set(labelled)
    turned, _ = evaluate.predict(network, people, mirror=False, turned=True)
    by_hand = [
        replace(p, jpeg=cv2.imencode(".png", p.image()[:, ::-1, ::-1])[1].ravel()) for p in people
    ]  # the boxes, 20 to 100 of 120 px, are their own mirror images
    plain, _ = evaluate.predict(network, by_hand, mirror=False)
    plain = plain[:, MIRROR]
    plain[..., 0] = 120 - plain[..., 0]
    assert np.abs(turned - plain).max() < 1e-9


def test_worst_persons_are_drawn_and_predictions_written(
    model: Path, labelled: Path, tmp_path: Path
) -> None:
    words = [str(model), "--data", str(labelled), "--worst", "5", str(tmp_path / "worst")]
    assert evaluate.main([*words, "--predictions", str(tmp_path / "points.json")]) == 0
    sheet = cv2.imread(str(tmp_path / "worst" / "worst-00.jpg"))
    assert sheet.shape == (4 * 288, 8 * 216, 3)
    tiles = sheet[:288].reshape(288, 8, 216, 3).astype(int).mean(axis=(0, 2, 3))
    assert np.all(tiles[:5] > 20)
    assert np.all(tiles[5:] < 2), "five persons, five tiles"
    items = json.loads((tmp_path / "points.json").read_text())["items"]
    assert len(items) == 24
    assert len(items[0]["keypoints"]) == 23


def test_a_variant_is_listed_under_its_own_name(
    model: Path, labelled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    noted: list[tuple[str, str]] = []
    monkeypatch.setattr(
        evaluate, "record_run", lambda model, metric: noted.append((model.name, metric.dataset))
    )
    assert evaluate.main([str(model), "--data", str(labelled), "--note", "tiny, other"]) == 0
    assert noted == [("tiny, other", "noise")]
    assert evaluate.main([str(model), "--data", str(labelled)]) == 0
    assert len(noted) == 1


def test_figures_enter_the_card(model: Path, labelled: Path) -> None:
    assert evaluate.main([str(model), "--data", str(labelled), "--record"]) == 0
    assert evaluate.main([str(model), "--data", str(labelled), "--record"]) == 0
    released = load_released(model)
    released.verify()
    (metric,) = released.metrics
    assert metric.dataset == "noise"
    assert metric.values["persons"] == 24
    assert metric.command == "python -m quantize evaluate tiny-pose --data noise"
    card = (model / "card.md").read_text()
    assert f"| noise | 24 | {metric.values['pck_02']:.1f} |" in card
    assert metric.labels_sha256 in card


@pytest.mark.parametrize(
    ("words", "status"),
    [(["no-such-model", "--data", "."], 2), (["MODEL", "--data", "no-such-folder"], 2),
     (["MODEL", "--data", ".", "--backend", "pynq"], 3)],
)  # fmt: skip
def test_what_cannot_be_measured_is_told_in_one_line(
    model: Path, capsys: pytest.CaptureFixture[str], words: list[str], status: int
) -> None:
    words = [str(model) if w == "MODEL" else w for w in words]
    assert evaluate.main(words) == status
    assert len(capsys.readouterr().err.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("words", "told"),
    [(["--worst", "many", "worst"], "not many"), (["--json", "none/scores.json"], "none is no"),
     (["--predictions", "none/points.json"], "none is no")],
)  # fmt: skip
def test_what_would_fail_after_the_measuring_is_told_before(
    model: Path, labelled: Path, capsys: pytest.CaptureFixture[str], words: list[str], told: str
) -> None:
    with pytest.raises(SystemExit) as end:
        evaluate.main([str(model), "--data", str(labelled), *words])
    assert end.value.code == 2
    assert told in capsys.readouterr().err


def test_a_set_of_nobody_is_told(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "labels.json").write_text('{"items": []}')
    assert evaluate.main([str(model), "--data", str(tmp_path)]) == 2
    assert "holds nobody" in capsys.readouterr().err
