"""Whether somebody walks across the picture."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from host.codes import ViewKind
from host.gait.body import BodyHeight
from host.gait.bouts import ProgressionBouts
from host.gait.sources import Source
from host.gait.track import Resampler
from host.gait.types import Trajectories
from host.gait.view import ViewEstimator

Array = NDArray[np.float64]


def walks_across(time_s: Array, xy_px: Array, score: Array, source: Source) -> bool:
    """Whether the camera sees the walk from the side, as the gait room would say.

    Of a person who does not walk the whole recording tells the view; where nothing tells it, the
    answer is no.

    Parameters
    ----------
    time_s, xy_px, score, source
        As of :meth:`host.pose.plausible.PlausibleBody.find`, which asks for it; of the source only
        the least score and the height that is seen count.
    """
    points = Trajectories.of_picture(time_s, xy_px, score, "")
    track = Resampler(min_score=source.min_score).resample(points)
    body = BodyHeight(height_seen=source.height_seen).measure(track)
    view = ViewEstimator().estimate(track, body, ProgressionBouts().find(track, body))
    return view.kind is ViewKind.SIDE
