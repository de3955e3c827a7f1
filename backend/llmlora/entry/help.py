"""What `--help` shows and `docs/cli.md` says of a command, in the language that is spoken."""

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

import typer

from llmlora.entry.language import help_text, localized, words
from llmlora.entry.wrapping import cells, padded, wrapped

NARROWEST, WIDEST = 40, 100
# Names that are wider than this stand on a line of their own, above what they mean.
NAMES_WIDTH = 24
INDENT, GAP = 2, 2
_OPTIONS = words(ja="オプション", en="Options")
_ARGUMENTS = words(ja="引数", en="Arguments")
_COMMANDS = words(ja="コマンド", en="Commands")
# typer's own option, which no command of ours declares.
words(ja="このヘルプを表示します。", en="Show this message and exit.")


@dataclass(frozen=True)
class Row:
    """An option, an argument or a command, and what it means."""

    names: str
    meaning: str


@dataclass(frozen=True)
class HelpPage:
    """All that is said of a command."""

    usage: str
    paragraphs: tuple[str, ...]
    panels: tuple[tuple[str, tuple[Row, ...]], ...]

    def text(self, width: int | None = None) -> str:
        """For a terminal of so many cells; None: for this one."""
        width = width or min(max(shutil.get_terminal_size().columns, NARROWEST), WIDEST)
        usage = wrapped(self.usage, width - INDENT)
        blocks = [[typer.style(usage[0], bold=True), *(" " * INDENT + line for line in usage[1:])]]
        blocks += [wrapped(paragraph, width) for paragraph in self.paragraphs]
        for title, rows in self.panels:
            left = max((cells(row.names) for row in rows if cells(row.names) <= NAMES_WIDTH), default=0)
            shown = [line for row in rows for line in _shown(row, left, width)]
            blocks.append([typer.style(f"{title}:", bold=True), *shown])
        return "\n\n".join("\n".join(block) for block in blocks)


def page_of(command: Any, ctx: typer.Context) -> HelpPage:
    """The page of a command or a group."""
    panels: dict[str, list[Row]] = {help_text(_ARGUMENTS): [], help_text(_OPTIONS): []}
    for parameter in command.get_params(ctx):
        if not getattr(parameter, "hidden", False):
            usual = _ARGUMENTS if parameter.param_type_name == "argument" else _OPTIONS
            title = help_text(getattr(parameter, "rich_help_panel", None) or usual)
            panels.setdefault(title, []).append(Row(_names(parameter), _meaning(parameter)))
    inner = [command.get_command(ctx, name) for name in getattr(command, "commands", {})]
    panels[help_text(_COMMANDS)] = [
        Row(one.name, help_text(one.help or "").partition("\n\n")[0]) for one in inner
    ]
    return HelpPage(
        usage=f"{localized('使い方', 'Usage')}: {usage_of(command, ctx)}",
        paragraphs=tuple(help_text(command.help or "").split("\n\n")),
        panels=tuple((title, tuple(rows)) for title, rows in panels.items() if rows),
    )


def usage_of(command: Any, ctx: typer.Context) -> str:
    """How a command is written."""
    if hasattr(command, "commands"):
        return f"{ctx.command_path} {localized('コマンド', 'COMMAND')}"
    parameters = command.get_params(ctx)
    arguments = [_argument(one) for one in parameters if one.param_type_name == "argument"]
    required = [
        f"{one.opts[0]} {_taken(one)}"
        for one in parameters
        if one.param_type_name == "option" and one.required
    ]
    options = localized("[オプション]", "[OPTIONS]")
    return " ".join([ctx.command_path, options, *required, *arguments])


def name_of(parameter: Any) -> str:
    """What a person calls an option or an argument."""
    if parameter.param_type_name == "argument":
        return str(parameter.name).strip("_").upper()
    return " / ".join(parameter.opts)


def _argument(parameter: Any) -> str:
    name = name_of(parameter)
    shown = name if parameter.required else f"[{name}]"
    return f"{shown}..." if parameter.nargs != 1 else shown


def _names(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        return name_of(parameter)
    names = ", ".join(sorted(parameter.opts, key=len))
    if parameter.secondary_opts:
        names = f"{names} / {', '.join(parameter.secondary_opts)}"
    taken = "" if parameter.is_flag else _taken(parameter)
    return f"{names} {taken}".rstrip()


def _taken(parameter: Any) -> str:
    """What kind of value an option takes."""
    kind = parameter.type_descriptor
    if kind.is_choice:
        return "|".join(_choice(one) for one in kind.choices)
    if kind.is_path:
        return "PATH"
    plain = getattr(kind.annotation, "__name__", "")
    return {"int": "N", "float": "X"}.get(plain, "TEXT")


def _choice(value: object) -> str:
    return str(value.value if isinstance(value, Enum) else value)


def _meaning(parameter: Any) -> str:
    """Its help, with the bounds and the default behind it."""
    facts = list(_facts(parameter))
    told = help_text(parameter.help or "")
    if not facts:
        return told
    return told + localized(f"（{'、'.join(facts)}）", f" ({'; '.join(facts)})")


def _facts(parameter: Any) -> Iterator[str]:
    kind = parameter.type_descriptor
    if parameter.param_type_name == "argument" and kind.is_choice:
        yield localized("、", ", ").join(_choice(one) for one in kind.choices)
    least, most = parameter.min, parameter.max
    if kind.is_ranged and most is None:
        yield localized(f"{least:,} 以上", f"at least {least:,}")
    elif kind.is_ranged:
        yield localized(f"{least or 0:,}〜{most:,}", f"{least or 0:,} to {most:,}")
    if getattr(parameter, "multiple", False):
        yield localized("何度でも指定できます", "can be repeated")
    default = _default(parameter)
    if default:
        yield localized(f"既定値: {default}", f"default: {default}")


def _default(parameter: Any) -> str:
    if isinstance(parameter.show_default, str):
        return help_text(parameter.show_default)
    if not parameter.show_default or parameter.default in (None, False, []):
        return ""
    return _choice(parameter.default)


def _shown(row: Row, beside: int, width: int) -> Sequence[str]:
    """Names of so many cells beside what they mean, wider ones above it."""
    left = INDENT + beside + GAP
    meaning = wrapped(row.meaning, width - left)
    if cells(row.names) <= beside:
        names = typer.style(padded(row.names, beside), fg="cyan", bold=True)
        first = f"{' ' * INDENT}{names}{' ' * GAP}{meaning[0]}"
        return [first, *(" " * left + line for line in meaning[1:])]
    lines = [line.replace("| ", "|") for line in wrapped(row.names.replace("|", "| "), width - INDENT)]
    styled = [" " * INDENT + typer.style(line, fg="cyan", bold=True) for line in lines]
    return [*styled, *(" " * left + line for line in meaning)]
