"""A command group that imports a command when it is called: the list of commands costs no import at all."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup


@dataclass(frozen=True)
class CommandPlace:
    """Where a command is: `module:function` or `module:app` in a room of commands, and its first line of help."""

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
        for one in (command, *getattr(command, "commands", {}).values()):
            _hide_contract(one)
            _show_help_whole(one)
        return command


def _hide_contract(command: Any) -> None:
    """Leave `Raises:`, which is written for those who call the function, out of the help."""
    command.help = (command.help or "").partition("Raises:")[0].rstrip()


def _show_help_whole(command: Any) -> None:
    """Cut none of the Japanese in its help."""
    shown = command.format_help

    def format_help(ctx: Any, formatter: Any) -> None:
        from llmlora.entry.tables import keep_help_whole  # rich is not loaded to run a command

        keep_help_whole()
        shown(ctx, formatter)

    command.format_help = format_help


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
            from llmlora.entry.tables import keep_help_whole

            keep_help_whole()
            self._only_listing = True
            try:
                super().format_help(ctx, formatter)
            finally:
                self._only_listing = False

    return LazyGroup
