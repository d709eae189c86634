"""Key points of a posed body without its mesh: exact, and a thousand times faster than the mesh.

A vertex is a weighted mean of what each bone does with its place at rest (linear blend skinning),
and a key point is a weighted mean of vertices. So a key point is a weighted mean of what each bone
does with one place of its own, which is worked out once per body.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from quantize.render.body import BodyModel, Shape

Array = NDArray[np.float64]


class PointSkin:
    """Key points of one body.

    Parameters
    ----------
    model
        The body model.
    shape
        The person at rest.
    """

    def __init__(self, model: BodyModel, shape: Shape) -> None:
        regressor, weight = model.point_weights, model.bone_weights
        # How much each bone has of each key point, float[B, 23], and where that lies at rest.
        self._share = weight.T @ regressor.T
        self._place = np.einsum("kv,vb,vx->bkx", regressor, weight, shape.vertices, optimize=True)
        self._heads = shape.heads
        self._parents = model.parents

    def points(self, turn: Array, root_m: Array) -> Array:
        """Key points float64[T, 23, 3], metres.

        Parameters
        ----------
        turn, root_m
            As of :meth:`quantize.render.body.BodyModel.pose`.
        """
        heads = np.empty((len(turn), len(self._heads), 3))
        for bone, parent in enumerate(self._parents):
            if parent < 0:
                heads[:, bone] = root_m
            else:
                arm = self._heads[bone] - self._heads[parent]
                heads[:, bone] = heads[:, parent] + turn[:, parent] @ arm
        # Where the bone carries the origin of the rest pose to.
        moved = heads - np.einsum("tbij,bj->tbi", turn, self._heads)
        turned = np.einsum("tbij,bkj->tki", turn, self._place, optimize=True)
        out: Array = turned + np.einsum("tbi,bk->tki", moved, self._share, optimize=True)
        return out
