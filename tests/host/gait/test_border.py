"""Moments at which the walker is cut off by the picture count for nothing."""

from __future__ import annotations

import numpy as np

from host.gait.body import BodyHeight
from host.gait.border import CUT_OFF, whole_in_picture
from host.gait.track import Resampler, Track
from tests.host.gait.walker import Walker, regular

WALKER = Walker(start_s=0.5, n_steps=14)


def walk() -> tuple[Track, int]:
    """A walk in pixels, and a picture that ends in the middle of its way."""
    points = WALKER.trajectories(regular(WALKER.end_s() + 0.8, 60))
    track = Resampler().resample(points)
    hips = track.middle("hip", 0)
    return track, int(np.nanmean([np.nanmin(hips), np.nanmax(hips)]))


def test_who_stands_at_the_edge_is_left_out_and_nobody_else() -> None:
    track, width = walk()
    body = BodyHeight().measure(track)
    kept = whole_in_picture(track, body, (width, 720))
    hips = track.middle("hip", 0)
    margin = CUT_OFF * body.height
    cut = (hips < margin) | (hips > width - margin)
    assert 0.2 < cut.mean() < 0.8
    assert np.isnan(kept.xyz[cut]).all()
    assert (kept.score[cut] == 0).all()
    assert np.array_equal(kept.xyz[~cut], track.xyz[~cut], equal_nan=True)
    assert np.array_equal(kept.score[~cut], track.score[~cut])


def test_without_a_picture_everything_stays() -> None:
    track, _ = walk()
    assert whole_in_picture(track, BodyHeight().measure(track), None) is track
