"""What is printed in columns and boxes, whole: rich cuts a word that is wider than its place, and Japanese has no spaces."""

from collections.abc import Callable
from typing import Any

from rich.table import Column, Table
from rich.text import Text

__all__ = ["Column", "WholeTable", "keep_help_whole"]


class WholeTable(Table):
    """A table that breaks what is too wide over lines, where `Table` would end it with “…”."""

    def add_column(self, *arguments: Any, **attributes: Any) -> None:
        """As `Table.add_column`, but folding unless told otherwise."""
        super().add_column(*arguments, **{"overflow": "fold", **attributes})


class _Whole:
    """A highlighter whose texts are broken over lines, not cut."""

    def __init__(self, highlighter: Callable[[str | Text], Text]) -> None:
        self._highlighter = highlighter

    def __call__(self, text: str | Text) -> Text:
        highlighted = self._highlighter(text)
        highlighted.overflow = "fold"
        return highlighted


def keep_help_whole() -> None:
    """Let typer's `--help` break long flags and Japanese over lines, too; calling it again changes nothing."""
    from typer import rich_utils

    for name in ("highlighter", "negative_highlighter"):  # every flag and text of a help page passes one
        if not isinstance(getattr(rich_utils, name), _Whole):
            setattr(rich_utils, name, _Whole(getattr(rich_utils, name)))
