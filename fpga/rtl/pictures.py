"""Inputs for a simulation: the golden pair's, and crops of pictures that somebody has."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from fpga.errors import FpgaError
from host.pose.crop import ArrayPicture, Cropper
from model_zoo.package import ReleasedModel

LABELS = "labels.json"


def simulation_inputs(model: ReleasedModel, n: int, source: Path | None) -> NDArray[Any]:
    """Input items of a network, [n, *input.shape].

    Parameters
    ----------
    model
        Its golden inputs are taken where there is no ``source``, over and over.
    n
        Number of items.
    source
        A labelled set (a folder with ``labels.json``), whose persons are cut as for evaluation, or
        a video, of which the whole height is cut from pictures spread evenly.

    Raises
    ------
    FpgaError
        When the source cannot be read or the network takes no pictures.
    """
    if source is None:
        golden = model.golden()[0]
        return golden[np.arange(n) % len(golden)]
    if model.input.colour is None:
        raise FpgaError(f"{model.name} takes no pictures; leave --pictures out")
    height, width = model.input.shape[:2]
    cropper = Cropper(height, width)
    crops = []
    for picture, box in _labelled(source, n) if source.is_dir() else _frames(source, n):
        crops.append(cropper.cut(ArrayPicture(picture), cropper.window(box)))
    return np.stack(crops)


def _labelled(folder: Path, n: int) -> list[tuple[NDArray[np.uint8], list[float]]]:
    try:
        items = json.loads((folder / LABELS).read_text(encoding="utf-8"))["items"]
        return [(_stored(folder, item), item["box"]) for item in _spread(items, n)]
    except (OSError, ValueError, KeyError) as error:
        raise FpgaError(f"{folder} is no labelled set: {error}") from error


def _stored(folder: Path, item: dict[str, Any]) -> NDArray[np.uint8]:
    with np.load(folder / item["shard"]) as shard:
        begin, end = shard["offset"][item["index"] : item["index"] + 2]
        return _rgb(cv2.imdecode(shard["jpg"][begin:end], cv2.IMREAD_COLOR), folder)


def _frames(video: Path, n: int) -> list[tuple[NDArray[np.uint8], list[float]]]:
    reader = cv2.VideoCapture(str(video))
    try:
        count = int(reader.get(cv2.CAP_PROP_FRAME_COUNT))
        if not reader.isOpened() or count < 1:
            raise FpgaError(f"{video} is no video that can be read")
        found = []
        for at in _spread(list(range(count)), n):
            reader.set(cv2.CAP_PROP_POS_FRAMES, at)
            picture = _rgb(reader.read()[1], video)
            high, wide = picture.shape[:2]
            middle, half = wide / 2, high / 4
            found.append((picture, [middle - half, 0.0, middle + half, float(high)]))
        return found
    finally:
        reader.release()


def _spread(items: list[Any], n: int) -> list[Any]:
    """``n`` of the items, evenly spread; some twice where there are fewer."""
    return [items[i * len(items) // n] for i in range(n)]


def _rgb(picture: Any, where: Path) -> NDArray[np.uint8]:
    if picture is None:
        raise FpgaError(f"{where}: a picture cannot be read")
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), np.uint8)
