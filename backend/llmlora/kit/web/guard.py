"""Who may ask: request ids, Host, Origin and token, checked before any route is looked up. Deny by default.

Guarantee: with a token configured, nothing but `PUBLIC` answers without it: no route, method, socket or mount.
"""

import hmac
import ipaddress
import re
import secrets
from collections.abc import Iterable
from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlsplit

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from llmlora.kit.errors import AppError
from llmlora.kit.settings import Settings
from llmlora.kit.web.problems import http_error, problem_response

# Probes of a supervisor or a load balancer, and the door where a browser shows its token.
PUBLIC = frozenset({"/healthz", "/readyz"})
SESSION_PATH = "/api/session"
COOKIE = "llmlora_token"
_UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_REQUEST_ID = re.compile(r"^[\w.-]{1,64}$")


class HostRefusedError(AppError):
    """The Host header names a server that is not this one (DNS rebinding)."""

    status = 421
    code = "host_refused"
    ja = "Host ヘッダー {host} は許可されていません。LLMLORA_ALLOWED_HOSTS に加えてください。"
    en = "The Host header {host} is not allowed. Add it to LLMLORA_ALLOWED_HOSTS."


class OriginRefusedError(AppError):
    """A page of another site asks."""

    status = 403
    code = "origin_refused"
    ja = "{origin} のページからの操作は許可されていません。LLMLORA_ALLOWED_ORIGINS に加えてください。"
    en = "Pages of {origin} may not do this. Add it to LLMLORA_ALLOWED_ORIGINS."


class Guard:
    """ASGI middleware around everything."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._token = settings.api_token.get_secret_value().encode() if settings.api_token else None
        self._hosts = {"localhost", settings.api_host.lower(), *_listed(settings.allowed_hosts.lower())}
        self._origins = set(allowed_origins(settings))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through, or answer with what is missing."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        given = headers.get("x-request-id", "")
        request_id = given if _REQUEST_ID.match(given) else secrets.token_hex(8)
        scope["llmlora.request_id"] = request_id
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            refusal = self._refusal(scope, headers)
            if refusal is not None:
                await _refuse(refusal, scope, receive, send, headers, request_id)
                return
            await self._app(scope, receive, _with_request_id(send, request_id))

    def allows_origin(self, origin: str, host: str) -> bool:
        """Whether a page of `origin` may act: it is listed, or served from this very host and port."""
        return origin in self._origins or urlsplit(origin).netloc == host != ""

    def _refusal(self, scope: Scope, headers: Headers) -> AppError | None:
        host = headers.get("host", "")
        if not self._knows_host(host):
            return HostRefusedError(host=host[:200])
        origin = headers.get("origin")
        unsafe = scope["type"] == "websocket" or scope["method"] in _UNSAFE
        if unsafe and origin is not None and not self.allows_origin(origin, host):
            return OriginRefusedError(origin=origin[:200])
        if unsafe and origin is None and headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
            return OriginRefusedError(origin=headers["sec-fetch-site"])
        return None if self._is_authenticated(scope, headers) else http_error(401)

    def _knows_host(self, host: str) -> bool:
        try:
            name = (urlsplit(f"//{host}").hostname or "").lower()
        except ValueError:
            return False
        return name in self._hosts or _is_loopback(name)

    def _is_authenticated(self, scope: Scope, headers: Headers) -> bool:
        if self._token is None or (scope["type"] == "http" and _is_public(scope)):
            return True
        scheme, _, bearer = headers.get("authorization", "").partition(" ")
        given = bearer.strip() if scheme.lower() == "bearer" else _cookie(headers)
        return hmac.compare_digest(given.encode(), self._token)


def allowed_origins(settings: Settings) -> list[str]:
    """Origins of pages that may act: those listed, and our own pages on every host that the API answers to."""
    origins = list(_listed(settings.allowed_origins))
    if settings.pages_port:
        hosts = ["localhost", "127.0.0.1", settings.api_host, *_listed(settings.allowed_hosts)]
        names = dict.fromkeys(f"[{host}]" if ":" in host else host for host in hosts)
        origins += [
            f"{scheme}://{name}:{settings.pages_port}" for name in names for scheme in ("http", "https")
        ]
    return origins


def _is_public(scope: Scope) -> bool:
    if scope["method"] == "OPTIONS" and Headers(scope=scope).get("access-control-request-method"):
        return True  # a browser's preflight carries no credentials; CORS answers it
    return scope["path"] in PUBLIC or (scope["path"] == SESSION_PATH and scope["method"] == "POST")


def _cookie(headers: Headers) -> str:
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return ""
    return found.value if found else ""


def _listed(text: str) -> Iterable[str]:
    return (part.strip().rstrip("/") for part in text.split(",") if part.strip())


def _is_loopback(name: str) -> bool:
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _with_request_id(send: Send, request_id: str) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message)["x-request-id"] = request_id
        await send(message)

    return sending


async def _refuse(
    error: AppError, scope: Scope, receive: Receive, send: Send, headers: Headers, request_id: str
) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1008, "reason": error.code})
        return
    response = problem_response(error, scope["path"], headers, request_id)
    await response(scope, receive, _with_request_id(send, request_id))
