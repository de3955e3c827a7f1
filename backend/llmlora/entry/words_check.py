"""What `check` says about words: that those which docs/glossary.md has retired stand nowhere that a person reads them."""

import ast
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).parents[3]
GLOSSARY = REPOSITORY / "docs" / "glossary.md"
MESSAGES = REPOSITORY / "frontend" / "messages"
SOURCES = REPOSITORY / "backend" / "llmlora"
_JAPANESE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
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


@dataclass(frozen=True)
class Text:
    """Something a person may read, and where it is written."""

    place: str
    language: str
    words: str


def retired_words_left() -> str:
    """Texts of the pages and of the server in which a retired word stands, one a line; empty without any."""
    retired = retired_words(GLOSSARY.read_text(encoding="utf-8"))
    return "\n".join(found_in([*message_texts(MESSAGES), *source_texts(SOURCES)], retired))


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


def message_texts(folder: Path) -> Iterator[Text]:
    """Everything the pages say, key by key."""
    for path in sorted(folder.glob("*/*.json")):
        for key, words in _leaves(json.loads(path.read_text(encoding="utf-8"))):
            yield Text(f"messages/{path.parent.name}/{path.stem} {key}", path.parent.name, words)


def source_texts(folder: Path) -> Iterator[Text]:
    """Every string of the server that is written in Japanese or beside a Japanese one: `ja=` with `en=`, a pair, a docstring of a command."""
    for path in sorted(folder.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            for language, constant in _strings(node):
                place = f"{path.relative_to(folder.parent)}:{constant.lineno}"
                yield Text(place, language, str(constant.value))


def _strings(node: ast.AST) -> Iterator[tuple[str, ast.Constant]]:
    """Japanese strings wherever they stand; English ones where they are named `en`."""
    match node:
        case ast.Constant(value=str(words)) if _JAPANESE.search(words):
            yield "ja", node
        case ast.keyword(arg="en", value=value):
            yield from (("en", one) for one in _constants(value))
        case ast.Assign(targets=[ast.Name(id="en")], value=value):
            yield from (("en", one) for one in _constants(value))


def _constants(node: ast.AST) -> Iterator[ast.Constant]:
    for one in ast.walk(node):
        if isinstance(one, ast.Constant) and isinstance(one.value, str):
            yield one


def _leaves(tree: dict[str, object], above: str = "") -> Iterator[tuple[str, str]]:
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from _leaves(value, f"{above}{key}.")
        elif isinstance(value, str):
            yield f"{above}{key}", value


def _words(cell: str) -> list[str]:
    return [] if cell in {"–", ""} else _BETWEEN.split(cell)
