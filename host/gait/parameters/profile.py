"""How far the sagittal curves lie from those of healthy people: variable scores and their root.

Gait Variable Score (Baker et al. 2009, Gait Posture 30:265): root of the mean square difference to
the reference's mean over 51 points of the cycle (0, 2, ... 100 %); together they are the Movement
Analysis Profile. The Gait Profile Score is the root mean square of nine of them, of pelvis, hip,
knee, ankle and foot in three dimensions. One camera at the side gives three, so what is told here
is named sagittal: root mean square of thigh, knee and ankle. It has no published limits.

Deviation: thigh and ankle are compared without their means, because their zero is defined otherwise
than the reference's (:mod:`host.gait.norms.curves`); a thigh that is carried too far forward
throughout does not show in them.

There is no Gait Deviation Index (Schwartz and Rozumalski 2008, Gait Posture 28:351): it needs nine
curves in three dimensions of at least some ninety healthy people, and none may be shipped.
"""

from __future__ import annotations

import numpy as np

from host.codes import Absence
from host.gait.curves import JOINTS, Cycles
from host.gait.norms import shape_reference
from host.gait.parameters.samples import Measured, Samples
from host.gait.signals import Array
from model_zoo.skeleton import Side

_POINTS = slice(0, 101, 2)
_AS_IT_IS = "knee"
SCORES = tuple(f"{joint}_variable_score" for joint in JOINTS)
"""Names of the scores of the three joints."""


class SagittalProfile:
    """Measures ``thigh_``, ``knee_`` and ``ankle_variable_score``, degrees, one value per stride.

    Limits: noise of the points adds to every score; a score of few strides is not smaller for it.
    """

    def measure(self, cycles: Cycles, speed_mps: float) -> Measured:
        """Samples of the clean strides.

        Parameters
        ----------
        cycles
            Angles of the strides as :meth:`host.gait.curves.SagittalCurves.cycles` gives them.
        speed_mps
            Walking speed, for the reference; NaN when unknown.
        """
        return {
            name: self._scores(cycles, joint, speed_mps)
            for name, joint in zip(SCORES, JOINTS, strict=True)
        }

    def _scores(self, cycles: Cycles, joint: str, speed_mps: float) -> Samples | Absence:
        reference = shape_reference(joint, speed_mps)
        if isinstance(reference, Absence):
            return reference
        return Samples.of(
            [
                (_distance(cycle if joint == _AS_IT_IS else cycle - cycle.mean(), reference), side)
                for side in Side
                for cycle in cycles[joint, side]
            ]
        )


def _distance(cycle: Array, reference: Array) -> float:
    return float(np.sqrt(np.mean((cycle - reference)[_POINTS] ** 2)))
