"""The capture guide as one HTML page that loads nothing."""

from __future__ import annotations

from pathlib import Path

from host.gait.quality import MAX_FLOOR_SLOPE_DEG, MIN_RATE_HZ
from host.report.guide.drawings import from_above, in_the_picture, mistakes
from host.report.templates import templates
from host.text import sentence, sentences

TEMPLATES = Path(__file__).parent / "templates"
_STEPS = ("room", "camera", "person", "say", "after")


def render_guide() -> str:
    """The page in the language that is spoken (:func:`host.text.speaking`)."""
    limits = {"rate_hz": MIN_RATE_HZ, "slope_deg": MAX_FLOOR_SLOPE_DEG}
    return (
        templates(TEMPLATES)
        .get_template("guide.html.j2")
        .render(
            t=lambda key: sentence(f"guide.{key}", **limits),
            drawings=(
                ("above_title", from_above()),
                ("picture_title", in_the_picture()),
            ),
            mistakes=mistakes(),
            steps=[(f"{name}_title", _lines(name, limits)) for name in _STEPS],
        )
    )


def _lines(name: str, limits: dict[str, float]) -> list[str]:
    """Sentences ``guide.NAME_1``, ``guide.NAME_2`` ... in order."""
    keys = [key for key in sentences() if key.startswith(f"guide.{name}_")]
    numbered = sorted(k for k in keys if k.rpartition("_")[2].isdigit())
    return [sentence(key, **limits) for key in numbered]
