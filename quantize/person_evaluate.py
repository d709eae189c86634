"""Measure a released finder on whole frames: ``python -m quantize evaluate person-s --data DIR``.

Runs the integer form with the host's own letterbox and decoder, in the core environment (no torch).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track

from host import accelerator
from host.accelerator import Accelerator, AcceleratorSettings
from host.person.decode import SURE, Boxes
from host.person.letterbox import Letterbox
from host.person.second_look import SecondLook
from model_zoo.package import Metric
from quantize.data.frames import Frame, read_frames, split_scenes
from quantize.data.pictures import label_hash, read_labels
from quantize.evaluated import Reading, command_of, evaluated, figure, groups
from quantize.person_metric import PersonMetric, PersonScores

VALIDATION = ", validation scenes"
_SIZES_PX = (24, 48)
_COVERED = 0.5
_SEEN = (0.2, 0.5)
_COLOURS = ((0, 200, 0), (255, 60, 60), (255, 255, 0))
_COLUMNS = 4


def find(network: Accelerator, frames: list[Frame], sure: float = SURE) -> list[Boxes]:
    """People in each frame with a score of at least ``sure``, in its pixels."""
    looks = SecondLook(network.model, sure)
    shown = track(frames, network.model.name, console=Console(stderr=True))
    return [looks.find(f.image(), network.run) for f in shown]


def tags_of(input_size: tuple[int, int]) -> dict[str, Callable[[Frame], str | None]]:
    """How the frames of a set are grouped; None = this frame has no such tag."""
    small, large = _SIZES_PX

    def size(frame: Frame) -> str | None:
        if frame.label.subject is None:
            return None
        place = Letterbox(*input_size).placement(frame.item["height"], frame.item["width"])
        box = frame.label.people_px[frame.label.subject]
        px = (box[3] - box[1]) * place.height / frame.item["height"]
        return (
            f"under {small} px"
            if px < small
            else f"{small} px and more"
            if px < large
            else (f"{large} px and more")
        )

    return {
        "people": lambda f: str(len(f.label.people_px)),
        "light": lambda f: str(f.item["light"]),
        "no_person": _others,
        "subject_height": size,
        "subject_shared": _shared,
        "subject_seen": _seen,
    }


def _shared(frame: Frame) -> str | None:
    """How much of the subject's box lies in another person's, before or behind."""
    if frame.label.subject is None:
        return None
    box = frame.label.people_px[frame.label.subject]
    others = np.delete(frame.label.people_px, frame.label.subject, axis=0)
    low, high = np.maximum(others[:, :2], box[:2]), np.minimum(others[:, 2:], box[2:])
    share = np.prod(np.clip(high - low, 0, None), axis=1) / np.prod(box[2:] - box[:2])
    most = share.max(initial=0.0)
    return "nothing" if most == 0 else "less than half" if most < _COVERED else "half and more"


def _seen(frame: Frame) -> str | None:
    """How many of the subject's keypoints in the frame are to be seen."""
    if frame.label.subject is None:
        return None
    v = frame.keypoints[frame.label.subject, :, 2]
    share = (v == 2).sum() / max((v > 0).sum(), 1)
    little, much = _SEEN
    return (
        "under a fifth" if share < little else "under a half" if share < much else "half and more"
    )


def _others(frame: Frame) -> str:
    kinds = [k for k in ("reflections", "pictures") if frame.item[k]]
    return " and ".join(kinds) or "none"


def score(frames: list[Frame], found: list[Boxes], input_size: tuple[int, int]) -> dict[str, Any]:
    """All figures of a set, and the short ones of each tag."""
    metric = PersonMetric()
    labels = [f.label for f in frames]
    by_tag: dict[str, dict[str, Any]] = {}
    for tag, value_of in tags_of(input_size).items():
        for value, of_value in groups([value_of(f) for f in frames]):
            chosen = np.flatnonzero(of_value)
            part = metric.score([labels[i] for i in chosen], [found[i] for i in chosen])
            by_tag.setdefault(tag, {})[value] = _figures(part, short=True)
    return {**_figures(metric.score(labels, found)), "by_tag": by_tag}


def _figures(scores: PersonScores, *, short: bool = False) -> dict[str, Any]:
    figures: dict[str, Any] = {}
    for name, value in dataclasses.asdict(scores).items():
        if short and name in ("subject_overlap", "interval_95"):
            continue
        if isinstance(value, tuple):
            value = [round(v, 2) for v in value]
        figures[name] = round(value, 3) if isinstance(value, float) else value
    return figures


def evaluate(
    model: str,
    data: Path,
    settings: AcceleratorSettings,
    reading: Reading,
) -> tuple[dict[str, Any], list[Frame], list[Boxes]]:
    """Figures of ``model`` on the frames in ``data``, the frames, and the boxes found.

    The validation part are the scenes of a training set that decide between trainings.

    Raises
    ------
    ValueError
        When a mirrored reading is asked for: frames are looked at once.
    """
    reading.only("person", "validation")
    network = accelerator.open(model, settings)
    described = read_labels(data)
    frames = read_frames(data)
    if reading.validation:
        _, frames = split_scenes(frames)
    found = find(network, frames)
    released = network.model
    result = {
        **evaluated(network),
        "set": str(described.get("set", data.name)) + (VALIDATION if reading.validation else ""),
        "labels_sha256": label_hash(described["items"]),
        **score(frames, found, (released.input.shape[0], released.input.shape[1])),
    }
    network.close()
    return result, frames, found


def metric_of(result: dict[str, Any]) -> Metric:
    """The figures that a card shows."""
    names = ("frames", "subject_found", "people_found", "false_boxes", "false_nobody")
    values: dict[str, float | None] = {n: figure(result[n]) for n in names}
    if result["interval_95"]:
        low, high = result["interval_95"]
        values |= {"subject_found_low": float(low), "subject_found_high": float(high)}
    command = command_of(result, VALIDATION)
    return Metric(result["set"], values, command, result["labels_sha256"])


def predictions(frames: list[Frame], found: list[Boxes]) -> dict[str, Any]:
    """Boxes of all frames as plain numbers: x0, y0, x1, y1, score."""
    items = [
        {
            "file": f.item["file"],
            "boxes": np.round(np.c_[b.box_px, b.score], 3).tolist(),
        }
        for f, b in zip(frames, found, strict=True)
    ]
    return {"items": items}


def draw_worst(n: int, folder: Path, frames: list[Frame], found: list[Boxes]) -> None:
    """Sheets of the ``n`` worst frames: labels green, found yellow, the missed patient red."""
    metric = PersonMetric(resamples=1)
    alone = [metric.score([f.label], [b]) for f, b in zip(frames, found, strict=True)]
    badness = [(s.subject_found == 0.0, s.false_boxes, -(s.people_found or 100.0)) for s in alone]
    order = sorted(range(len(frames)), key=lambda i: badness[i], reverse=True)[:n]
    folder.mkdir(parents=True, exist_ok=True)
    per_sheet = _COLUMNS * 4
    for start in range(0, len(order), per_sheet):
        part = order[start : start + per_sheet]
        titles = [str(frames[i].item["file"]) for i in part]
        sheet = draw_frames([frames[i] for i in part], [found[i] for i in part], titles)
        path = folder / f"worst-{start // per_sheet:02d}.png"
        cv2.imwrite(str(path), sheet[..., ::-1])


def draw_frames(
    frames: Sequence[Frame], found: Sequence[Boxes], titles: Sequence[str]
) -> NDArray[np.uint8]:
    """One RGB sheet, four frames a row: labels green, found yellow, a missed patient red."""
    metric = PersonMetric(resamples=1)
    cells = []
    for frame, boxes, title in zip(frames, found, titles, strict=True):
        missed = metric.score([frame.label], [boxes]).subject_found == 0.0
        cells.append(_drawn(frame, boxes, title, missed=missed))
    cells += [np.zeros_like(cells[0])] * (-len(cells) % _COLUMNS)
    rows = [np.hstack(cells[i : i + _COLUMNS]) for i in range(0, len(cells), _COLUMNS)]
    return np.asarray(np.vstack(rows), np.uint8)


def _drawn(frame: Frame, found: Boxes, title: str, *, missed: bool) -> NDArray[np.uint8]:
    picture = frame.image()
    green, red, yellow = _COLOURS
    for i, box in enumerate(frame.label.people_px):
        colour = red if missed and i == frame.label.subject else green
        _rectangle(picture, box, colour, 2)
    for box in found.box_px:
        _rectangle(picture, box, yellow, 1)
    for colour, width in (((0, 0, 0), 5), (yellow, 2)):
        cv2.putText(picture, title, (6, 22), cv2.FONT_HERSHEY_SIMPLEX, 0.65, colour, width)
    return np.asarray(cv2.resize(picture, (480, 270), interpolation=cv2.INTER_AREA), np.uint8)


def _rectangle(
    picture: NDArray[np.uint8], box: NDArray[np.float64], colour: tuple[int, int, int], wide: int
) -> None:
    x0, y0, x1, y1 = (round(v) for v in box.tolist())
    cv2.rectangle(picture, (x0, y0), (x1, y1), colour, wide)
