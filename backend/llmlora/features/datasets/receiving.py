"""Bodies of requests, streamed: files go to disk in pieces and are never held in memory; fields are small.

Guarantee: what is received lies below `uploads/` of the data root and is gone when the request ends.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, BinaryIO, TypeVar

import anyio.to_thread
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect, Request

from llmlora.data.refusals import storable_text
from llmlora.features.datasets.errors import FormMalformedError, UploadTooLargeError
from llmlora.features.datasets.staging import incoming_directory
from llmlora.features.datasets.upload_files import refuse_full_disk

FIELD_BYTES = 64 << 10
MAX_FIELDS = 8
FORM_OVERHEAD_BYTES = 1 << 20
NAME_CHARACTERS = 255

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

Shape = TypeVar("Shape", bound=BaseModel)


@dataclass
class ReceivedForm:
    """A form with one file. `fields` are texts, not yet validated; empty ones count as not given."""

    path: Path
    file_name: str
    fields: dict[str, str]


@asynccontextmanager
async def received_form(request: Request, data_dir: Path, *, limit_bytes: int) -> AsyncIterator[ReceivedForm]:
    """The multipart body of a request; its file is there as long as the block lasts.

    Raises:
        UploadTooLargeError: the file has more than `limit_bytes`.
        FormMalformedError: no multipart, no file, several files, or the body breaks off.
        DiskFullError: there is no room.
    """
    if announced_bytes(request) > limit_bytes + FORM_OVERHEAD_BYTES:
        raise UploadTooLargeError(limit_bytes=limit_bytes)
    with incoming_directory(data_dir / "uploads") as directory, refuse_full_disk(directory):
        path = directory / "file"
        with path.open("xb") as stream:
            reader = _FormReader(_boundary_of(request), limit_bytes)
            try:
                await reader.read(request.stream(), stream)
            except FormParserError as error:
                raise FormMalformedError(reason=str(error)[:200]) from error
            except ClientDisconnect as error:
                raise FormMalformedError(reason=("接続が切れた", "the connection was closed")) from error
        yield ReceivedForm(path, reader.file_name or "", reader.fields())


async def received_json(request: Request, shape: type[Shape]) -> Shape:
    """A small JSON body.

    Raises:
        RequestValidationError: it is no JSON, or not of that shape.
        UploadTooLargeError: it has more than 64 KiB.
    """
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > FIELD_BYTES:
            raise UploadTooLargeError(limit_bytes=FIELD_BYTES)
    try:
        return shape.model_validate_json(body)
    except ValidationError as error:
        raise invalid(error) from error


def validated(fields: dict[str, str], shape: type[Shape]) -> Shape:
    """The fields of a form as a shape.

    Raises:
        RequestValidationError: names the fields that have to change.
    """
    try:
        return shape.model_validate(fields)
    except ValidationError as error:
        raise invalid(error) from error


def invalid(error: ValidationError) -> RequestValidationError:
    """What is wrong with a body, as the framework itself would say it."""
    problems = error.errors(include_url=False, include_input=True)
    return RequestValidationError([{**one, "loc": ("body", *one["loc"])} for one in problems])


def announced_bytes(request: Request) -> int:
    """Size of the body as its Content-Length says; 0 where it says nothing."""
    given = request.headers.get("content-length", "")
    return int(given) if given.isascii() and given.isdigit() else 0


def base_name(given: str) -> str:
    """A file's name without directories of either system, storable, at most 255 characters."""
    name = PurePosixPath(given.replace("\\", "/")).name
    return storable_text(name)[-NAME_CHARACTERS:] or "file"


def _boundary_of(request: Request) -> bytes:
    kind, options = parse_options_header(request.headers.get("content-type"))
    if kind != b"multipart/form-data" or not options.get(b"boundary"):
        raise FormMalformedError(
            reason=(
                "Content-Type が multipart/form-data; boundary=… でない",
                "the Content-Type is not multipart/form-data; boundary=…",
            )
        )
    return options[b"boundary"]


@dataclass
class _Part:
    name: str = ""
    file_name: str | None = None
    headers: dict[bytes, bytes] = field(default_factory=dict)
    text: bytearray = field(default_factory=bytearray)


class _FormReader:
    """Takes a body apart: fields are collected, the bytes of the file are handed on after every piece."""

    def __init__(self, boundary: bytes, limit_bytes: int) -> None:
        self.file_name: str | None = None
        self._limit_bytes = limit_bytes
        self._file_bytes = 0
        self._parts: list[_Part] = []
        self._part = _Part()
        self._header: tuple[bytes, bytes] = (b"", b"")
        self._pending: list[bytes] = []
        self._ended = False
        callbacks: MultipartCallbacks = {
            "on_part_begin": self._begin,
            "on_header_field": self._on_header_name,
            "on_header_value": self._on_header_value,
            "on_header_end": self._end_header,
            "on_headers_finished": self._end_headers,
            "on_part_data": self._on_data,
            "on_end": self._end,
        }
        self._parser = MultipartParser(boundary, callbacks)

    async def read(self, chunks: AsyncIterator[bytes], stream: BinaryIO) -> None:
        """Take everything, the file's bytes into `stream`."""
        async for chunk in chunks:
            self._parser.write(chunk)
            if self._file_bytes > self._limit_bytes:
                raise UploadTooLargeError(limit_bytes=self._limit_bytes)
            if self._pending:
                await anyio.to_thread.run_sync(stream.writelines, self._pending)
                self._pending = []
        if not self._ended:
            raise FormMalformedError(reason=("本文が途中で切れた", "the body breaks off"))
        if self.file_name is None:
            raise FormMalformedError(reason=("ファイルがない", "there is no file"))

    def fields(self) -> dict[str, str]:
        """The texts beside the file."""
        texts = {part.name: part.text.decode("utf-8", "replace") for part in self._parts}
        return {name: text for name, text in texts.items() if text}

    def _begin(self) -> None:
        self._part = _Part()

    def _on_header_name(self, data: bytes, start: int, end: int) -> None:
        self._header = (self._header[0] + data[start:end], self._header[1])

    def _on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._header = (self._header[0], self._header[1] + data[start:end])

    def _end_header(self) -> None:
        self._part.headers[self._header[0].lower()] = self._header[1]
        self._header = (b"", b"")

    def _end_headers(self) -> None:
        _, options = parse_options_header(self._part.headers.get(b"content-disposition"))
        self._part.name = options.get(b"name", b"").decode("utf-8", "replace")
        if b"filename" not in options:
            self._parts.append(self._part)
            if len(self._parts) > MAX_FIELDS:
                raise FormMalformedError(reason=("項目が多すぎる", "too many fields"))
            return
        if self.file_name is not None or self._part.name != "file":
            raise FormMalformedError(
                reason=(
                    f"{self._part.name[:64]!r} に余分なファイルがある",
                    f"an unexpected file under {self._part.name[:64]!r}",
                )
            )
        self._part.file_name = self.file_name = base_name(options[b"filename"].decode("utf-8", "replace"))

    def _on_data(self, data: bytes, start: int, end: int) -> None:
        if self._part.file_name is not None:
            self._file_bytes += end - start
            self._pending.append(data[start:end])
            return
        self._part.text += data[start:end]
        if len(self._part.text) > FIELD_BYTES:
            raise FormMalformedError(
                reason=(
                    f"項目 {self._part.name[:64]!r} が長すぎる",
                    f"the field {self._part.name[:64]!r} is too long",
                )
            )

    def _end(self) -> None:
        self._ended = True
