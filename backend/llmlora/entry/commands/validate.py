"""`datasets validate`: files of examples judged before they are trained on."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from llmlora.entry.console import AsJson, out, print_json, run_async, show
from llmlora.entry.language import localized, localized_text, words

if TYPE_CHECKING:
    from llmlora.features.datasets.validation import FileVerdict

MARKS = {"warn": "[yellow]![/]", "fail": "[red]✗[/]"}


def validate(
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            help=words(
                ja="ファイルかディレクトリです。省略すると講座のデータを検査します。",
                en="Files or directories; by default the data of the courses.",
            ),
            show_default=False,
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Judge files of examples before they are trained on.

    Raises:
        NothingToValidateError: there is no file.
    """
    from llmlora.entry.verification import COURSE_DATA
    from llmlora.features.datasets.validation import files_in, validate_files

    verdicts = run_async(validate_files(files_in(files or [COURSE_DATA])))
    ok = all(one.ok for one in verdicts)
    if as_json:
        print_json({"ok": ok, "files": [one.model_dump(mode="json") for one in verdicts]})
    else:
        for one in verdicts:
            _show(one)
    if not ok:
        raise typer.Exit(2)


def _show(verdict: "FileVerdict") -> None:
    mark = "[green]✓[/]" if verdict.ok else "[red]✗[/]"
    told = f"{verdict.kind}, {verdict.format}, {verdict.encoding or '-'}, " if verdict.kind else ""
    lengths = f"{verdict.shortest}–{verdict.median}–{verdict.longest}"
    size = localized(f"{verdict.rows} 行、{lengths} 文字", f"{verdict.rows} rows, {lengths} characters")
    out().print(f"{mark} {escape(f'{verdict.file}: {told}{size}')}", highlight=False, soft_wrap=True)
    for one in verdict.remarks:
        out().print(f"    {MARKS[one.state]} {one.code}", highlight=False)
        show(f"      {localized_text(one)}\n      → {localized(one.cure_ja, one.cure_en)}")
