"""Single cells of a table: what is missing, what is a number, what a class is called.

A CSV knows texts alone, so whether `3` is a number is decided by all cells of its column.
"""

import math
import re
import unicodedata
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache

from llmlora.data.cells import CellRefusedError, is_absent, text_of
from llmlora.data.refusals import type_name
from llmlora.data.written import WrittenNumber

Scalar = bool | int | float | str | None

MISSING = frozenset(
    {"", "na", "n/a", "#n/a", "nan", "-nan", "null", "none", "<na>", "?", "-", "欠損", "欠測"}
)
"""Texts that stand for no value, in lower case: what pandas reads as missing, the question mark of the UCI tables, and a dash."""
EXACT_INTEGER = 2**53
_NUMBER = re.compile(r"[+-]?(\d+(,\d{3})*(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?")
_DATE = re.compile(
    r"\d{4}[-/.\u5e74]\d{1,2}([-/.\u6708]\d{1,2}\u65e5?|\u6708)([T ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?"
)
_TRUTHS = {"true": True, "false": False}


def scalar_of(value: object, column: str) -> Scalar:
    """A cell as it is kept; None where nothing stands in it.

    Raises:
        CellRefusedError: it is a list or an object, or holds characters that cannot be kept.
    """
    match value:
        case None:
            return None
        case bool():
            return value
        case WrittenNumber() | float() | int() | Decimal():
            return _finite(value, column)
        case datetime() | date() | time():
            return value.isoformat(" ") if isinstance(value, datetime) else value.isoformat()
        case timedelta():
            return value.total_seconds()
        case str():
            text = text_of(value, column).strip()
            return None if is_missing(text) else text
        case _:
            raise CellRefusedError("nested_value", column, found=type_name(value))


def is_missing(text: str) -> bool:
    """Whether a text stands for no value."""
    return text.strip().casefold() in MISSING


def _finite(value: "float | int | Decimal", column: str) -> Scalar:
    if is_absent(value):
        return None
    if isinstance(value, int) and abs(value) <= EXACT_INTEGER:
        return value
    number = float(value) if not isinstance(value, int) or value.bit_length() < 1000 else math.inf
    if math.isnan(number):
        return None
    if math.isinf(number):
        raise CellRefusedError("number_out_of_range", column)
    return number


def number_of(value: Scalar) -> float | None:
    """The number that a cell is or writes (`1,200`, full width too); None where it is none."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return float(value)
    text = value if value.isascii() else unicodedata.normalize("NFKC", value).replace("−", "-")
    if not _NUMBER.fullmatch(text):
        return None
    if "," in text:
        if not _GROUPED.fullmatch(text):
            return None
        text = text.replace(",", "")
    number = float(text)
    return number if math.isfinite(number) else None


def truth_of(value: Scalar) -> bool | None:
    """True or false, written as such; None where it is neither."""
    if isinstance(value, bool):
        return value
    return _TRUTHS.get(value.casefold()) if isinstance(value, str) else None


def is_date(value: Scalar) -> bool:
    """Whether a text is a day, or a day and a time, the year first."""
    return isinstance(value, str) and _DATE.fullmatch(value) is not None


@lru_cache(maxsize=65_536, typed=True)
def number_and_name(value: Scalar) -> tuple[float | None, str]:
    """The number that a cell is, and what it is called as a category: `3`, `3.0` and `3` in a text are one, a truth is `true`
    or `false`. A cell that is missing has an empty name."""
    number = number_of(value)
    if number is not None:
        return number, str(int(number)) if number.is_integer() else repr(number)
    truth = truth_of(value)
    if truth is not None:
        return None, "true" if truth else "false"
    return None, value if isinstance(value, str) else ""


def class_name(value: Scalar) -> str:
    """What a cell is called as a class or a category, as `number_and_name` says."""
    return number_and_name(value)[1]
