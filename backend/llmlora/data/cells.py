"""Single cells turned into text or lists, or refused with a reason."""

import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from llmlora.data.raw import MAX_CELL_BYTES, MIB
from llmlora.data.refusals import type_name
from llmlora.data.written import WrittenNumber, dumps, loads

EXACT_FLOAT = 2**53


class CellRefusedError(Exception):
    """A cell cannot be used; `reason` is a key of `refusals.REASONS`."""

    def __init__(self, reason: str, column: str | None, **facts: object) -> None:
        super().__init__(reason)
        self.reason = reason
        self.column = column
        self.facts = facts


def required_text(cells: Mapping[str, Any], column: str) -> str:
    """The text of a cell that must say something.

    Raises:
        CellRefusedError: it is absent, blank or no text.
    """
    text = optional_text(cells, column)
    if text is None:
        raise CellRefusedError("missing_cell", column)
    if not text.strip():
        raise CellRefusedError("empty_cell", column)
    return text


def optional_text(cells: Mapping[str, Any], column: str | None) -> str | None:
    """The text of a cell; None where it is absent.

    Raises:
        CellRefusedError: it is no text.
    """
    value = None if column is None else cells.get(column)
    return None if is_absent(value) else text_of(value, column)


def is_absent(value: object) -> bool:
    """Null, or the NaN that pandas writes for it."""
    return value is None or (isinstance(value, float) and math.isnan(value))


def text_of(value: object, column: str | None) -> str:
    """Text as it is, numbers as they are written, nothing else.

    Raises:
        CellRefusedError: wrong type, too large, or characters that no tokenizer takes.
    """
    match value:
        case str():
            return _checked(value, column)
        case bool():
            raise CellRefusedError("wrong_type", column, found=type_name(value))
        case WrittenNumber():
            return value.text
        case int():
            if value.bit_length() > 4096:  # Python refuses to print longer ones
                raise CellRefusedError("number_out_of_range", column)
            return str(value)
        case float():
            if not math.isfinite(value) or abs(value) >= EXACT_FLOAT:
                raise CellRefusedError("number_out_of_range", column)
            return repr(value)
        case Decimal():
            return format(value, "f")
        case _:
            raise CellRefusedError("wrong_type", column, found=type_name(value))


def _checked(text: str, column: str | None) -> str:
    if not text.isascii():
        try:
            size = len(text.encode("utf-8"))
        except UnicodeEncodeError as error:
            escaped = any("\udc80" <= c <= "\udcff" for c in text[error.start : error.end])
            raise CellRefusedError("undecodable_bytes" if escaped else "lone_surrogate", column) from error
    else:
        size = len(text)
    if size > MAX_CELL_BYTES:
        raise CellRefusedError("cell_too_large", column, limit_mib=MAX_CELL_BYTES // MIB)
    if "\0" in text:
        raise CellRefusedError("nul_character", column)
    return text


def list_of(value: object, column: str) -> list[Any]:
    """A list, or the list that JSON text in a cell holds.

    Raises:
        CellRefusedError: it is neither.
    """
    if isinstance(value, str):
        text = _checked(value, column)
        try:
            value = loads(text)
        except ValueError as error:
            found = str(error) if text.lstrip().startswith("[") else type_name(text)
            raise CellRefusedError("not_a_list", column, found=found) from error
    if not isinstance(value, list | tuple):
        raise CellRefusedError("not_a_list", column, found=type_name(value))
    return list(value)


def json_text(value: object) -> str | None:
    """Compact JSON text of a value (parsed first where it is text); None where it has none."""
    try:
        text = dumps(loads(value) if isinstance(value, str) else value)
    except (TypeError, ValueError, RecursionError):
        return None
    return None if len(text) > MAX_CELL_BYTES or "\\u0000" in text else text
