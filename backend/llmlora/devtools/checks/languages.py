"""What `check` says about languages: that no text of the command line says the same in Japanese and in English."""

import ast
import re
from collections.abc import Iterator

from llmlora.devtools.checks.texts import JAPANESE, SOURCES

_ROOMS = ("entry", "devtools")
# These tell of texts, and are read by developers.
_UNREAD = frozenset({"devtools/checks", "entry/progress_words.py"})
_JA = "ぁ-んァ-ヶー一-龠々"
_CALLS = re.compile(
    r"\./llmlora[^。、」）]*|`[^`]*`|https?://\S+|--?[a-z][\w-]*|\{[^{}]*\}|[A-Za-z0-9_-]+[/._][A-Za-z0-9_/.-]+"
)
_BOTH = (
    re.compile(rf"[{_JA}。）] ?/ [A-Za-z]"),  # 停止しました。/ Stopped.
    re.compile(rf"[A-Za-z.)] ?/ [{_JA}（]"),
    re.compile(rf"[A-Za-z]{{2,}}\. [{_JA}（]"),  # Stop it. 停止します。
    re.compile(rf"[{_JA}] [a-z]+(?: [a-z]+)*$"),  # 名前 name
    re.compile(r"\b[A-Za-z]+ [a-z]{2,} [a-z]{2,}\b"),  # a sentence
)


def mixed_texts() -> str:
    """One line for every text of the command line that holds both languages; empty without any."""
    return "\n".join(
        f"{path.relative_to(SOURCES.parent)}:{line}: {text}"
        for room in _ROOMS
        for path in sorted((SOURCES / room).rglob("*.py"))
        if not any(path.relative_to(SOURCES).as_posix().startswith(one) for one in _UNREAD)
        for line, text in mixed_in(path.read_text(encoding="utf-8"))
    )


def mixed_in(source: str) -> Iterator[tuple[int, str]]:
    """Texts of a Python source that hold both languages, with their lines."""
    tree = ast.parse(source)
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            docstrings.update(map(id, node.values))
            text = "".join(one.value if isinstance(one, ast.Constant) else "{}" for one in node.values)  # type: ignore[misc]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
        else:
            continue
        if id(node) not in docstrings and is_mixed(text):
            yield node.lineno, text


def is_mixed(text: str) -> bool:
    """Whether a text says something in Japanese and something in English; names within a sentence are neither."""
    return bool(JAPANESE.search(text)) and any(one.search(_without_names(text)) for one in _BOTH)


def _without_names(text: str) -> str:
    """Commands, addresses and what stands in code are written alike in both languages."""
    return _CALLS.sub("@", text)
