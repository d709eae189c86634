"""Light: a key light, a weaker second one, light from everywhere, and shadow under the feet."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from quantize.render.ranges import Span, draw

Array = NDArray[np.float64]


@dataclass(frozen=True)
class LightRanges:
    """Ranges of the light; strengths are parts of full white."""

    key: Span
    second: Span
    ambient: Span
    tint: float
    shadow: Span
    shine: Span


@dataclass(frozen=True)
class Light:
    """Light of one scene: unit directions towards the lights float[3], colours float[3]."""

    key_direction: Array
    second_direction: Array
    key: Array
    second: Array
    ambient: Array
    shadow: float
    shine: float


def draw_light(rng: np.random.Generator, ranges: LightRanges) -> Light:
    """Draw the light of a scene; the key light comes from above."""
    key = rng.normal(size=3)
    key[2] = abs(key[2]) + 0.4
    second = rng.normal(size=3)

    def colour(span: Span) -> Array:
        return np.asarray(draw(rng, span) * (1 + rng.uniform(-ranges.tint, ranges.tint, 3)))

    return Light(
        key / np.linalg.norm(key),
        second / np.linalg.norm(second),
        colour(ranges.key),
        colour(ranges.second),
        colour(ranges.ambient),
        draw(rng, ranges.shadow),
        draw(rng, ranges.shine),
    )
