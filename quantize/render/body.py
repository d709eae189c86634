"""Bodies: the anny model, people drawn from ranges of age and stature, and posed meshes.

anny 0.6.2 (NAVER, Apache-2.0; shapes from MakeHuman/MPFB2, CC0). Its age axis runs from 2/3
(25 years) to 1 (90 years); its gender axis from 0 (man) to 1 (woman).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
import warp
from numpy.typing import NDArray

from model_zoo.skeleton import KEYPOINTS
from quantize.render.ranges import Span, draw

warp.config.quiet = True
import anny  # noqa: E402  (it starts warp, which prints unless told before)

Array = NDArray[np.float64]
_HEIGHT_GRID = (0.0, 0.2, 0.4, 0.6, 0.8)


@dataclass(frozen=True)
class BodyRanges:
    """Ranges of people: ``old_share`` are of ``age_old`` years, the others of ``age_other``."""

    old_share: float
    age_old: Span
    age_other: Span
    stature_m_women: Span
    stature_m_men: Span
    muscle: Span
    weight: Span
    proportions: Span


@dataclass(frozen=True)
class Person:
    """Who walks: age, sex and the model's shape axes (each 0..1)."""

    age_years: float
    female: bool
    stature_m: float
    phenotype: dict[str, float]


@dataclass(frozen=True)
class Shape:
    """A person at rest.

    ``bones`` float[B, 4, 4] pose of each bone, ``vertices`` float[V, 3] in metres.
    """

    bones: Array
    vertices: Array

    @cached_property
    def heads(self) -> Array:
        """Head (upper end) of each bone, float[B, 3] in metres."""
        return self.bones[:, :3, 3]


class BodyModel:
    """The body model, loaded once per process.

    Attributes
    ----------
    bones
        Names of the bones, in order.
    faces
        int32[F, 3], corners of the triangles.
    vertex_bone
        int[V], the bone that moves each vertex most.
    """

    def __init__(self) -> None:
        torch.set_num_threads(1)
        self._model = anny.Anny().to(torch.float32)
        self._keypoints = anny.KeypointsRegressor.coco(self._model, list(KEYPOINTS)).to(
            torch.float32
        )
        self.bones: tuple[str, ...] = tuple(self._model.bone_labels)
        self.index = {name: i for i, name in enumerate(self.bones)}
        self.faces: NDArray[np.int32] = self._model.faces.numpy().astype(np.int32)
        n_vertices = len(self._model.template_vertices)
        weight = torch.zeros(n_vertices, len(self.bones)).scatter_add_(
            1, self._model.vertex_bone_indices.long(), self._model.vertex_bone_weights.float()
        )
        self._weight: NDArray[np.float32] = weight.numpy()
        self.vertex_bone: NDArray[np.intp] = self._weight.argmax(1)

    @property
    def parents(self) -> tuple[int, ...]:
        """Number of each bone's parent, -1 for the root; parents come before their children."""
        return tuple(int(p) for p in self._model.bone_parents)

    @property
    def bone_weights(self) -> Array:
        """Part of each vertex's motion that each bone makes, float64[V, B]."""
        return self._weight.astype(np.float64)

    @property
    def point_weights(self) -> Array:
        """Part of each key point that each vertex makes, float64[23, V]."""
        return np.asarray(self._keypoints.regression_weights.double().numpy())

    def weight_of(self, bones: list[str]) -> Array:
        """Part of each vertex's motion that these bones make together, float64[V] in 0..1."""
        columns = [self.index[b] for b in bones]
        return self._weight[:, columns].sum(1).astype(np.float64)

    @torch.no_grad()
    def shape(self, phenotype: dict[str, float]) -> Shape:
        """The body of ``phenotype`` at rest."""
        eye = torch.eye(4).repeat(1, len(self.bones), 1, 1)
        out = self._model(phenotype_kwargs=phenotype, pose_parameters=eye)
        return Shape(
            out["rest_bone_poses"][0].double().numpy(), out["rest_vertices"][0].double().numpy()
        )

    def person(self, rng: np.random.Generator, ranges: BodyRanges) -> Person:
        """Draw a person."""
        old = rng.random() < ranges.old_share
        age = draw(rng, ranges.age_old if old else ranges.age_other)
        female = bool(rng.random() < 0.5)
        stature = draw(rng, ranges.stature_m_women if female else ranges.stature_m_men)
        shape = {
            name: draw(rng, getattr(ranges, name)) for name in ("muscle", "weight", "proportions")
        }
        return self.sized(age, female, stature, shape)

    @torch.no_grad()
    def sized(
        self, age_years: float, female: bool, stature_m: float, shape: dict[str, float]
    ) -> Person:
        """A person of a given stature: the model's height axis is solved for it by interpolation.

        ``shape`` gives ``muscle``, ``weight`` and ``proportions``.
        """
        axes = {"gender": float(female), "age": (2 + (age_years - 25) / 65) / 3, **shape}
        n = len(_HEIGHT_GRID)
        batch = {k: torch.full((n,), v) for k, v in axes.items()} | {
            "height": torch.tensor(_HEIGHT_GRID)
        }
        eye = torch.eye(4).repeat(n, len(self.bones), 1, 1)
        z = self._model(phenotype_kwargs=batch, pose_parameters=eye)["rest_vertices"][..., 2]
        tall = (z.amax(1) - z.amin(1)).double().numpy()
        height = float(np.interp(stature_m, tall, _HEIGHT_GRID))
        return Person(age_years, female, stature_m, axes | {"height": height})

    @torch.no_grad()
    def pose(self, person: Person, shape: Shape, turn: Array, root_m: Array) -> tuple[Array, Array]:
        """Posed meshes.

        Parameters
        ----------
        turn
            float[T, B, 3, 3], global rotation of each bone away from rest.
        root_m
            float[T, 3], place of the root bone's head.

        Returns
        -------
        Vertices float64[T, V, 3] and the 23 keypoints float64[T, 23, 3], metres.
        """
        pose = torch.eye(4).repeat(len(turn), len(self.bones), 1, 1)
        pose[:, :, :3, :3] = torch.from_numpy(turn @ shape.bones[None, :, :3, :3]).float()
        pose[:, 0, :3, 3] = torch.from_numpy(np.asarray(root_m)).float()
        out = self._model(
            pose_parameters=pose,
            phenotype_kwargs=person.phenotype,
            pose_parameterization="world-orient",
        )
        return out["vertices"].double().numpy(), self._keypoints(out).double().numpy()
