"""YAML as people mean it: version 1.2's core schema (`on` is a word, `2e-4` a number), each key once and with its line."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml
from pydantic import JsonValue

from llmlora.kit.validation import pointer_of

LONGEST_NUMBER = 400
MOST_VALUES, DEEPEST = 10_000, 30
FULL_WIDTH = ("：", "\u3000")
_TAG = "tag:yaml.org,2002:"
# https://yaml.org/spec/1.2.2/#103-core-schema, and `<<`, which people go on using.
_CORE = (
    ("null", r"~|null|Null|NULL|", "~nN\0"),
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", "-+0123456789"),
    (
        "float",
        r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)",
        "-+.0123456789",
    ),
    ("merge", r"<<", "<"),
)


class _CoreLoader(yaml.SafeLoader):
    """Reads the nodes; `values_of` makes the values."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - as the base class declares it


for _name, _pattern, _first in _CORE:
    _letters = [letter.replace("\0", "") for letter in _first]
    _CoreLoader.add_implicit_resolver(_TAG + _name, re.compile(f"^(?:{_pattern})$"), _letters)


class YamlProblem(Exception):  # noqa: N818 - what is wrong, for the reader of the file to word as an error
    """Why a text cannot be read. `line` counts from 1; None: it holds for the whole text."""

    def __init__(self, line: int | None, ja: str, en: str) -> None:
        super().__init__(en)
        self.line, self.ja, self.en = line, ja, en


@dataclass
class YamlDocument:
    """A document's value, and by JSON Pointer the line on which each key or element stands."""

    value: JsonValue
    lines: dict[str, int] = field(default_factory=dict)


def read_yaml(text: str) -> YamlDocument:
    """The one document of a text; an empty one is null.

    Raises:
        YamlProblem: it is no YAML, repeats a key, or holds what JSON has no word for.
    """
    try:
        node = yaml.compose(text, Loader=_CoreLoader)
    except yaml.YAMLError as error:
        raise _problem_of(error, text) from error
    except RecursionError:
        raise YamlProblem(None, "入れ子が深すぎます", "is nested too deeply") from None
    document = YamlDocument(None)
    if node is not None:
        document.value = _Values(document.lines).value_of(node, ())
    return document


class _Values:
    """Makes JSON values of nodes. Aliases are followed, and what grows beyond all measure by them is refused."""

    def __init__(self, lines: dict[str, int]) -> None:
        self._lines = lines
        self._made = 0

    def value_of(self, node: Any, path: tuple[str | int, ...]) -> JsonValue:
        self._made += 1
        if self._made > MOST_VALUES or len(path) > DEEPEST:
            raise _at(
                node,
                "値が多すぎるか、入れ子が深すぎます",
                "there are too many values, or they are nested too deeply",
            )
        if isinstance(node, yaml.MappingNode) and node.tag == f"{_TAG}map":
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode) and node.tag == f"{_TAG}seq":
            return [self._part(part, (*path, at)) for at, part in enumerate(node.value)]
        return _scalar(node)

    def _part(self, node: Any, path: tuple[str | int, ...]) -> JsonValue:
        self._lines[pointer_of(*path)] = node.start_mark.line + 1
        return self.value_of(node, path)

    def _mapping(self, node: Any, path: tuple[str | int, ...]) -> dict[str, JsonValue]:
        own: dict[str, JsonValue] = {}
        merged: dict[str, JsonValue] = {}
        for key_node, value_node in node.value:
            if key_node.tag == f"{_TAG}merge":
                for one in self._merged(value_node, path):
                    merged = {**one, **merged}
                continue
            key, line = _key(key_node), key_node.start_mark.line + 1
            pointer = pointer_of(*path, key)
            if key in own:
                first = self._lines[pointer]
                raise YamlProblem(
                    line,
                    f"{key} は {first} 行目にもあります。どちらか一方だけにしてください",
                    f"{key} is on line {first}, too. Keep one of them",
                )
            self._lines[pointer] = line
            own[key] = self.value_of(value_node, (*path, key))
        return {**merged, **own}

    def _merged(self, node: Any, path: tuple[str | int, ...]) -> Iterator[dict[str, JsonValue]]:
        for one in node.value if isinstance(node, yaml.SequenceNode) else [node]:
            value = self.value_of(one, (*path, "<<"))
            if not isinstance(value, dict):
                raise _at(node, "<< の値はマッピングにしてください", "the value of << must be a mapping")
            yield value


def _key(node: Any) -> str:
    key = _scalar(node) if isinstance(node, yaml.ScalarNode) else None
    if not isinstance(key, str):
        raise _at(
            node,
            "キーは文字列にしてください（数や true は引用符で囲みます）",
            "a key must be text; put a number or true in quotes",
        )
    return key


def _scalar(node: Any) -> JsonValue:
    text, tag = node.value, str(node.tag).removeprefix(_TAG)
    if not isinstance(node, yaml.ScalarNode) or tag not in (
        "null",
        "bool",
        "int",
        "float",
        "str",
        "merge",
        "!",
    ):
        raise _at(node, f"タグ {node.tag} は使えません", f"the tag {node.tag} cannot be used")
    pattern = next((pattern for name, pattern, _ in _CORE if name == tag and name != "merge"), None)
    if pattern is None:
        if "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
            raise _at(node, "NUL や壊れた文字は使えません", "NUL and broken characters cannot be used")
        return str(text)
    if not re.fullmatch(pattern, text) or len(text) > LONGEST_NUMBER:
        raise _at(node, f"{text[:40]} を {tag} として読めません", f"{text[:40]} cannot be read as {tag}")
    match tag:
        case "null":
            return None
        case "bool":
            return str(text).lower() == "true"
        case "int":
            return int(text, {"0o": 8, "0x": 16}.get(text[:2], 10))
    return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))


def _at(node: Any, ja: str, en: str) -> YamlProblem:
    return YamlProblem(node.start_mark.line + 1, ja, en)


def _problem_of(error: yaml.YAMLError, text: str) -> YamlProblem:
    """The parser's complaint; where a tab or a full-width character is the cause, in words about that."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark is None:
        line = text.count("\n", 0, getattr(error, "position", 0)) + 1
        return YamlProblem(line, "制御文字は使えません", "control characters cannot be used")
    line, told = mark.line + 1, getattr(error, "problem", None) or str(error)
    if told.startswith("but ") and getattr(error, "context", None):  # both halves of one sentence
        told = f"{error.context} {told}"  # type: ignore[attr-defined]
    lines = text.splitlines()
    before = "\n".join(lines[max(mark.line - 1, 0) : line])  # a missing colon is noticed on the next line
    if mark.line < len(lines) and lines[mark.line][mark.column : mark.column + 1] == "\t":
        return YamlProblem(
            line,
            "タブは使えません。半角の空白に置き換えてください",
            "tabs cannot be used. Replace them with spaces",
        )
    return YamlProblem(
        line,
        f"YAML として読めません（{told}）{full_width_hint(before)[0]}",
        f"cannot be read as YAML ({told}){full_width_hint(before)[1]}",
    )


def full_width_hint(text: str) -> tuple[str, str]:
    """Japanese and English words about a colon or a space that an input method made full-width; empty without one."""
    if not any(letter in text for letter in FULL_WIDTH):
        return "", ""
    return (
        "。全角のコロンや空白を半角にし、コロンの後に空白を入れてください",
        ". Write colons and spaces as ASCII characters, with a space after each colon",
    )
