"""A still pinhole camera above a level floor: from pixels to places on the floor and back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class FloorCamera:
    """Where the camera stands and how it looks; square pixels, no lens distortion.

    The floor's frame has its origin on the floor under the camera: X to the right, Y ahead along
    the floor, Z up. ``unit`` of all lengths is that of ``height`` (metres, or body heights where
    nothing gives metres).

    Attributes
    ----------
    focal_px
        Focal length.
    centre_px
        Where the optical axis meets the picture: its middle.
    tilt_rad
        How far the axis points below the horizontal; negative looks up.
    roll_rad
        Turn of the camera about its axis, clockwise as it looks.
    height
        Height of the camera above the floor.
    """

    focal_px: float
    centre_px: tuple[float, float]
    tilt_rad: float
    roll_rad: float
    height: float

    def axes(self) -> tuple[Array, Array, Array]:
        """Unit vectors of the picture's right, its up and the optical axis in the floor's frame."""
        tilt, roll = self.tilt_rad, self.roll_rad
        right = np.array([1.0, 0.0, 0.0])
        up = np.array([0.0, np.sin(tilt), np.cos(tilt)])
        ahead = np.array([0.0, np.cos(tilt), -np.sin(tilt)])
        turned = np.cos(roll) * right - np.sin(roll) * up
        return turned, np.cos(roll) * up + np.sin(roll) * right, ahead

    def rays(self, xy_px: Array) -> Array:
        """float64[..., 3]: directions in the floor's frame of pixels float64[..., 2] (y down)."""
        right, up, ahead = self.axes()
        x = (xy_px[..., 0] - self.centre_px[0]) / self.focal_px
        y = (xy_px[..., 1] - self.centre_px[1]) / self.focal_px
        return np.asarray(ahead + x[..., None] * right - y[..., None] * up)

    def on_floor(self, xy_px: Array, above: Array | float = 0.0) -> Array:
        """Floor places float64[..., 2] of pixels that show points ``above`` the floor.

        NaN where the pixel lies on or above the horizon.
        """
        ray = self.rays(np.asarray(xy_px, dtype=np.float64))
        drop = np.asarray(above) - self.height
        with np.errstate(divide="ignore", invalid="ignore"):
            far = drop / ray[..., 2]
        far = np.where(np.isfinite(far) & (far > 0), far, np.nan)
        return np.asarray(ray[..., :2] * far[..., None])

    def project(self, points: Array) -> Array:
        """Pixels float64[..., 2] of points float64[..., 3]; NaN behind the camera."""
        right, up, ahead = self.axes()
        away = points - np.array([0.0, 0.0, self.height])
        depth = away @ ahead
        depth = np.where(depth > 0, depth, np.nan)
        x = self.centre_px[0] + self.focal_px * (away @ right) / depth
        y = self.centre_px[1] - self.focal_px * (away @ up) / depth
        return np.stack((x, y), axis=-1)

    def spread_on_floor(self, xy_px: Array, above: float, sd_px: float) -> Array:
        """Covariance float64[..., 2, 2] of :meth:`on_floor` for isotropic noise of the pixels."""
        columns = []
        for axis in range(2):
            step = np.zeros(2)
            step[axis] = 0.5
            ends = [self.on_floor(xy_px + sign * step, above) for sign in (1.0, -1.0)]
            columns.append(ends[0] - ends[1])
        slope = np.stack(columns, axis=-1)
        return np.asarray(sd_px**2 * slope @ np.swapaxes(slope, -1, -2))
