"""What a clip is made of: the walker, the camera, the walk."""

from __future__ import annotations

from dataclasses import dataclass

from quantize.render.pathology.patterns import Pattern
from quantize.render.plan import Gait


@dataclass(frozen=True)
class PersonSpec:
    """Who walks; ``muscle``, ``weight`` and ``proportions`` are the body model's axes, 0..1."""

    age_years: float
    female: bool
    stature_m: float
    muscle: float
    weight: float
    proportions: float


@dataclass(frozen=True)
class CameraSpec:
    """Where the camera stands.

    ``yaw_deg`` is the angle between the optical axis and the square view onto the path (0 = side
    view), ``distance_m`` that to the middle of the path, ``field_deg`` the horizontal angle of
    view, ``pitch_deg`` the upward tilt.
    """

    yaw_deg: float
    height_m: float
    distance_m: float
    field_deg: float
    pitch_deg: float
    left_to_right: bool


@dataclass(frozen=True)
class SheetSpec:
    """A printed marker that lies on the floor: an ArUco marker of DICT_4X4_100.

    ``marker`` is its number; ``x_m``, ``y_m`` the place of its middle in the room; ``turn_deg`` how
    far its upper edge is turned from the room's y, counter-clockwise seen from above; ``width_m``,
    ``length_m`` the black rectangle, ``margin_m`` the white paper around it.
    """

    marker: int
    x_m: float
    y_m: float
    turn_deg: float
    width_m: float
    length_m: float
    margin_m: float


@dataclass(frozen=True)
class ClipSpec:
    """One clip. Exactly one of ``gait`` (parametric walker) and ``trial`` (mocap) is given.

    ``pattern`` names what ``gait`` shows; it does not change it again. ``reach_m``: how far from
    the middle of the path the walk goes at most (a walk towards the camera has no other end).
    """

    name: str
    seed: int
    rate_hz: float
    width: int
    height: int
    empty_s: float
    wall_behind_m: float
    noise: float
    person: PersonSpec
    camera: CameraSpec
    gait: Gait | None
    trial: str | None
    pattern: Pattern | None = None
    sheets: tuple[SheetSpec, ...] | None = None
    reach_m: float | None = None
