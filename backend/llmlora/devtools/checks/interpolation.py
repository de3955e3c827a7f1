"""Variables in a compose file, filled in as docker compose does (compose-spec, chapter Interpolation)."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

# `$$`, `$NAME`, `${NAME}` and `${NAME` with an operator and its text up to the next brace.
_VARIABLE = re.compile(
    r"\$(?:(?P<escaped>\$)|(?P<plain>[A-Za-z_]\w*)|\{(?P<name>[A-Za-z_]\w*)(?:(?P<operator>:?[-?+])(?P<text>[^{}]*))?\}|(?P<bad>))"
)


class NotInterpolatedError(ValueError):
    """A value that docker compose would refuse; says which and why."""


@dataclass(frozen=True)
class Use:
    """One place where a file asks for a variable. `default`: what it takes without one; None: nothing is said."""

    variable: str
    default: str | None


def uses(tree: Any) -> Iterator[Use]:
    """Every variable that the values of a document ask for."""
    for text in _texts(tree):
        for found in _VARIABLE.finditer(text):
            name = found["plain"] or found["name"]
            if name:
                yield Use(name, found["text"] if (found["operator"] or "").endswith("-") else None)


def interpolated(tree: Any, variables: Mapping[str, str]) -> Any:
    """The document with every value filled in.

    Raises:
        NotInterpolatedError: a value cannot be read, or demands a variable that there is not.
    """
    if isinstance(tree, dict):
        return {key: interpolated(value, variables) for key, value in tree.items()}
    if isinstance(tree, list):
        return [interpolated(value, variables) for value in tree]
    return _filled(tree, variables) if isinstance(tree, str) else tree


def _filled(text: str, variables: Mapping[str, str]) -> str:
    def value(found: re.Match[str]) -> str:
        if found["escaped"]:
            return "$"
        if found["bad"] is not None:
            raise NotInterpolatedError(f"{text}: a $ that is meant is written $$")
        name, operator, more = found["plain"] or found["name"], found["operator"] or "", found["text"] or ""
        given = variables.get(name)
        is_there = bool(given) if operator.startswith(":") else given is not None
        if operator.endswith("+"):
            return more if is_there else ""
        if is_there:
            return given or ""
        if operator.endswith("?"):
            raise NotInterpolatedError(f"{name}: {more}")
        return more

    return _VARIABLE.sub(value, text)


def _texts(tree: Any) -> Iterator[str]:
    if isinstance(tree, dict):
        for value in tree.values():
            yield from _texts(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from _texts(value)
    elif isinstance(tree, str):
        yield tree
