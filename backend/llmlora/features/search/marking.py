"""Where in a text the words stand that were searched for, as `searchable` of migration 0011 reads both."""

import re
import unicodedata
from collections.abc import Sequence

Mark = tuple[int, int]
SHOWN = 120
_BEFORE = 30
# So much of a text is looked through character by character.
_READ = 20_000
_HIRAGANA = {katakana: katakana - 0x60 for katakana in (*range(0x30A1, 0x30F7), 0x30FD, 0x30FE)}
# A letter with what belongs to it: half-width kana have their voiced marks beside them.
_CLUSTER = re.compile(
    r"[^\u0300-\u036f\u3099\u309a\uff9e\uff9f][\u0300-\u036f\u3099\u309a\uff9e\uff9f]*|.", re.DOTALL
)


def folded(text: str) -> str:
    """The text without the differences of width, case and kana."""
    return unicodedata.normalize("NFKC", text).lower().translate(_HIRAGANA)


def marks_of(text: str, words: Sequence[str]) -> list[Mark]:
    """The parts of a text that words make up, in order and apart from one another."""
    read, places = _with_places(text)
    found = []
    for word in filter(None, map(folded, words)):
        at = read.find(word)
        while at >= 0:
            found.append((places[at][0], places[at + len(word) - 1][1]))
            at = read.find(word, at + len(word))
    return _joined(found)


def excerpt_of(text: str, words: Sequence[str]) -> tuple[str, list[Mark]]:
    """A line of a long text around the first of the words that stands in it, and the marks within the line."""
    first = next((place for word in words if (place := text.lower().find(word.lower())) >= 0), None)
    if first is None:
        found = marks_of(text[:_READ], words)
        first = found[0][0] if found else 0
    start = max(0, first - _BEFORE)
    end = start + SHOWN
    line = re.sub(r"\s", " ", text[start:end])
    shown = f"{'…' if start else ''}{line}{'…' if end < len(text) else ''}"
    return shown, marks_of(shown, words)


def _with_places(text: str) -> tuple[str, list[Mark]]:
    """The folded text, and for each of its characters where in the text it comes from."""
    read, places = [], list[Mark]()
    for cluster in _CLUSTER.finditer(text):
        letters = folded(cluster[0])
        read.append(letters)
        places += [cluster.span()] * len(letters)
    return "".join(read), places


def _joined(found: Sequence[Mark]) -> list[Mark]:
    joined = list[Mark]()
    for start, end in sorted(found):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined
