"""Why a finder misses patients, and where they are lost: by the first cause that holds."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

import numpy as np

from host.accelerator import Accelerator
from host.person.decode import SAME, SURE, Boxes, box_decoder, intersection_over_union, surest
from host.person.letterbox import Letterbox
from quantize.data.frames import Frame
from quantize.person_metric import PersonMetric

DOUBTED = 0.25
"""Score from which a box below the released threshold tells that somebody was seen."""
_NEAR = 0.1
_HEARD = 0.1
"""Score from which a cell says something about a patient at all."""


class Lost(str, Enum):
    """Causes of a patient without a box, in the order in which they are asked for."""

    UNSEEN = "unseen"
    """Less than a fifth of the keypoints in the frame are to be seen."""
    SHARED = "shared"
    """Half of the patient's box or more lies in another person's."""
    DOUBTED = "doubted"
    """There is a good box, but its score is below the released threshold."""
    PLACED = "placed"
    """There is a box that overlaps the patient's, but by less than half."""
    NOTHING = "nothing"
    """No box at all."""


def lost_patients(
    frames: Sequence[Frame],
    found: Sequence[Boxes],
    doubted: Sequence[Boxes],
    tags: Sequence[tuple[str | None, str | None]],
) -> list[Lost | None]:
    """Why the patient of each frame has no box; None where there is one, or nobody.

    Parameters
    ----------
    found, doubted
        Boxes with the released threshold, and with :data:`DOUBTED`, in pixels of the frames.
    tags
        ``subject_seen`` and ``subject_shared`` of each frame, as
        :func:`quantize.person_evaluate.tags_of` names them.
    """
    metric = PersonMetric(resamples=1)

    def has_box(frame: Frame, boxes: Boxes) -> bool:
        return metric.score([frame.label], [boxes]).subject_found != 0.0  # None: nobody is there

    def cause(
        frame: Frame, sure: Boxes, unsure: Boxes, seen: str | None, shared: str | None
    ) -> Lost:
        patient = frame.label.people_px[frame.label.subject].reshape(1, 4)
        if seen == "under a fifth":
            return Lost.UNSEEN
        if shared == "half and more":
            return Lost.SHARED
        if has_box(frame, unsure):
            return Lost.DOUBTED
        near = float(np.max(intersection_over_union(sure.box_px, patient), initial=0.0))
        return Lost.PLACED if near >= _NEAR else Lost.NOTHING

    return [
        None if has_box(frame, sure) else cause(frame, sure, unsure, *tag)
        for frame, sure, unsure, tag in zip(frames, found, doubted, tags, strict=True)
    ]


class Trace(str, Enum):
    """Where a missed patient is lost, in the order in which it is asked for.

    The patient's own cells are those whose box overlaps his by half or more, and nobody else's as
    much.
    """

    HIDDEN = "hidden"
    """At most one of his keypoints is to be seen."""
    ONE_BOX = "one_box"
    """There is a box on him that is another person's as well: one box for two people."""
    OVERLAPPED = "overlapped"
    """A cell of his is sure at the first look and gives way to a surer box that overlaps it."""
    JUDGED = "judged"
    """A cell of his stays at the first look; the mean of cells or the second look loses it."""
    BELOW = "below"
    """Cells of his say something, all of them below the threshold."""
    BESIDE = "beside"
    """No cell is his; cells tell other boxes that touch him."""
    SILENT = "silent"
    """Nothing is told where he is."""


def told_by_cells(network: Accelerator, frames: Sequence[Frame]) -> list[Boxes]:
    """What all cells tell at the first look, from a low score on, in pixels of each frame."""
    height, width = network.model.input.shape[:2]
    letterbox = Letterbox(height, width)
    decoder = box_decoder(network.model, _HEARD)
    cells = []
    for frame in frames:
        picture = frame.image()
        [told] = decoder.told(network.run(letterbox.fit(picture)[None]))
        cells.append(Boxes(letterbox.to_picture(told.box_px, *picture.shape[:2]), told.score))
    return cells


def trace(
    frames: Sequence[Frame], found: Sequence[Boxes], cells: Sequence[Boxes]
) -> list[Trace | None]:
    """Where the patient of each frame is lost; None where he has a box, or nobody is there.

    Parameters
    ----------
    found
        Boxes with the released threshold, in pixels of the frames.
    cells
        From :func:`told_by_cells`.
    """
    metric = PersonMetric(resamples=1)
    return [
        None
        if metric.score([frame.label], [boxes]).subject_found != 0.0
        else _where(frame, boxes, told, metric.overlap)
        for frame, boxes, told in zip(frames, found, cells, strict=True)
    ]


def _where(frame: Frame, found: Boxes, cells: Boxes, overlap: float) -> Trace:
    subject = frame.label.subject or 0
    people = frame.label.people_px
    if frame.hidden[subject]:
        return Trace.HIDDEN
    if (intersection_over_union(found.box_px, people)[:, subject] >= overlap).any():
        return Trace.ONE_BOX
    shares = intersection_over_union(cells.box_px, people)
    own = (shares[:, subject] >= overlap) & (shares.argmax(axis=1) == subject)
    if (cells.score[own] >= SURE).any():
        among = intersection_over_union(cells.box_px, cells.box_px)
        kept = surest(among, SAME, int((cells.score >= SURE).sum()))
        return Trace.JUDGED if own[kept].any() else Trace.OVERLAPPED
    if own.any():
        return Trace.BELOW
    return Trace.BESIDE if (shares[:, subject] >= _NEAR).any() else Trace.SILENT
