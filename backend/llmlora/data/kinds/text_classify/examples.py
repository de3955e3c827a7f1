"""One accepted row, and the classes of all of them."""

import re
import unicodedata
from collections.abc import Iterable

from llmlora.contracts.dataset import Example

_DIGITS = re.compile(r"(\d+)")


class LabelledExample(Example):
    """A text and its classes, as they are written: one, or several (or none) where a row may have several."""

    text: str
    labels: tuple[str, ...]


def as_labelled(example: Example) -> LabelledExample:
    """The same, known to be one."""
    assert isinstance(example, LabelledExample)
    return example


def class_names(labels: Iterable[str]) -> tuple[str, ...]:
    """Every class once, in the order of the model's outputs: by name, numbers by their size. The rows' order is no matter."""
    return tuple(sorted(set(labels), key=_natural))


def _natural(label: str) -> tuple[list[tuple[int, int, str]], str]:
    parts = _DIGITS.split(unicodedata.normalize("NFKC", label).casefold())
    return [(0, int(one), "") if one.isdecimal() else (1, 0, one) for one in parts if one], label
