"""Lines of standard input: none is lost, and nobody has to press a key for a command to end."""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from llmlora.entry.typed_lines import TypedLines

pytestmark = pytest.mark.anyio


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    read, write = os.pipe()
    yield read, write
    os.close(read)


async def all_of(lines: TypedLines) -> list[str]:
    found = []
    while (line := await asyncio.wait_for(lines.next(), 10)) is not None:
        found.append(line)
    return found


class TestLines:
    async def test_that_came_at_once_are_given_one_by_one(self, pipe: tuple[int, int]) -> None:
        read, write = pipe
        os.write(write, "一行目\r\n\nthird\nlast".encode())
        os.close(write)
        assert await all_of(TypedLines(read)) == ["一行目", "", "third", "last"]

    async def test_may_come_in_pieces_that_cut_a_character(self, pipe: tuple[int, int]) -> None:
        read, write = pipe
        lines, content = TypedLines(read), "返品は？\n".encode()
        waiting = asyncio.create_task(lines.next())
        for piece in (content[:4], content[4:8], content[8:]):
            await asyncio.sleep(0.01)
            os.write(write, piece)
        assert await asyncio.wait_for(waiting, 10) == "返品は？"
        os.close(write)
        assert await lines.next() is None

    @pytest.mark.parametrize(("content", "lines"), [("", []), ("\n", [""]), ("a\nb\n", ["a", "b"])])
    async def test_of_a_file_end_with_it(self, tmp_path: Path, content: str, lines: list[str]) -> None:
        path = tmp_path / "asked.txt"
        path.write_text(content)
        with path.open("rb") as stream:
            assert await all_of(TypedLines(stream.fileno())) == lines

    async def test_that_never_come_keep_nobody_from_ending(self, pipe: tuple[int, int]) -> None:
        read, write = pipe
        waiting = asyncio.create_task(TypedLines(read).next())
        await asyncio.sleep(0.01)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        os.close(write)
