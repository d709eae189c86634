"""``python -m quantize teach FOLDER --out DIR``: everyday persons labelled by BlazePose Heavy.

FOLDER holds the repositories that ``recipes/teacher.toml`` names, checked out at their commits in
``OWNER+NAME``. So many pictures make a shard; finished ones are kept, so that an interrupted run
goes on and several processes may share the sources (``--only``). When all are there, near
duplicates are taken out and the labels joined. Persons named in
``recipes/teacher-left-out.txt`` (looked at, unsuitable) are left out.

Machine-made labels are for training, never for tests.
"""

from __future__ import annotations

import argparse
import hashlib
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from quantize.console import tell, tell_error
from quantize.data.blazepose import BlazePose, Box, Image, TeacherMissingError
from quantize.data.lookalikes import Album, look, mirrored_look
from quantize.data.pictures import LabelledPicture, read_set, read_shard
from quantize.data.stills import stills
from quantize.data.storage import Item, claim, finished, join_labels, write_shard
from quantize.data.teacher_rules import (
    Points,
    Refusal,
    Rules,
    apart,
    body_box,
    hips_as_labelled_by_hand,
    judge,
    torso_px,
    view_of,
    visibility_codes,
    worth_labelling,
)
from quantize.data.windows import WINDOWS, enlarged, overlap

RECIPES = Path(__file__).resolve().parents[1] / "recipes"
_ENLARGED, _LONGEST_PX, _QUALITY = 1.25, 192, 75
_FIRST, _PLACE = 10_000, ("file", "shard", "index")


@dataclass(frozen=True)
class Source:
    """Pictures of one repository, as the recipe describes them.

    ``boxes``: how bodies are looked for, a key of :data:`quantize.data.windows.WINDOWS`;
    ``views``: only people who are seen so (:func:`quantize.data.teacher_rules.view_of`).
    """

    name: str
    repository: str
    commit: str
    pictures: tuple[str, ...]
    boxes: str
    terms: str
    views: tuple[str, ...] = ("front", "back", "side")

    def folder(self, below: Path) -> Path:
        """Where it is checked out."""
        return below / self.repository.replace("/", "+")

    def files(self, below: Path) -> list[Path]:
        """Its pictures, in a fixed order."""
        folder = self.folder(below)
        return sorted({f for pattern in self.pictures for f in folder.glob(pattern)})


def read_sources(path: Path) -> list[Source]:
    """Sources of a recipe."""
    with path.open("rb") as stream:
        tables = tomllib.load(stream)["source"]
    lists = ("pictures", "views")
    return [Source(**{**t, **{k: tuple(t[k]) for k in lists if k in t}}) for t in tables]


def read_left_out(path: Path) -> frozenset[str]:
    """Persons named ``SOURCE PICTURE PERSON``, one a line; ``#`` starts a remark."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    return frozenset(w for line in lines if (w := line.split("#")[0].strip()))


def person_name(item: Item) -> str:
    """How ``teacher-left-out.txt`` calls a person."""
    return f"{item['source']} {item['picture']} {item['person']}"


@dataclass
class Teacher:
    """Labels the persons of pictures; counts why others were refused in ``counts``."""

    network: BlazePose
    rules: Rules = field(default_factory=Rules)
    album: Album = field(default_factory=Album)
    left_out: frozenset[str] = frozenset()
    counts: Counter[str] = field(default_factory=Counter)

    def persons(self, source: Source, below: Path, file: Path) -> Iterator[tuple[bytes, Item]]:
        """JPEG and label of each person of a picture or video who can be learned from."""
        picture = str(file.relative_to(source.folder(below)))
        read = False
        for place, image in stills(file):
            read = True
            yield from self._persons_of(source, file, picture + place, image)
        if not read:
            self.counts["cannot be read"] += 1

    def _persons_of(
        self, source: Source, file: Path, picture: str, image: Image
    ) -> Iterator[tuple[bytes, Item]]:
        for number, found in enumerate(self._bodies(image, WINDOWS[source.boxes](file, image))):
            seen_so = view_of(found, self.rules) in source.views
            still = self._still(image, found) if seen_so else None
            if still is None or still[1]["view"] not in source.views:
                self.counts["another view"] += still is not None or not seen_so
                continue
            crop, item = still
            item |= {"source": source.name, "picture": picture, "person": number}
            if person_name(item) in self.left_out:
                self.counts["left out by hand"] += 1
                continue
            box = np.array(item["box"])
            shown = look(crop, box)
            if self.album.knows(shown, mirrored_look(crop, box)):
                self.counts["known already"] += 1
                continue
            self.album.add([shown])
            self.counts["kept"] += 1
            flags = [cv2.IMWRITE_JPEG_QUALITY, _QUALITY]
            yield cv2.imencode(".jpg", crop[..., ::-1], flags)[1].tobytes(), item

    def _bodies(self, image: Image, windows: list[Box]) -> list[Points]:
        """The small network's bodies, each once, the most visible of several first."""
        tried = (self.network.find(image, window) for window in windows)
        found = [p for p in tried if p is not None and worth_labelling(p, self.rules)]
        found.sort(key=lambda p: -float(p[:, 2].mean()))
        kept: list[Points] = []
        for points in found:
            box = body_box(points)
            if all(overlap(box, body_box(other)) < 0.5 for other in kept):
                kept.append(points)
        return kept

    def _still(self, image: Image, found: Points) -> tuple[Image, Item] | None:
        size = (image.shape[1], image.shape[0])
        labels = self.network.label(image, enlarged(body_box(found), _ENLARGED))
        if labels is None:
            self.counts["not found"] += 1
            return None
        refusal = judge(*labels, found, size, self.rules)
        if refusal is not None:
            self.counts[refusal.value] += 1
            return None
        mean = (labels[0] + labels[1]) / 2
        crop, scale, corner = cut(image, body_box(mean))
        if torso_px(mean) * scale < self.rules.torso_px:
            self.counts[Refusal.SMALL.value] += 1
            return None
        return crop, label_item(*labels, crop, scale, corner, self.rules)


def cut(image: Image, box: Box) -> tuple[Image, float, tuple[int, int]]:
    """The box enlarged 1.25 times, at most 192 px; its scale and its corner in the picture."""
    height, width = image.shape[:2]
    x0, y0, x1, y1 = enlarged(box, _ENLARGED)
    left, top = max(int(x0), 0), max(int(y0), 0)
    part = image[top : min(int(np.ceil(y1)), height), left : min(int(np.ceil(x1)), width)]
    scale = min(1.0, _LONGEST_PX / max(part.shape[:2]))
    size = (max(round(part.shape[1] * scale), 1), max(round(part.shape[0] * scale), 1))
    small = cv2.resize(part, size, interpolation=cv2.INTER_AREA) if scale < 1 else part
    return np.ascontiguousarray(small, np.uint8), scale, (left, top)


def label_item(
    picture: Points,
    mirror: Points,
    crop: Image,
    scale: float,
    corner: tuple[int, int],
    rules: Rules,
) -> Item:
    """What is stored of a person, in pixels of the crop (see :mod:`quantize.data.pictures`)."""
    mean = (picture + mirror) / 2
    gaps = apart(picture, mirror, torso_px(mean))
    view = view_of(mean, rules)
    codes = visibility_codes(mean, gaps, view)
    height, width = crop.shape[:2]
    box = (np.array(body_box(mean)).reshape(2, 2) - corner) * scale
    box = np.clip(box, 0, (width, height)).ravel()
    own, moved = mean.copy(), hips_as_labelled_by_hand(mean, rules)
    for points in (own, moved):
        points[:, :2] = (points[:, :2] - corner) * scale
    codes[~((moved[:, :2] >= 0) & (moved[:, :2] < (width, height))).all(1)] = 0
    body = [5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]
    return {
        "width": width,
        "height": height,
        "box": [round(float(v), 1) for v in box],
        "keypoints": [
            [round(float(x), 1), round(float(y), 1), int(v)] if v else [0, 0, 0]
            for (x, y, _), v in zip(moved, codes, strict=True)
        ],
        "split": "train",
        "label": "teacher",
        "hips_unshifted": [[round(float(v), 1) for v in own[k, :2]] for k in (11, 12)],
        "agree": round(float(gaps[body].mean()), 3),
        "score": [round(float(v), 2) for v in mean[:, 2]],
        "view": view,
    }


@dataclass(frozen=True)
class Chunk:
    """Some pictures of a source: what one shard holds."""

    number: int
    source: Source
    files: tuple[Path, ...]


def chunks(sources: list[Source], below: Path, size: int) -> list[Chunk]:
    """All pictures, ``size`` to a shard, in a fixed order.

    Raises
    ------
    FileNotFoundError
        When a source is not there.
    """
    found: list[Chunk] = []
    for source in sources:
        files = source.files(below)
        if not files:
            raise FileNotFoundError(f"{source.folder(below)} holds none of {source.pictures}")
        for first in range(0, len(files), size):
            found.append(Chunk(len(found), source, tuple(files[first : first + size])))
    return found


def make_shard(teacher: Teacher, chunk: Chunk, below: Path, out: Path) -> int:
    """Label the pictures of a chunk and write its shard; how many persons it holds."""
    stills = [s for file in chunk.files for s in teacher.persons(chunk.source, below, file)]
    write_shard(out, chunk.number, _FIRST * chunk.number, stills)
    return len(stills)


def tidy(out: Path, numbers: Iterable[int], left_out: frozenset[str]) -> Counter[str]:
    """Take persons named in ``left_out`` and near duplicates out of finished shards."""
    gone: Counter[str] = Counter()
    album = Album()
    for number in numbers:
        kept: list[LabelledPicture] = []
        people = read_shard(out, number)
        for person in people:
            image, box = person.image(), person.box_px
            if person_name(person.item) in left_out:
                gone["left out by hand"] += 1
            elif album.knows(look(image, box), mirrored_look(image, box)):
                gone["known already"] += 1
            else:
                album.add([look(image, box)])
                kept.append(person)
        if len(kept) < len(people):
            stills = [
                (p.jpeg.tobytes(), {k: v for k, v in p.item.items() if k not in _PLACE})
                for p in kept
            ]
            write_shard(out, number, _FIRST * number, stills)
    return gone


def teach(args: argparse.Namespace, told: Callable[[str], None]) -> None:
    """Make the shards that are missing; join the labels of all when none is."""
    sources = read_sources(args.recipe)
    left_out = read_left_out(args.left_out)
    everything = chunks(sources, args.folder, args.chunk)
    digest = hashlib.sha256(args.recipe.read_bytes()).hexdigest()[:12]
    claim(args.out, f"teacher: recipe {digest}, {args.chunk} pictures to a shard\n")
    missing = [
        c
        for c in everything
        if not finished(args.out, c.number) and (not args.only or c.source.name in args.only)
    ]
    if missing:
        album = Album()
        for folder in args.against:
            album.add(look(p.image(), p.box_px) for p in read_set(folder))
        with BlazePose() as network:
            teacher = Teacher(network, album=album, left_out=left_out)
            for done, chunk in enumerate(missing, 1):
                persons = make_shard(teacher, chunk, args.folder, args.out)
                told(f"{done} of {len(missing)} shards: {chunk.source.name}, {persons} persons")
            told(f"{dict(teacher.counts)}")
    ready = [c.number for c in everything if finished(args.out, c.number)]
    if len(ready) == len(everything):
        told(f"taken out: {dict(tidy(args.out, ready, left_out))}")
        told(f"labels sha256 {join_labels(args.out, 'teacher', len(everything))}")


def parser() -> argparse.ArgumentParser:
    """Options of the command."""
    p = argparse.ArgumentParser(prog="python -m quantize teach", description=__doc__)
    p.add_argument("folder", type=Path, help="the repositories, each in OWNER+NAME")
    p.add_argument("--out", type=Path, required=True, help="folder of the labelled set")
    p.add_argument(
        "--against", type=Path, nargs="*", default=[],
        help="labelled sets whose persons must not appear: the tests, train, earlier teacher sets",
    )  # fmt: skip
    p.add_argument("--only", nargs="*", help="names of sources; the others are left to later")
    p.add_argument("--chunk", type=int, default=50, help="pictures to a shard")
    p.add_argument("--recipe", type=Path, default=RECIPES / "teacher.toml")
    p.add_argument("--left-out", type=Path, default=RECIPES / "teacher-left-out.txt")
    return p


def main(argv: list[str]) -> int:
    """Run the command; 0 done, 2 something is missing."""
    args = parser().parse_args(argv)
    try:
        teach(args, tell)
    except (FileNotFoundError, TeacherMissingError, ValueError) as error:
        return tell_error(error)
    return 0
