import numpy as np
import pytest

from host.codes import ViewKind
from host.gait.body import BodyHeight
from host.gait.bouts import ProgressionBouts
from host.gait.track import Resampler
from host.gait.types import Trajectories
from host.gait.view import ViewEstimator
from model_zoo.skeleton import INDEX, Side
from tests.host.gait.walker import Walker, regular

BREADTH = {"hip": 0.9 * 0.191, "shoulder": 0.9 * 0.259}
FOOT = 0.8 * 0.152


def seen_from(angle_deg, distance=4.0):
    """The walker of formulas, seen by a camera turned by the angle, with growth and breadths."""
    angle = np.radians(angle_deg)
    walker = Walker(start_s=0.3, n_steps=8)
    time_s = regular(walker.end_s(), 30)
    xyz = walker.points(time_s)
    pelvis = walker.pelvis(time_s)
    xyz[..., 0] *= np.cos(angle)
    for side in Side:
        sign = -1 if side is Side.LEFT else 1
        for part, breadth in BREADTH.items():
            xyz[:, INDEX[f"{side.value}_{part}"], 0] = pelvis * np.cos(angle)
            xyz[:, INDEX[f"{side.value}_{part}"], 0] += sign * breadth / 2 * np.sin(angle)
        heel = xyz[:, INDEX[f"{side.value}_heel"], 0]
        xyz[:, INDEX[f"{side.value}_big_toe"], 0] = heel + FOOT * np.cos(angle)
    scale = distance / (distance - (pelvis - pelvis[0]) * np.sin(angle) * 0.7)
    xyz = 300 * xyz * scale[:, None, None]
    track = Resampler().resample(
        Trajectories(time_s, xyz, "px", np.isfinite(xyz[..., 0]) * 1.0, "synthetic")
    )
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
