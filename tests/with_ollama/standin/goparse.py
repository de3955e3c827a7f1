"""Go's text/template as a tree: the part of its grammar that model templates use.

What is outside that part (`define`, `template`, `block`, an unknown function) is a `TemplateError` worded as Go words it,
never a guess.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from tests.with_ollama.standin.gofunctions import FUNCTIONS
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

_CONSTANTS: dict[str, bool | None] = {"true": True, "false": False, "nil": None}
_SPACE = " \t\r\n"
_TOKEN = re.compile(
    r"""(?P<string>"(?:[^"\\\n]|\\.)*"|`[^`]*`)
      | (?P<char>'(?:[^'\\\n]|\\.)+')
      | (?P<number>[+-]?\d+(?:\.\d+)?)
      | (?P<variable>\$\w*(?:\.[A-Za-z_]\w*)*)
      | (?P<field>(?:\.[A-Za-z_]\w*)+|\.)
      | (?P<word>[A-Za-z_]\w*)
      | (?P<sign>:=|=|\||\(|\)|,)""",
    re.VERBOSE,
)
_OPEN = re.compile(r"\{\{(?P<trim>-(?=[ \t\r\n]))?")
_CLOSE = re.compile(r"(?P<trim>[ \t\r\n]-)?\}\}")
_COMMENT = re.compile(r"[ \t\r\n]*/\*.*?\*/", re.DOTALL)


class _Token(NamedTuple):
    kind: str
    text: str
    start: int
    end: int


@dataclass
class _Tag:
    """The inside of one `{{ … }}`, read from left to right."""

    tokens: list[_Token]
    line: int
    at: int = 0

    def peek(self, offset: int = 0) -> str:
        return self.tokens[self.at + offset].text if self.at + offset < len(self.tokens) else ""

    def take(self) -> _Token:
        if self.at == len(self.tokens):
            raise self.error("missing value for command")
        self.at += 1
        return self.tokens[self.at - 1]

    def error(self, message: str) -> TemplateError:
        return TemplateError(f"template: :{self.line}: {message}")


def parse(source: str) -> tuple[Node, ...]:
    """The tree of a template.

    Raises:
        TemplateError: the source is not in the grammar.
    """
    parser = _Parser(_pieces(source), last_line=source.count("\n") + 1)
    nodes, closing = parser.block()
    if closing is not None:
        raise closing.error(f"unexpected {{{{{closing.peek()}}}}}")
    return nodes


def _pieces(source: str) -> Iterator[Text | _Tag]:
    """Literals and tags in their order, white space cut where a tag says so."""
    at, cut_left = 0, False
    while at < len(source):
        opening = _OPEN.search(source, at)
        literal = source[at : opening.start() if opening else None]
        literal = literal.lstrip(_SPACE) if cut_left else literal
        literal = literal.rstrip(_SPACE) if opening and opening["trim"] else literal
        if literal:
            yield Text(literal)
        if opening is None:
            return
        tag = _Tag([], line=source.count("\n", 0, opening.start()) + 1)
        comment = _COMMENT.match(source, opening.end())
        at, cut_left = _read_tag(source, comment.end() if comment else opening.end(), tag)
        if comment is None:
            yield tag


def _read_tag(source: str, at: int, tag: _Tag) -> tuple[int, bool]:
    """Fill a tag with its tokens; where it ends, and whether it cuts the white space behind it."""
    while True:
        if closing := _CLOSE.match(source, at):
            return closing.end(), closing["trim"] is not None
        if at >= len(source):
            raise tag.error("unclosed action")
        if source[at] in _SPACE:
            at += 1
            continue
        found = _TOKEN.match(source, at)
        if found is None or found.lastgroup is None:
            raise tag.error(f"unexpected bad character U+{ord(source[at]):04X} '{source[at]}' in command")
        tag.tokens.append(_Token(found.lastgroup, found[0], found.start(), found.end()))
        at = found.end()


@dataclass
class _Parser:
    pieces: Iterator[Text | _Tag]
    last_line: int
    variables: list[str] = field(default_factory=lambda: ["$"])

    def block(self) -> tuple[tuple[Node, ...], _Tag | None]:
        """Nodes up to an `end` or `else`, and that tag; None at the end of the source."""
        nodes: list[Node] = []
        for piece in self.pieces:
            if isinstance(piece, Text):
                nodes.append(piece)
                continue
            match piece.peek():
                case "end" | "else":
                    return tuple(nodes), piece
                case "if" | "with" | "range":
                    nodes.append(self.branch(piece))
                case "break" | "continue":
                    nodes.append(Jump(piece.take().text))
                case "define" | "template" | "block" as word:
                    raise piece.error(f"the stand-in does not know {{{{{word}}}}}")
                case _:
                    nodes.append(Action(self.whole_pipe(piece)))
        return tuple(nodes), None

    def branch(self, tag: _Tag) -> Branch:
        """From `{{ if … }}` to its `{{ end }}`; variables made inside are forgotten."""
        known = len(self.variables)
        kind = tag.take().text
        pipe = self.whole_pipe(tag)
        body, closing = self.block()
        otherwise: tuple[Node, ...] = ()
        if closing is not None and closing.take().text == "else":
            if closing.peek():
                otherwise, closing = (self.branch(closing),), tag
            else:
                otherwise, closing = self.block()
        if closing is None:
            raise TemplateError(f"template: :{self.last_line}: unexpected EOF")
        del self.variables[known:]
        return Branch(kind, pipe, body, otherwise)

    def whole_pipe(self, tag: _Tag) -> Pipe:
        pipe = self.pipe(tag)
        if tag.peek():
            raise tag.error(f'unexpected "{tag.peek()}" in command')
        return pipe

    def pipe(self, tag: _Tag) -> Pipe:
        names, declares = self.assignment(tag)
        commands = [self.command(tag)]
        while tag.peek() == "|":
            tag.take()
            commands.append(self.command(tag))
        if declares:
            self.variables.extend(names)
        return Pipe(tuple(commands), names, declares)

    def assignment(self, tag: _Tag) -> tuple[tuple[str, ...], bool]:
        """`$a :=`, `$a, $b :=` or `$a =`, if the tag goes on with one."""
        width = next((n for n in (1, 3) if tag.peek(n) in (":=", "=") and tag.peek().startswith("$")), 0)
        if width == 0:
            return (), False
        names = tuple(tag.take().text for _ in range(width))[::2]
        declares = tag.take().text == ":="
        for name in () if declares else names:
            self.known(name, tag)
        return names, declares

    def command(self, tag: _Tag) -> tuple[Operand, ...]:
        operands = [self.operand(tag)]
        while tag.peek() not in ("", "|", ")"):
            operands.append(self.operand(tag))
        return tuple(operands)

    def operand(self, tag: _Tag) -> Operand:
        token = tag.take()
        match token.kind:
            case "string":
                return Constant(token.text[1:-1] if token.text[0] == "`" else ast.literal_eval(token.text))
            case "char":
                return Constant(ord(ast.literal_eval(token.text)))
            case "number":
                return Constant(ast.literal_eval(token.text))
            case "field":
                return Field(_path(token.text))
            case "variable":
                name, *path = token.text.split(".")
                return Variable(self.known(name, tag), tuple(path))
            case "word" if token.text in _CONSTANTS:
                return Constant(_CONSTANTS[token.text])
            case "word" if token.text in FUNCTIONS:
                return Function(token.text)
            case "word":
                raise tag.error(f'function "{token.text}" not defined')
            case _ if token.text == "(":
                return self.parenthesis(tag)
        raise tag.error(f'unexpected "{token.text}" in command')

    def parenthesis(self, tag: _Tag) -> Pipe:
        inner = self.pipe(tag)
        if tag.peek() != ")":
            raise tag.error("unclosed left paren")
        closing = tag.take()
        behind = tag.tokens[tag.at] if tag.peek() else None
        if behind is not None and behind.kind == "field" and behind.start == closing.end:
            return Pipe(inner.commands, inner.names, inner.declares, _path(tag.take().text))
        return inner

    def known(self, name: str, tag: _Tag) -> str:
        if name not in self.variables:
            raise tag.error(f'undefined variable "{name}"')
        return name


def _path(text: str) -> tuple[str, ...]:
    return tuple(part for part in text.split(".") if part)
