"""JSON Lines and JSON documents as rows, each parsed on its own, in memory bounded by the longest row.

A document is cut into its rows by its brackets and strings alone, so that one malformed row costs one row.
"""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from llmlora.data.columns import folded
from llmlora.data.errors import InvalidJsonError, RowsAreTurnsError, RowTooLongError, SeveralArraysError
from llmlora.data.kinds.registry import is_list_column
from llmlora.data.raw import MAX_COLUMNS, MAX_ROW_BYTES, MIB, RawRow
from llmlora.data.refusals import Refusal, refuse, shown_text, type_name
from llmlora.data.turns import is_conversation, is_turn
from llmlora.data.written import loads

_SPACE = b" \t\r\n"
# Possessive repeats: no memory for backtracking, however long the string.
_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|["{}\[\]]', re.DOTALL)
_NOT_SPACE = re.compile(rb"[^ \t\r\n]")


def rows_of_lines(chunks: Iterable[bytes]) -> Iterator[RawRow]:
    """Rows of JSON Lines, numbered by line; blank lines are no rows.

    Raises:
        RowTooLongError: a line is longer than 16 MiB; nothing behind it is read.
    """
    number, tail = 0, b""
    for chunk in chunks:
        lines = (tail + chunk).split(b"\n")
        tail = lines.pop()
        if len(tail) > MAX_ROW_BYTES:
            raise RowTooLongError(row=number + len(lines) + 1, limit_mib=MAX_ROW_BYTES // MIB)
        for line in lines:
            number += 1
            if line and not line.isspace():
                yield row_of_json(line, number)
    if tail.strip():
        yield row_of_json(tail, number + 1)


def row_of_json(text: bytes, number: int) -> RawRow:
    """One row from the text of one JSON value."""
    if len(text) > MAX_ROW_BYTES:
        raise RowTooLongError(row=number, limit_mib=MAX_ROW_BYTES // MIB)
    try:
        return _row_of_value(loads(text), number)
    except UnicodeDecodeError:
        problem = refuse(number, "undecodable_bytes")
    except RecursionError:
        problem = refuse(number, "too_deep")
    except ValueError as error:
        problem = refuse(number, "invalid_json", detail=str(error))
    return RawRow(number, problem=problem)


def _row_of_value(value: Any, number: int) -> RawRow:
    """An object is a row; a bare list of turns is one that has nothing else."""
    if is_conversation(value):
        return RawRow(number, {"messages": value})
    if not isinstance(value, dict):
        return RawRow(number, problem=refuse(number, "not_an_object", found=type_name(value)))
    if len(value) > MAX_COLUMNS:
        return RawRow(number, problem=refuse(number, "too_many_columns", limit=MAX_COLUMNS))
    return RawRow(number, value)


def rows_of_document(chunks: Iterable[bytes]) -> Iterator[RawRow]:
    """Rows of a JSON array, of the one array of objects in an object, or of objects one after another.

    What holds the turns of a conversation, named or not, is one row.

    Raises:
        InvalidJsonError: the document breaks off or its rows are not separated by commas.
        SeveralArraysError: an object holds two arrays of rows.
        RowTooLongError: a row is longer than 16 MiB.
    """
    cutter = _Cutter()
    for chunk in chunks:
        yield from cutter.feed(chunk)
    cutter.end()


class _Cutter:
    """Cuts a document into the texts of its rows. `depth` counts open brackets, `row_depth` those around rows."""

    def __init__(self) -> None:
        self.buffer = b""
        self.at = 0  # scanned up to here
        self.kept = 0  # the row, or the gap between two rows, begins here
        self.depth = 0
        self.row_depth: int | None = None
        self.top = b""
        self.number = 0
        self.last_string = b""
        self.holder: str | None = None
        self.needs_comma = False
        self.elements = 0  # of the array of rows
        self.turns: _Turns | None = None

    def feed(self, chunk: bytes) -> Iterator[RawRow]:
        """Rows that end in this chunk."""
        self.buffer = self.buffer[self.kept :] + chunk
        self.at -= self.kept
        self.kept = 0
        if len(self.buffer) - len(chunk) > MAX_ROW_BYTES:
            raise RowTooLongError(row=self.number + 1, limit_mib=MAX_ROW_BYTES // MIB)
        while match := _TOKEN.search(self.buffer, self.at):
            token = self.buffer[match.start() : match.start() + 1]
            if token == b'"' and match.end() - match.start() == 1:  # a string that goes on in the next chunk
                self.at = match.start()
                return
            if token in b"{[":
                if not self._knows_content(token, match.end()):
                    self.at = match.start()
                    return
                yield from self._open(token, match.start())
            elif token in b"}]":
                yield from self._close(match.start())
            elif self.depth == 1 and self.row_depth is None:
                self.last_string = match.group()
            self.at = match.end()
        self.at = len(self.buffer)

    def end(self) -> None:
        """Check that the document is complete."""
        if self.depth or self.buffer[self.kept :].strip(_SPACE):
            raise self._malformed("it breaks off")

    def _knows_content(self, token: bytes, after: int) -> bool:
        """An array inside an object can be judged only with its first element at hand."""
        if token == b"[" and self.depth == 1 and self.row_depth is None:
            return self._first_element(after) is not None
        return True

    def _first_element(self, after: int) -> bytes | None:
        """The text of an array's first element if that is an object or array, else its first character.

        None: not all of it is here.
        """
        first = _NOT_SPACE.search(self.buffer, after)
        if first is None or first.group() not in b"{[":
            return None if first is None else first.group()
        depth, at = 0, first.start()
        while match := _TOKEN.search(self.buffer, at):
            token, at = match.group(), match.end()
            if token == b'"':
                return None
            depth += (token in b"{[") - (token in b"}]")
            if depth <= 0:
                return self.buffer[first.start() : at]
        return None

    def _open(self, token: bytes, start: int) -> Iterator[RawRow]:
        if self.depth == 0:
            if self.buffer[self.kept : start].strip(_SPACE):
                raise self._malformed("text between two values")
            self.kept, self.row_depth = start, None
            self.top, self.holder = token, None
            if token == b"[":
                self._begin_rows(start + 1, depth=1)
        elif self.depth == self.row_depth:
            yield from self._scalars(start)
            if self.needs_comma and b"," not in self.buffer[self.kept : start]:
                raise self._malformed("a comma is missing")
            self.kept = start
        elif self.depth == 1 and self.row_depth is None and token == b"[":
            self._judge_array(start)
        self.depth += 1

    def _judge_array(self, start: int) -> None:
        key = _text_of(self.last_string)
        if not _is_row(self._first_element(start + 1) or b"", key):
            return
        if self.holder is not None:
            raise SeveralArraysError(first=shown_text(self.holder), second=shown_text(key))
        self.holder = key
        self._begin_rows(start + 1, depth=2)

    def _begin_rows(self, start: int, *, depth: int) -> None:
        self.kept, self.row_depth, self.needs_comma, self.elements = start, depth, False, 0

    def _close(self, start: int) -> Iterator[RawRow]:
        if self.depth == 0:
            raise self._malformed("a bracket closes that was never opened")
        if self.depth == self.row_depth:
            yield from self._scalars(start)
            if self.turns is not None:
                self.number += 1
                yield self.turns.row(self.number)
                self.turns = None
            self.row_depth = None
            self.kept = start + 1
        self.depth -= 1
        if self.row_depth is not None and self.depth == self.row_depth:
            yield from self._element(self.buffer[self.kept : start + 1])
            self.kept, self.needs_comma = start + 1, True
        elif self.depth == 0:
            if self.top == b"{" and self.holder is None:
                yield self._row(self.buffer[self.kept : start + 1])
            self.kept = start + 1

    def _scalars(self, end: int) -> Iterator[RawRow]:
        """Numbers, strings and the like where rows should be."""
        gap = self.buffer[self.kept : end].strip(b" \t\r\n,")
        if not gap:
            return
        try:
            values = json.loads(b"[" + gap + b"]")
        except (ValueError, RecursionError) as error:
            raise self._malformed(str(error)) from error
        for value in values:
            if self.turns is not None:
                self.turns.add(RawRow(0, problem=refuse(0, "not_an_object", found=type_name(value))), 0)
                continue
            self.elements += 1
            self.number += 1
            yield _row_of_value(value, self.number)

    def _element(self, text: bytes) -> Iterator[RawRow]:
        """A row, or, where a bare list begins with a turn, one more turn of the conversation that the list is."""
        row = row_of_json(text, self.number + 1)
        if self.elements == 0 and self.depth == 1 and is_turn(row.cells):
            self.turns = _Turns(self.number + 1)
        self.elements += 1
        if self.turns is not None:
            self.turns.add(row, len(text))
            return
        self.number += 1
        yield row

    def _row(self, text: bytes) -> RawRow:
        self.number += 1
        return row_of_json(text, self.number)

    def _malformed(self, reason: str) -> InvalidJsonError:
        return InvalidJsonError(rows=self.number, reason=shown_text(reason))


class _Turns:
    """The turns of a bare list."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.turns: list[dict[str, Any]] = []
        self.size_bytes = 0
        self.problem: Refusal | None = None

    def add(self, row: RawRow, size_bytes: int) -> None:
        """One turn as it was read.

        Raises:
            RowTooLongError: the conversation is longer than 16 MiB.
        """
        self.size_bytes += size_bytes
        if self.size_bytes > MAX_ROW_BYTES:
            raise RowTooLongError(row=self.number, limit_mib=MAX_ROW_BYTES // MIB)
        self.problem = self.problem or row.problem
        self.turns.append(row.cells)

    def row(self, number: int) -> RawRow:
        """The conversation.

        Raises:
            RowsAreTurnsError: a key says that the turns belong to several ones.
        """
        if self.problem is not None:
            return RawRow(number, problem=self.problem.model_copy(update={"row": number}))
        for key in {
            key for turn in self.turns for key in turn if folded(key).endswith(("_id", "conversation"))
        }:
            values = {str(turn.get(key)) for turn in self.turns}
            if 1 < len(values) < len(self.turns) and key != "tool_call_id":
                raise RowsAreTurnsError(row=number)
        return RawRow(number, {"messages": self.turns})


def _is_row(element: bytes, key: str) -> bool:
    """Whether an array under `key`, by its first element, is one of rows rather than a cell of a row."""
    if element[:1] not in (b"{", b"["):
        return False
    try:
        value = loads(element)
    except (ValueError, RecursionError):
        value = None
    if element[:1] == b"[":
        return is_conversation(value)
    if is_turn(value):
        return False
    holds_turns = isinstance(value, dict) and any(map(is_conversation, value.values()))
    return holds_turns or not is_list_column(key)


def _text_of(string: bytes) -> str:
    try:
        return str(json.loads(string or b'""'))
    except ValueError:
        return string.decode("utf-8", "replace")
