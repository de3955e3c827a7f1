"""What stands in a column of labels: one, a list, or several in one text with a separator between them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from llmlora.data.cells import CellRefusedError, is_absent, list_of, text_of

LONGEST_LABEL = 200
MOST_LABELS = 100
SEPARATORS = ("|", ";", "；", "、", "\n", ",", "，")
"""The likeliest first."""


def one_label(cells: Mapping[str, Any], column: str) -> tuple[str, ...]:
    """The class of a row that has exactly one.

    Raises:
        CellRefusedError: there is none, or it is no name.
    """
    value = cells.get(column)
    if isinstance(value, list | tuple) and len(value) == 1:
        value = value[0]
    label = None if is_absent(value) else _named(value, column)
    if not label:
        raise CellRefusedError("no_label", column)
    return (label,)


def several_labels(cells: Mapping[str, Any], column: str, separator: str | None) -> tuple[str, ...]:
    """All classes of a row, each once; none where an empty list says so.

    Raises:
        CellRefusedError: there is no value, or one of them is no name.
    """
    value = cells.get(column)
    if is_absent(value):
        raise CellRefusedError("no_label", column)
    if isinstance(value, str) and not value.lstrip().startswith("["):
        parts: Sequence[Any] = value.split(separator) if separator else [value]
        if not value.strip():
            raise CellRefusedError("no_label", column)
    elif isinstance(value, str | list | tuple):
        parts = list_of(value, column)
    else:
        parts = [value]
    found = dict.fromkeys(label for part in parts if not is_absent(part) and (label := _named(part, column)))
    if len(found) > MOST_LABELS:
        raise CellRefusedError("too_many_labels", column, limit=MOST_LABELS)
    return tuple(found)


def separator_of(texts: Sequence[str]) -> str | None:
    """What stands between the labels of a cell, where the parts of cells come again elsewhere; None: each is one label.

    Names such as `bug, crash` and `crash` show it; `Tokyo, Japan` in every row is one name.
    """
    whole = {text.strip() for text in texts}
    for separator in SEPARATORS:
        split = [[part.strip() for part in text.split(separator)] for text in whole if separator in text]
        if not split or any(len(part) > LONGEST_LABEL for one in split for part in one):
            continue
        counts = Counter(part for one in split for part in set(one) if part)
        counts.update(text for text in whole if separator not in text)
        if len(counts) < len(whole) or any(count > 1 for count in counts.values()):
            return separator
    return None


def _named(value: object, column: str) -> str:
    label = ("true" if value else "false") if isinstance(value, bool) else text_of(value, column).strip()
    if len(label) > LONGEST_LABEL:
        raise CellRefusedError("label_too_long", column, limit=LONGEST_LABEL)
    return label
