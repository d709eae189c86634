import numpy as np
import pytest

from host.codes import ViewKind
from host.gait.body import BodyHeight
from host.gait.bouts import ProgressionBouts
from host.gait.track import Resampler
from host.gait.types import Trajectories
from host.gait.view import ViewEstimator
from tests.host.gait.walker import Walker, oblique_walk, regular


def seen_from(angle_deg):
    """The view of a walk that a camera sees at this angle."""
    track = Resampler().resample(oblique_walk(angle_deg))
    body = BodyHeight().measure(track)
    return ViewEstimator().estimate(track, body, ProgressionBouts().find(track, body))


@pytest.mark.parametrize(
    ("angle_deg", "kind"),
    [(0, ViewKind.SIDE), (20, ViewKind.SIDE), (45, ViewKind.OBLIQUE), (85, ViewKind.FRONTAL)],
)
def test_the_angle_is_seen(angle_deg, kind):
    view = seen_from(angle_deg)
    assert view.kind is kind
    assert view.angle_deg == pytest.approx(angle_deg, abs=12)


def test_laboratory_points_have_no_view():
    points = Walker().trajectories(regular(6, 30))
    xyz = points.xyz.copy()
    xyz[..., 1] = 0.0
    track = Resampler().resample(Trajectories(points.time_s, xyz, "m", points.score, "markers"))
    view = ViewEstimator().estimate(track, BodyHeight().measure(track), ())
    assert view.kind is ViewKind.UNKNOWN
    assert np.isnan(view.angle_deg)
