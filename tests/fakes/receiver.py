"""A server that receives what webhooks are told, and answers as it is told to."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

OK = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"
FAILED = "HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\n\r\n"
GONE = "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n"
SILENCE = ""
ENDLESS = "HTTP/1.1 200 OK\r\ncontent-length: 1000000000000\r\n\r\n"
BROKEN = "broken"


def moved_to(url: str) -> str:
    """An answer that leads elsewhere."""
    return f"HTTP/1.1 307 Temporary Redirect\r\nlocation: {url}\r\ncontent-length: 0\r\n\r\n"


@dataclass
class Received:
    """One request."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """What came, and what is answered next; when nothing is left to say, OK."""

    url: str = ""
    received: list[Received] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, one request."""
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            first, *lines = head.strip().split("\r\n")
            headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
            body = await reader.readexactly(int(headers["content-length"]))
            self.received.append(Received(first.split(" ")[1], headers, body))
            answer = self.answers.pop(0) if self.answers else OK
            if answer == SILENCE:
                await reader.read()  # until the other side gives up
            elif answer != BROKEN:
                writer.write(answer.encode())
                await writer.drain()
                if answer == ENDLESS:
                    await reader.read()
        writer.close()


@asynccontextmanager
async def receiving(*answers: str) -> AsyncIterator[Receiver]:
    """A receiver on a free port."""
    receiver = Receiver(answers=list(answers))
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0)
    receiver.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield receiver
