"""`datasets validate`: files of examples judged before they are trained on."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from llmlora.entry.console import AsJson, out, print_json, run_async

if TYPE_CHECKING:
    from llmlora.features.datasets.validation import FileVerdict

MARKS = {"warn": "[yellow]![/]", "fail": "[red]✗[/]"}


def validate(
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="Files or directories; none: the courses' data. ファイル。", show_default=False),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Judge files of examples: format, repeats, lengths, encoding, empty answers, leaks, labels. 例文のファイルを検査します。

    NAME_heldout.* beside NAME.* holds questions that are never trained on. Exit code 2 when a file has to change.

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
    size = f"{verdict.rows} 行 rows, {verdict.shortest}–{verdict.median}–{verdict.longest} 文字 characters"
    out().print(f"{mark} {verdict.file}: {told}{size}", highlight=False, soft_wrap=True)
    for one in verdict.remarks:
        out().print(f"    {MARKS[one.state]} {one.code}", highlight=False)
        lines = f"      {one.ja} / {one.en}\n      → {one.cure_ja}\n      → {one.cure_en}"
        out().print(lines, markup=False, highlight=False, soft_wrap=True)
