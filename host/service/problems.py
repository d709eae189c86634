"""Refusals as problem documents (RFC 9457): one kind per code of :class:`host.codes.ErrorCode`."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from host.codes import ErrorCode
from host.errors import FootfallError
from host.service.resources import Problem
from host.text import sentence

MEDIA_TYPE = "application/problem+json"

STATUS: dict[ErrorCode, HTTPStatus] = {
    ErrorCode.ORIGIN_REFUSED: HTTPStatus.FORBIDDEN,
    ErrorCode.NOT_FOUND: HTTPStatus.NOT_FOUND,
    ErrorCode.RECORDING_UNKNOWN: HTTPStatus.NOT_FOUND,
    ErrorCode.DIAGNOSIS_UNKNOWN: HTTPStatus.NOT_FOUND,
    ErrorCode.SCALE_ITEM_UNKNOWN: HTTPStatus.NOT_FOUND,
    ErrorCode.METHOD_NOT_ALLOWED: HTTPStatus.METHOD_NOT_ALLOWED,
    ErrorCode.DIAGNOSIS_NOT_DONE: HTTPStatus.CONFLICT,
    ErrorCode.ANALYSIS_WAITING: HTTPStatus.CONFLICT,
    ErrorCode.SCALE_ITEM_CHANGED: HTTPStatus.CONFLICT,
    ErrorCode.UPLOAD_TOO_LARGE: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    ErrorCode.NOT_A_VIDEO: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    ErrorCode.NOT_A_FORM: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    ErrorCode.REQUEST_INVALID: HTTPStatus.UNPROCESSABLE_ENTITY,
    ErrorCode.SCALE_ITEM_WITHOUT_POINTS: HTTPStatus.UNPROCESSABLE_ENTITY,
    ErrorCode.SCALE_POINTS_INVALID: HTTPStatus.UNPROCESSABLE_ENTITY,
    ErrorCode.UPLOAD_INCOMPLETE: HTTPStatus.UNPROCESSABLE_ENTITY,
    ErrorCode.DISK_RESERVE: HTTPStatus.INSUFFICIENT_STORAGE,
    ErrorCode.DISK_FULL: HTTPStatus.INSUFFICIENT_STORAGE,
    ErrorCode.OUTPUT_NOT_WRITABLE: HTTPStatus.INSUFFICIENT_STORAGE,
    ErrorCode.INTERNAL: HTTPStatus.INTERNAL_SERVER_ERROR,
}
"""Every problem that this box answers with."""


def problem_type(code: ErrorCode) -> str:
    """Reference of a kind of problem: its paragraph on the documentation page."""
    return f"/docs#{code.value}"


def problem_response(
    code: ErrorCode, values: dict[str, Any], headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """Problem document of ``code``; a code without a status of its own is an internal problem."""
    status = STATUS.get(code, HTTPStatus.INTERNAL_SERVER_ERROR)
    document = Problem(
        type=problem_type(code),
        title=status.phrase,
        status=status.value,
        detail=sentence(code.value, **values),
        code=code.value,
    )
    return JSONResponse(document.model_dump(), status.value, headers, media_type=MEDIA_TYPE)


def responses(*codes: ErrorCode) -> dict[int | str, dict[str, Any]]:
    """Part of the OpenAPI description: the problems that one request may meet."""
    by_status: dict[int | str, dict[str, Any]] = {}
    for code in codes:
        status = STATUS[code]
        entry = by_status.setdefault(
            status.value,
            {
                "description": "",
                "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
            },
        )
        entry["description"] = ", ".join(filter(None, [entry["description"], code.value]))
    return by_status


def install(app: FastAPI) -> None:
    """Make ``app`` answer every refusal with a problem document."""

    @app.exception_handler(FootfallError)
    async def footfall_error(_: Request, error: FootfallError) -> JSONResponse:
        return problem_response(error.code, error.values)

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        reason = f"{first['loc'][-1]}: {first['msg']}"
        return problem_response(ErrorCode.REQUEST_INVALID, {"reason": reason})

    @app.exception_handler(HTTPException)
    async def http_error(request: Request, error: HTTPException) -> JSONResponse:
        values = {"path": request.url.path, "method": request.method}
        code = {404: ErrorCode.NOT_FOUND, 405: ErrorCode.METHOD_NOT_ALLOWED}.get(error.status_code)
        return problem_response(code or ErrorCode.INTERNAL, values, error.headers)

    @app.exception_handler(Exception)
    async def internal(_: Request, __: Exception) -> JSONResponse:
        return problem_response(ErrorCode.INTERNAL, {})
