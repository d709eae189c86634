"""Measure a released model: ``python -m quantize evaluate MODEL --data DIR``.

Runs the integer form with the host's own cropper and decoder, in the core environment (no torch).
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track

from host import accelerator
from host.accelerator import Accelerator, AcceleratorSettings, FootfallError
from host.pose.crop import Cropper
from host.pose.estimate import CropReader
from model_zoo.package import Metric
from model_zoo.skeleton import MIRROR
from quantize.console import tell_error
from quantize.contact_sheet import write_sheets
from quantize.data.pictures import LabelledPicture, label_hash, read_labels, read_set
from quantize.data.splits import sport_photographs
from quantize.evaluated import Reading, command_of, evaluated, figure, groups
from quantize.leaderboard import record_run
from quantize.pose_metric import PoseMetric, PoseScores
from quantize.watch import crops_of, labels_of, placed

BATCH = 16
VALIDATION = ", validation split"
_AGE_EDGES = (55, 70)
TAGS: dict[str, Callable[[dict[str, Any]], str | None]] = {
    "tier": lambda item: item.get("tier"),
    "view": lambda item: item.get("view"),
    "age": lambda item: _age_group(item.get("age")),
    "pathology": lambda item: item.get("pathology"),
    "light": lambda item: item.get("light"),
    "company": lambda item: item.get("company"),
    "clothes": lambda item: item.get("clothes"),
    "aid": lambda item: item.get("aid"),
}
"""How the persons of a set are grouped; None = this item has no such tag."""


def _age_group(age: float | None) -> str | None:
    if age is None:
        return None
    young, old = _AGE_EDGES
    return f"under {young}" if age < young else f"{young} to {old - 1}" if age < old else f"{old}+"


def predict(
    network: Accelerator, people: list[LabelledPicture], *, mirror: bool, turned: bool = False
) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
    """Keypoints of every person in pixels of the stored picture, float64[N, 23, 2], and scores.

    The box is the item's own; ``mirror`` as in :class:`host.pose.estimate.CropReader`. With
    ``turned`` the network sees the mirror image of each crop, and the points are mirrored back.
    """
    height, width = network.model.input.shape[:2]
    cropper, reader = Cropper(height, width), CropReader(network, mirror=mirror)
    parts = [people[start : start + BATCH] for start in range(0, len(people), BATCH)]
    crops = (crops_of(cropper, part, mirrored=turned) for part in parts)
    console = Console(stderr=True)
    shown = track(crops, network.model.name, total=len(parts), console=console)
    found = list(reader.read_all(shown))
    points = np.concatenate([keypoints.xy_px for keypoints in found])
    scores = np.concatenate([keypoints.score for keypoints in found])
    return placed(cropper, people, points, mirrored=turned), scores


def score(
    people: list[LabelledPicture], points: NDArray[np.float64], scores: NDArray[np.float32]
) -> dict[str, Any]:
    """All figures of a set, and the short ones of each tag."""
    labels = labels_of(people)
    scales = [p.item.get("mm_per_px") for p in people]
    mm_per_px = None if None in scales else np.array(scales, dtype=np.float64)
    metric = PoseMetric()
    by_tag: dict[str, dict[str, Any]] = {}
    for tag, value_of in TAGS.items():
        for value, chosen in groups([value_of(p.item) for p in people]):
            part = metric.score(labels[chosen], points[chosen])
            by_tag.setdefault(tag, {})[value] = {
                name: rounded(getattr(part, name))
                for name in ("persons", "pck_02", "interval_95", "pck_02_feet", "swap_rate")
            }
    whole: PoseScores = metric.score(labels, points, mm_per_px)
    figures: dict[str, Any] = rounded(asdict(whole))
    by_score = rounded(metric.share_by_score(labels, points, scores))
    return {**figures, "by_tag": by_tag, "by_score": by_score}


def rounded(value: Any, digits: int = 2) -> Any:
    """Every number in ``value`` with so many decimals."""
    if isinstance(value, float):
        return round(value, digits)
    if isinstance(value, dict):
        return {k: rounded(v, digits) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [rounded(v, digits) for v in value]
    return value


def evaluate(
    model: str,
    data: Path,
    settings: AcceleratorSettings,
    reading: Reading,
) -> tuple[dict[str, Any], list[LabelledPicture], NDArray[np.float64]]:
    """Figures of ``model`` on the labelled set in ``data``, the persons, and their points.

    The validation part are the persons of :func:`quantize.data.splits.sport_photographs` that
    decide between trainings.
    """
    reading.only("pose", "mirror", "validation")
    mirror, validation = reading.mirror, reading.validation
    network = accelerator.open(model, settings)
    described = read_labels(data)
    people = sport_photographs(data)[1] if validation else read_set(data)
    if not people:
        raise ValueError(f"{data} holds nobody")
    points, scores = predict(network, people, mirror=mirror)
    # What is read twice, plain and mirrored, no longer depends on it: this figure is of one look.
    plain = predict(network, people, mirror=False)[0] if mirror else points
    turned, _ = predict(network, people, mirror=False, turned=True)
    consistency = PoseMetric().mirror_consistency(labels_of(people), plain, turned)
    result = {
        **evaluated(network),
        "mirror": mirror,
        "set": str(described.get("set", data.name)) + (VALIDATION if validation else ""),
        "labels_sha256": label_hash([p.item for p in people]),
        **score(people, points, scores),
        "mirror_consistency": rounded(consistency),
    }
    network.close()
    return result, people, points


def metric_of(result: dict[str, Any]) -> Metric:
    """The figures that a card shows."""
    names = ("persons", "pck_02", "pck_02_no_hips", "pck_02_feet", "swap_rate")
    low, high = result["interval_95"]
    values: dict[str, float | None] = {n: figure(result[n]) for n in names}
    values |= {"interval_95_low": float(low), "interval_95_high": float(high)}
    side = result["by_tag"].get("view", {}).get("side", {})
    values["swap_rate_side"] = figure(side.get("swap_rate"))
    values["mirror_consistency"] = figure(result["mirror_consistency"])
    gaps = [abs(v) for v in result["pck_02_left_minus_right"].values() if v is not None]
    values["left_right_gap"] = max(gaps, default=None)
    for group, figures in (result["headline_mm"] or {}).items():
        values[f"{group}_bias_mm"] = float(figures["largest_bias"])
        values[f"{group}_sd_mm"] = float(figures["sd"])
    name, command = result["set"], command_of(result, VALIDATION)
    if result["mirror"]:
        command, name = f"{command} --mirror", f"{name}, read twice"
    return Metric(name, values, command, result["labels_sha256"])


def parser() -> argparse.ArgumentParser:
    """Options of ``python -m quantize evaluate``."""
    p = argparse.ArgumentParser(prog="python -m quantize evaluate", description=__doc__)
    p.add_argument("model", help="name of a released model, or its folder")
    p.add_argument("--data", type=Path, required=True, help="folder of a labelled set")
    p.add_argument("--json", type=Path, help="file to write (default: standard output)")
    p.add_argument(
        "--mirror", action="store_true", help="show every crop a second time, mirrored, as the host"
    )
    p.add_argument(
        "--validation", action="store_true", help="only the persons of `train` that decide"
    )
    p.add_argument(
        "--keypoints", type=Path, help="what a pose network gave of the clips (gait, pattern)"
    )
    p.add_argument("--backend", default="auto", help="auto, emulation, rtl or pynq")
    p.add_argument("--worst", nargs=2, metavar=("N", "DIR"), help="draw the N worst persons")
    p.add_argument("--predictions", type=Path, help="also write the keypoints as JSON")
    p.add_argument("--record", action="store_true", help="enter the figures in model.json and card")
    p.add_argument("--note", help="list a run of an unreleased variant on the leaderboard as NOTE")
    return p


def _parsed(argv: list[str] | None) -> argparse.Namespace:
    """The options; what would fail after the measuring ends the program before it."""
    p = parser()
    args = p.parse_args(argv)
    if args.worst and not args.worst[0].isdecimal():
        p.error(f"--worst N DIR: N is a number of persons, not {args.worst[0]}")
    for file in (args.json, args.predictions):
        if file and not file.parent.is_dir():
            p.error(f"{file.parent} is no folder")
    return args


def measure_of(role: str, *, pictures: bool = False) -> Any:
    """Module that measures networks of a role: this one, or ``quantize.<role>_evaluate``.

    Raises
    ------
    ValueError
        When pictures are asked for, and the sets of this role have none.
    """
    if role == "pose":
        return sys.modules[__name__]
    measure = importlib.import_module(f"quantize.{role}_evaluate")
    if pictures and not hasattr(measure, "draw_worst"):
        raise ValueError(f"--worst and --predictions are nothing for a network of the role {role}")
    return measure


def main(argv: list[str] | None = None) -> int:
    """Evaluate; returns 0, 2 (no such model or set) or 3 (damaged model, backend missing)."""
    args = _parsed(argv)
    try:
        measure = measure_of(
            accelerator.load_model(args.model).role, pictures=bool(args.worst or args.predictions)
        )
        settings = AcceleratorSettings(args.backend)
        reading = Reading(args.mirror, args.validation, args.keypoints)
        result, people, points = measure.evaluate(args.model, args.data, settings, reading)
    except (FileNotFoundError, ValueError, FootfallError) as error:
        return tell_error(error)
    text = json.dumps(result, indent=1, ensure_ascii=False)
    if args.json:
        args.json.write_text(text + "\n", encoding="utf-8")
    Console().print_json(text)
    if args.predictions:
        told = measure.predictions(people, points)
        args.predictions.write_text(json.dumps(told), encoding="utf-8")
    if args.worst:
        measure.draw_worst(int(args.worst[0]), Path(args.worst[1]), people, points)
    if args.note:
        variant = replace(accelerator.load_model(args.model), name=args.note)
        record_run(variant, measure.metric_of(result))
    if args.record:
        # Late: writing models needs the onnx package, which measuring does not.
        from quantize.release import add_metric

        add_metric(accelerator.load_model(args.model), measure.metric_of(result))
    return 0


def draw_worst(
    n: int, folder: Path, people: list[LabelledPicture], points: NDArray[np.float64]
) -> None:
    """Sheets of the ``n`` persons with the largest errors."""
    labels = labels_of(people)
    errors = PoseMetric().person_errors(labels, points)
    exchanged = PoseMetric().person_errors(labels, points[:, MIRROR])
    order = np.argsort(-errors, kind="stable")[:n]
    titles = [f"{people[i].item['file']} {errors[i]:.2f} x {exchanged[i]:.2f}" for i in order]
    write_sheets([people[i] for i in order], points[order], titles, folder)


def predictions(people: list[LabelledPicture], points: NDArray[np.float64]) -> dict[str, Any]:
    """Points of all persons as plain numbers."""
    items = [
        {
            "file": p.item["file"],
            "keypoints": [[*map(float, np.round(xy, 3)), 1.0] for xy in person],
        }
        for p, person in zip(people, points, strict=True)
    ]
    return {"items": items}
