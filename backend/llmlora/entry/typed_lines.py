"""Lines from standard input, waited for by the event loop: a thread that blocks in `input` would outlive SIGTERM."""

import asyncio
import os
import sys

_CHUNK_BYTES = 1 << 16


class TypedLines:
    """What is typed, or comes through a pipe or a file, line by line."""

    def __init__(self, descriptor: int = 0) -> None:
        self._descriptor = descriptor
        self._read = b""
        self._is_over = False

    async def next(self, prompt: str = "> ") -> str | None:
        """The next line without its end, after a prompt where a person types; None when there are no more."""
        if os.isatty(self._descriptor):
            sys.stdout.write(prompt)
            sys.stdout.flush()
        while b"\n" not in self._read and not self._is_over:
            await self._readable()
            chunk = os.read(self._descriptor, _CHUNK_BYTES)
            self._read, self._is_over = self._read + chunk, not chunk
        line, end, self._read = self._read.partition(b"\n")
        if not line and not end:
            return None
        return line.decode(sys.stdin.encoding or "utf-8", errors="replace").rstrip("\r")

    async def _readable(self) -> None:
        loop, ready = asyncio.get_running_loop(), asyncio.Event()
        try:
            loop.add_reader(self._descriptor, ready.set)
        except PermissionError:  # a file, which never makes anybody wait
            return
        try:
            await ready.wait()
        finally:
            loop.remove_reader(self._descriptor)
