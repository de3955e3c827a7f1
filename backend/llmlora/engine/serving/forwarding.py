"""The servers of models through the inference program's own door: `/serving/PORT/…` is PORT's `/…` on this machine.

Servers listen on loopback. Those who ask from elsewhere show the server's own key, which came with its endpoint. An answer is
passed on as it comes, and whoever hangs up ends it: the connection to the server lives as long as theirs.
"""

import asyncio
import hmac
import re
import ssl
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Self

import httpx
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from llmlora.contracts.run import EndpointInput
from llmlora.engine.serving.address import SERVING

# Beyond what any server of ours takes (a long conversation as token ids).
BODY_BYTES = 64 << 20
CONNECT_TIMEOUT_S = 5.0
# Of one connection alone, or of the hop behind us (RFC 9110, 7.6.1).
_HOP = frozenset({
    b"connection", b"host", b"keep-alive", b"proxy-authenticate", b"proxy-authorization", b"te", b"trailer",
    b"transfer-encoding", b"upgrade",
})  # fmt: skip

_PORT = re.compile(r"[1-9][0-9]{0,4}")

EndpointAt = Callable[[int], EndpointInput | None]


class Forwarding:
    """An application in front of another: it answers below `/serving/`, everything else goes on. Use as `async with`."""

    def __init__(self, app: ASGIApp, endpoint_at: EndpointAt) -> None:
        self._app, self._endpoint_at = app, endpoint_at
        self._client = httpx.AsyncClient(
            # Plain HTTP on loopback: the certificates that httpx would load take longer than the request.
            verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
            trust_env=False,
            timeout=httpx.Timeout(None, connect=CONNECT_TIMEOUT_S),
            # A connection that rests would keep an idle server in the pool.
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=0),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or hand it on."""
        if scope["type"] != "http" or not scope["path"].startswith(SERVING):
            await self._app(scope, receive, send)
            return
        port, _, path = scope["path"].removeprefix(SERVING).partition("/")
        endpoint = self._endpoint_at(int(port)) if _PORT.fullmatch(port) else None
        if endpoint is None or not _shows_key(scope, endpoint):
            # Whether there is a server is nobody's business who has no key.
            await Response(status_code=401)(scope, receive, send)
            return
        body = await _whole(receive)
        if isinstance(body, Response):
            await body(scope, receive, send)
            return
        answering = asyncio.create_task(self._answer(f"{endpoint.base_url}/{path}", body, scope, send))
        leaving = asyncio.create_task(_left(receive))
        try:
            await asyncio.wait({answering, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            leaving.cancel()
            if not answering.done():
                answering.cancel()
            await asyncio.wait({answering, leaving})
        if not answering.cancelled():
            answering.result()

    async def _answer(self, url: str, body: bytes, scope: Scope, send: Send) -> None:
        """Ask the server and pass on what it says, piece by piece.

        Raises:
            httpx.HTTPError: it breaks off in the middle, as the answer then has to.
        """
        kept = [(name, value) for name, value in scope["headers"] if name.lower() not in _HOP]
        query = scope["query_string"].decode("latin-1")
        asked = self._client.build_request(
            scope["method"], f"{url}?{query}" if query else url, headers=kept, content=body
        )
        async with AsyncExitStack() as stack:
            try:
                response = await self._client.send(asked, stream=True)
            except httpx.HTTPError as error:
                refused = PlainTextResponse(
                    f"the server of the model is not there: {type(error).__name__}", 502
                )
                await refused(scope, _nothing, send)
                return
            stack.push_async_callback(response.aclose)
            headers = [
                (name.lower(), value) for name, value in response.headers.raw if name.lower() not in _HOP
            ]
            await send({"type": "http.response.start", "status": response.status_code, "headers": headers})
            async for piece in response.aiter_raw():
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})


def _shows_key(scope: Scope, endpoint: EndpointInput) -> bool:
    given = Headers(scope=scope).get("authorization", "").encode()
    return hmac.compare_digest(given, f"Bearer {endpoint.api_key}".encode())


async def _whole(receive: Receive) -> bytes | Response:
    """The request's body; a refusal where it is too long."""
    pieces, size, more = list[bytes](), 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return Response(status_code=400)
        pieces.append(message.get("body", b""))
        size, more = size + len(pieces[-1]), message.get("more_body", False)
        if size > BODY_BYTES:
            return Response(status_code=413)
    return b"".join(pieces)


async def _left(receive: Receive) -> None:
    """Until whoever asks has hung up."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def _nothing() -> dict[str, str]:
    return {"type": "http.disconnect"}
