"""The headers of resumable uploads: tus 1.0.0 (https://tus.io/protocols/resumable-upload), core, creation,
termination, checksum.
"""

import base64
import binascii
import json
import re
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

from llmlora.features.datasets.errors import (
    ChunkDamagedError,
    UploadHeaderError,
    UploadMediaTypeError,
    UploadVersionError,
)
from llmlora.features.datasets.receiving import base_name
from llmlora.features.datasets.upload_files import CHECKSUM_ALGORITHMS, Checksum
from llmlora.kit.errors import AppError
from llmlora.kit.web.language import language_of
from llmlora.kit.web.problems import problem_of, problem_response

VERSION = "1.0.0"
EXTENSIONS = "creation,termination,checksum"
PIECE_TYPE = "application/offset+octet-stream"
METADATA_CHARACTERS = 4096
CHECKSUM_MISMATCH = 460  # the protocol's own status, unknown to RFC 9110
_SHA256 = re.compile(r"^[0-9a-fA-F]{64}$")
_DIGITS = re.compile(r"^[0-9]{1,18}$")


@dataclass(frozen=True)
class Announced:
    """What the client says about a file before it sends it. `metadata` is the header as it came."""

    file_name: str
    sha256: str | None
    metadata: str


class TusRoute(APIRoute):
    """A route of the protocol: it asks for the version and names it in every answer, refusals included."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler with the protocol around it."""
        handle = super().get_route_handler()

        async def speak(request: Request) -> Response:
            try:
                if request.method != "OPTIONS" and request.headers.get("tus-resumable") != VERSION:
                    raise UploadVersionError
                response = await handle(request)
            except AppError as error:
                response = _refusal(error, request)
            response.headers["tus-resumable"] = VERSION
            return response

        return speak


def capabilities(limit_bytes: int) -> dict[str, str]:
    """The headers of an answer to OPTIONS."""
    return {
        "tus-version": VERSION,
        "tus-extension": EXTENSIONS,
        "tus-max-size": str(limit_bytes),
        "tus-checksum-algorithm": ",".join(CHECKSUM_ALGORITHMS),
    }


def parse_count(request: Request, header: str) -> int:
    """A number of bytes.

    Raises:
        UploadHeaderError: it is missing, no number, or beyond 18 digits.
    """
    given = request.headers.get(header, "")
    if not _DIGITS.match(given):
        raise UploadHeaderError(header=header, form=f"{header}: 12345")
    return int(given)


def parse_metadata(request: Request) -> Announced:
    """`Upload-Metadata`: pairs of a key and a value in base64, with commas between them.

    Raises:
        UploadHeaderError: it is malformed, or its sha256 is none.
    """
    header = request.headers.get("upload-metadata", "")
    if len(header) > METADATA_CHARACTERS:
        raise UploadHeaderError(header="Upload-Metadata", form=f"≤ {METADATA_CHARACTERS}")
    values = dict(_pair(one) for one in header.split(",") if one.strip())
    sha256 = values.get("sha256")
    if sha256 is not None and not _SHA256.match(sha256):
        raise UploadHeaderError(header="Upload-Metadata", form="sha256 <base64(64 hex digits)>")
    return Announced(
        file_name=base_name(values.get("filename", "")),
        sha256=None if sha256 is None else sha256.lower(),
        metadata=header,
    )


def parse_checksum(request: Request) -> Checksum | None:
    """`Upload-Checksum`, if there is one.

    Raises:
        UploadHeaderError: it is malformed, or of an algorithm we do not know.
    """
    header = request.headers.get("upload-checksum")
    if header is None:
        return None
    algorithm, _, digest = header.strip().partition(" ")
    if algorithm not in CHECKSUM_ALGORITHMS or not digest:
        raise UploadHeaderError(header="Upload-Checksum", form="sha256 <base64>")
    return Checksum(algorithm=algorithm, digest=digest.strip())


def require_piece(request: Request) -> None:
    """Refuse a body that is not raw bytes.

    Raises:
        UploadMediaTypeError: the Content-Type is another.
    """
    given = request.headers.get("content-type", "").partition(";")[0]
    if given.strip().lower() != PIECE_TYPE:
        raise UploadMediaTypeError


def _pair(text: str) -> tuple[str, str]:
    key, _, value = text.strip().partition(" ")
    try:
        return key, base64.b64decode(value.strip(), validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise UploadHeaderError(header="Upload-Metadata", form="filename <base64(UTF-8)>") from error


def _refusal(error: AppError, request: Request) -> Response:
    path, found = request.url.path, request.scope.get("llmlora.request_id")
    request_id = None if found is None else str(found)
    if isinstance(error, ChunkDamagedError):
        language = language_of(request.headers)
        document = {**problem_of(error, path, language, request_id), "status": CHECKSUM_MISMATCH}
        return Response(
            json.dumps({**document, "title": "Checksum Mismatch"}, ensure_ascii=False),
            status_code=CHECKSUM_MISMATCH,
            media_type="application/problem+json",
            headers={"content-language": language},
        )
    headers = {"tus-version": VERSION} if isinstance(error, UploadVersionError) else {}
    return problem_response(error, path, request.headers, request_id, headers=headers)
