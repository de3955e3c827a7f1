"""What a person should know about examples before they train on them: repeats, contradictions, odd lengths, leaks.

A pure look at examples; what a tokenizer or a template makes of them is the ledger's (`data.ledger`).
"""

import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import median

NEAR = 0.85
"""Share of common trigrams (Jaccard) from which two texts are nearly the same."""
MOST_COMPARED = 20_000
"""Rows among which near repeats are looked for."""
LONG_CHARACTERS, LONG_TIMES = 2_000, 10
FEW_LABELS, LABELLED_ROWS, ONE_SIDED = 20, 20, 0.8
TELLING = frozenset("#%&*@/\\'\"‰‱′″‴")
"""Punctuation that tells things apart at the end of a text: `C#`, `5%`, `f'`."""
BEGINNING = "¿¡ "
_ON_THE_LINE = re.compile("[^²³¹⁰-₎]+")
"""All but raised and lowered digits: `10²` is not `102`, `log₂8` not `log28`."""


@dataclass(frozen=True)
class Asked:
    """One example as it is compared. `row`: its number in the file, from 1; `against`: the answer that is not wanted."""

    row: int
    question: str
    answer: str
    against: str = ""

    @cached_property
    def key(self) -> str:
        """The question, as `in_one_form` has it."""
        return in_one_form(self.question)

    @cached_property
    def answer_key(self) -> str:
        """The answer, as `in_one_form` has it."""
        return in_one_form(self.answer)

    @property
    def whole(self) -> tuple[str, str, str]:
        """What two rows have in common that say the very same."""
        return self.key, self.answer_key, in_one_form(self.against)

    @property
    def subject(self) -> str:
        """What must not be held out and trained on: the question; all of a text without one."""
        return self.question if self.key else self.answer


@dataclass(frozen=True)
class Lengths:
    """Of questions and answers together, in characters."""

    shortest: int
    median: int
    longest: int


def in_one_form(text: str) -> str:
    """The text, whatever its width, case, spaces and the marks that end a sentence; all that tells texts apart is kept.

    A text of such marks alone stays whole.
    """
    widths = _ON_THE_LINE.sub(lambda found: unicodedata.normalize("NFKC", found[0]), text)
    folded = " ".join(widths.casefold().split())
    end = len(folded)
    while end and _ends_a_sentence(folded[end - 1]):
        end -= 1
    return folded[:end].lstrip(BEGINNING) or folded


def plain(text: str) -> str:
    """Letters and digits alone, in one form: for what is nearly the same."""
    return "".join(one for one in unicodedata.normalize("NFKC", text).casefold() if one.isalnum())


def empty_answers(rows: Sequence[Asked]) -> list[int]:
    """Rows that teach nothing."""
    return [one.row for one in rows if not one.answer.strip()]


def unreadable(rows: Sequence[Asked]) -> list[int]:
    """Rows with characters that stand for lost ones, or that control a terminal."""
    return [one.row for one in rows if any(_is_lost(char) for char in one.question + one.answer)]


def repeats(rows: Sequence[Asked]) -> list[tuple[int, int]]:
    """Rows (the first, the later) that say the very same."""
    first: dict[tuple[str, str, str], int] = {}
    found = []
    for one in rows:
        before = first.setdefault(one.whole, one.row)
        if before != one.row:
            found.append((before, one.row))
    return found


def contradictions(rows: Sequence[Asked]) -> list[tuple[int, int]]:
    """Rows that answer the same question in different ways."""
    first: dict[str, Asked] = {}
    found = []
    for one in rows:
        before = first.setdefault(one.key, one)
        if one.key and before.answer_key != one.answer_key:
            found.append((before.row, one.row))
    return found


def near_repeats(rows: Sequence[Asked]) -> list[tuple[int, int]]:
    """Rows that say nearly the same, and not the very same, with the same numbers in them; among the first `MOST_COMPARED`."""
    compared = rows[:MOST_COMPARED]
    texts = {one.row: plain(one.question + one.answer + one.against) for one in compared}
    wholes = {one.row: one.whole for one in compared}
    return [(one, other) for one, other in _near(texts, texts) if wholes[one] != wholes[other]]


def leaks(rows: Sequence[Asked], held: Sequence[Asked]) -> list[tuple[int, int]]:
    """(row, held-out row) that ask the same: a model that answers it has only remembered."""
    known = defaultdict(list)
    for one in rows:
        known[in_one_form(one.subject)].append(one.row)
    return [
        (row, one.row)
        for one in held
        if one.subject.strip()
        for row in known.get(in_one_form(one.subject), [])
    ]


def near_leaks(rows: Sequence[Asked], held: Sequence[Asked]) -> list[tuple[int, int]]:
    """(row, held-out row) that ask nearly the same."""
    exact = set(leaks(rows, held))
    questions = {one.row: plain(one.subject) for one in rows[:MOST_COMPARED]}
    others = {one.row: plain(one.subject) for one in held[:MOST_COMPARED]}
    return [pair for pair in _near(questions, others) if pair not in exact]


def remarkable(rows: Sequence[Asked]) -> dict[str, list[list[int]]]:
    """All that these rows say of themselves, by code: rows alone, or those that belong together; only what is found."""
    found: dict[str, Sequence[int] | Sequence[tuple[int, int]]] = {
        "empty_answer": empty_answers(rows),
        "lost_characters": unreadable(rows),
        "overlong": overlong(rows),
        "repeated": repeats(rows),
        "contradiction": contradictions(rows),
        "nearly_repeated": near_repeats(rows),
    }
    return {
        code: [list(one) if isinstance(one, tuple) else [one] for one in those]
        for code, those in found.items()
        if those
    }


def lengths(rows: Sequence[Asked]) -> Lengths:
    """How long the rows are; zeros where there is none."""
    sizes = [len(one.question) + len(one.answer) for one in rows] or [0]
    return Lengths(min(sizes), int(median(sizes)), max(sizes))


def overlong(rows: Sequence[Asked]) -> list[int]:
    """Rows far longer than the others: they decide how much memory a training takes."""
    limit = max(LONG_CHARACTERS, LONG_TIMES * lengths(rows).median)
    return [one.row for one in rows if len(one.question) + len(one.answer) > limit]


def one_sided_label(rows: Sequence[Asked]) -> tuple[str, float] | None:
    """The label that most rows have, and its share, where the answers are labels and one of them drowns the others."""
    labels = Counter(one.answer.strip() for one in rows)
    is_labelled = len(rows) >= LABELLED_ROWS and 2 <= len(labels) <= min(FEW_LABELS, len(rows) // 3)
    if not is_labelled:
        return None
    label, count = labels.most_common(1)[0]
    share = count / len(rows)
    return (label, share) if share > ONE_SIDED else None


def _ends_a_sentence(char: str) -> bool:
    return char == " " or (unicodedata.category(char) == "Po" and char not in TELLING)


def _is_lost(char: str) -> bool:
    return char == "\ufffd" or (unicodedata.category(char) == "Cc" and char not in "\t\n\r")


def _near(left: dict[int, str], right: dict[int, str]) -> list[tuple[int, int]]:
    """Pairs (one of `left`, one of `right`) above `NEAR`; of the same texts, each pair once, the earlier first.

    Prefix filtering (Chaudhuri et al., "A Primitive Operator for Similarity Joins", 2006): two sets this alike share one of
    their rarest trigrams.
    """
    grams = {
        side: {row: _trigrams(text) for row, text in texts.items()} for side, texts in ((0, left), (1, right))
    }
    counts = Counter(gram for rows in grams.values() for found in rows.values() for gram in found)
    index: dict[str, list[int]] = defaultdict(list)
    for row, found in grams[0].items():
        for gram in _rarest(found, counts):
            index[gram].append(row)
    pairs = []
    for row, found in grams[1].items():
        candidates = {one for gram in _rarest(found, counts) for one in index.get(gram, [])}
        for one in sorted(candidates):
            if left is right and one >= row:
                continue
            other = grams[0][one]
            common = len(found & other)
            if common >= NEAR * (len(found) + len(other) - common) and _digits(left[one]) == _digits(
                right[row]
            ):
                pairs.append((one, row))
    return pairs


def _rarest(found: frozenset[str], counts: Counter[str]) -> Iterable[str]:
    ordered = sorted(found, key=lambda gram: (counts[gram], gram))
    return ordered[: len(ordered) - math.ceil(NEAR * len(ordered)) + 1]


def _trigrams(text: str) -> frozenset[str]:
    return frozenset(text[at : at + 3] for at in range(max(1, len(text) - 2))) if text else frozenset()


def _digits(text: str) -> str:
    return "".join(char for char in text if char.isdigit())
