"""Requests about clinical scales: what is suggested, what a clinician says, and the totals."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Response

from host.codes import ErrorCode
from host.diagnosis.scales.confirm import Confirmation, known_item, last_words, totals
from host.errors import InputError
from host.report import write
from host.report.interpretation import ScaleItemResult, ScaleResult
from host.report.page.scales import item_name
from host.service import problems, resources
from host.service.records import Records
from host.service.resources import API, confirmation_resource
from host.text import data_words, sentence
from model_zoo.skeleton import Side


def suggested_scales(records: Records, diagnosis_id: str) -> list[ScaleResult]:
    """The scales of a finished run's assessment; none where it holds none.

    Raises
    ------
    InputError
        ``DIAGNOSIS_UNKNOWN`` or ``DIAGNOSIS_NOT_DONE``.
    """
    path = records.results(diagnosis_id) / write.ASSESSMENT
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    scales = document.get("diagnosis", {}).get("scales", [])
    return [ScaleResult.model_validate(scale) for scale in scales]


def scales(records: Records) -> APIRouter:
    """Routes of the scales of one analysis run."""
    router = APIRouter(prefix="/diagnoses/{diagnosis_id}", tags=["scales"])
    not_done = problems.responses(ErrorCode.DIAGNOSIS_UNKNOWN, ErrorCode.DIAGNOSIS_NOT_DONE)

    @router.get("/scales", responses=not_done)
    def get_scales(diagnosis_id: str) -> resources.ScalePage:
        """Suggestions for the items of clinical scales, and what clinicians said about them."""
        found = suggested_scales(records, diagnosis_id)
        words = records.confirmations(diagnosis_id)
        return resources.ScalePage(items=[_scale(scale, words) for scale in found])

    @router.get("/confirmations", responses=problems.responses(ErrorCode.DIAGNOSIS_UNKNOWN))
    def get_confirmations(diagnosis_id: str) -> resources.ConfirmationPage:
        """Everything that clinicians said about the scales of this run, oldest first."""
        words = records.confirmations(diagnosis_id)
        return resources.ConfirmationPage(items=[confirmation_resource(word) for word in words])

    @router.post(
        "/confirmations",
        status_code=201,
        responses=problems.responses(
            ErrorCode.DIAGNOSIS_UNKNOWN,
            ErrorCode.SCALE_ITEM_UNKNOWN,
            ErrorCode.DIAGNOSIS_NOT_DONE,
            ErrorCode.SCALE_ITEM_CHANGED,
            ErrorCode.REQUEST_INVALID,
            ErrorCode.SCALE_ITEM_WITHOUT_POINTS,
            ErrorCode.SCALE_POINTS_INVALID,
            ErrorCode.DISK_FULL,
        ),
    )
    def confirm(
        diagnosis_id: str, said: resources.ConfirmationRequest, response: Response
    ) -> resources.ConfirmationResource:
        """Confirm, change or take back one item. The answer means: it is on the disk."""
        word = _checked(suggested_scales(records, diagnosis_id), said)
        kept = records.confirm(diagnosis_id, word, said.seen)
        response.headers["Location"] = f"{API}/diagnoses/{diagnosis_id}/confirmations"
        return confirmation_resource(kept)

    return router


def _checked(found: Sequence[ScaleResult], said: resources.ConfirmationRequest) -> Confirmation:
    """The word as it can be kept; what the clinician cannot know is filled in."""
    side = None if said.side is None else Side(said.side)
    item = _item(found, said.scale, said.item, side)
    known = known_item((said.scale, said.item, side))
    if item is None or known is None:
        raise InputError(ErrorCode.SCALE_ITEM_UNKNOWN, scale=said.scale, item=said.item)
    name = item_name(said.scale, said.item, side)
    low, high = known.lowest, known.highest
    if low is None or high is None:
        raise InputError(ErrorCode.SCALE_ITEM_WITHOUT_POINTS, item=name)
    points = said.points
    if points is not None and not (low <= points <= high and points.is_integer()):
        raise InputError(
            ErrorCode.SCALE_POINTS_INVALID, item=name, low=low, high=high, points=points
        )
    return Confirmation(0, said.scale, said.item, side, points, item.points, said.who, "")


def _item(
    found: Sequence[ScaleResult], name: str, code: str, side: Side | None
) -> ScaleItemResult | None:
    items = (item for scale in found if scale.scale == name for item in scale.items)
    return next((item for item in items if item.code == code and item.side is side), None)


def _scale(scale: ScaleResult, words: Sequence[Confirmation]) -> resources.ScaleResource:
    last = last_words(words)
    return resources.ScaleResource(
        scale=scale.scale,
        name=sentence(f"scale.{scale.scale}"),
        kind=scale.kind,
        items=[
            _shown(scale.scale, item, last.get((scale.scale, item.code, item.side)))
            for item in scale.items
        ],
        totals=[
            resources.ScaleTotal(
                side=None if total.side is None else total.side.value,
                total=total.value,
                confirmed=total.confirmed,
                items=total.items,
            )
            for total in totals(scale.scale, last)
        ],
        source=data_words(scale.source),
        rights=data_words(scale.rights),
    )


def _shown(
    scale: str, item: ScaleItemResult, last: Confirmation | None
) -> resources.ScaleItemResource:
    return resources.ScaleItemResource(
        code=item.code,
        side=None if item.side is None else item.side.value,
        name=item_name(scale, item.code, item.side),
        lowest=item.lowest,
        highest=item.highest,
        suggested=item.points,
        confidence=item.confidence,
        gap=None if item.gap is None else item.gap.value,
        measurements=[m.model_dump(mode="json") for m in item.measurements],
        confirmed=None if last is None else last.points,
        last=None if last is None else confirmation_resource(last),
    )
