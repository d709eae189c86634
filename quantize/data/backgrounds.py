"""``python -m quantize backgrounds FOLDER --out DIR``: scenes with nobody in them.

FOLDER holds the repositories that ``recipes/backgrounds.toml`` names (form of ``teacher.toml``),
checked out at their commits in ``OWNER+NAME``. A picture stays when BlazePose Full (Bazarevsky et
al. 2020) sees no body in the whole of it nor in overlapping windows, and when it does not resemble
one that is there already. They are background for the training of the person finder.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from quantize.console import tell, tell_error
from quantize.data.blazepose import BlazePose, TeacherMissingError
from quantize.data.lookalikes import Album, look, mirrored_look
from quantize.data.teach import RECIPES, Source, read_sources
from quantize.data.windows import WINDOWS

LONGEST_PX = 640
_QUALITY, _CONFIDENCE = 85, 0.5
_BODY_SEEN = 0.5

Image = NDArray[np.uint8]


def reduced(image: Image) -> Image:
    """At most ``LONGEST_PX`` on the longer side; never enlarged."""
    scale = min(1.0, LONGEST_PX / max(image.shape[:2]))
    if scale == 1.0:
        return image
    size = (round(image.shape[1] * scale), round(image.shape[0] * scale))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


def somebody_in(network: BlazePose, source: Source, file: Path, image: Image) -> bool:
    """Whether a body is seen anywhere: mean visibility of its points above one half."""
    found = (network.find(image, window) for window in WINDOWS[source.boxes](file, image))
    return any(p is not None and float(p[:, 2].mean()) >= _BODY_SEEN for p in found)


def collect(sources: list[Source], below: Path, out: Path, told: Callable[[str], None]) -> None:
    """Write ``SOURCE-00000.jpg`` and so on, and ``sources.json``: where each picture is from.

    Raises
    ------
    FileNotFoundError
        When a source is not there.
    """
    out.mkdir(parents=True, exist_ok=True)
    album, items = Album(), list[dict[str, Any]]()
    with BlazePose(confidence=_CONFIDENCE) as network:
        for source in sources:
            files, counts = source.files(below), Counter[str]()
            if not files:
                raise FileNotFoundError(f"{source.folder(below)} holds none of {source.pictures}")
            for number, file in enumerate(files):
                name = f"{source.name}-{number:05d}.jpg"
                refusal = _place(network, album, source, file, out / name)
                counts[refusal or "kept"] += 1
                if refusal is None:
                    picture = str(file.relative_to(source.folder(below)))
                    items.append({"file": name, "source": source.name, "picture": picture})
            told(f"{source.name}: {dict(counts)}")
    terms = {
        s.name: {"repository": s.repository, "commit": s.commit, "terms": s.terms} for s in sources
    }
    text = json.dumps({"sources": terms, "items": items}, indent=1)
    (out / "sources.json").write_text(text, encoding="utf-8")


def _place(network: BlazePose, album: Album, source: Source, file: Path, goal: Path) -> str | None:
    """Write the picture when it is fit; why it is not."""
    decoded = cv2.imread(str(file), cv2.IMREAD_COLOR)
    if decoded is None:
        return "cannot be read"
    image = reduced(np.ascontiguousarray(decoded[..., ::-1]))
    whole = np.array([0, 0, image.shape[1], image.shape[0]])
    shown = look(image, whole)
    if album.knows(shown, mirrored_look(image, whole)):
        return "known already"
    if somebody_in(network, source, file, image):
        return "somebody is in it"
    album.add([shown])
    cv2.imwrite(str(goal), image[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    return None


def parser() -> argparse.ArgumentParser:
    """Options of the command."""
    p = argparse.ArgumentParser(prog="python -m quantize backgrounds", description=__doc__)
    p.add_argument("folder", type=Path, help="the repositories, each in OWNER+NAME")
    p.add_argument("--out", type=Path, required=True, help="folder of the pictures")
    p.add_argument("--recipe", type=Path, default=RECIPES / "backgrounds.toml")
    return p


def main(argv: list[str]) -> int:
    """Run the command; 0 done, 2 something is missing."""
    args = parser().parse_args(argv)
    try:
        collect(read_sources(args.recipe), args.folder, args.out, tell)
    except (FileNotFoundError, TeacherMissingError) as error:
        return tell_error(error)
    return 0
