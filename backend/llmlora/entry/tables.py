"""Tables for a terminal, whole: a column becomes narrower by wrapping, and what does not fit stands below each other."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

from llmlora.entry.wrapping import cells, longest_piece, padded, wrapped

# A column in which sentences are wrapped is never narrower than so many cells.
READABLE = 14
# Two borders and the space within them, a column; and the last border.
_FRAME, _LAST = 3, 1
# Between a name and its value: a colon and a space.
_GAP = 2


@dataclass(frozen=True)
class Column:
    """`is_whole`: its values are copied, and so stand on one line: ids, names, paths, addresses."""

    title: str = ""
    is_whole: bool = False


class Listing:
    """Rows of texts under titles.

    In a terminal too narrow for all columns, each row is a block of `title: value` lines; values that people copy are
    never broken.
    """

    def __init__(self, *columns: Column | str, title: str = "") -> None:
        self._columns = [Column(one) if isinstance(one, str) else one for one in columns]
        self._title = title
        self._rows: list[Sequence[str]] = []

    def add(self, *texts: str) -> None:
        """One more row."""
        self._rows.append(texts)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        widths = self._widths(options.max_width)
        if self._title:
            yield Text(self._title, style="bold")
        if widths is None:
            yield from self._blocks(options.max_width)
        else:
            yield self._table(widths)

    def _table(self, widths: Sequence[int]) -> Table:
        table: Any = Table(show_header=any(one.title for one in self._columns))
        for column, width in zip(self._columns, widths, strict=True):
            title = "\n".join(wrapped(column.title, width))
            table.add_column(title, width=width, no_wrap=True, overflow="ignore")
        for row in self._rows:
            shown = ("\n".join(wrapped(text, width)) for text, width in zip(row, widths, strict=True))
            table.add_row(*map(Text, shown))
        return table  # type: ignore[no-any-return]

    def _widths(self, room: int) -> list[int] | None:
        """Cells of each column; None: not all have the room that they need."""
        all_texts = [[one.title, *(row[at] for row in self._rows)] for at, one in enumerate(self._columns)]
        natural = [max(cells(line) for text in texts for line in text.split("\n")) for texts in all_texts]
        least = [
            width if column.is_whole else min(width, max(READABLE, *map(longest_piece, texts)))
            for column, width, texts in zip(self._columns, natural, all_texts, strict=True)
        ]
        room -= _FRAME * len(self._columns) + _LAST
        if sum(least) > room:
            return None
        left = room - sum(least)
        # Those that lack least come first: each gets its share of what is left.
        wanting = sorted(
            (at for at in range(len(least)) if natural[at] > least[at]),
            key=lambda at: natural[at] - least[at],
        )
        for number, at in enumerate(wanting):
            given = min(natural[at] - least[at], left // (len(wanting) - number))
            least[at] += given
            left -= given
        return least

    def _blocks(self, room: int) -> Iterator[Text]:
        titles = [one.title for one in self._columns]
        margin = max(map(cells, titles)) + _GAP
        for number, row in enumerate(self._rows):
            if number:
                yield Text()
            for column, text in zip(self._columns, row, strict=True):
                lines = [text] if column.is_whole else wrapped(text, room - margin)
                if text:
                    yield from _beside(f"{column.title}:" if column.title else "", lines, margin)


class Facts:
    """Names and their values, below each other. A value stays whole, so that it can be copied, unless it is a sentence."""

    def __init__(self, title: str = "") -> None:
        self._title = title
        self._facts: list[tuple[str, str, bool]] = []

    def add(self, name: str, value: str, *, is_sentence: bool = False) -> None:
        """One more."""
        self._facts.append((name, value, is_sentence))

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if self._title:
            yield Text(self._title, style="bold")
        margin = max((cells(name) for name, _, _ in self._facts), default=0) + _GAP
        for name, value, is_sentence in self._facts:
            lines = wrapped(value, options.max_width - margin) if is_sentence else [value]
            yield from _beside(f"{name}:", lines, margin)


def _beside(head: str, lines: Sequence[str], margin: int) -> Iterator[Text]:
    """Lines at a margin, with a head before the first."""
    for line in lines:
        yield Text(f"{padded(head, margin)}{line}", no_wrap=True, overflow="ignore")
        head = ""
