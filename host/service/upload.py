"""Takes a recording off the wire: straight to the disk, with limits, in bounded memory."""

from __future__ import annotations

import asyncio
import hashlib
import re
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request

from host.codes import ErrorCode
from host.durable import is_full
from host.errors import FootfallError, InputError, MachineError
from host.service.ids import uuid7
from host.service.records import Subject, Upload
from host.service.sniff import HEAD_BYTES, is_video
from host.text import sentence

MB = 1_000_000
FORM_OVERHEAD_BYTES = 64_000
"""More than the text fields and the frame of a form take."""
FIELD_BYTES = 1000
"""Longest text field."""
MAX_FIELDS = 20
"""More than any form of this box has."""
SPACE_CHECK_BYTES = 8 * MB
"""The free space is looked at once for so many bytes."""
CHUNK_DEADLINE_S = 60.0
"""A sender that is silent for so long has gone."""


@dataclass(frozen=True)
class Limits:
    """What the box takes."""

    max_upload_bytes: int = 2000 * MB
    reserve_bytes: int = 1000 * MB
    """Kept free on the disk, so that analyses and records always find room."""


class SubjectFields(BaseModel):
    """Optional text fields of the form."""

    model_config = ConfigDict(extra="forbid")

    height_m: Annotated[float, Field(ge=0.4, le=2.6)] | None = None
    age: Annotated[float, Field(ge=0, le=120)] | None = None
    sex: Literal["f", "m"] | None = None
    condition: Literal["comfortable", "fast", "dual_task"] | None = None

    @classmethod
    def form_fields(cls) -> dict[str, Any]:
        """JSON schema of each field as a form sends it: a number or nothing, never null."""
        fields = cls.model_json_schema()["properties"]
        return {name: field["anyOf"][0] for name, field in fields.items()}


async def receive(request: Request, folder: Path, limits: Limits) -> tuple[Upload, Subject]:
    """Write the file of a form into ``folder`` while it arrives, and read the other fields.

    Raises
    ------
    InputError
        ``NOT_A_FORM``, ``UPLOAD_TOO_LARGE``, ``NOT_A_VIDEO``, ``REQUEST_INVALID``,
        ``UPLOAD_INCOMPLETE``; nothing stays in the folder.
    MachineError
        ``DISK_RESERVE``, ``DISK_FULL``; nothing stays in the folder.
    """
    announced = int(request.headers.get("content-length") or 0)
    if announced > limits.max_upload_bytes + FORM_OVERHEAD_BYTES:
        raise _too_large(limits)
    _check_space(folder, limits, announced)
    kind, options = parse_options_header(request.headers.get("content-type"))
    if kind != b"multipart/form-data" or not options.get(b"boundary"):
        raise InputError(ErrorCode.NOT_A_FORM)
    form = _Form(options[b"boundary"], folder / uuid7(), limits)
    try:
        async for chunk in _chunks(request):
            await run_in_threadpool(form.feed, chunk)
        return form.result()
    except BaseException:  # also when the server stops: half a file is of no use
        form.path.unlink(missing_ok=True)
        raise
    finally:
        form.close()


async def _chunks(request: Request) -> AsyncIterator[bytes]:
    stream = request.stream()
    while True:
        try:
            yield await asyncio.wait_for(anext(stream), CHUNK_DEADLINE_S)
        except StopAsyncIteration:
            return
        except (ClientDisconnect, asyncio.TimeoutError) as error:
            raise InputError(ErrorCode.UPLOAD_INCOMPLETE) from error


class _Form:
    """Multipart parser whose file part goes to the disk and whose text parts stay in memory."""

    def __init__(self, boundary: bytes, path: Path, limits: Limits) -> None:
        self.path = path
        self._limits = limits
        self._out: IO[bytes] | None = None
        self._digest = hashlib.sha256()
        self._size = 0
        self._unchecked = 0
        self._head = b""
        self._file_name = ""
        self._fields: dict[str, bytes] = {}
        self._field: str | None = None
        self._header = [b"", b""]
        self._disposition = b""
        self._ended = False
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._part_begins,
                "on_header_field": lambda data, a, b: self._add_header(0, data[a:b]),
                "on_header_value": lambda data, a, b: self._add_header(1, data[a:b]),
                "on_header_end": self._header_ends,
                "on_headers_finished": self._headers_end,
                "on_part_data": lambda data, a, b: self._data(data[a:b]),
                "on_part_end": self._part_ends,
                "on_end": self._form_ends,
            },
        )

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes of the request."""
        try:
            self._parser.write(chunk)
        except MultipartParseError as error:
            raise _invalid("malformed") from error
        except OSError as error:
            code = ErrorCode.DISK_FULL if is_full(error) else ErrorCode.OUTPUT_NOT_WRITABLE
            raise MachineError(code, folder=self.path.parent) from error

    def result(self) -> tuple[Upload, Subject]:
        """What has arrived, once all of it has."""
        if not self._ended:
            raise InputError(ErrorCode.UPLOAD_INCOMPLETE)
        if self._out is None:
            raise _invalid("no_file")
        texts = {name: value.decode(errors="replace") for name, value in self._fields.items()}
        try:
            fields = SubjectFields.model_validate({k: v for k, v in texts.items() if v.strip()})
        except ValidationError as error:
            first = error.errors(include_url=False, include_context=False)[0]
            reason = f"{first['loc'][0]}: {first['msg']}"
            raise InputError(ErrorCode.REQUEST_INVALID, reason=reason) from error
        upload = Upload(self.path, self._file_name, self._size, self._digest.hexdigest())
        return upload, Subject(**fields.model_dump())

    def close(self) -> None:
        """Close the file."""
        if self._out is not None:
            self._out.close()

    def _part_begins(self) -> None:
        self._disposition, self._header = b"", [b"", b""]

    def _add_header(self, which: int, data: bytes) -> None:
        self._header[which] += data

    def _header_ends(self) -> None:
        if self._header[0].lower() == b"content-disposition":
            self._disposition = self._header[1]
        self._header = [b"", b""]

    def _headers_end(self) -> None:
        _, options = parse_options_header(self._disposition)
        name = options.get(b"name", b"").decode(errors="replace")
        if name != "file":
            self._field = name
            self._fields[name] = b""
            if len(self._fields) > MAX_FIELDS:
                raise _invalid("malformed")
            return
        if self._out is not None:
            raise _invalid("one_file")
        self._field = None
        self._file_name = safe_name(options.get(b"filename", b"").decode(errors="replace"))
        self._out = self.path.open("wb")

    def _data(self, data: bytes) -> None:
        if self._field is not None:
            self._fields[self._field] += data
            if len(self._fields[self._field]) > FIELD_BYTES:
                raise _invalid("field_too_long")
        elif self._out is not None:
            self._file_data(self._out, data)

    def _file_data(self, out: IO[bytes], data: bytes) -> None:
        self._size += len(data)
        if self._size > self._limits.max_upload_bytes:
            raise _too_large(self._limits)
        if len(self._head) < HEAD_BYTES:
            self._head += data[: HEAD_BYTES - len(self._head)]
            if len(self._head) == HEAD_BYTES:
                self._check_kind()
        self._unchecked += len(data)
        if self._unchecked > SPACE_CHECK_BYTES:
            self._unchecked = 0
            _check_space(self.path.parent, self._limits, 0)
        self._digest.update(data)
        out.write(data)

    def _part_ends(self) -> None:
        if self._field is None and self._out is not None:
            self._check_kind()
            self._out.flush()

    def _form_ends(self) -> None:
        self._ended = True

    def _check_kind(self) -> None:
        if not is_video(self._head):
            raise InputError(ErrorCode.NOT_A_VIDEO, file=self._file_name)


def safe_name(name: str) -> str:
    """Last part of a file name with letters, digits, ``.``, ``_`` and ``-`` only, at most 60 signs.

    Letters of every script stay; the ending stays when the name is cut.
    """
    last = re.split(r"[/\\]", name)[-1]
    clean = re.sub(r"[^\w.-]+", "_", last).strip("._")
    stem, dot, ending = clean.rpartition(".")
    if not dot or len(ending) > 5:
        stem, ending = clean, ""
    stem = stem[:54] or "recording"
    return f"{stem}.{ending}" if ending else stem


def _check_space(folder: Path, limits: Limits, announced: int) -> None:
    free = shutil.disk_usage(folder).free
    if free - announced < limits.reserve_bytes:
        raise MachineError(
            ErrorCode.DISK_RESERVE, free_mb=free / MB, reserve_mb=limits.reserve_bytes / MB
        )


def _too_large(limits: Limits) -> FootfallError:
    return InputError(ErrorCode.UPLOAD_TOO_LARGE, limit_mb=limits.max_upload_bytes / MB)


def _invalid(key: str) -> FootfallError:
    return InputError(ErrorCode.REQUEST_INVALID, reason=sentence(f"request.{key}"))
