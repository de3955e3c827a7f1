"""A command group that imports a command when it is called: the list of commands costs no import at all."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, TypeVar

import typer
from typer.core import TyperCommand, TyperGroup

from llmlora.entry.help import page_of
from llmlora.entry.language import words

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True)
class CommandPlace:
    """Where a command is: `module:function` or `module:app` in a room of commands, and the first sentence of its help.

    `summary` is what `words` gives: it stands in the list of commands, which imports none of them.
    """

    place: str
    summary: str
    room: str = "entry.commands"

    def load(self, name: str) -> Any:
        """Import it."""
        module, _, attribute = self.place.partition(":")
        found = getattr(import_module(f"llmlora.{self.room}.{module}"), attribute)
        if isinstance(found, typer.Typer):
            command: Any = typer.main.get_group(found)
        else:
            single = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
            single.command(name)(found)
            command = typer.main.get_command(single)
        command.name = name
        command.help = _whole_help(self.summary, found)
        for one in (command, *getattr(command, "commands", {}).values()):
            speak(one)
        return command


def more_help(*, ja: str, en: str) -> Callable[[F], F]:
    """Decorate a command that has a place of its own: what its help says behind the summary, in both languages.

    Its docstring is for those who call the function.
    """
    more = words(ja=ja, en=en)

    def decorate(command: F) -> F:
        command.__dict__["more_help"] = more
        return command

    return decorate


def speak(command: Any) -> None:
    """Let a command show its help as `HelpPage`, in one language and whole."""

    def format_help(ctx: Any, formatter: Any) -> None:
        formatter.write(page_of(command, ctx).text())

    command.format_help = format_help


def _whole_help(summary: str, command: Any) -> str:
    """The summary and what stands behind it, in both languages."""
    from llmlora.entry.language import help_text, speaking

    more = getattr(command, "more_help", None)
    if more is None:
        return summary
    both = {}
    for one in ("ja", "en"):
        with speaking(one):
            both[one] = f"{help_text(summary)}\n\n{help_text(more)}"
    return words(**both)


class LoadedOnDemand(Mapping[str, Any]):
    """Commands by name, each imported at its first look-up."""

    def __init__(self, places: Mapping[str, CommandPlace]) -> None:
        self._places = places
        self._loaded: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._loaded:
            self._loaded[name] = self._places[name].load(name)
        return self._loaded[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


def lazy_group(places: Mapping[str, CommandPlace]) -> type[TyperGroup]:
    """The class of a group with these commands, for `typer.Typer(cls=…)`."""

    class LazyGroup(TyperGroup):
        def __init__(self, **attributes: Any) -> None:
            super().__init__(**attributes)
            self.commands: Any = LoadedOnDemand(places)
            self._only_listing = False

        def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - the base class's signature
            return list(places)

        def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
            if self._only_listing:
                return TyperCommand(cmd_name, help=places[cmd_name].summary, callback=None)
            return self.commands.get(cmd_name)

        def format_help(self, ctx: Any, formatter: Any) -> None:
            self._only_listing = True
            try:
                formatter.write(page_of(self, ctx).text())
            finally:
                self._only_listing = False

    return LazyGroup
