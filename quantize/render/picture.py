"""Drawing one figure with OpenGL (EGL, no window): colour, coverage and depth of each pixel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import moderngl
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from model_zoo.skeleton import KEYPOINTS
from quantize.render.body import BodyModel, Shape
from quantize.render.camera import FAR_M, NEAR_M, Camera
from quantize.render.clothes import (
    HULL_RINGS,
    HULL_SPOKES,
    Hull,
    Material,
    Outfit,
    Wardrobe,
    hull_faces,
)
from quantize.render.light import Light
from quantize.render.mesh import Palette, Thing

Array = NDArray[np.float64]
Image = NDArray[np.float32]
_OVERSAMPLE = 2

_VERTEX = """#version 330
uniform mat4 to_clip;
uniform vec3 colour[6];
in vec3 point; in vec3 normal; in vec3 rest; in float offset; in float material;
out vec3 N, R, P, C; flat out int M;
void main() {
    P = point + normal * offset; N = normal; R = rest;
    M = int(material + .5); C = colour[M];
    gl_Position = to_clip * vec4(P, 1);
}"""

_FRAGMENT = """#version 330
uniform vec3 key_direction, second_direction, key, second, ambient, eye;
uniform float shine;
uniform vec4 pattern[6];
uniform vec3 colour2[6];
uniform vec2 fold[6];
in vec3 N, R, P, C; flat in int M;
out vec4 result;
float hash(vec3 x) { return fract(sin(dot(floor(x), vec3(12.9898, 78.233, 37.719))) * 43758.5453); }
float cloudy(vec3 x) {
    vec3 i = floor(x), f = fract(x); f = f * f * (3. - 2. * f);
    float a = 0.;
    for (int k = 0; k < 8; k++) {
        vec3 d = vec3(k & 1, (k >> 1) & 1, (k >> 2) & 1), w = mix(1. - f, f, d);
        a += w.x * w.y * w.z * hash(i + d + .5);
    }
    return a;
}
void main() {
    vec4 t = pattern[M];
    float a;
    if (t.x < .5) a = cloudy(R * t.y);
    else if (t.x < 1.5) a = step(.5, fract(dot(R, vec3(sin(t.w), 0., cos(t.w))) * t.y));
    else a = step(.5, fract(R.x * t.y)) * .5 + step(.5, fract(R.z * t.y)) * .5;
    vec3 albedo = mix(C, colour2[M], a * t.z);
    float f = fold[M].y, s = fold[M].x;
    vec3 crease = vec3(sin(R.z * f + 2.5 * sin(R.x * f * .6)), sin(R.x * f * 1.3 + 2. * R.z * f),
                       cos(R.z * f * .7 + 2. * sin(R.y * f * .5)));
    vec3 n = normalize(normalize(N) + s * crease), v = normalize(eye - P);
    if (dot(n, v) < 0.) n = -n;
    float wrap = max((dot(n, key_direction) + .25) / 1.25, 0.);
    float gloss = pow(max(dot(n, normalize(key_direction + v)), 0.), 20.) * shine;
    vec3 lit = ambient + wrap * key + max(dot(n, second_direction), 0.) * second;
    result = vec4(albedo * lit + gloss * key, 1);
}"""

# How far cloth or skin may lie in front of a visible keypoint, metres: half the joint's thickness.
_DEPTH_M = {
    "nose": 0.03,
    "eye": 0.03,
    "ear": 0.04,
    "shoulder": 0.11,
    "elbow": 0.075,
    "wrist": 0.055,
    "hip": 0.14,
    "knee": 0.095,
    "ankle": 0.075,
    "big_toe": 0.05,
    "small_toe": 0.05,
    "heel": 0.06,
}
_TOLERANCE_M = np.array(
    [_DEPTH_M[n.removeprefix("left_").removeprefix("right_")] for n in KEYPOINTS]
)


class NoGraphicsError(RuntimeError):
    """OpenGL without a window cannot be had on this machine."""


@dataclass(frozen=True)
class Figure:
    """A drawn person.

    ``colour`` float32[H, W, 3] already multiplied by ``cover`` float32[H, W] (part of the pixel
    that is person); ``seen`` bool[23], the keypoint lies in the picture and nothing of the person
    hides it; ``inside`` bool[23]; ``xy_px`` float64[23, 2]; ``box_px`` (x0, y0, x1, y1) of the
    person inside the picture.
    """

    colour: Image
    cover: Image
    xy_px: Array
    inside: NDArray[np.bool_]
    seen: NDArray[np.bool_]
    box_px: tuple[float, float, float, float]


class Painter:
    """Draws figures of one body model into pictures of one size.

    Raises
    ------
    NoGraphicsError
        When EGL or a software OpenGL driver is missing.
    """

    def __init__(self, model: BodyModel, wardrobe: Wardrobe, width: int, height: int) -> None:
        self.width, self.height = width, height
        self._wardrobe = wardrobe
        self._faces = model.faces
        self._n = len(model.vertex_bone)
        n_hull = HULL_RINGS * HULL_SPOKES
        corners = model.faces.T.ravel()
        self._sum_faces = sparse.csr_matrix(
            (np.ones(len(corners), np.float32), (corners, np.tile(np.arange(len(model.faces)), 3))),
            (self._n, len(model.faces)),
        )
        try:
            context = moderngl.create_context(standalone=True, backend="egl")
        except Exception as error:  # moderngl raises bare Exception, ImportError or its own Error
            raise NoGraphicsError(str(error)) from error
        context.enable(moderngl.DEPTH_TEST)
        self._context = context
        self._program = context.program(_VERTEX, _FRAGMENT)
        size = (width * _OVERSAMPLE, height * _OVERSAMPLE)
        self._size = size
        self._target = context.framebuffer(
            [context.texture(size, 4)], context.depth_renderbuffer(size)
        )
        self._moving = context.buffer(reserve=4 * 6 * (self._n + n_hull))
        self._still = context.buffer(reserve=4 * 5 * (self._n + n_hull))
        index = np.concatenate([model.faces, hull_faces() + self._n]).astype("i4")
        self._array = context.vertex_array(
            self._program,
            [
                (self._moving, "3f 3f", "point", "normal"),
                (self._still, "3f 1f 1f", "rest", "offset", "material"),
            ],
            context.buffer(index.tobytes()),
        )
        self._n_indices = {False: model.faces.size, True: index.size}
        self._hull: Hull | None = None

    def wear(self, shape: Shape, outfit: Outfit) -> None:
        """Dress the figure for the following calls of :meth:`draw`."""
        n_hull = HULL_RINGS * HULL_SPOKES
        still = np.zeros((self._n + n_hull, 5), np.float32)
        still[: self._n, :3] = shape.vertices
        still[: self._n, 3] = outfit.offset_m
        still[: self._n, 4] = outfit.material
        still[self._n :, 4] = Material.HULL
        still[self._n :, :3] = _hull_at_rest()
        self._still.write(still.tobytes())
        self._palette = Palette(outfit.colour, outfit.colour2, outfit.pattern, outfit.fold)
        self._hull = outfit.hull

    def dressed(self, vertices_m: Array, shape: Shape, outfit: Outfit) -> Thing:
        """Another person of the same body model, posed and dressed, as a thing."""
        normals = self._normals(vertices_m.astype(np.float32)).astype(np.float64)
        points = vertices_m + normals * outfit.offset_m[:, None]
        rest, material, faces = shape.vertices, outfit.material, self._faces
        if outfit.hull is not None:
            hung, outward = self._wardrobe.hang(vertices_m, outfit.hull)
            points, normals = np.concatenate([points, hung]), np.concatenate([normals, outward])
            rest = np.concatenate([rest, _hull_at_rest()])
            material = np.concatenate([material, np.full(len(hung), int(Material.HULL))])
            faces = np.concatenate([faces, hull_faces() + self._n])
        palette = Palette(outfit.colour, outfit.colour2, outfit.pattern, outfit.fold)
        return Thing(points, normals, rest, material, faces, palette)

    def _normals(self, v: NDArray[np.float32]) -> NDArray[np.float32]:
        a, b, c = (v[self._faces[:, k]] for k in range(3))
        normal = self._sum_faces @ np.cross(b - a, c - a)
        return np.asarray(normal / (np.linalg.norm(normal, axis=1, keepdims=True) + 1e-9))

    def draw(
        self,
        vertices_m: Array,
        keypoints_m: Array,
        camera: Camera,
        light: Light,
        things: Sequence[Thing] = (),
    ) -> Figure:
        """Draw the dressed figure in a pose, with ``things`` before, behind and beside it.

        The things share the figure's picture and may hide it; its box is its own.
        """
        moving = np.zeros((self._n + HULL_RINGS * HULL_SPOKES, 6), np.float32)
        moving[: self._n, :3] = vertices_m
        moving[: self._n, 3:] = self._normals(moving[: self._n, :3])
        if self._hull is not None:
            points, normals = self._wardrobe.hang(vertices_m, self._hull)
            moving[self._n :, :3], moving[self._n :, 3:] = points, normals
        self._moving.write(moving.tobytes())
        self._program["to_clip"].write(camera.matrix().T.tobytes())
        for name in ("key_direction", "second_direction", "key", "second", "ambient"):
            self._program[name].value = tuple(float(x) for x in getattr(light, name))
        self._program["eye"].value = tuple(float(x) for x in camera.eye_m)
        self._program["shine"].value = light.shine
        self._target.use()
        self._target.clear(0, 0, 0, 0, 1.0)
        self._colour(self._palette)
        self._array.render(vertices=self._n_indices[self._hull is not None])
        box = self._box() if things else None
        for thing in things:
            self._draw_thing(thing)
        return self._figure(keypoints_m, camera, box)

    def _colour(self, palette: Palette) -> None:
        for name in ("colour", "colour2", "pattern", "fold"):
            self._program[name].write(getattr(palette, name).astype("f4").tobytes())

    def _draw_thing(self, thing: Thing) -> None:
        rows = np.zeros((len(thing.points), 11), np.float32)
        rows[:, :3], rows[:, 3:6], rows[:, 6:9] = thing.points, thing.normals, thing.rest
        rows[:, 10] = thing.material
        corners = self._context.buffer(rows.tobytes())
        index = self._context.buffer(thing.faces.astype("i4").tobytes())
        content = [(corners, "3f 3f 3f 1f 1f", "point", "normal", "rest", "offset", "material")]
        array = self._context.vertex_array(self._program, content, index)
        self._colour(thing.palette)
        array.render()
        for held in (array, corners, index):
            held.release()

    def _box(self) -> tuple[float, float, float, float]:
        """Box of what is drawn so far, in pixels of the finished picture."""
        w, h = self._size
        alpha = np.frombuffer(self._target.read(components=4), np.uint8).reshape(h, w, 4)[
            ::-1, :, 3
        ]
        return _bounds(alpha)

    def _figure(
        self, keypoints_m: Array, camera: Camera, box: tuple[float, float, float, float] | None
    ) -> Figure:
        w, h = self._size
        raw = np.frombuffer(self._target.read(components=4), np.uint8).reshape(h, w, 4)[::-1]
        small = cv2.resize(raw, (self.width, self.height), interpolation=cv2.INTER_AREA)
        rgba: Image = np.asarray(small.astype(np.float32) / 255, np.float32)
        xy, inside, seen = self.visible(keypoints_m, camera)
        own_box = _bounds(raw[..., 3]) if box is None else box
        return Figure(rgba[..., :3], rgba[..., 3], xy, inside, seen, own_box)

    def visible(
        self, keypoints_m: Array, camera: Camera
    ) -> tuple[Array, NDArray[np.bool_], NDArray[np.bool_]]:
        """Keypoints of anybody in what was drawn last.

        Returns
        -------
        Pixels float64[23, 2], whether each lies in the picture, and whether it is seen there.
        """
        w, h = self._size
        depth = np.frombuffer(self._target.read(components=1, attachment=-1, dtype="f4"), "f4")
        depth = depth.reshape(h, w)[::-1]
        xy, far = camera.project(keypoints_m)
        inside = camera.shows(xy)
        col, row = (xy * _OVERSAMPLE).astype(int).clip(0, [w - 1, h - 1]).T
        z = 2 * NEAR_M * FAR_M / (FAR_M + NEAR_M - (2 * depth[row, col] - 1) * (FAR_M - NEAR_M))
        return xy, inside, inside & np.asarray(z > far - _TOLERANCE_M, np.bool_)


def _bounds(alpha: NDArray[np.uint8]) -> tuple[float, float, float, float]:
    x0, y0, wide, tall = cv2.boundingRect(np.ascontiguousarray(alpha))
    k = _OVERSAMPLE
    return (x0 / k, y0 / k, (x0 + wide) / k, (y0 + tall) / k)


def _hull_at_rest() -> Array:
    """Where a hull's patterns are looked up: a round hip, float[HULL_RINGS * HULL_SPOKES, 3]."""
    angle = np.arange(HULL_SPOKES) / HULL_SPOKES * 2 * np.pi
    round_hip = np.stack([np.cos(angle) * 0.2, np.sin(angle) * 0.2, np.zeros(HULL_SPOKES)], 1)
    rings = np.linspace(0, -0.8, HULL_RINGS)[:, None, None] * np.array([0.0, 0.0, 1.0])
    return np.asarray((round_hip[None] + rings).reshape(-1, 3))
