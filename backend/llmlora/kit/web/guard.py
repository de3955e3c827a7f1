"""The door: request ids, Host, Origin, token and session, checked before any route is looked up. Deny by default.

Guarantees: with a token configured, nothing but `PUBLIC` answers without it: no route, method, socket or mount. Every
answer, a refusal or an unhandled error too, can be read by the pages that may ask (`Origins.headers`).
"""

import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import Protocol

import structlog
from sqlalchemy.exc import SQLAlchemyError
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from llmlora.kit.errors import AppError
from llmlora.kit.settings import Settings
from llmlora.kit.web.origins import Origins, is_preflight
from llmlora.kit.web.problems import ANSWER_HEADERS, DatabaseAwayError, http_error, problem_response
from llmlora.kit.web.token_check import TokenCheck, client_address

# Probes of a supervisor or a load balancer, and the door where a browser shows its token.
PUBLIC = frozenset({"/healthz", "/readyz"})
SESSION_PATH = "/api/session"
# A session that was ended elsewhere ends its sockets and streams here as late as this.
RECHECK_S = 10.0
_UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_REQUEST_ID = re.compile(r"^[\w.-]{1,64}$")
_POLICY_VIOLATION = 1008
# Of answers that are no pages: nothing in them is ever run, drawn inside another page, or guessed at.
SECURITY_HEADERS = {
    "content-security-policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "x-frame-options": "DENY",
}


class HostRefusedError(AppError):
    """The Host header names a server that is not this one (DNS rebinding)."""

    status = 421
    code = "host_refused"
    ja = "Host ヘッダー {host} は許可されていません。LLMLORA_ALLOWED_HOSTS に追加してください。"
    en = "The Host header {host} is not allowed. Add it to LLMLORA_ALLOWED_HOSTS."


class OriginRefusedError(AppError):
    """A page of another site asks."""

    status = 403
    code = "origin_refused"
    ja = "{origin} のページからの操作は許可されていません。LLMLORA_ALLOWED_ORIGINS に追加してください。"
    en = "Requests from pages at {origin} are not allowed. Add it to LLMLORA_ALLOWED_ORIGINS."


class OriginMissingError(AppError):
    """A cookie comes along, and nothing says from which page."""

    status = 403
    code = "origin_missing"
    ja = "Cookie で認証する操作には Origin ヘッダーが必要です。プログラムからは、代わりに Authorization: Bearer … を送ってください。"
    en = "A request with a cookie needs an Origin header. From a program, send Authorization: Bearer … instead."


class SessionCheck(Protocol):
    """What the door asks of the sessions of browsers."""

    @property
    def changes(self) -> int:
        """Grows whenever a session was ended here."""
        ...

    async def is_open(self, secret: str) -> bool:
        """Whether a browser that shows this is signed in now."""
        ...


@dataclass(frozen=True)
class _Shown:
    """How a request is authenticated: a refusal, or the secret of its session (None: by the token, or none is needed)."""

    refusal: AppError | None = None
    session: str | None = None


class Guard:
    """ASGI middleware around everything that answers."""

    def __init__(
        self, app: ASGIApp, settings: Settings, token: TokenCheck, sessions: Callable[[], SessionCheck]
    ) -> None:
        self._app, self._token, self._sessions = app, token, sessions
        self._origins = Origins(settings)
        self._cookie = cookie_name(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through, or answer with what is missing."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        given = headers.get("x-request-id", "")
        request_id = given if _REQUEST_ID.match(given) else secrets.token_hex(8)
        scope["llmlora.request_id"] = request_id
        # What answers outside of this middleware (an unhandled error) takes them from here.
        scope[ANSWER_HEADERS] = {
            **SECURITY_HEADERS, **self._origins.headers(headers), "vary": "Origin", "x-request-id": request_id
        }  # fmt: skip
        send = _with_headers(send, scope[ANSWER_HEADERS])
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            if scope["type"] == "http" and is_preflight(scope["method"], headers):
                await self._origins.preflight(headers)(scope, receive, send)
                return
            shown = await self._shown(scope, headers)
            if shown.refusal is not None:
                await _refuse(shown.refusal, scope, receive, send)
            elif shown.session is None:
                await self._app(scope, receive, send)
            else:
                lasting = _Lasting(self._sessions(), shown.session, scope["type"], send)
                await lasting.serve(self._app, scope, receive)

    async def _shown(self, scope: Scope, headers: Headers) -> _Shown:
        host, origin = headers.get("host", ""), headers.get("origin")
        if not self._origins.knows_host(host):
            return _Shown(HostRefusedError(host=host[:200]))
        unsafe = scope["type"] == "websocket" or scope["method"] in _UNSAFE
        if unsafe and origin is not None and not self._origins.allows(origin, host):
            return _Shown(OriginRefusedError(origin=origin[:200]))
        site = headers.get("sec-fetch-site", "none")
        if unsafe and origin is None and site not in ("none", "same-origin"):
            return _Shown(OriginRefusedError(origin=site[:200]))
        if not self._token.is_required or (scope["type"] == "http" and _is_public(scope)):
            return _Shown()
        scheme, _, bearer = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and bearer.strip():
            return _Shown(self._token.compare(bearer.strip(), client_address(scope)))
        return await self._of_cookie(
            _cookie(headers, self._cookie), changes_without_origin=unsafe and origin is None
        )

    async def _of_cookie(self, secret: str, *, changes_without_origin: bool) -> _Shown:
        try:
            if not secret or not await self._sessions().is_open(secret):
                return _Shown(http_error(401))
        except (SQLAlchemyError, OSError):
            return _Shown(DatabaseAwayError())
        return _Shown(OriginMissingError()) if changes_without_origin else _Shown(session=secret)


class _SessionOverError(OSError):
    """The session ended while its answer was on the way. Endpoints take it as a client that has left."""


class _Lasting:
    """An answer by a session. A socket or an event stream may last for days: it ends when its session does."""

    def __init__(self, sessions: SessionCheck, secret: str, kind: str, send: Send) -> None:
        self._sessions, self._secret, self._kind, self._send = sessions, secret, kind, send
        self._lasts = kind == "websocket"
        self._is_over = False
        self._seen, self._checked = sessions.changes, time.monotonic()

    async def serve(self, app: ASGIApp, scope: Scope, receive: Receive) -> None:
        try:
            await app(scope, receive, self.send)
        except (_SessionOverError, ClientDisconnect):
            if not self._is_over:
                raise

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            kind = Headers(raw=message.get("headers", [])).get("content-type", "")
            self._lasts = kind.startswith("text/event-stream")
        if self._is_over or (self._lasts and not await self._still_open()):
            await self._end()
            raise _SessionOverError
        await self._send(message)

    async def _still_open(self) -> bool:
        now = time.monotonic()
        if self._sessions.changes == self._seen and now - self._checked < RECHECK_S:
            return True
        self._seen, self._checked = self._sessions.changes, now
        try:
            return await self._sessions.is_open(self._secret)
        except (SQLAlchemyError, OSError):
            return True  # asked again with the next message

    async def _end(self) -> None:
        if self._is_over:
            return
        self._is_over = True
        if self._kind == "websocket":
            await self._send(_closing(http_error(401)))
        else:
            await self._send({"type": "http.response.body", "body": b"", "more_body": False})


def cookie_name(settings: Settings) -> str:
    """Browsers do not tell ports apart: two studios of one machine would sign each other out."""
    return f"llmlora_session_{settings.api_port}"


def session_secret(headers: Headers, settings: Settings) -> str:
    """What the browser shows for its session; empty: nothing."""
    return _cookie(headers, cookie_name(settings))


def _is_public(scope: Scope) -> bool:
    return scope["path"] in PUBLIC or (scope["path"] == SESSION_PATH and scope["method"] == "POST")


def _cookie(headers: Headers, name: str) -> str:
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(name)
    except CookieError:
        return ""
    return found.value if found else ""


def _with_headers(send: Send, more: dict[str, str]) -> Send:
    """What the answer itself says of such a header stands."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            message.setdefault("headers", [])
            headers = MutableHeaders(scope=message)
            for name, value in more.items():
                if name == "vary":
                    headers.add_vary_header(value)
                else:
                    headers.setdefault(name, value)
        await send(message)

    return sending


async def _refuse(error: AppError, scope: Scope, receive: Receive, send: Send) -> None:
    asked = Headers(scope=scope)
    if scope["type"] == "websocket":
        await receive()
        if "origin" in asked and not isinstance(error, (OriginRefusedError, HostRefusedError)):
            # A browser tells a page why a socket was closed, and nothing about one that was never opened.
            await send({"type": "websocket.accept"})
        await send(_closing(error))
        return
    response = problem_response(error, scope["path"], asked, scope["llmlora.request_id"])
    await response(scope, receive, send)


def _closing(error: AppError) -> Message:
    return {"type": "websocket.close", "code": _POLICY_VIOLATION, "reason": error.code}
