"""Renders Go templates as Go does: `Template(source).execute({"Messages": […]})`.

Data are plain values; a `Struct` refuses fields it does not have, any other mapping gives nil for them (Ollama parses with
`missingkey=zero`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.with_ollama.standin.gofunctions import Struct, call, shown, true
from tests.with_ollama.standin.goparse import parse
from tests.with_ollama.standin.gotree import (
    Action,
    Branch,
    Constant,
    Field,
    Function,
    Jump,
    Node,
    Operand,
    Pipe,
    TemplateError,
    Text,
    Variable,
)

__all__ = ["Struct", "Template", "TemplateError"]


@dataclass(frozen=True)
class Template:
    """A parsed template."""

    source: str
    nodes: tuple[Node, ...]

    @classmethod
    def of(cls, source: str) -> "Template":
        """Parse a source.

        Raises:
            TemplateError: it is not in the grammar.
        """
        return cls(source, parse(source))

    def identifiers(self) -> frozenset[str]:
        """Every field and variable name, in lower case: how Ollama finds out what a template can do."""
        return frozenset(name.lower() for name in _identifiers(self.nodes))

    def execute(self, data: Mapping[str, Any]) -> str:
        """The text for `data`.

        Raises:
            TemplateError: a field is missing, or values do not fit a function.
        """
        run = _Run(data)
        run.nodes(self.nodes, data)
        return "".join(run.out)


def _identifiers(tree: Any) -> Iterator[str]:
    match tree:
        case Field(path):
            yield from path
        case Variable(name, path):
            yield from (name, *path)
        case Branch(_, pipe, body, otherwise):
            yield from _identifiers((pipe, *body, *otherwise))
        case Action(pipe):
            yield from _identifiers(pipe)
        case Pipe(commands):
            yield from _identifiers(commands)
        case tuple():
            for part in tree:
                yield from _identifiers(part)


class _JumpError(Exception):
    """`break` or `continue` on its way to the loop around it."""


class _Run:
    """One execution: what was written, and the variables in sight (the innermost last)."""

    def __init__(self, data: Any) -> None:
        self.out: list[str] = []
        self.variables: list[list[Any]] = [["$", data]]

    def nodes(self, nodes: Sequence[Node], dot: Any) -> None:
        for node in nodes:
            match node:
                case Text(text):
                    self.out.append(text)
                case Action(pipe):
                    value = self.pipe(pipe, dot)
                    if not pipe.names:
                        self.out.append(shown(value))
                case Jump(kind):
                    raise _JumpError(kind)
                case Branch():
                    known = len(self.variables)
                    self.branch(node, dot)
                    del self.variables[known:]

    def branch(self, node: Branch, dot: Any) -> None:
        if node.kind == "range":
            self.loop(node, dot)
            return
        value = self.pipe(node.pipe, dot)
        if true(value):
            self.nodes(node.body, value if node.kind == "with" else dot)
        else:
            self.nodes(node.otherwise, dot)

    def loop(self, node: Branch, dot: Any) -> None:
        """`range`: over a list, a map in the order of its keys, or the numbers below n."""
        collection = self.operand(Pipe(node.pipe.commands), dot)
        pairs = list(_pairs(collection))
        if not pairs:
            self.nodes(node.otherwise, dot)
        for key, value in pairs:
            known = len(self.variables)
            bound = (value,) if len(node.pipe.names) == 1 else (key, value)
            for name, item in zip(node.pipe.names, bound, strict=False):
                self.store(name, item, declares=node.pipe.declares)
            try:
                self.nodes(node.body, value)
            except _JumpError as jump:
                if str(jump) == "break":
                    break
            finally:
                del self.variables[known:]

    def store(self, name: str, value: Any, *, declares: bool) -> None:
        if declares:
            self.variables.append([name, value])
        else:
            next(slot for slot in reversed(self.variables) if slot[0] == name)[1] = value

    def pipe(self, pipe: Pipe, dot: Any) -> Any:
        piped: list[Any] = []
        for command in pipe.commands:
            piped = [self.command(command, dot, piped)]
        value = _fields(piped[0], pipe.path)
        for name in pipe.names:
            self.store(name, value, declares=pipe.declares)
        return value

    def command(self, command: Sequence[Operand], dot: Any, piped: list[Any]) -> Any:
        first, *rest = command
        if isinstance(first, Function):
            return self.call(first.name, rest, dot, piped)
        if rest or piped:
            raise TemplateError("template: :1: can't give argument to non-function")
        return self.operand(first, dot)

    def call(self, name: str, rest: Sequence[Operand], dot: Any, piped: list[Any]) -> Any:
        """A function's value; `and` and `or` stop at the argument that decides."""
        if name not in ("and", "or"):
            return call(name, [*(self.operand(part, dot) for part in rest), *piped])
        value: Any = None
        for value in (*(self.operand(part, dot) for part in rest), *piped):
            if true(value) is (name == "or"):
                break
        return value

    def operand(self, operand: Operand, dot: Any) -> Any:
        match operand:
            case Constant(value):
                return value
            case Field(path):
                return _fields(dot, path)
            case Variable(name, path):
                slot = next(slot for slot in reversed(self.variables) if slot[0] == name)
                return _fields(slot[1], path)
            case Pipe():
                return self.pipe(operand, dot)
            case Function(name):
                return call(name, [])


def _fields(value: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        if value is None:
            raise TemplateError(f"template: :1: nil pointer evaluating interface {{}}.{name}")
        if not isinstance(value, Mapping) or (isinstance(value, Struct) and name not in value):
            raise TemplateError(f"template: :1: can't evaluate field {name} in type {type(value).__name__}")
        value = value.get(name)
    return value


def _pairs(collection: Any) -> list[tuple[Any, Any]]:
    match collection:
        case None:
            return []
        case bool() | str() | float():
            raise TemplateError(f"template: :1: range can't iterate over {shown(collection)}")
        case int():
            return [(n, n) for n in range(collection)]
        case Mapping():
            return sorted(collection.items())
        case _:
            return list(enumerate(collection))
