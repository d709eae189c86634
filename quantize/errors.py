"""What the released networks miss, and why: ``python -m quantize errors --data D --renders R``.

D holds the labelled photographs (``train``, ``standing_test``, ``sport_small``), R the rendered
sets. Of every missed point, or patient, the cause is told by rule; tables and pictures (of rendered
people only: photographs have terms of their own) become a section of ``docs/models.md``. Without D
and R the section is written again from what was measured before. Nothing is chosen by it.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from host import accelerator
from host.accelerator import Accelerator, FootfallError
from host.person.decode import Boxes
from model_zoo.package import GOLDEN_FORM
from model_zoo.skeleton import BODY, BODY_PARTS, INDEX
from quantize import evaluate, person_evaluate
from quantize.console import tell_error
from quantize.contact_sheet import COLUMNS, draw_sheet, write_jpeg
from quantize.data.frames import Frame, read_frames, split_scenes
from quantize.data.pictures import LabelledPicture, read_set
from quantize.data.splits import VALIDATION_SEED, is_upright, sport_photographs
from quantize.error_classes import CAUSES, HIDDEN, Miss, Misses, classify
from quantize.errors_page import CAUSE_WORDS, DOCS, ERRORS, LOST_WORDS, write_page
from quantize.evaluated import groups
from quantize.person_errors import DOUBTED, Lost, Trace, lost_patients, told_by_cells, trace
from quantize.person_metric import PersonMetric
from quantize.pose_metric import FEET, FOOT_PARTS, PoseMetric
from quantize.watch import labels_of

NETWORKS = ("gait-pose-m", "gait-pose-s", "person-s")
PHOTOGRAPHS = ("standing_test", "sport_small")
N_LEARNED = 300
LEARNED = f"train, {N_LEARNED} persons learned from"
POSES, FRAMES, LEARNED_FRAMES = "rendered-test-2", "rendered-frames-1", "frames-1"
TAGS = ("light", "company", "view", "clothes")
_KINDS, _EACH = 4, 4
_KINDS_OF_FRAMES = 3
_QUALITY = 80
_DIGITS = 4
GAP = 1.0
"""Points that left and right of a pair of joints may differ by."""
_SIDES = (Miss.PERSON, Miss.PAIR, Miss.LIMB)


@dataclass(frozen=True)
class Read:
    """A set as a pose network read it.

    Attributes
    ----------
    people
        Persons.
    points, turned
        float64[N, 23, 2] in pixels; ``turned`` of the mirror images, mirrored back.
    """

    people: list[LabelledPicture]
    points: NDArray[np.float64]
    turned: NDArray[np.float64]

    def misses(self, points: NDArray[np.float64]) -> Misses:
        """Causes of what ``points`` miss."""
        stored = np.array([p.item["keypoints"] for p in self.people], dtype=np.float64)
        return classify(labels_of(self.people), points, stored[..., 2] == HIDDEN)


def read(network: Accelerator, people: list[LabelledPicture]) -> Read:
    """Look at persons once as they are, and once mirrored."""
    points, _ = evaluate.predict(network, people, mirror=False)
    turned, _ = evaluate.predict(network, people, mirror=False, turned=True)
    return Read(people, points, turned)


def pose_errors(seen: Read) -> dict[str, Any]:
    """Causes of the missed points of one set, and who they are."""
    labels, misses = labels_of(seen.people), seen.misses(seen.points)
    scales = [p.item.get("mm_per_px") for p in seen.people]
    mm_per_px = None if None in scales else np.array(scales, dtype=np.float64)
    scores = PoseMetric(resamples=1).score(labels, seen.points, mm_per_px)
    tags: dict[str, dict[str, Any]] = {}
    for tag in TAGS:
        for value, chosen in groups([p.item.get(tag) for p in seen.people]):
            part = Misses(misses.cause[chosen])
            tags.setdefault(tag, {})[value] = {"persons": len(part.cause)} | part.shares(BODY)
    return {
        "persons": scores.persons,
        "body": misses.shares(BODY),
        "feet": None if scores.pck_02_feet is None else misses.shares(FEET),
        "mirror": mirror_errors(seen, misses),
        "left_minus_right": scores.pck_02_left_minus_right,
        "gap_above_by_chance": gap_above_by_chance(misses),
        "pck_02_by_joint": scores.pck_02_by_joint,
        "bias_mm": scores.bias_mm_by_joint,
        "sd_mm": scores.sd_mm_by_joint,
        "by_tag": tags,
    }


def mirror_errors(seen: Read, misses: Misses) -> dict[str, float]:
    """Of 100 points those that differ in the mirror image: by what is wrong with them."""
    metric, labels = PoseMetric(), labels_of(seen.people)
    differ = metric.mirror_differs(labels, seen.points, seen.turned)
    turned = seen.misses(seen.turned)
    rows = [CAUSES.index(miss) for miss in _SIDES]
    right = (misses.cause == -1) & (turned.cause == -1)
    sides = np.isin(misses.cause, rows) | np.isin(turned.cause, rows)
    n = max(int((misses.cause > -2).sum()), 1)
    kinds = {"both_right": right, "sides": sides & ~right, "rest": ~sides & ~right}
    return {name: 100.0 * int((differ & kind).sum()) / n for name, kind in kinds.items()}


def gap_above_by_chance(misses: Misses, points: float = GAP, draws: int = 2000) -> float:
    """How often, per cent, the largest gap of a pair exceeds so many points without any cause.

    Left and right of every person are exchanged by lot: a permutation test of the largest
    difference of PCK between the sides.
    """
    known, found = misses.cause > -2, misses.cause == -1
    parts = (*BODY_PARTS, *FOOT_PARTS)
    left, right = ([INDEX[f"{side}_{part}"] for part in parts] for side in ("left", "right"))
    both = known[:, left] & known[:, right]
    differ = np.where(both, found[:, left].astype(float) - found[:, right], 0.0)
    lot = np.random.default_rng(0).choice([-1.0, 1.0], (draws, len(differ)))
    gaps = 100.0 * (lot @ differ) / np.maximum(both.sum(axis=0), 1)
    return float(100.0 * (np.abs(gaps).max(axis=1) > points).mean())


def draw_persons(seen: Read, path: Path) -> None:
    """Persons who miss most joints by each of the commonest causes, four of each."""
    misses = seen.misses(seen.points)
    shares = misses.shares(BODY)
    commonest = sorted(CAUSES, key=lambda miss: -shares[miss.value])[:_KINDS]
    main, most = misses.of_persons()
    errors = PoseMetric().person_errors(labels_of(seen.people), seen.points)
    chosen: list[int] = []
    titles: list[str] = []
    for miss in commonest:
        of_kind = np.flatnonzero(main == CAUSES.index(miss))
        order = of_kind[np.lexsort((-errors[of_kind], -most[of_kind]))][:_EACH]
        chosen += order.tolist()
        titles += [f"{CAUSE_WORDS[miss.value]}: {most[i]} of {len(BODY)}" for i in order]
    people = [seen.people[i] for i in chosen]
    rows = -(-len(chosen) // COLUMNS)
    write_jpeg(draw_sheet(people, seen.points[chosen], titles, rows=rows), path, _QUALITY)


def person_errors(
    network: Accelerator, frames: list[Frame], path: Path | None = None
) -> dict[str, Any]:
    """Causes of missed patients and kinds of false boxes on whole frames; draws some of them."""
    found = person_evaluate.find(network, frames)
    doubted = person_evaluate.find(network, frames, DOUBTED)
    of = person_evaluate.tags_of((network.model.input.shape[0], network.model.input.shape[1]))
    tags = [(of["subject_seen"](f), of["subject_shared"](f)) for f in frames]
    lost = lost_patients(frames, found, doubted, tags)
    traces = trace(frames, found, told_by_cells(network, frames))
    scores = PersonMetric(resamples=1).score([f.label for f in frames], found)
    patients = [i for i, f in enumerate(frames) if f.label.subject is not None]
    covered = [i for i in patients if tags[i][1] == "half and more"]
    if path is not None:
        _draw_frames(frames, found, lost, path)
    return {
        "patients": len(patients),
        "lost": _shares(Lost, [lost[i] for i in patients]),
        "trace": _shares(Trace, [traces[i] for i in patients]),
        "covered": len(covered),
        "trace_covered": _shares(Trace, [traces[i] for i in covered]),
        "false": {
            "placed": scores.false_boxes - scores.false_nobody,
            "picture": scores.false_others,
            "nobody": scores.false_nobody - scores.false_others,
        },
    }


def _shares(causes: type[Lost] | type[Trace], of: Sequence[Enum | None]) -> dict[str, float]:
    """Per cent of each cause."""
    return {c.value: 100.0 * sum(x is c for x in of) / max(len(of), 1) for c in causes}


def _draw_frames(
    frames: list[Frame], found: list[Boxes], lost: list[Lost | None], path: Path
) -> None:
    """Frames of the commonest causes."""
    commonest = sorted(Lost, key=lambda c: -lost.count(c))[:_KINDS_OF_FRAMES]
    chosen = [i for c in commonest for i in _first(lost, c)]
    titles = [LOST_WORDS[cause.value] for i in chosen if (cause := lost[i])]
    sheet = person_evaluate.draw_frames(
        [frames[i] for i in chosen], [found[i] for i in chosen], titles
    )
    write_jpeg(sheet, path, _QUALITY)


def _first(lost: Sequence[Lost | None], cause: Lost) -> list[int]:
    """Frames of a cause, from all over the set."""
    of_cause = [i for i, c in enumerate(lost) if c is cause]
    return of_cause[:: max(len(of_cause) // _EACH, 1)][:_EACH]


def learned_and_held_out(
    folder: Path,
) -> tuple[list[LabelledPicture], list[LabelledPicture]]:
    """Upright persons of ``train``: some that the networks learned from, and those that decide."""
    training, held_out = sport_photographs(folder, machine=False)
    upright = [p for p in training if is_upright(p.keypoints)]
    drawn = np.random.default_rng(VALIDATION_SEED).permutation(len(upright))[:N_LEARNED]
    return [upright[i] for i in sorted(drawn)], held_out


def measure(model: str, data: Path, renders: Path, images: Path) -> dict[str, Any]:
    """All sets of one network, under its name; its picture goes to ``images``."""
    network = accelerator.open(model)
    images.mkdir(exist_ok=True)
    picture = images / f"errors-{network.model.name}.jpg"
    sets: dict[str, Any] = {}
    if network.model.role == "person":
        sets[FRAMES] = person_errors(network, read_frames(renders / FRAMES), picture)
        _, deciding = split_scenes(read_frames(renders / LEARNED_FRAMES))
        sets[LEARNED_FRAMES + person_evaluate.VALIDATION] = person_errors(network, deciding)
    else:
        learned, held_out = learned_and_held_out(data / "train")
        sets[LEARNED] = pose_errors(read(network, learned))
        sets["train, validation split"] = pose_errors(read(network, held_out))
        for photographs in PHOTOGRAPHS:
            sets[photographs] = pose_errors(read(network, read_set(data / photographs)))
        rendered = read(network, read_set(renders / POSES))
        sets[POSES] = pose_errors(rendered)
        draw_persons(rendered, picture)
    result = {
        "version": network.model.version,
        "sha256": network.model.files[GOLDEN_FORM],
        "sets": evaluate.rounded(sets, _DIGITS),
    }
    network.close()
    return {network.model.name: result}


def parser() -> argparse.ArgumentParser:
    """Options of ``python -m quantize errors``."""
    p = argparse.ArgumentParser(prog="python -m quantize errors", description=__doc__)
    p.add_argument("networks", nargs="*", default=NETWORKS, help="released networks")
    p.add_argument("--data", type=Path, help="folder of the labelled sets of photographs")
    p.add_argument("--renders", type=Path, help="folder of the rendered sets")
    p.add_argument("--docs", type=Path, default=DOCS, help="folder of models.md and images")
    return p


def main(argv: list[str] | None = None) -> int:
    """Measure and write; returns 0, 2 (no such network or set) or 3 (damaged network)."""
    args = parser().parse_args(argv)
    kept = args.docs / ERRORS
    try:
        if args.data and args.renders:
            known = json.loads(kept.read_text(encoding="utf-8")) if kept.is_file() else {}
            for name in args.networks:
                known |= measure(name, args.data, args.renders, args.docs / "images")
            text = json.dumps(dict(sorted(known.items())), indent=1)
            kept.write_text(text + "\n", encoding="utf-8")
        elif args.data or args.renders:
            return tell_error(ValueError("--data and --renders belong together"))
        write_page(args.docs)
    except (FileNotFoundError, ValueError, FootfallError) as error:
        return tell_error(error)
    return 0
