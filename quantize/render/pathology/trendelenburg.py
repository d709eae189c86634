"""Trendelenburg: the pelvis drops on the swinging side while the weak hip stands.

The range of obliquity of healthy young people at free speed is 8.2 degrees (Schwartz, Rozumalski
and Trost, J Biomech 41:1639, 2008); a drop of 5 degrees beyond the norm is taken as worth notice
(usual practice, no verified source): mild lies just below, moderate above. The trunk stays upright
here, as in a walker who does not compensate. Sizes by severity are this project's choice.
"""

from __future__ import annotations

from model_zoo.skeleton import Side
from quantize.render.pathology.edit import Levels, Severity, added, slowed
from quantize.render.plan import Gait

DROP_DEG: Levels = (4.0, 7.5, 11.0)
LEAN_OVER_DEG: Levels = (0.0, 1.0, 2.0)
CADENCE: Levels = (0.98, 0.95, 0.90)
STEP: Levels = (0.97, 0.91, 0.84)


def change(gait: Gait, side: Side, severity: Severity) -> Gait:
    """The walk with the pattern; ``side`` is that of the weak hip."""
    k = severity
    gait = slowed(gait, CADENCE[k], STEP[k])
    return added(gait, side, drop_deg=DROP_DEG[k], lean_over_deg=LEAN_OVER_DEG[k])
