"""Why a finder misses patients: each missed one by its first cause that holds."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

import numpy as np

from host.person.decode import Boxes, intersection_over_union
from quantize.data.frames import Frame
from quantize.person_metric import PersonMetric

DOUBTED = 0.25
"""Score from which a box below the released threshold tells that somebody was seen."""
_NEAR = 0.1


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
