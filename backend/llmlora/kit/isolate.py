"""Words within a sentence that turn nothing of it (UAX #9): names that people gave may be written from right to left."""

import re
import string
from collections.abc import Mapping

FIRST_STRONG_ISOLATE = "\u2068"
END_OF_ISOLATE = "\u2069"

_TURNING = re.compile(
    "[\u0590-\u08ff\u200f\u202a-\u202e\u2066-\u2069\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
_ISOLATES = re.compile("[\u2066-\u2069]")


def isolated(text: str) -> str:
    """The text as it stands within a sentence; one that turns nothing stays as it is."""
    if not _TURNING.search(text):
        return text
    return FIRST_STRONG_ISOLATE + closed(text) + END_OF_ISOLATE


def closed(text: str) -> str:
    """The text, which now ends every isolation that it begins, and none that it stands in."""
    depth = 0

    def keep(found: re.Match[str]) -> str:
        nonlocal depth
        if found[0] == END_OF_ISOLATE and depth == 0:
            return ""
        depth += -1 if found[0] == END_OF_ISOLATE else 1
        return found[0]

    kept = _ISOLATES.sub(keep, text)
    return kept + END_OF_ISOLATE * depth


class _Sentence(string.Formatter):
    def format_field(self, value: object, format_spec: str) -> str:
        written: str = super().format_field(value, format_spec)
        return isolated(written) if isinstance(value, str) else written


def filled(sentence: str, facts: Mapping[str, object]) -> str:
    """A sentence with what stands in its braces; facts that are text turn nothing of it."""
    return _Sentence().vformat(sentence, (), facts)
