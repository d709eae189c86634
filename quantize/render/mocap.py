"""Motion capture on a body: clips of the CMU database, and their transfer to anny's bones.

"The data used in this project was obtained from mocap.cs.cmu.edu. The database was created with
funding from NSF EIA-0196217."
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from quantize.render.body import BodyModel, Shape

Array = NDArray[np.float64]

# First matching prefix of a body bone's name -> joint of the mocap skeleton; True = one per side.
# What is left (fingers, metacarpals, wrist) follows the wrist.
_RULES: tuple[tuple[str, str, bool], ...] = (
    ("root", "root", False),
    ("pelvis", "root", False),
    ("upperleg", "femur", True),
    ("lowerleg", "tibia", True),
    ("foot", "foot", True),
    ("toe", "toes", True),
    ("spine05", "lowerback", False),
    ("spine04", "lowerback", False),
    ("spine03", "upperback", False),
    ("spine", "thorax", False),
    ("clavicle", "clavicle", True),
    ("shoulder", "clavicle", True),
    ("upperarm", "humerus", True),
    ("lowerarm", "radius", True),
    ("neck01", "lowerneck", False),
    ("neck", "upperneck", False),
    ("head", "head", False),
    ("eye", "head", False),
    ("", "wrist", True),
)
# Segments whose rest directions differ between the two skeletons: body bones at their two ends.
_SEGMENTS = {
    "femur": ("upperleg01", "lowerleg01"),
    "tibia": ("lowerleg01", "foot"),
    "foot": ("foot", "toe2-1"),
    "humerus": ("upperarm01", "lowerarm01"),
    "radius": ("lowerarm01", "wrist"),
}
_FOLLOWS = {"toes": "foot", "wrist": "radius"}


@dataclass(frozen=True)
class MocapClip:
    """One recorded walk.

    ``joint_turn`` float64[T, 31, 3, 3] global rotation of each joint away from its T pose,
    ``root_m`` float64[T, 3], ``rest_m`` float64[31, 3] bone vectors of the T pose.
    """

    trial: str
    subject: str
    rate_hz: float
    joints: tuple[str, ...]
    joint_turn: Array
    root_m: Array
    rest_m: Array

    @property
    def heading_rad(self) -> Array:
        """Direction the pelvis faces, float64[T]: 0 faces -y, growing to the body's left (+x)."""
        facing = self.joint_turn[:, self.joints.index("root")] @ np.array([0.0, -1.0, 0.0])
        return np.asarray(np.arctan2(facing[:, 0], -facing[:, 1]))


class MocapLibrary:
    """The clips of one file (``cmu_walks.npz``: see the README beside it)."""

    def __init__(self, path: Path) -> None:
        with np.load(path) as data:
            self._data = {name: data[name] for name in data.files}
        self.joints = tuple(str(name) for name in self._data["joint_names"])
        self.trials = tuple(str(name) for name in self._data["trial"])
        self.subjects = tuple(str(name) for name in self._data["subject"])

    def choose(
        self,
        subjects: tuple[str, ...],
        trials: tuple[str, ...],
        without_subjects: tuple[str, ...],
        without_trials: tuple[str, ...],
    ) -> list[int]:
        """Clips whose subject or trial is named (all, when neither is), less those left out."""
        everything = not subjects and not trials
        return [
            i
            for i, (trial, subject) in enumerate(zip(self.trials, self.subjects, strict=True))
            if (everything or subject in subjects or trial in trials)
            and subject not in without_subjects
            and trial not in without_trials
        ]

    def clip(self, i: int) -> MocapClip:
        """Clip number ``i``."""
        first, last = self._data["start"][i : i + 2]
        quat = self._data["rot_q15"][first:last].astype(np.float64)
        turn = Rotation.from_quat(quat.reshape(-1, 4)).as_matrix()
        return MocapClip(
            self.trials[i],
            self.subjects[i],
            float(self._data["fps"]),
            self.joints,
            turn.reshape(len(quat), -1, 3, 3),
            self._data["pos_mm"][first:last, 0] / 1000.0,
            self._data["rest"][i].astype(np.float64),
        )

    def places_m(self, i: int) -> Array:
        """Ends of the bones of clip number ``i``, float64[T, 31, 3] in metres: joint centres."""
        first, last = self._data["start"][i : i + 2]
        return np.asarray(self._data["pos_mm"][first:last].astype(np.float64) / 1000.0)


class Retarget:
    """Mocap joint rotations as rotations of the body's bones.

    Each bone copies the global rotation of its mocap joint; limbs are first laid into the mocap
    skeleton's rest direction by the smallest rotation. The root's path is scaled by leg length.
    """

    def __init__(self, model: BodyModel, joints: tuple[str, ...]) -> None:
        self._model = model
        self._joints = joints
        self._source = [self._joint_of(bone) for bone in model.bones]
        self._column = [joints.index(name) for name in self._source]

    @staticmethod
    def _joint_of(bone: str) -> str:
        side = bone[-1].lower() if bone[-2:] in (".L", ".R") else ""
        return next(
            (side if sided else "") + joint
            for prefix, joint, sided in _RULES
            if bone.startswith(prefix)
        )

    def __call__(self, shape: Shape, clip: MocapClip) -> tuple[Array, Array]:
        """``turn`` float64[T, B, 3, 3] and ``root_m`` float64[T, 3] for ``BodyModel.pose``."""
        align = self._alignment(shape, clip)
        laid = np.stack([align.get(name, np.eye(3)) for name in self._source])
        turn = clip.joint_turn[:, self._column] @ laid
        return turn, clip.root_m * self.leg_ratio(shape, clip)

    def leg_ratio(self, shape: Shape, clip: MocapClip) -> float:
        """Leg length of the body over that of the recorded person."""
        index, head = self._model.index, shape.heads
        leg = np.linalg.norm(head[index["upperleg01.L"]] - head[index["foot.L"]])
        recorded = sum(
            np.linalg.norm(clip.rest_m[self._joints.index(name)]) for name in ("lfemur", "ltibia")
        )
        return float(leg / recorded)

    def _alignment(self, shape: Shape, clip: MocapClip) -> dict[str, Array]:
        index, head = self._model.index, shape.heads
        out: dict[str, Array] = {}
        for side in "LR":
            for joint, (upper, lower) in _SEGMENTS.items():
                ours = head[index[f"{lower}.{side}"]] - head[index[f"{upper}.{side}"]]
                theirs = clip.rest_m[self._joints.index(side.lower() + joint)]
                out[side.lower() + joint] = smallest_rotation(ours, theirs)
            for joint, other in _FOLLOWS.items():
                out[side.lower() + joint] = out[side.lower() + other]
        return out


def smallest_rotation(a: Array, b: Array) -> Array:
    """Rotation matrix (3, 3) that turns the direction of ``a`` into that of ``b`` the short way."""
    a, b = a / np.linalg.norm(a), b / np.linalg.norm(b)
    axis = np.cross(a, b)
    sine = float(np.linalg.norm(axis))
    if sine < 1e-9:
        return np.eye(3)
    angle = np.arctan2(sine, float(a @ b))
    return np.asarray(Rotation.from_rotvec(axis / sine * angle).as_matrix())
