"""Everything that a person may read, where it is written: the pages' messages, and the server's sentences in its sources."""

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

REPOSITORY = Path(__file__).parents[4]
MESSAGES = REPOSITORY / "frontend" / "messages"
SOURCES = REPOSITORY / "backend" / "llmlora"
JAPANESE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff々]")
HOLE = "{}"
"""What stands for a value in an f-string's text."""
_LEAF_PARTS = re.compile(r"\{(\w+)[^{}]*\}")
# Not for a person: words of files and of models, which are recognised, and examples to train on.
_UNREAD = frozenset(
    {
        "data/kinds/text/guess.py",
        "data/kinds/text/columns.py",
        "data/plausible.py",
        "devtools/seeding.py",
        "devtools/checks/languages.py",
        "devtools/checks/texts.py",
        "devtools/checks/writing.py",
        "entry/wrapping.py",
    }
)


@dataclass(frozen=True)
class Text:
    """Something a person may read, and where it is written."""

    place: str
    language: str
    words: str


@cache
def all_texts() -> tuple[Text, ...]:
    """Those of the pages and of the server, as they were when first asked for."""
    return (*message_texts(MESSAGES), *source_texts(SOURCES))


def message_texts(folder: Path) -> Iterator[Text]:
    """Everything the pages say, key by key."""
    for path in sorted(folder.glob("*/*.json")):
        for key, words in _leaves(json.loads(path.read_text(encoding="utf-8"))):
            yield Text(f"messages/{path.parent.name}/{path.stem} {key}", path.parent.name, words)


def source_texts(folder: Path) -> Iterator[Text]:
    """Every string of the server that is written in Japanese, and its English twin.

    A twin is named (`en=`, `cure_en=`, `en = …`), or comes next to the Japanese one: in a pair, in the arguments of a
    call, or in the same string ("Show jobs. ジョブを表示します。", "停止しました。/ Stopped.").
    """
    for path in sorted(folder.rglob("*.py")):
        if path.relative_to(folder).as_posix() in _UNREAD:
            continue
        parts = set[int]()  # constants of f-strings, which are told with the whole
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr):
                parts.update(map(id, node.values))
            if id(node) not in parts:
                for language, line, words in _texts_of(node):
                    yield Text(f"{path.relative_to(folder.parent)}:{line}", language, words)


def unlike_leaves(folder: Path) -> Iterator[str]:
    """Errors and sentences whose `ja` and `en` do not tell the same facts (`reason_ja` and `reason_en` are one fact)."""
    for path in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            told = _both_languages(node)
            if {"ja", "en"} <= set(told):
                ja, en = (_facts(told[language]) for language in ("ja", "en"))
                if ja != en:
                    name = getattr(node, "name", "Text")
                    yield f"{path.relative_to(folder.parent)}:{node.lineno}: {name}: {sorted(ja ^ en)}"  # type: ignore[attr-defined]


def _both_languages(node: ast.AST) -> dict[str, ast.expr]:
    """What a class of an error or a template says, by language; a sentence that is made on the spot is no template."""
    if isinstance(node, ast.ClassDef):
        return {one.targets[0].id: one.value for one in node.body if _is_plain(one)}  # type: ignore[attr-defined]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Text":
        return {one.arg: one.value for one in node.keywords if one.arg}
    return {}


def _is_plain(node: ast.stmt) -> bool:
    return isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)


def _facts(value: ast.expr) -> set[str]:
    return {
        re.sub(r"^(ja|en)_|_(ja|en)$", "", name) for name in _LEAF_PARTS.findall("".join(_written(value)))
    }


def _texts_of(node: ast.AST) -> Iterator[tuple[str, int, str]]:
    """Texts that stand right here."""
    if isinstance(node, ast.JoinedStr | ast.Constant):
        for words in _written(node):
            if JAPANESE.search(words):
                yield from ((language, node.lineno, part) for language, part in _parted(words))
    elif isinstance(node, ast.Tuple | ast.List):
        yield from _twins(node.elts)
    elif isinstance(node, ast.Call):
        yield from _twins(node.args)
    else:
        for name, value in _named(node):
            if name == "en" or name.endswith("_en"):
                yield from (("en", value.lineno, words) for words in _written(value))


def _named(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """Values beside what they are called: of an argument, an assignment, a dictionary."""
    match node:
        case ast.keyword(arg=str(name), value=value):
            yield name, value
        case (
            ast.Assign(targets=[ast.Name(id=name)], value=value)
            | ast.AugAssign(target=ast.Name(id=name), value=value)
        ):
            yield name, value
        case ast.Dict(keys=keys, values=values):
            for key, value in zip(keys, values, strict=True):
                if isinstance(key, ast.Constant):
                    yield str(key.value), value


def _twins(parts: list[ast.expr]) -> Iterator[tuple[str, int, str]]:
    """English texts right behind Japanese ones."""
    for before, here in pairwise(parts):
        texts = _written(here)
        if any(map(JAPANESE.search, _written(before))) and not any(map(JAPANESE.search, texts)):
            yield from (("en", here.lineno, words) for words in texts)


def _parted(words: str) -> Iterator[tuple[str, str]]:
    """A text in Japanese, or the halves of one that says it twice."""
    halves = (
        re.split(r"\s*/ (?=[^/]*$)", words)
        if "/ " in words
        else re.split(r"(?<=[.…]) (?=[^a-z]*[\u3040-\u9fff])", words)
    )
    for half in halves:
        if half.strip():
            yield ("ja" if JAPANESE.search(half) else "en"), half


def _written(node: ast.expr) -> list[str]:
    """The strings that an expression is or chooses from, holes for values."""
    match node:
        case ast.Constant(value=str(words)):
            return [words]
        case ast.JoinedStr(values=parts):
            return ["".join(one.value if isinstance(one, ast.Constant) else HOLE for one in parts)]  # type: ignore[misc]
        case ast.IfExp(body=body, orelse=orelse):
            return [*_written(body), *_written(orelse)]
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return [*_written(left), *_written(right)]
    return []


def _leaves(tree: dict[str, object], above: str = "") -> Iterator[tuple[str, str]]:
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from _leaves(value, f"{above}{key}.")
        elif isinstance(value, str):
            yield f"{above}{key}", value
