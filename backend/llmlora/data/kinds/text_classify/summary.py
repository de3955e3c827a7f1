"""What a person should know of all rows before they train: how many each class has, which rows contradict each other."""

import hashlib
from collections import Counter

from pydantic import JsonValue

from llmlora.contracts.dataset import Example
from llmlora.data.class_names import class_names
from llmlora.data.kinds.text_classify.examples import as_labelled
from llmlora.data.soundness import in_one_form

MOST_LISTED = 1000
"""Classes, and pairs of rows, that are named one by one."""


class LabelSummary:
    """`Summary`: counts as the rows pass; of each text no more is kept than a digest."""

    def __init__(self) -> None:
        self._classes: Counter[str] = Counter()
        self._several = False
        self._unlabelled = 0
        self._first: dict[bytes, tuple[int, tuple[str, ...]]] = {}
        self._repeats = 0
        self._contradictions: list[tuple[int, int]] = []

    def note(self, example: Example) -> None:
        """Count one row."""
        one = as_labelled(example)
        self._classes.update(one.labels)
        self._several = self._several or len(one.labels) != 1
        self._unlabelled += not one.labels
        key = hashlib.sha256(in_one_form(one.text).encode()).digest()
        labels = tuple(sorted(one.labels))
        row, before = self._first.setdefault(key, (one.row, labels))
        if row == one.row:
            return
        if before == labels:
            self._repeats += 1
        else:
            self._contradictions.append((row, one.row))

    def facts(self) -> dict[str, JsonValue]:
        """`classes` in the order of a model's outputs, with their rows; `several`: a row may have several or none;
        `contradictions`: pairs of rows with the same text and other labels, the first of them; `repeats`: with the same."""
        names = class_names(self._classes)
        return {
            "classes": [{"name": name, "rows": self._classes[name]} for name in names[:MOST_LISTED]],
            "class_count": len(names),
            "several": self._several,
            "unlabelled": self._unlabelled,
            "single_example": sum(count == 1 for count in self._classes.values()),
            "repeats": self._repeats,
            "contradiction_count": len(self._contradictions),
            "contradictions": [list(pair) for pair in self._contradictions[:MOST_LISTED]],
        }
