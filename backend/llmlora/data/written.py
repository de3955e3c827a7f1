"""JSON whose numbers keep their digits: `3.10` is no `3.1`, and 24 digits are no float."""

import json
import re
from typing import Any

import orjson

_FULL_OF_DIGITS = 18  # every integer of so few characters is one of 64 bits
_AT_RISK = re.compile(rb"\d[.eE]|\d{16}|-0")


class WrittenNumber(float):
    """A number and the text that stands for it in the file."""

    __slots__ = ("text",)
    text: str

    def __new__(cls, text: str) -> "WrittenNumber":
        """Read `text`, which is a JSON number."""
        number = super().__new__(cls, text)
        number.text = text
        return number


def loads(text: bytes | str) -> Any:
    """A JSON value; numbers that Python would write in another way are `WrittenNumber`s. Python's NaN is let in.

    Raises:
        ValueError: it is no JSON, or no UTF-8 (then a UnicodeDecodeError).
        RecursionError: it is nested too deeply.
    """
    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    if not _AT_RISK.search(data):
        try:
            return orjson.loads(data)
        except orjson.JSONDecodeError:
            pass  # perhaps only NaN or a lone surrogate
    return json.loads(data.decode("utf-8"), parse_float=WrittenNumber, parse_int=_integer)


def dumps(value: Any) -> str:
    """Compact JSON text.

    Raises:
        TypeError, ValueError: it has none.
        RecursionError: it is nested too deeply.
    """
    return orjson.dumps(value, default=_as_written).decode()


def _integer(text: str) -> int | WrittenNumber:
    return int(text) if len(text) <= _FULL_OF_DIGITS and text != "-0" else WrittenNumber(text)


def _as_written(value: object) -> orjson.Fragment:
    if isinstance(value, WrittenNumber):
        return orjson.Fragment(value.text)
    raise TypeError
