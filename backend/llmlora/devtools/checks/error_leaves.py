"""Every error that the server can name: its code, what it means for programs, and its words, read off the sources without loading them."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from llmlora.devtools.checks.texts import SOURCES
from llmlora.kit.errors import AppError

_TOLD = frozenset({"code", "ja", "en", "status", "exit_code"})
_DEVELOPERS = "devtools"
_HAS_ERRORS = re.compile(r"^class \w+\((?:\w+\.)?_?\w*Error\b|^class AppError", re.MULTILINE)


@dataclass(frozen=True)
class ErrorEntry:
    """One code. `words`: pairs of a Japanese and an English template; several where several errors share the code."""

    code: str
    status: int | None
    """None for what only a job that has failed says."""
    exit_code: int | None
    words: tuple[tuple[str, str], ...]
    is_of_developers: bool = False


@dataclass
class _Class:
    name: str
    room: str
    bases: list[str]
    told: dict[str, object] = field(default_factory=dict)


def error_entries() -> list[ErrorEntry]:
    """Every code of an `AppError`, of a bare HTTP status and of a job that failed, by code."""
    from llmlora.contracts.failures import FAILURES
    from llmlora.kit.web.problems import HTTP_WORDS

    found: dict[str, ErrorEntry] = {}
    leaves = [*_leaves(_classes(SOURCES))]
    for status, (code, ja, en) in HTTP_WORDS.items():
        leaves.append(ErrorEntry(code, status, AppError.exit_code, ((ja, en),)))
    for code, failure in FAILURES.items():
        leaves.append(ErrorEntry(code, None, None, ((failure.words.ja, failure.words.en),)))
    leaves.append(
        ErrorEntry(AppError.code, AppError.status, AppError.exit_code, ((AppError.ja, AppError.en),))
    )
    for one in leaves:
        found[one.code] = _joined(found[one.code], one) if one.code in found else one
    return [found[code] for code in sorted(found)]


def _joined(first: ErrorEntry, second: ErrorEntry) -> ErrorEntry:
    """Two errors of one code: what a program reads is that of the one that has it."""
    known = first if first.status is not None else second
    words = tuple(dict.fromkeys((*first.words, *second.words)))
    return ErrorEntry(
        first.code, known.status, known.exit_code, words, first.is_of_developers and second.is_of_developers
    )


def _leaves(classes: list[_Class]) -> Iterator[ErrorEntry]:
    by_name = {one.name: one for one in reversed(classes)}
    for one in classes:
        told = _inherited(one, by_name)
        if "code" in one.told and told is not None and "ja" in told:
            words = ((str(told["ja"]), str(told["en"])),)
            status, exit_code = int(str(told["status"])), int(str(told["exit_code"]))
            yield ErrorEntry(str(told["code"]), status, exit_code, words, one.room == _DEVELOPERS)


def _inherited(one: _Class, by_name: dict[str, _Class]) -> dict[str, object] | None:
    """What a class and those above it say, but the words of the root; None for what is no `AppError`."""
    if one.name == AppError.__name__:
        return {"status": AppError.status, "exit_code": AppError.exit_code}
    for base in one.bases:
        above = by_name.get(base)
        told = None if above is None or above is one else _inherited(above, by_name)
        if told is not None:
            return {**told, **one.told}
    return None


def _classes(folder: Path) -> list[_Class]:
    """Every class of the sources, with the constants that an error is told by."""
    found = []
    for path in sorted(folder.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        if not _HAS_ERRORS.search(text):
            continue
        room = path.relative_to(folder).parts[0]
        for node in ast.parse(text).body:
            if isinstance(node, ast.ClassDef):
                bases = [_name(base) for base in node.bases]
                found.append(_Class(node.name, room, bases, dict(_constants(node))))
    return found


def _constants(node: ast.ClassDef) -> Iterator[tuple[str, object]]:
    for one in node.body:
        target = one.targets[0] if isinstance(one, ast.Assign) else getattr(one, "target", None)
        value = getattr(one, "value", None)
        if isinstance(target, ast.Name) and target.id in _TOLD and isinstance(value, ast.Constant):
            yield target.id, value.value


def _name(base: ast.expr) -> str:
    return base.attr if isinstance(base, ast.Attribute) else getattr(base, "id", "")
