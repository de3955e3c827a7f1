"""`datasets add|list|show|rm`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

from llmlora.data.kinds.registry import KnownKind, reason_name
from llmlora.entry.commands.validate import validate
from llmlora.entry.console import (
    AsJson,
    DataDir,
    err,
    load_settings,
    out,
    print_json,
    refuse_ignored,
    run_async,
)
from llmlora.entry.tables import Column, WholeTable
from llmlora.kit.errors import InvalidInputError
from llmlora.kit.settings import Settings

if TYPE_CHECKING:
    from llmlora.data.importer_protocol import Counts, Result
    from llmlora.features.datasets.schemas import DatasetAdded, DatasetOut, DatasetPage

app = typer.Typer(no_args_is_help=True, help="Data sets: files of examples. 例文のデータ。")
app.command()(validate)
Id = Annotated[
    str, typer.Argument(help="Id of the data set, or its beginning. データの番号、またはその先頭。")
]
STAGES = {"copy": "複写 copy", "read": "読み込み read"}


class MappingMalformedError(InvalidInputError):
    """A `--map` that is not `name=column`."""

    code = "mapping_malformed"
    ja = "--map {given} は「項目=列」の形で書いてください（例: --map output=回答）。"
    en = "Write --map {given} as name=column, for example --map output=answer."


class MappingTwiceError(InvalidInputError):
    """Two columns for one name: the first would be forgotten."""

    code = "mapping_twice"
    ja = "--map に {name} が 2 回あります（{first}、{second}）。どちらか一方だけにしてください。"
    en = "--map names {name} twice ({first}, {second}). Keep one of them."


@app.command()
def add(
    file: Annotated[
        Path,
        typer.Argument(help="A JSON, JSONL, CSV, TSV or Parquet file, or a ZIP file of them. ファイル。"),
    ],
    name: Annotated[
        str | None, typer.Option("--name", help="Name; default: that of the file. 名前。")
    ] = None,
    kind: Annotated[KnownKind | None, typer.Option("--kind", help="Kind of the rows. 種類。")] = None,
    mapping: Annotated[
        list[str] | None, typer.Option("--map", help="name=column; can be repeated. 列の対応付け。")
    ] = None,
    encoding: Annotated[
        str | None,
        typer.Option("--encoding", help="utf-8, cp932, cp1252 …; default: detected. 文字コード。"),
    ] = None,
    preview: Annotated[
        bool,
        typer.Option("--preview", help="Show how the file is read; save nothing. 保存せずに表示します。"),
    ] = False,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Import a file as a data set. ファイルを取り込みます。

    Raises:
        MappingMalformedError: a --map is not name=column.
        MappingTwiceError: two --map name the same.
        OptionIgnoredError: --name beside --preview.
    """
    from llmlora.features.datasets.service import preview_dataset

    columns = _columns(mapping or [])
    if preview:
        refuse_ignored("--preview", {"name": name})
        looked = run_async(preview_dataset(file, kind=kind, mapping=columns, encoding=encoding))
        _show_preview(looked, as_json=as_json)
        return
    added = run_async(
        _add(load_settings(data_dir), file, name=name, kind=kind, mapping=columns, encoding=encoding)
    )
    if as_json:
        print_json(added.model_dump(mode="json"))
        return
    if added.already_known:
        out().print(f"すでに登録済みです / already exists: {added.dataset.id}", highlight=False)
    _show_dataset(added.dataset)


@app.command("list")
def list_all(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """List the data sets. データを一覧します。"""
    datasets = run_async(_list(load_settings(data_dir)))
    if as_json:
        print_json({"data": [one.model_dump(mode="json") for one in datasets], "next": None})
        return
    table = WholeTable(Column("id", no_wrap=True, min_width=23), "name", "kind", "rows", "file")
    for one in datasets:
        table.add_row(one.id, one.name, one.kind, f"{one.counts.kept:,}", one.original_name)
    out().print(table)


@app.command()
def show(
    id_: Id,
    rows: Annotated[
        int, typer.Option("--rows", min=0, max=1000, help="Number of rows to show. 表示する行数。")
    ] = 5,
    offset: Annotated[
        int,
        typer.Option("--offset", min=0, help="First row to show, counted from 0. 表示を始める行（0 から）。"),
    ] = 0,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Show a data set, its report and some rows. データの内容を表示します。"""
    dataset, page = run_async(_show(load_settings(data_dir), id_, offset, rows))
    if as_json:
        print_json({**dataset.model_dump(mode="json"), "rows": page.model_dump(mode="json")})
        return
    _show_dataset(dataset)
    for example in page.data:
        out().print(example.model_dump(exclude_defaults=True), markup=False)


@app.command("rm")
def remove(
    id_: Id,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask. 確認しません。")] = False,
    data_dir: DataDir = None,
) -> None:
    """Delete a data set and its files. データとそのファイルを削除します。"""
    if not yes:
        typer.confirm(f"{id_} を削除しますか / delete?", abort=True, err=True)
    removed = run_async(_remove(load_settings(data_dir), id_))
    out().print(f"{removed.id} {removed.name}", highlight=False)


def _columns(pairs: list[str]) -> dict[str, str]:
    columns: dict[str, str] = {}
    for name, column in map(_pair, pairs):
        if columns.setdefault(name, column) != column:
            raise MappingTwiceError(name=name, first=columns[name], second=column)
    return columns


def _pair(text: str) -> tuple[str, str]:
    name, found, column = text.partition("=")
    if not found or not name or not column:
        raise MappingMalformedError(given=text)
    return name, column


async def _add(
    settings: Settings,
    file: Path,
    *,
    name: str | None,
    kind: str | None,
    mapping: dict[str, str],
    encoding: str | None,
) -> "DatasetAdded":
    from llmlora.engine.embedded.services import open_database
    from llmlora.features.datasets.service import add_dataset

    bar = Progress(TextColumn("{task.description}"), BarColumn(), DownloadColumn(), console=err())
    async with open_database(settings) as database:
        with bar:
            tasks: dict[str, Any] = {}

            def on_progress(progress: Any) -> None:
                if progress.stage not in tasks:
                    tasks[progress.stage] = bar.add_task(STAGES[progress.stage])
                bar.update(tasks[progress.stage], completed=progress.done_bytes, total=progress.total_bytes)

            return await add_dataset(
                database,
                settings.data_dir,
                file,
                name=name,
                kind=kind,
                mapping=mapping,
                encoding=encoding,
                on_progress=on_progress,
            )


async def _list(settings: Settings) -> "list[DatasetOut]":
    from llmlora.engine.embedded.services import open_database
    from llmlora.features.datasets.service import list_datasets

    async with open_database(settings) as database:
        return await list_datasets(database)


async def _show(settings: Settings, id_: str, offset: int, limit: int) -> "tuple[DatasetOut, DatasetPage]":
    from llmlora.engine.embedded.services import open_database
    from llmlora.features.datasets.service import as_out, get_dataset, page_dataset

    async with open_database(settings) as database:
        row = await get_dataset(database, id_)
        page = await page_dataset(database, settings.data_dir, row.id, offset=offset, limit=limit)
        return as_out(row), page


async def _remove(settings: Settings, id_: str) -> "DatasetOut":
    from llmlora.engine.embedded.services import open_database
    from llmlora.features.datasets.service import remove_dataset

    async with open_database(settings) as database:
        return await remove_dataset(database, settings.data_dir, id_)


def _show_dataset(dataset: "DatasetOut") -> None:
    table = WholeTable(show_header=False)
    table.add_row("id", dataset.id)
    table.add_row("種類 kind", dataset.kind)
    table.add_row("形式 format", f"{dataset.source_format} {dataset.encoding or ''}")
    table.add_row("列 columns", ", ".join(f"{k} ← {v}" for k, v in dataset.mapping.items()))
    if dataset.ignored_columns:
        table.add_row("無視 ignored", ", ".join(dataset.ignored_columns))
    table.add_row("行 rows", f"{dataset.counts.kept:,} / {dataset.counts.read:,}")
    table.add_row("sha256", dataset.original_sha256)
    out().print(table)
    _show_refused(dataset.counts)


def _show_refused(counts: "Counts") -> None:
    if not counts.refused:
        return
    reasons = ", ".join(
        f"{' '.join(reason_name(reason))} {count:,}" for reason, count in counts.refused_by_reason.items()
    )
    table = WholeTable(
        "行 row", "列 column", "理由", "reason", title=f"除外 left out {counts.refused:,} ({reasons})"
    )
    for one in counts.first_refused:
        table.add_row(str(one.row), one.column or "", one.ja, one.en)
    out().print(table)


def _show_preview(result: "Result", *, as_json: bool) -> None:
    if as_json:
        print_json(result.model_dump(mode="json"))
        return
    found = result.found
    out().print(f"{found.format} {found.encoding or ''} {found.kind}", highlight=False)
    out().print(", ".join(f"{k} ← {v}" for k, v in found.mapping.items()), highlight=False)
    if found.ignored_columns:
        out().print("無視 ignored: " + ", ".join(found.ignored_columns), markup=False, highlight=False)
    for example in result.examples:
        out().print(example.model_dump(exclude_defaults=True), markup=False)
    _show_refused(result.counts)
