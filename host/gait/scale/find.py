"""The floor of a recording from everything that speaks about it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from host.codes import ScaleSource
from host.gait.body import HEEL, BodySize
from host.gait.scale.evidence import (
    TOLD_HEIGHT_SD_M,
    Evidence,
    FloorSheet,
    MeasuredWalkway,
    ToldHeight,
    UprightBody,
    UsualCamera,
)
from host.gait.scale.fit import FloorFit
from host.gait.scale.types import Floor, ScaleOptions
from host.gait.track import Track
from host.gait.types import Bout, CaptureFacts

SOURCES = ("auto", *(source.setting for source in ScaleSource))
"""Names for ``scale.source``: ``auto`` takes all that is there."""
DISAGREE_SD = 3.0
"""A told height so many standard deviations from the measured one is not used."""
_KNOWN_LENS_LOG_SD = 0.02


def find_floor(  # noqa: PLR0913 - all that speaks about one floor
    track: Track,
    body: BodySize,
    bouts: tuple[Bout, ...],
    facts: CaptureFacts,
    height_m: float | None,
    options: ScaleOptions,
    heel: float = HEEL,
) -> Floor | None:
    """The camera above the floor, in metres where a source gives them, else in body heights.

    Parameters
    ----------
    track, body, bouts
        The person; in pixels.
    facts
        Size of the picture and the sheets that were seen.
    height_m
        Body height as told; None when not told.
    options
        Which source to use, walkway, lens.
    heel
        Height of the resting heel in statures (:attr:`~host.gait.sources.Source.heel_share`).

    Returns
    -------
    None where the size of the picture or the person's is not known, or nothing fits.
    """
    if track.unit != "px" or facts.picture_px is None or not body.known:
        return None
    person = UprightBody().look(track, body, bouts, facts.picture_px)
    if not len(person.tall_px):
        return None
    fit = FloorFit(lens(options.field_deg), heel=heel)
    measured = _measured(facts, options)
    told = [ToldHeight(height_m)] if height_m and _wanted(options, ScaleSource.HEIGHT) else []
    if not (told and measured):
        return fit.fit(person, [*told, *measured], facts.picture_px)
    alone = fit.fit(person, measured, facts.picture_px)
    if alone is None:
        return fit.fit(person, told, facts.picture_px)
    gap_m = told[0].height_m - alone.stature
    sd_m = float(np.hypot(TOLD_HEIGHT_SD_M, np.std([d.stature for d in alone.draws])))
    agree = abs(gap_m) <= DISAGREE_SD * sd_m
    both = fit.fit(person, [*told, *measured], facts.picture_px) if agree else alone
    return None if both is None else replace(both, height_gap_m=gap_m, height_gap_sd_m=sd_m)


def _measured(facts: CaptureFacts, options: ScaleOptions) -> list[Evidence]:
    """What was measured on the floor itself."""
    found: list[Evidence] = []
    if options.walkway is not None and _wanted(options, ScaleSource.WALKWAY):
        found.append(MeasuredWalkway(options.walkway))
    if _wanted(options, ScaleSource.SHEET):
        found += [FloorSheet(sheet) for sheet in facts.floor_sheets]
    return found


def _wanted(options: ScaleOptions, source: ScaleSource) -> bool:
    return options.source in ("auto", source.setting)


def lens(field_deg: float | None) -> UsualCamera:
    """The usual camera, or the one whose angle of view is told."""
    if field_deg is None:
        return UsualCamera()
    return UsualCamera(field_deg=field_deg, field_log_sd=_KNOWN_LENS_LOG_SD)


def lens_sd(field_deg: float | None) -> float:
    """Relative SD of the focal length."""
    return lens(field_deg).field_log_sd
