"""Walks of formulas as the renderer's files hold walks: along -y, left towards +x."""

from __future__ import annotations

from typing import Any

import numpy as np

from quantize.render.walk_file import WalkPoints
from tests.host.gait.walker import Walker

HEIGHT_M = 1.7
RATE_HZ = 100.0


def formula_walk(body: int = 1, steps: int = 12, **tags: Any) -> WalkPoints:
    """A walk whose events are known from its formulas."""
    walker = Walker(start_s=0.3, n_steps=steps, step_width=0.06)
    time_s = np.arange(0, walker.end_s(), 1 / RATE_HZ)
    points = HEIGHT_M * walker.points(time_s)
    xyz = np.stack([points[..., 1], -points[..., 0], points[..., 2]], axis=-1)
    events = [(s, 0, t) for t, s in walker.contacts()] + [(s, 1, t) for t, s in walker.offs()]
    inside = np.array([e for e in events if 0 <= e[2] <= time_s[-1]])
    return WalkPoints(np.nan_to_num(xyz), RATE_HZ, HEIGHT_M, inside, {"body": body, **tags})
