"""The faults of the wire: what a client meets when the server, or the way to it, is ill.

ASGI cannot cut a connection, so the protocol class keeps the transports by the client's address.
"""

import asyncio
import socket
import struct
from typing import Any

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from tests.with_ollama.standin.faults import WIRE, Faults

TRICKLE_S = 1.0
CONTROL = "/standin/"
_transports: dict[tuple[str, int], asyncio.Transport] = {}


class CuttableProtocol(H11Protocol):
    """uvicorn's HTTP/1.1, whose connections `FaultyDoor` can cut."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Note the transport."""
        super().connection_made(transport)
        _transports[tuple(transport.get_extra_info("peername"))] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        _transports.pop(tuple(self.transport.get_extra_info("peername")), None)
        super().connection_lost(exc)


class FaultyDoor:
    """In front of the application: remembers who asked what, and spoils answers as `Faults` say."""

    def __init__(self, app: ASGIApp, faults: Faults, asked: list[str]) -> None:
        self.app, self.faults, self.asked = app, faults, asked

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request; what is no request, or a test's own word, passes."""
        if scope["type"] != "http" or scope["path"].startswith(CONTROL):
            await self.app(scope, receive, send)
            return
        self.asked.append(f"{scope['method']} {scope['path']}")
        mode = self.faults.first_of(set(WIRE), scope["path"])
        match mode:
            case None:
                await self.app(scope, receive, send)
            case "refuse":
                await _cut(scope, receive, gently=True)
            case "cut_upload":
                if scope["method"] != "POST":
                    await self.app(scope, receive, send)
                    return
                await receive()
                await _cut(scope, receive, gently=False)
            case "hang":
                await _until_gone(receive)
            case "error_500":
                await JSONResponse({"error": "something went wrong"}, status_code=500)(scope, receive, send)
            case _:
                await self.app(scope, receive, _Spoiler(mode, scope, receive, send))


class _Spoiler:
    """A `send` that spoils the body of an answer."""

    def __init__(self, mode: str, scope: Scope, receive: Receive, send: Send) -> None:
        self.mode, self.scope, self.receive, self.send = mode, scope, receive, send
        self.in_lines = False
        self.spoilt = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.in_lines = (b"content-type", b"application/x-ndjson") in message["headers"]
            await self.send(message)
            return
        body: bytes = message.get("body", b"")
        match self.mode:
            case "trickle":
                await self.trickle(body)
                await self.send({**message, "body": b""})
            case "reset" if body:
                await self.send({**message, "body": body[: len(body) // 2], "more_body": True})
                await _cut(self.scope, self.receive, gently=False)
            case _:
                await self.send({**message, "body": self.line(body) if self.in_lines and body else body})

    async def trickle(self, body: bytes) -> None:
        """One byte, a pause, and again."""
        for at in range(len(body)):
            await self.send({"type": "http.response.body", "body": body[at : at + 1], "more_body": True})
            await asyncio.sleep(TRICKLE_S)

    def line(self, body: bytes) -> bytes:
        """One line of a stream, whole, broken or left out."""
        if self.mode == "bad_line" and not self.spoilt:
            self.spoilt = True
            return body[: len(body) // 2] + b"\n"
        ends_well = b'"status": "success"' in body or b'"done": true' in body
        return b"" if self.mode == "no_success" and ends_well else body


async def _cut(scope: Scope, receive: Receive, *, gently: bool) -> None:
    """Close the connection under the request; not gently, the client gets a reset."""
    transport = _transports[tuple(scope["client"])]
    if not gently:
        connection: Any = transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        await asyncio.sleep(0.05)  # what was sent before has left by then; a reset would swallow it
    transport.abort()
    await _until_gone(receive)


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
