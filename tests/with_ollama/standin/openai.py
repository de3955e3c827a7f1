"""The OpenAI-compatible door: the same answers in other words."""

import json
import time
from collections.abc import AsyncGenerator
from datetime import datetime
from typing import Any

from starlette.responses import JSONResponse, Response, StreamingResponse

from tests.with_ollama.standin.lines import ApiError, Line, Lines

_OPTIONS = {
    "max_tokens": "num_predict",
    "stop": "stop",
    "seed": "seed",
    "temperature": "temperature",
    "top_p": "top_p",
}
_ID = "chatcmpl-standin"


def as_chat(body: Line) -> Line:
    """The request of `/api/chat` that says the same. Both temperature and top_p are 1 where nothing is said."""
    given = {ours: body[theirs] for theirs, ours in _OPTIONS.items() if body.get(theirs) is not None}
    return {
        "model": body.get("model"),
        "messages": body.get("messages"),
        "stream": bool(body.get("stream")),
        "logprobs": bool(body.get("logprobs")),
        "top_logprobs": body.get("top_logprobs"),
        "options": {"temperature": 1.0, "top_p": 1.0} | given,
    }


def refused(error: ApiError) -> Response:
    """An error in OpenAI's shape."""
    kind = {400: "invalid_request_error", 404: "not_found_error"}.get(error.status, "api_error")
    body = {"error": {"message": str(error), "type": kind, "param": None, "code": None}}
    return JSONResponse(body, status_code=error.status)


async def respond(lines: Lines, body: Line) -> Response:
    """A completion, or its chunks as server-sent events.

    Raises:
        ApiError: there is no answer.
    """
    first = await anext(lines)
    if body.get("stream"):
        return StreamingResponse(_events(first, lines, body), media_type="text/event-stream")
    said = {"message": first["message"], "logprobs": _logprobs(first)}
    choice = {"index": 0, **said, "finish_reason": first.get("done_reason")}
    return JSONResponse(_head(body, "chat.completion") | {"choices": [choice], "usage": _usage(first)})


def model_entry(listed: Line) -> dict[str, Any]:
    """A model of `/api/tags` as `/v1/models` has it."""
    created_s = int(datetime.fromisoformat(listed["modified_at"]).timestamp())
    return {"id": listed["name"], "object": "model", "created": created_s, "owned_by": "library"}


async def _events(first: Line, rest: Lines, body: Line) -> AsyncGenerator[str, None]:
    head = _head(body, "chat.completion.chunk")
    line = first
    yield _event(head | {"choices": [_chunk(first)]})
    try:
        async for line in rest:
            yield _event(head | {"choices": [_chunk(line)]})  # the last one's delta is empty
    except ApiError as error:
        yield _event({"error": {"message": str(error), "type": "api_error"}})
        return
    finally:
        await rest.aclose()
    if (body.get("stream_options") or {}).get("include_usage"):
        yield _event(head | {"choices": [], "usage": _usage(line)})
    yield "data: [DONE]\n\n"


def _chunk(line: Line) -> dict[str, Any]:
    return {
        "index": 0,
        "delta": {} if line["done"] else line["message"],
        "logprobs": _logprobs(line),
        "finish_reason": line.get("done_reason"),
    }


def _event(document: Line) -> str:
    return f"data: {json.dumps(document, ensure_ascii=False)}\n\n"


def _head(body: Line, kind: str) -> Line:
    return {
        "id": _ID,
        "object": kind,
        "created": int(time.time()),
        "model": body["model"],
        "system_fingerprint": "fp_ollama",
    }


def _logprobs(line: Line) -> dict[str, Any] | None:
    return {"content": line["logprobs"]} if "logprobs" in line else None


def _usage(line: Line) -> dict[str, int]:
    prompt, answer = line.get("prompt_eval_count", 0), line.get("eval_count", 0)
    return {"prompt_tokens": prompt, "completion_tokens": answer, "total_tokens": prompt + answer}
