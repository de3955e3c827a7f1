"""Whose pages may ask: host names under which we are addressed, origins of pages that may act, and what CORS says of both."""

import ipaddress
import socket
from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, Response

from llmlora.kit.settings import Settings

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_PREFLIGHT_AGE_S = 600
_METHODS = "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT"
# A wildcard exposes nothing to requests with credentials.
_EXPOSED_HEADERS = ", ".join((
    "Location", "Retry-After", "ETag", "Content-Disposition", "Content-Range", "X-Request-Id", "Idempotency-Replayed",
    "Upload-Offset", "Upload-Length", "Upload-Metadata", "Tus-Resumable", "Tus-Version", "Tus-Extension",
    "Tus-Max-Size", "Tus-Checksum-Algorithm",
))  # fmt: skip


def is_open(settings: Settings) -> bool:
    """Whether other machines can reach the API: it listens beyond loopback, and nobody vouches for who may come in."""
    return settings.api_host not in LOOPBACK and not settings.published_on_loopback


class Origins:
    """The hosts and the pages that the settings allow."""

    def __init__(self, settings: Settings) -> None:
        self._pages_port = settings.pages_port
        self._is_open = is_open(settings)
        self._hosts = {"localhost", settings.api_host.lower(), *_listed(settings.allowed_hosts.lower())}
        if self._is_open:
            own = socket.gethostname().lower()
            self._hosts |= {own, f"{own}.local"}
        self._origins = {*_listed(settings.allowed_origins), *self._of_our_pages(settings)}

    def knows_host(self, host: str) -> bool:
        """Whether a Host header names this server. A foreign name may have been pointed here (DNS rebinding); an address of numbers cannot."""
        name = _name_of(host)
        return name in self._hosts or _is_address(name, only_loopback=not self._is_open)

    def allows(self, origin: str, host: str) -> bool:
        """Whether a page of `origin` may act where it asks `host`: it is listed, it comes from this very host and port, or it
        is ours: of the same name, from the port of the pages."""
        if origin in self._origins:
            return True
        try:
            parts = urlsplit(origin)
            port = parts.port
        except ValueError:
            return False
        if not parts.netloc or parts.scheme not in ("http", "https"):
            return False
        same_name = (parts.hostname or "") == _name_of(host)
        return parts.netloc == host or (same_name and self._pages_port != 0 and port == self._pages_port)

    def headers(self, asked: Headers) -> dict[str, str]:
        """What lets the asking page read an answer, whatever it says; without an origin, or with a foreign one: nothing."""
        origin = asked.get("origin")
        if origin is None or not self.allows(origin, asked.get("host", "")):
            return {}
        return {
            "access-control-allow-origin": origin,
            "access-control-allow-credentials": "true",
            "access-control-expose-headers": _EXPOSED_HEADERS,
        }

    def preflight(self, asked: Headers) -> Response:
        """The answer to a browser that asks beforehand; what it may read comes from `headers`."""
        if not self.headers(asked):
            return PlainTextResponse("origin not allowed", status_code=400)
        wanted = asked.get("access-control-request-headers", "")
        return PlainTextResponse(
            "OK",
            headers={
                "access-control-allow-methods": _METHODS,
                "access-control-allow-headers": wanted,
                "access-control-max-age": str(_PREFLIGHT_AGE_S),
                "vary": "Access-Control-Request-Method, Access-Control-Request-Headers",
            },
        )

    def _of_our_pages(self, settings: Settings) -> Iterable[str]:
        if not settings.pages_port:
            return ()
        hosts = ["127.0.0.1", *self._hosts]
        names = dict.fromkeys(f"[{host}]" if ":" in host else host for host in hosts)
        return [f"{scheme}://{name}:{settings.pages_port}" for name in names for scheme in ("http", "https")]


def is_preflight(method: str, headers: Headers) -> bool:
    """Whether a browser asks beforehand; it then shows no credentials."""
    return method == "OPTIONS" and "origin" in headers and "access-control-request-method" in headers


def _name_of(host: str) -> str:
    try:
        return (urlsplit(f"//{host}").hostname or "").lower()
    except ValueError:
        return ""


def _is_address(name: str, *, only_loopback: bool) -> bool:
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    return address.is_loopback or not only_loopback


def _listed(text: str) -> Iterable[str]:
    return (part.strip().rstrip("/") for part in text.split(",") if part.strip())
