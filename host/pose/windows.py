"""Keypoints over time as the integers that a temporal network reads; the one place that says how.

Training, export and host share this: a window is ``T`` moments of one person's 23 keypoints, a
constant time apart, about the moment that the network answers for.

- **Axes**: x to the right of the picture, z up (the picture's y turned round).
- **Gaps**: a point missing at some moments is put on the straight line between its neighbours in
  time (held at the ends); its flag says that it was not seen. A point never seen in the window
  lies on the origin.
- **Origin**: the middle of the hips. Its motion is taken as steady over the window: place at the
  middle moment and velocity are the straight line of least squares through it. Every moment's
  points are told relative to this line, so that a walker stays in the middle whatever the speed
  or the length of the window.
- **Unit**: the body's size, which is the length from the middle of the shoulders to that of the
  hips and on along the longer-looking leg (hip, knee, ankle), its 80th percentile over the
  window's moments; about 0.8 of the stature.
- **Integers**, int8: coordinates are multiplied by :data:`STEPS_PER_SIZE`, rounded (ties to even)
  and clipped; flags are :data:`SEEN` where the point was seen and 0 where not; the velocity in
  sizes per second is multiplied by :data:`STEPS_PER_SPEED`.

Channels, 72: x of the 23 points, z of the 23 points, flags of the 23 points, velocity along x and z
(the same at all moments), and one that is :data:`SEEN` where any point was seen.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model_zoo.skeleton import N_KEYPOINTS, Side, part

STEPS_PER_SIZE = 160.0
"""int8 steps per body size: one step is about 8 mm, the range 0.8 sizes on each side."""
STEPS_PER_SPEED = 48.0
"""int8 steps per body size and second: the range reaches 2.6 sizes (3.5 m) a second."""
SEEN = 64
"""Flag of a point that was seen."""
CHANNELS = 3 * N_KEYPOINTS + 3
LONGEST_GAP_S = 0.25
"""Over longer gaps between frames nothing is interpolated when windows are cut."""

_SIZE_PERCENTILE = 80.0
_HIPS = [part("hip", side) for side in Side]
_SHOULDERS = [part("shoulder", side) for side in Side]
_LEGS = [[part(name, side) for name in ("hip", "knee", "ankle")] for side in Side]

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Windows:
    """N windows of T moments.

    Attributes
    ----------
    x
        int8[N, 1, T, 72], what the network reads (a picture of one row).
    points
        float64[N, T, 23, 2] x and z in body sizes relative to the steady origin, gaps filled; NaN
        where a point was never seen in the window. The integers are these, rounded.
    origin_px
        float64[N, 2], the origin at the middle moment, x right and z **up** in pixels.
    velocity
        float64[N, 2], of the origin in body sizes per second.
    size_px
        float64[N]; NaN where the window shows too little of a body (hips, shoulders and one leg
        each at least once): its integers are then zeros.
    """

    x: NDArray[np.int8]
    points: Array
    origin_px: Array
    velocity: Array
    size_px: Array


def windows_of(xy_px: Array, rate_hz: float) -> Windows:
    """Windows of evenly sampled keypoints.

    Parameters
    ----------
    xy_px
        float[N, T, 23, 2], x right and y down; NaN where missing; T odd.
    rate_hz
        Moments per second.
    """
    t = xy_px.shape[1]
    xz = np.asarray(xy_px, np.float64) * (1.0, -1.0)
    seen: Mask = np.asarray(np.isfinite(xz).all(axis=-1))
    filled = _filled(xz, seen)
    size = body_size(filled)
    after_s = (np.arange(t) - t // 2) / rate_hz
    origin, velocity = _steady(
        filled[:, :, _HIPS].mean(axis=2), np.asarray(seen[:, :, _HIPS].all(axis=-1)), after_s
    )
    line = origin[:, None] + velocity[:, None] * after_s[:, None]
    with np.errstate(invalid="ignore", divide="ignore"):
        points = (filled - line[:, :, None]) / size[:, None, None, None]
        speed = velocity / size[:, None]
    return Windows(_integers(points, speed, seen), points, origin, speed, size)


def cut(time_s: Array, xy_px: Array, at_s: Array, rate_hz: float, moments: int) -> Windows:
    """Windows about the times ``at_s`` of one person's track, sampled on straight lines.

    Parameters
    ----------
    time_s
        float64[F], increasing.
    xy_px
        float[F, 23, 2], left and right put right; NaN where missing.
    at_s
        float64[N].
    rate_hz, moments
        Of the network's input (``model.input.rate_hz``, ``model.input.shape[1]``).
    """
    after_s = (np.arange(moments) - moments // 2) / rate_hz
    sampled = sample(time_s, xy_px, (at_s[:, None] + after_s).ravel())
    return windows_of(sampled.reshape(len(at_s), moments, N_KEYPOINTS, 2), rate_hz)


def sample(time_s: Array, points: Array, at_s: Array) -> Array:
    """Points float[F, ...] at other times, float64[N, ...], on the straight line between frames.

    NaN outside the recording, in gaps longer than :data:`LONGEST_GAP_S`, and where the nearer of
    the two frames misses the point (where only the other one does, the nearer one counts).
    """
    points = np.asarray(points, np.float64)
    flat = points.reshape(len(points), -1)
    right = np.clip(np.searchsorted(time_s, at_s), 1, max(len(time_s) - 1, 1))
    if len(time_s) < 2:
        return np.full((len(at_s), *points.shape[1:]), np.nan)
    left = right - 1
    gap = time_s[right] - time_s[left]
    share = (at_s - time_s[left]) / gap
    # Half a frame beyond the ends still shows the end: times of frames are not exact.
    share = np.where((share > -0.5) & (share < 1.5), np.clip(share, 0.0, 1.0), np.nan)
    share = np.where(gap <= LONGEST_GAP_S, share, np.where(np.isin(share, (0, 1)), share, np.nan))
    a, b, s = flat[left], flat[right], share[:, None]
    nearer, other = np.where(s < 0.5, a, b), np.where(s < 0.5, b, a)
    between = np.where(s == 0, a, np.where(s == 1, b, a + s * (b - a)))
    out = np.where(np.isnan(other) & np.isfinite(s), nearer, between)
    return np.asarray(out).reshape(len(at_s), *points.shape[1:])


def body_size(points: Array) -> Array:
    """Size of the body in each window, float64[N], of float64[N, T, 23, D] without gaps.

    The same rule makes the unit of pictures (D = 2) and of bodies in space (D = 3); see the
    module's text. NaN where a point of it is missing throughout.
    """
    trunk = _distance(points[..., _SHOULDERS, :].mean(axis=-2), points[..., _HIPS, :].mean(axis=-2))
    legs = []
    for hip, knee, ankle in _LEGS:
        thigh = _distance(points[..., hip, :], points[..., knee, :])
        legs.append(thigh + _distance(points[..., knee, :], points[..., ankle, :]))
    longer = np.fmax(*legs)
    size = np.percentile(trunk + longer, _SIZE_PERCENTILE, axis=1)
    return np.where(size > 0, size, np.nan)


def _distance(a: Array, b: Array) -> Array:
    return np.asarray(np.sqrt(((a - b) ** 2).sum(axis=-1)))


def _filled(xz: Array, seen: Mask) -> Array:
    """Gaps over time on straight lines, ends held; NaN where a point is never seen."""
    if seen.all():
        return xz
    t = xz.shape[1]
    step = np.arange(t)[None, :, None]
    before = np.maximum.accumulate(np.where(seen, step, -1), axis=1)
    after = np.minimum.accumulate(np.where(seen, step, t)[:, ::-1], axis=1)[:, ::-1]
    before, after = np.where(before < 0, after, before), np.where(after >= t, before, after)
    never: Mask = np.asarray(~seen.any(axis=1))
    before, after = (np.where(never[:, None], 0, side) for side in (before, after))
    share = (step - before) / np.maximum(after - before, 1)
    at_before = np.take_along_axis(xz, before[..., None], axis=1)
    at_after = np.take_along_axis(xz, after[..., None], axis=1)
    filled = at_before + share[..., None] * (at_after - at_before)
    return np.where(never[:, None, :, None], np.nan, filled)


def _steady(middle: Array, seen: Mask, after_s: Array) -> tuple[Array, Array]:
    """Place at 0 s and velocity of the straight line through float64[N, T, 2], each [N, 2]."""
    weight = np.where(seen.sum(axis=1, keepdims=True) >= 2, seen, True).astype(np.float64)
    total = weight.sum(axis=1)
    mean_s = (weight * after_s).sum(axis=1) / total
    mean = (weight[..., None] * middle).sum(axis=1) / total[:, None]
    from_mean = after_s - mean_s[:, None]
    spread = (weight * from_mean**2).sum(axis=1)
    along = ((weight * from_mean)[..., None] * middle).sum(axis=1)
    velocity = along / np.maximum(spread, 1e-12)[:, None]
    return mean - velocity * mean_s[:, None], velocity


def _integers(points: Array, speed: Array, seen: Mask) -> NDArray[np.int8]:
    n, t = points.shape[:2]
    out = np.empty((n, t, CHANNELS), np.float64)
    k = N_KEYPOINTS
    out[..., :k] = points[..., 0] * STEPS_PER_SIZE
    out[..., k : 2 * k] = points[..., 1] * STEPS_PER_SIZE
    out[..., 2 * k : 3 * k] = seen * SEEN
    out[..., 3 * k : 3 * k + 2] = speed[:, None] * STEPS_PER_SPEED
    out[..., -1] = seen.any(axis=-1) * SEEN
    known: Mask = np.asarray(np.isfinite(speed).all(axis=-1))
    whole = np.where(known[:, None, None], np.nan_to_num(np.rint(out)), 0.0)
    limits = np.iinfo(np.int8)
    return np.clip(whole, limits.min, limits.max).astype(np.int8)[:, None]
