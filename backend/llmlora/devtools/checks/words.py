"""What `check` says about words: that those which docs/glossary.md has retired stand nowhere that a person reads them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from llmlora.devtools.checks.texts import REPOSITORY, Text, all_texts

GLOSSARY = REPOSITORY / "docs" / "glossary.md"
_KATAKANA = re.compile(r"[ァ-ヺー]+")
_COLUMNS = 6
_BETWEEN = re.compile("[、,]")
_PLACEHOLDER = re.compile(r"\{\w+(, number)?\}")


@dataclass(frozen=True)
class Retired:
    """A word that is no longer used, and what is written instead."""

    word: str
    instead: str
    language: str

    def stands_in(self, text: str) -> bool:
        """Whether it stands there as a word of its own, and not within the one that replaced it."""
        if self.language == "en":
            return re.search(rf"(?<!\w){re.escape(self.word)}(?!\w)", _PLACEHOLDER.sub(" ", text)) is not None
        if _KATAKANA.fullmatch(self.word):
            return re.search(rf"(?<![ァ-ヺー]){self.word}(?![ァ-ヺー])", text) is not None
        for kept in _BETWEEN.split(self.instead):
            text = text.replace(kept.strip(), " ")
        return self.word in text


def retired_words_left() -> str:
    """Texts of the pages and of the server in which a retired word stands, one a line; empty without any."""
    retired = retired_words(GLOSSARY.read_text(encoding="utf-8"))
    return "\n".join(found_in(all_texts(), retired))


def found_in(texts: Iterable[Text], retired: Iterable[Retired]) -> list[str]:
    """One line for every text in which a word of its language stands that is retired."""
    words = list(retired)
    return [
        f"{text.place}: {one.word} → {one.instead}: {text.words}"
        for text in texts
        for one in words
        if one.language == text.language and one.stands_in(text.words)
    ]


def retired_words(glossary: str) -> list[Retired]:
    """The last two columns of the tables: Japanese words, then English ones; `–` is none."""
    found = []
    for line in glossary.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if not line.startswith("|") or len(cells) != _COLUMNS or cells[0].startswith("---"):
            continue
        if cells[0] == "日本語":
            continue
        for language, instead, words in (("ja", cells[0], cells[4]), ("en", cells[1], cells[5])):
            found += [Retired(word.strip(), instead, language) for word in _words(words)]
    return found


def _words(cell: str) -> list[str]:
    return [] if cell in {"–", ""} else _BETWEEN.split(cell)
