"""Writing a clip: its video, ``NAME.truth.json``, ``NAME.points.npz`` and ``NAME.joints.npz``."""

from __future__ import annotations

import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from quantize.render.clip import ClipFrame, ClipStudio
from quantize.render.truth import clip_truth


def write_clip(
    studio: ClipStudio, out: Path, silhouettes: bool, told: Callable[[int, int], None]
) -> Path:
    """Draw a clip and write its files into the folder ``out``; each appears when it is whole.

    ``NAME.points.npz`` holds ``time_s`` float64[T], ``xy_px`` float32[T, 23, 2], ``seen`` int8[T,
    23] (0 outside the picture, 1 hidden, 2 visible), ``xyz_m`` float32[T, 23, 3], ``box_px``
    float32[T, 4] and, on request, ``silhouette`` uint8[T, H, W / 8] (bits, most significant first).

    Parameters
    ----------
    told
        Called with the number of frames drawn and to draw.
    """
    out.mkdir(parents=True, exist_ok=True)
    name = studio.spec.name
    video = out / f".{name}.partial.mp4"
    frames = _encode(studio, video, told)
    truth = clip_truth(studio, [f.box_px for f in frames])
    points: dict[str, Any] = {
        "time_s": studio.time_s,
        "xy_px": np.stack([f.xy_px for f in frames]).astype(np.float32),
        "seen": np.stack([f.seen for f in frames]),
        "xyz_m": studio.keypoints_m.astype(np.float32),
        "box_px": np.array([f.box_px for f in frames], np.float32),
    }
    if silhouettes:
        points["silhouette"] = np.stack([f.mask for f in frames])
    with (out / f".{name}.partial.npz").open("wb") as file:
        np.savez_compressed(file, **points)
    (out / f".{name}.partial.npz").replace(out / f"{name}.points.npz")
    (out / f"{name}.truth.json").write_text(json.dumps(truth, indent=1) + "\n", encoding="utf-8")
    write_joints(studio, out)
    video.replace(out / f"{name}.mp4")
    return out / f"{name}.mp4"


def write_joints(studio: ClipStudio, out: Path) -> Path:
    """Write ``NAME.joints.npz``: ``time_s`` float64[T] and ``xyz_m`` float32[T, 4, 3].

    Joint centres as :meth:`ClipStudio.leg_joints_m` tells them.
    """
    path, part = (out / f"{dot}{studio.spec.name}.joints.npz" for dot in ("", "."))
    joints = studio.leg_joints_m().astype(np.float32)
    np.savez_compressed(part, time_s=studio.time_s, xyz_m=joints)
    return part.replace(path)


def _encode(studio: ClipStudio, path: Path, told: Callable[[int, int], None]) -> list[ClipFrame]:
    """Encode all frames; they are returned without their pictures."""
    kept = []
    with av.open(str(path), "w", options={"movflags": "+faststart"}) as container:
        rate = Fraction(studio.spec.rate_hz).limit_denominator(1001)
        stream = container.add_stream("libx264", rate=rate, options={"crf": "23", "threads": "1"})
        stream.width, stream.height, stream.pix_fmt = (
            studio.spec.width,
            studio.spec.height,
            "yuv420p",
        )
        for k, frame in enumerate(studio.frames()):
            picture = av.VideoFrame.from_ndarray(frame.picture, format="rgb24")
            container.mux(stream.encode(picture))
            kept.append(frame.without_picture())
            told(k + 1, len(studio.time_s))
        container.mux(stream.encode())
    return kept
