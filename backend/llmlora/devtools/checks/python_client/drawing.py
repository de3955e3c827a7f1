"""The modules of `llmlora/client/generated`, written out and formatted."""

import json
import re
import subprocess
import sys
from collections.abc import Iterable
from functools import cache
from itertools import groupby
from pathlib import Path

from llmlora.devtools.checks.python_client.models import models_module
from llmlora.devtools.checks.python_client.operations import (
    KEY_HEADER,
    Operation,
    Parameter,
    class_of,
    model_class,
    operations_of,
)
from llmlora.devtools.checks.python_client.types import Schema, docstring, references

_HEAD = '''"""Every operation of the API, a namespace a class. Drawn from docs/openapi.json (`./llmlora check --write`)."""

from __future__ import annotations

from collections.abc import {iterator}, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Literal

import httpx
from pydantic import JsonValue

from llmlora.client.calls import OMIT, Call, File, Omit, ServerSentEvent, quoted
from llmlora.client.generated import models
from llmlora.client.generated.models import (
{models}
)
from llmlora.client.{transport} import {api}
'''


MODULES = ("models.py", "resources.py", "async_resources.py")


def client_module(name: str) -> str:
    """The text of a module of `client/generated`."""
    return _modules()[name]


@cache
def _modules() -> dict[str, str]:
    from llmlora.devtools.checks.reference import api_reference

    return drawn_modules(json.loads(api_reference()))


def drawn_modules(document: Schema) -> dict[str, str]:
    """The modules that a document makes: models, and the operations for both ways to wait."""
    operations = operations_of(document)
    used = set(references(document["paths"])) - {"Problem", "ProblemField"} | {"JobEvent"}
    return {
        "models.py": formatted(models_module(document, used)),
        "resources.py": formatted(_resources(operations, is_async=False)),
        "async_resources.py": formatted(_resources(operations, is_async=True)),
    }


def formatted(source: str) -> str:
    """As ruff writes it.

    Raises:
        RuntimeError: ruff cannot read it.
    """
    ruff = str(Path(sys.executable).parent / "ruff")
    for command in (("check", "--fix-only", "--quiet"), ("format",)):
        done = subprocess.run(
            [ruff, *command, "--stdin-filename", "llmlora/client/generated/x.py", "-"],
            input=source, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[4],
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(done.stderr)
        source = done.stdout
    return source


def _resources(operations: list[Operation], *, is_async: bool) -> str:
    classes = [
        _namespace(namespace, list(own), is_async)
        for namespace, own in groupby(operations, lambda one: one.namespace)
    ]
    body = "\n\n".join([*classes, _all(operations, is_async)])
    words = sorted(
        set(re.findall(r"\b[A-Z]\w+\b", re.sub(r'""".*?"""|models\.\w+', "", body, flags=re.DOTALL)))
        - _IMPORTED
    )
    names = [
        word
        for word in words
        if not word.startswith("Async")
        and word not in {class_of(o.namespace) for o in operations} | {"Namespaces"}
    ]
    return (
        _HEAD.format(
            iterator="AsyncIterator" if is_async else "Iterator",
            models=",\n".join(f"    {name}" for name in names),
            transport="async_transport" if is_async else "transport",
            api="AsyncTransport" if is_async else "Transport",
        )
        + "\n\n"
        + body
    )


_IMPORTED = frozenset(
    {"AsyncIterator", "Iterator", "Mapping", "Sequence", "Path", "Literal", "JsonValue", "OMIT", "Call", "File", "Omit",
     "ServerSentEvent", "Transport", "AsyncTransport", "None", "True", "False", "Headers", "GET", "POST", "PUT", "PATCH",
     "DELETE", "HEAD", "OPTIONS", "Idempotency", "Key", "Upload", "Length", "Metadata", "Offset", "Checksum"}
)  # fmt: skip


def _namespace(namespace: str, operations: list[Operation], is_async: bool) -> str:
    name = f"{'Async' if is_async else ''}{class_of(namespace)}"
    transport = "AsyncTransport" if is_async else "Transport"
    methods = "\n".join(_method(one, is_async) for one in operations)
    pages = "\n".join(_iterator(one, is_async) for one in operations if one.item)
    return (
        f'class {name}:\n    """`client.{namespace}`."""\n\n'
        f"    def __init__(self, transport: {transport}) -> None:\n        self._transport = transport\n\n{methods}\n{pages}"
    )


def _all(operations: list[Operation], is_async: bool) -> str:
    """The class that has a namespace each."""
    prefix = "Async" if is_async else ""
    namespaces = sorted({one.namespace for one in operations})
    attributes = "\n".join(
        f"        self.{name} = {prefix}{class_of(name)}(transport)" for name in namespaces
    )
    return (
        f'class {prefix}Namespaces:\n    """All namespaces."""\n\n'
        f"    def __init__(self, transport: {prefix}Transport) -> None:\n{attributes}\n"
    )


def _method(one: Operation, is_async: bool) -> str:
    kind, waits = _RETURNS[one.answers]
    type_ = kind.format(model=model_class(one), iterator="AsyncIterator" if is_async else "Iterator")
    define = "async def" if is_async and waits else "def"
    wait = "await " if is_async and waits else ""
    first = {"model": f"{model_class(one)}, ", "file": "to, "}.get(one.answers, "")
    words = docstring(f"{one.words}\n\n{one.verb} {one.path}", "        ")
    return (
        f"    {define} {one.method}({_signature(one)}) -> {type_}:\n{words}"
        f"        return {wait}self._transport.{one.answers}({first}{_call(one)})\n"
    )


# What a method answers with, and whether it waits for it (events come while they are gone through).
_RETURNS = {
    "model": ("{model}", True),
    "text": ("str", True),
    "file": ("Path", True),
    "headers": ("httpx.Headers", True),
    "nothing": ("None", True),
    "events": ("{iterator}[ServerSentEvent]", False),
}


def _iterator(one: Operation, is_async: bool) -> str:
    """A method that goes through the pages of a list."""
    iterator, define = ("AsyncIterator", "async def") if is_async else ("Iterator", "def")
    given = [p for p in one.parameters if p.wire != "after"]
    passed = ", ".join(p.name if p.place == "path" else f"{p.name}={p.name}" for p in given)
    separator = ", " if passed else ""
    words = docstring(f"What `{one.method}` lists, from all pages.", "        ")
    wait = "await " if is_async else ""
    cursor = next(p.type for p in one.parameters if p.wire == "after")
    go_through = "for one in page.data:\n                yield one" if is_async else "yield from page.data"
    return (
        f"    {define} {one.iterator}({_signature(one, given)}) -> {iterator}[{one.item}]:\n{words}"
        f"        after: {cursor} = None\n"
        "        while True:\n"
        f"            page = {wait}self.{one.method}({passed}{separator}after=after)\n"
        f"            {go_through}\n"
        "            after = page.next\n"
        "            if after is None:\n"
        "                return\n"
    )


def _signature(one: Operation, parameters: Iterable[Parameter] | None = None) -> str:
    given = list(one.parameters if parameters is None else parameters)
    first = [f"{p.name}: {p.type}" for p in given if p.place == "path"]
    if one.answers == "file" and parameters is None:
        first.append("to: Path | str")
    named = [f"{p.name}: {p.type}" for p in given if p.place != "path" and not p.default]
    named += [f"{p.name}: {p.type} = {p.default}" for p in given if p.place != "path" and p.default]
    return ", ".join(["self", *first, *(["*", *named] if named else [])])


def _call(one: Operation) -> str:
    path = one.path
    for p in one.parameters:
        if p.place == "path":
            path = path.replace(f"{{{p.wire}}}", f"{{quoted({p.name})}}")
    parts = [f'"{one.verb}"', f'f"{path}"' if path != one.path else f'"{path}"']
    groups = {"query": "query", "header": "headers", "body": "json", "form": "form", "content": "content"}
    for place, argument in groups.items():
        given = {p.wire: p.name for p in one.parameters if p.place == place}
        if place == "body":
            given |= {name.removeprefix("body."): value for name, value in one.fixed.items()}
        if place == "content" and given:
            parts.append("content=content")
        elif given:
            parts.append(f"{argument}={{{', '.join(f'{wire!r}: {name}' for wire, name in given.items())}}}")
    if any(p.wire == KEY_HEADER for p in one.parameters):
        parts.append("has_key=True")
    return f"Call({', '.join(parts)})"
