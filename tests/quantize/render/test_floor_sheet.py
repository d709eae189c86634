"""Printed markers on the floor of a clip: their number, place and true size can be read again."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from quantize.render.camera import Camera, aim
from quantize.render.clip import ClipRecipe, visible_half_width
from quantize.render.corridor import corridor, floor_sheet, paint_fine
from quantize.render.ranges import read
from quantize.render.specs import SheetSpec

RECIPE = Path(__file__).parents[3] / "quantize" / "recipes" / "clips" / "marker.toml"


@pytest.mark.parametrize("turn_deg", [0.0, 90.0, -40.0])
def test_a_sheet_lies_where_it_was_put_at_its_size(turn_deg: float) -> None:
    eye = np.array([0.4, -3.5, 1.5])
    camera = Camera(eye, aim(eye, np.array([0.0, 0.0, 0.3])), 900.0, (480.0, 270.0), 960, 540)
    sheet = SheetSpec(23, -0.2, -0.5, turn_deg, 0.34, 0.51, 0.04)
    rng = np.random.default_rng(3)
    picture = paint_fine(corridor(rng, 1.5) + floor_sheet(sheet), camera, rng)
    grey = cv2.cvtColor(np.clip(picture * 255, 0, 255).astype(np.uint8), cv2.COLOR_RGB2GRAY)
    found = cv2.aruco.ArucoDetector(cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_4X4_100))
    corners, numbers, _ = found.detectMarkers(grey)
    assert [int(n) for n in numbers.ravel()] == [23]
    turn = np.deg2rad(turn_deg)
    right, up = np.array([np.cos(turn), np.sin(turn)]), np.array([-np.sin(turn), np.cos(turn)])
    ends = [(-1, 1), (1, 1), (1, -1), (-1, -1)]
    floor = [(-0.2, -0.5) + a * 0.17 * right + b * 0.255 * up for a, b in ends]
    expected = camera.project(np.column_stack((np.array(floor), np.zeros(4))))[0]
    assert np.abs(corners[0][0] + 0.5 - expected).max() < 1.5


def test_a_walk_towards_the_camera_ends_at_its_reach() -> None:
    recipe = read(RECIPE, ClipRecipe)
    frontal = next(c for c in recipe.all() if c.name == "frontal-towards")
    eye = np.array([5.6, -0.6, 1.3])
    camera = Camera(eye, aim(eye, np.array([0.0, 0.0, 0.9])), 800.0, (480.0, 270.0), 960, 540)
    assert visible_half_width(camera, frontal) == frontal.reach_m
