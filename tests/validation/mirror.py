"""A video turned left for right must give the same walk with the feet exchanged."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from host.report.assessment import Assessment
from quantize.event_metric import match


def mirrored_video(source: Path, out: Path) -> Path:
    """Write ``source`` mirrored, same times, nearly without loss (x264 crf 8)."""
    with av.open(str(source)) as given, av.open(str(out), "w") as made:
        stream = given.streams.video[0]
        target = made.add_stream("libx264", rate=Fraction(stream.average_rate or 30))
        target.width, target.height = stream.codec_context.width, stream.codec_context.height
        target.pix_fmt = "yuv420p"
        target.options = {"crf": "8", "preset": "veryfast"}
        target.codec_context.time_base = stream.time_base
        for frame in given.decode(stream):
            picture = np.ascontiguousarray(frame.to_ndarray(format="rgb24")[:, ::-1])
            turned = av.VideoFrame.from_ndarray(picture, format="rgb24")
            turned.pts, turned.time_base = frame.pts, frame.time_base
            made.mux(target.encode(turned))
        made.mux(target.encode(None))
    return out


def compare_mirrored(plain: Assessment, mirrored: Assessment) -> list[str]:
    """Cells: contacts, mirrored contacts, feet exchanged, largest time difference, cadences."""
    other = {"left": "right", "right": "left"}
    a, b = (
        [(e.time_s, e.foot.value) for e in x.events if e.kind == "initial_contact"]
        for x in (plain, mirrored)
    )
    pairs = match([(t, other[f]) for t, f in a], b)
    errors = np.abs(pairs.errors_s)
    worst = f"{errors.max():.3f}" if len(errors) else "-"
    cadence = [x.parameters["cadence"].value for x in (plain, mirrored)]
    shown = [f"{c:.1f}" if c is not None else "-" for c in cadence]
    feet = f"{pairs.feet_right}/{len(errors)}"
    return [str(len(a)), str(len(b)), feet, worst, *shown]
