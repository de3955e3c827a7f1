"""The classes of rows in the one order in which a model gives them."""

import re
import unicodedata
from collections.abc import Iterable

_DIGITS = re.compile(r"(\d+)")


def class_names(labels: Iterable[str]) -> tuple[str, ...]:
    """Every class once, in the order of the model's outputs: by name, numbers by their size. The rows' order is no matter."""
    return tuple(sorted(set(labels), key=_natural))


def _natural(label: str) -> tuple[list[tuple[int, int, str]], str]:
    parts = _DIGITS.split(unicodedata.normalize("NFKC", label).casefold())
    return [(0, int(one), "") if one.isdecimal() else (1, 0, one) for one in parts if one], label
