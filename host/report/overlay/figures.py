"""Persons and contacts, drawn on the picture."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from host.pose.recording import Recording, sided
from host.report.assessment import Assessment, GaitEvent
from host.report.overlay.canvas import Canvas, Colour
from host.report.overlay.strip import DARK, GREY, SIDE_COLOUR, WHITE
from host.text import sentence
from model_zoo.skeleton import BONES, INDEX, Side, part

_FLASH_S = 0.3  # how long a contact is shown at the foot
_REFERENCE_PX = 720.0  # picture height for which the sizes below are given
_LIMB_PX = 4.0
_TEXT_PX = 13.0
_RING_PX = (8.0, 22.0)  # radius of a contact's ring at first and at last

Bones = NDArray[np.intp]


def _bones(side: Side | None) -> Bones:
    """Bones of one side of the body, or those that belong to neither, as pairs of indices."""
    chosen = [
        (INDEX[a], INDEX[b])
        for a, b in BONES
        if (a.split("_")[0] if a.split("_")[0] == b.split("_")[0] else None)
        == (side.value if side else None)
    ]
    return np.array(chosen, dtype=np.intp)


_SIDE_BONES = {side: _bones(side) for side in Side}
_MIDDLE_BONES = _bones(None)
_ALL_BONES = np.concatenate([_MIDDLE_BONES, *_SIDE_BONES.values()])


class Figures:
    """Draws the persons of one frame and the contacts of its moment.

    Parameters
    ----------
    recording
        Boxes and points as found; left and right are put right here.
    assessment
        Names the subject's track and its events.
    height_px
        Of the picture: lines and letters grow with it.
    """

    def __init__(self, recording: Recording, assessment: Assessment, height_px: int) -> None:
        right = sided(recording)
        self._points, self._boxes = right.xy_px, right.box_px
        self._tracks = [int(track) for track in right.track]
        self._subject = assessment.subject.track
        self._row = {int(frame): row for row, frame in enumerate(right.frame)}
        self._scale = max(height_px / _REFERENCE_PX, 0.5)
        contacts = [event for event in assessment.events if event.kind == "initial_contact"]
        self._contacts = [
            (event, place)
            for event in contacts
            if (place := self._place(event, right.time_s)) is not None
        ]

    def draw(self, canvas: Canvas, sequence: int, time_s: float) -> None:
        """Draw what is known of frame ``sequence``."""
        row = self._row.get(sequence)
        if row is not None:
            for index, track in enumerate(self._tracks):
                if track != self._subject and not np.isnan(self._boxes[row, index]).any():
                    self._other(canvas, row, index)
            if self._subject in self._tracks:
                self._person(canvas, row, self._tracks.index(self._subject))
        for event, place in self._contacts:
            age = (time_s - event.time_s) / _FLASH_S
            if 0 <= age < 1:
                self._flash(canvas, event.foot, place, age)

    def _other(self, canvas: Canvas, row: int, index: int) -> None:
        canvas.lines(_segments(self._points[row, index], _ALL_BONES), GREY, 1)
        x0, y0 = self._boxes[row, index, :2]
        label = sentence("overlay.other", track=self._tracks[index])
        self._label(canvas, label, (float(x0), float(y0)), GREY)

    def _label(self, canvas: Canvas, words: str, corner: tuple[float, float], tint: Colour) -> None:
        """Write above the upper left corner of a box, but inside the picture."""
        size = _TEXT_PX * self._scale
        room = canvas.width - Canvas.text_width(words, size) - 3
        at = (max(3.0, min(corner[0], room)), max(size + 3, corner[1] - 5))
        canvas.rimmed_text(words, at, size, tint)

    def _person(self, canvas: Canvas, row: int, index: int) -> None:
        points, box = self._points[row, index], self._boxes[row, index]
        if not np.isnan(box).any():
            x0, y0, x1, y1 = box.tolist()
            corners = np.array([[(x0, y0), (x1, y0), (x1, y1), (x0, y1), (x0, y0)]])
            canvas.lines(corners, WHITE, 1)
            self._label(canvas, sentence("overlay.subject"), (x0, y0), WHITE)
        limb = _LIMB_PX * self._scale
        parts: list[tuple[Bones, Colour]] = [(_MIDDLE_BONES, WHITE)]
        parts += [(_SIDE_BONES[side], SIDE_COLOUR[side]) for side in Side]
        canvas.lines(_segments(points, _ALL_BONES), DARK, limb + 2 * self._scale)
        for bones, tint in parts:
            canvas.lines(_segments(points, bones), tint, limb)

    def _place(self, event: GaitEvent, time_s: NDArray[np.float64]) -> NDArray[np.float32] | None:
        """Where the heel (or, unseen, the ankle) is when the foot touches the floor."""
        if self._subject not in self._tracks or not len(time_s):
            return None
        index = self._tracks.index(self._subject)
        row = int(np.abs(time_s - event.time_s).argmin())
        for name in ("heel", "ankle"):
            place: NDArray[np.float32] = self._points[row, index, part(name, event.foot)]
            if not np.isnan(place).any():
                return place
        return None

    def _flash(self, canvas: Canvas, foot: Side, place: NDArray[np.float32], age: float) -> None:
        tint = SIDE_COLOUR[foot]
        first, last = _RING_PX
        radius = (first + (last - first) * age) * self._scale
        canvas.ring(place, radius, tint, max(1.0, (1 - age) * 5 * self._scale))
        size = 1.5 * _TEXT_PX * self._scale
        label = sentence(f"overlay.{foot.value}")
        x = float(place[0]) - Canvas.text_width(label, size) / 2
        below = float(place[1]) + last * self._scale + size
        y = below if below < canvas.height - 2 else float(place[1]) - last * self._scale
        canvas.rimmed_text(label, (x, y), size, tint)


def _segments(points: NDArray[np.float32], bones: Bones) -> NDArray[np.float32]:
    """float[n, 2, 2]: the ends of the bones of which both are known."""
    ends = points[bones]
    known: NDArray[np.float32] = ends[~np.isnan(ends).any(axis=(1, 2))]
    return known
