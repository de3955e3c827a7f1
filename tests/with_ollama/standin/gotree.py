"""The nodes of a parsed Go template, and the one error of parsing and executing it."""

from dataclasses import dataclass


class TemplateError(ValueError):
    """What Go's template package would say."""


@dataclass(frozen=True)
class Field:
    """`.A.B`, or the dot itself where the path is empty."""

    path: tuple[str, ...]


@dataclass(frozen=True)
class Variable:
    """`$name.A.B`; `$` alone is the data the template was given."""

    name: str
    path: tuple[str, ...]


@dataclass(frozen=True)
class Constant:
    """A literal in an action."""

    value: str | int | float | bool | None


@dataclass(frozen=True)
class Function:
    """The name of one of `gofunctions.FUNCTIONS`."""

    name: str


@dataclass(frozen=True)
class Pipe:
    """`a b | c`, perhaps stored in variables, perhaps in parentheses with fields behind them."""

    commands: tuple[tuple["Operand", ...], ...]
    names: tuple[str, ...] = ()
    declares: bool = False
    path: tuple[str, ...] = ()


Operand = Field | Variable | Constant | Function | Pipe


@dataclass(frozen=True)
class Text:
    """What stands outside of actions."""

    text: str


@dataclass(frozen=True)
class Action:
    """`{{ pipe }}`: writes its value, or stores it."""

    pipe: Pipe


@dataclass(frozen=True)
class Jump:
    """`{{ break }}` or `{{ continue }}`."""

    kind: str


@dataclass(frozen=True)
class Branch:
    """`if`, `with` or `range`, and what its `else` holds."""

    kind: str
    pipe: Pipe
    body: tuple["Node", ...]
    otherwise: tuple["Node", ...] = ()


Node = Text | Action | Jump | Branch
