"""Files of walks as key points alone, ``walk-00000.npz``; reading them needs numpy only.

``xyz_m`` float32[T, 23, 3] (x to the walker's left, y backwards, z up, floor at 0), ``rate_hz``,
``stature_m``, ``events`` float64[E, 3] (side: 0 left, 1 right; kind: 0 initial contact, 1 foot off;
time in seconds from the first row) and ``tags`` (JSON).
"""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class WalkPoints:
    """One walk: ``xyz_m`` float64[T, 23, 3], ``events`` as in the file."""

    xyz_m: Array
    rate_hz: float
    stature_m: float
    events: Array
    tags: dict[str, Any]

    def to_bytes(self) -> bytes:
        """Content of the walk's file."""
        stream = io.BytesIO()
        np.savez_compressed(
            stream,
            allow_pickle=False,
            xyz_m=self.xyz_m.astype(np.float32),
            rate_hz=self.rate_hz,
            stature_m=self.stature_m,
            events=self.events,
            tags=json.dumps(self.tags),
        )
        return stream.getvalue()


def load_walk(path: Path) -> WalkPoints:
    """Read one walk's file."""
    with np.load(path) as stored:
        return WalkPoints(
            stored["xyz_m"].astype(np.float64),
            float(stored["rate_hz"]),
            float(stored["stature_m"]),
            stored["events"],
            json.loads(str(stored["tags"])),
        )


def load_walks(folder: Path) -> dict[str, WalkPoints]:
    """All walks of a folder by the name of their file, in its order.

    Raises
    ------
    FileNotFoundError
        When there is none.
    """
    walks = {path.stem: load_walk(path) for path in sorted(folder.glob("walk-*.npz"))}
    if not walks:
        raise FileNotFoundError(f"{folder} holds no walks")
    return walks
