"""A small set of whole frames, known to the pixel."""

import gzip
import json
from pathlib import Path

import cv2
import numpy as np

from model_zoo.skeleton import N_KEYPOINTS

RED = np.array([230, 20, 20])


def write_frames(folder: Path, n: int) -> Path:
    """Grey frames with one red rectangle each, the patient; every third has none."""
    rng = np.random.default_rng(5)
    jpegs, items = [], []
    for i in range(n):
        picture = np.full((360, 640, 3), 90, np.uint8)
        people = []
        if i % 3:
            x, y = rng.integers(40, 520), rng.integers(20, 150)
            w, h = rng.integers(30, 80), rng.integers(90, 190)
            picture[y : y + h, x : x + w] = RED
            people = [
                {
                    "role": "patient",
                    "box": [float(x), float(y), float(x + w), float(y + h)],
                    "keypoints": [[float(x), float(y), 2]] * N_KEYPOINTS,
                }
            ]
        jpegs.append(cv2.imencode(".jpg", picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 95])[1])
        items.append(
            {
                "file": f"{i:06d}.jpg", "shard": "shard-00000.npz", "index": i,
                "width": 640, "height": 360, "people": people,
                "reflections": [], "pictures": [], "light": "even",
            }
        )  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    offset = np.cumsum([0] + [len(j) for j in jpegs]).astype(np.int64)
    np.savez(folder / "shard-00000.npz", jpg=np.concatenate(jpegs), offset=offset)
    labels = gzip.compress(json.dumps({"set": "squares", "items": items}).encode())
    (folder / "labels.json.gz").write_bytes(labels)
    return folder
