"""Errors on the wire: RFC 9457 problems, in the client's language; on `/v1` in OpenAI's form."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import asyncpg
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, JsonValue
from sqlalchemy.exc import SQLAlchemyError
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import Response

from llmlora.kit.db import is_outage, is_unstorable
from llmlora.kit.errors import AppError, FieldProblem, InvalidInputError, UnavailableError
from llmlora.kit.manual import address_of, page_of_code
from llmlora.kit.validation import RequestInvalidError, field_problems, request_invalid
from llmlora.kit.web.language import language_of

_log = structlog.get_logger()
# Where the door keeps, in a request's scope, the headers that every answer carries.
ANSWER_HEADERS = "llmlora.answer_headers"
# A restart of the embedded PostgreSQL takes about as long.
_DATABASE_BACK_S = 2
_LOCATIONS = frozenset({"body", "query", "path", "header", "cookie"})


class ProblemField(BaseModel):
    """One field of the request that has to change."""

    model_config = ConfigDict(extra="forbid")

    pointer: str
    detail: str


class Problem(BaseModel):
    """RFC 9457. `code` is stable; `detail` says, in the client's language, what to change; `type` is its page of the manual."""

    model_config = ConfigDict(extra="forbid")

    type: str
    title: str
    status: int
    code: str
    detail: str
    instance: str
    request_id: str | None
    errors: list[ProblemField]


class OpenAIErrorDetail(BaseModel):
    """What OpenAI's clients read of an error."""

    model_config = ConfigDict(extra="forbid")

    message: str
    type: str
    param: str | None
    code: str | None


class OpenAIError(BaseModel):
    """An error below `/v1`."""

    model_config = ConfigDict(extra="forbid")

    error: OpenAIErrorDetail


# For `responses=`: an answer that is a problem; and of every router, what any of its routes may answer.
PROBLEM: dict[str, Any] = {
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
}
PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"description": HTTPStatus(status).phrase, **PROBLEM}
    for status in (400, 401, 403, 404, 405, 409, 413, 415, 422, 500, 503)
}


class DatabaseAwayError(UnavailableError):
    """PostgreSQL does not answer now."""

    code = "database_unavailable"
    ja = "データベースに接続できません。数秒待って、もう一度試してください。"
    en = "The database cannot be reached. Wait a few seconds and try again."


class TextNotStorableError(InvalidInputError):
    """A text with characters that PostgreSQL cannot hold."""

    code = "text_not_storable"
    ja = "NUL 文字や壊れた文字を含むテキストは保存できません。その文字を取り除いてください。"
    en = "Text with NUL or broken characters cannot be stored. Remove those characters."


class _HttpError(AppError):
    """What the framework itself refuses: no such route, another method, a body too large."""

    ja = "{reason_ja}"
    en = "{reason_en}"


HTTP_WORDS: dict[int, tuple[str, str, str]] = {
    400: (
        "bad_request",
        "リクエストを読み取れません。形式を確認してください。",
        "The request cannot be read. Check its format.",
    ),
    401: (
        "unauthenticated",
        "認証が必要です。Authorization: Bearer … を付けてください。",
        "Authentication is required. Send Authorization: Bearer ….",
    ),
    403: ("forbidden", "許可されていないリクエストです。", "This request is not allowed."),
    404: (
        "not_found",
        "このアドレスには何もありません。アドレスを確認してください。",
        "There is nothing at this address. Check the address.",
    ),
    405: (
        "method_not_allowed",
        "このアドレスではこのメソッドを使えません。Allow ヘッダーにあるものを使ってください。",
        "This address does not support this method. Use one from the Allow header.",
    ),
    413: (
        "body_too_large",
        "リクエストが大きすぎます。小さくしてください。",
        "The request is too large. Make it smaller.",
    ),
    415: (
        "media_type_not_supported",
        "この Content-Type には対応していません。API の説明にあるものを使ってください。",
        "This Content-Type is not supported. Use one listed in the API description.",
    ),
}


def described(document: dict[str, Any], *more: type[BaseModel]) -> dict[str, Any]:
    """An OpenAPI document whose errors have schemas: problems, and OpenAI's form below `/v1`; `more` are added."""
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    shapes: tuple[type[BaseModel], ...] = (Problem, OpenAIError, *more)
    for shape in shapes:
        schema = shape.model_json_schema(ref_template="#/components/schemas/{model}")
        for name, part in schema.pop("$defs", {}).items():
            schemas.setdefault(name, part)
        schemas[shape.__name__] = schema
    openai = {"application/json": {"schema": {"$ref": "#/components/schemas/OpenAIError"}}}
    for path, operations in document["paths"].items():
        for operation in operations.values() if path.startswith("/v1/") else ():
            for response in operation["responses"].values():
                if "application/problem+json" in response.get("content", {}):
                    response["content"] = openai
    return document


def install_problems(app: FastAPI) -> None:
    """Answer every error of the application with a problem."""

    async def on_app_error(request: Request, error: AppError) -> Response:
        return problem_response(error, str(request.url.path), request.headers, _request_id(request))

    async def on_invalid(request: Request, error: RequestValidationError) -> Response:
        refused = _invalid(error)
        return problem_response(refused, str(request.url.path), request.headers, _request_id(request))

    async def on_http(request: Request, error: HTTPException) -> Response:
        named = http_error(error.status_code)
        return problem_response(
            named, str(request.url.path), request.headers, _request_id(request), headers=error.headers
        )

    async def on_database(request: Request, error: Exception) -> Response:
        if is_unstorable(error):
            named: AppError = TextNotStorableError()
        elif is_outage(error):
            named = DatabaseAwayError()
        else:
            raise error
        return problem_response(named, str(request.url.path), request.headers, _request_id(request))

    async def on_anything(request: Request, error: Exception) -> Response:
        _log.error("request failed", path=request.url.path, exc_info=error)
        shown = AppError(reason=type(error).__name__)
        # Starlette answers this one outside of every middleware: it has to carry itself what the door adds to others.
        more = request.scope.get(ANSWER_HEADERS)
        return problem_response(
            shown, str(request.url.path), request.headers, _request_id(request), headers=more
        )

    app.add_exception_handler(AppError, on_app_error)  # type: ignore[arg-type]
    app.add_exception_handler(RequestValidationError, on_invalid)  # type: ignore[arg-type]
    app.add_exception_handler(HTTPException, on_http)  # type: ignore[arg-type]
    for kind in (SQLAlchemyError, asyncpg.PostgresError, ConnectionError, UnicodeEncodeError):
        app.add_exception_handler(kind, on_database)
    app.add_exception_handler(Exception, on_anything)


def http_error(status: int) -> AppError:
    """The error of a bare HTTP status."""
    code, ja, en = HTTP_WORDS.get(
        status, ("http_error", HTTPStatus(status).phrase, HTTPStatus(status).phrase)
    )
    error = _HttpError(reason_ja=ja, reason_en=en)
    error.status, error.code = status, code  # type: ignore[misc]
    return error


def problem_response(
    error: AppError,
    path: str,
    headers_in: Headers,
    request_id: str | None,
    *,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """`error` as a response: a problem, or OpenAI's form below `/v1/`; with what the client may do about it in headers."""
    language = language_of(headers_in)
    document = (
        openai_error(error) if path.startswith("/v1/") else problem_of(error, path, language, request_id)
    )
    media = "application/json" if path.startswith("/v1/") else "application/problem+json"
    return Response(
        # Half a surrogate pair that was sent is shown as JSON writes it: UTF-8 cannot.
        json.dumps(document, ensure_ascii=False).encode("utf-8", "backslashreplace"),
        status_code=error.status,
        media_type=media,
        headers={**_advice(error), **(headers or {}), "content-language": language},
    )


def _advice(error: AppError) -> dict[str, str]:
    """When to come again, and with what."""
    if error.status == HTTPStatus.UNAUTHORIZED:
        return {"www-authenticate": "Bearer"}
    if isinstance(error, DatabaseAwayError):
        return {"retry-after": str(_DATABASE_BACK_S)}
    return {"retry-after": str(error.facts["wait_s"])} if "wait_s" in error.facts else {}


def problem_of(error: AppError, path: str, language: str, request_id: str | None) -> dict[str, JsonValue]:
    """The problem document of an error."""
    fields = [
        ProblemField(pointer=f.pointer, detail=f.ja if language == "ja" else f.en) for f in error.fields
    ]
    return Problem(
        type=address_of(page_of_code(error.code), language),
        title=_phrase(error.status),
        status=error.status,
        code=error.code,
        detail=error.detail(language),
        instance=path,
        request_id=request_id,
        errors=fields,
    ).model_dump(mode="json")


def openai_error(error: AppError) -> dict[str, JsonValue]:
    """The form that OpenAI's clients read: `error.message`, `type`, `param`, `code`."""
    kinds = {
        401: "authentication_error",
        403: "permission_error",
        404: "not_found_error",
        409: "conflict_error",
    }
    kind = "server_error" if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR else "invalid_request_error"
    param = _parameter(error.fields[0].pointer) if error.fields else None
    return {
        "error": {
            "message": error.detail("en"),
            "type": kinds.get(error.status, kind),
            "param": param,
            "code": error.code,
        }
    }


def _parameter(pointer: str) -> str | None:
    """A JSON Pointer as OpenAI writes it: `/messages/0/content` → `messages.0.content`; null: the whole body."""
    parts = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
    return ".".join(parts) or None


def _phrase(status: int) -> str:
    """The words of a status; some protocols over HTTP (tus) have statuses that HTTP does not know."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"


def _invalid(error: RequestValidationError) -> RequestInvalidError:
    problems = tuple(
        FieldProblem(_without_location(p.pointer), p.ja, p.en)
        for p in field_problems(error.errors(), body=error.body)
    )
    return request_invalid(problems)


def _without_location(pointer: str) -> str:
    """`/body/config/rank` → `/config/rank`; `/query/limit` → `/limit`."""
    first, _, rest = pointer.lstrip("/").partition("/")
    return f"/{rest}" if first in _LOCATIONS else pointer


def _request_id(request: Request) -> str | None:
    found = request.scope.get("llmlora.request_id")
    return None if found is None else str(found)
