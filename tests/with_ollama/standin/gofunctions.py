"""The functions Ollama's templates may call, and how Go shows and judges values."""

import datetime
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from tests.with_ollama.standin.gotree import TemplateError

_VERB = re.compile(r"%(?:%|(?P<spec>[-+0-9.]*)(?P<verb>[svdqfgt]))")


class Struct(dict[str, Any]):
    """A Go struct: a field that is not there is an error, not nil."""


def true(value: Any) -> bool:
    """Go's truth: all zero values and empty collections are false, a struct never is."""
    return isinstance(value, Struct) or bool(value)


def shown(value: Any) -> str:
    """A value as `print` writes it."""
    match value:
        case None:
            return "<no value>"
        case bool():
            return str(value).lower()
        case str():
            return value
        case float():
            return f"{value:g}"
        case Mapping():
            return "map[" + " ".join(f"{k}:{shown(v)}" for k, v in sorted(value.items())) + "]"
        case list() | tuple():
            return "[" + " ".join(map(shown, value)) + "]"
        case _:
            return str(value)


def call(name: str, arguments: list[Any]) -> Any:
    """The value of a function.

    Raises:
        TemplateError: the arguments do not fit it.
    """
    try:
        return _CALLS[name](*arguments)
    except (TypeError, IndexError, KeyError) as error:
        raise TemplateError(f"template: :1: error calling {name}: {error}") from error


def _equal(first: Any, *others: Any) -> bool:
    """`eq a b c` is whether a is b or c; values of different kinds cannot be compared, nil can."""
    if not others:
        raise TypeError("missing argument for comparison")
    for other in others:
        if None not in (first, other) and type(first) is not type(other):
            raise TypeError("incompatible types for comparison")
    return first in others


def _printf(form: str, *values: Any) -> str:
    left = iter(values)

    def verb(found: re.Match[str]) -> str:
        if found[0] == "%%":
            return "%"
        value = next(left, None)
        match found["verb"]:
            case "q":
                return json.dumps(value, ensure_ascii=False)
            case "s" | "v" | "t":
                return f"%{found['spec']}s" % shown(value)
            case kind:
                return f"%{found['spec']}{kind}" % value

    return _VERB.sub(verb, form)


def _index(value: Any, *keys: Any) -> Any:
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else value[key]
    return value


_CALLS: dict[str, Callable[..., Any]] = {
    "not": lambda value: not true(value),
    "eq": _equal,
    "ne": lambda a, b: not _equal(a, b),
    "lt": lambda a, b: a < b,
    "le": lambda a, b: a <= b,
    "gt": lambda a, b: a > b,
    "ge": lambda a, b: a >= b,
    "len": lambda value: len(value.encode() if isinstance(value, str) else value),
    "index": _index,
    "slice": lambda value, low=0, high=None: value[low:high],
    "print": lambda *values: "".join(map(shown, values)),
    "println": lambda *values: " ".join(map(shown, values)) + "\n",
    "printf": _printf,
    "json": lambda value: json.dumps(value, ensure_ascii=False, separators=(",", ":")),
    "currentDate": lambda: datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d"),
}

# `and` and `or` are the executor's: they stop at the argument that decides.
FUNCTIONS = frozenset({*_CALLS, "and", "or"})
