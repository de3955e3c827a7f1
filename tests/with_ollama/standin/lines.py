"""Answers in lines: NDJSON where the client wants a stream, else the last line alone.

An error before the first line gets an HTTP status of its own (`status` in its line); after it, it is a line of a 200.
"""

import json
from collections.abc import AsyncGenerator, Iterator
from typing import Any

from starlette.concurrency import iterate_in_threadpool
from starlette.responses import JSONResponse, Response, StreamingResponse

Line = dict[str, Any]
Lines = AsyncGenerator[Line, None]


class ApiError(Exception):
    """A request that is refused; in the middle of a stream it becomes its last line."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status

    @property
    def response(self) -> Response:
        """What a client of `/api` gets."""
        return JSONResponse({"error": str(self)}, status_code=self.status)


async def in_thread(lines: Iterator[Line]) -> Lines:
    """Lines of slow work, without standing in anybody's way."""
    async for line in iterate_in_threadpool(lines):
        yield line


async def respond(lines: Lines, *, stream: bool) -> Response:
    """Send lines as they come, or wait for the last.

    Raises:
        ApiError: it ended badly before anything was sent.
    """
    last = _checked(await anext(lines))
    if stream:
        return StreamingResponse(_as_ndjson(last, lines), media_type="application/x-ndjson")
    async for line in lines:
        last = _checked(line)
    return JSONResponse(last)


def _checked(line: Line) -> Line:
    if "error" in line:
        raise ApiError(line.get("status", 500), line["error"])
    return line


async def _as_ndjson(first: Line, rest: Lines) -> AsyncGenerator[bytes, None]:
    yield _encode(first)
    try:
        async for line in rest:
            yield _encode(_checked(line))
    except ApiError as error:
        yield _encode({"error": str(error)})
    finally:
        await rest.aclose()


def _encode(line: Line) -> bytes:
    return json.dumps(line, ensure_ascii=False).encode() + b"\n"
