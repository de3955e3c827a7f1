"""`datasets add|list|show|rm`."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

from llmlora.contracts.text import Text
from llmlora.data.kinds.registry import KnownKind, reason_name
from llmlora.entry.commands.validate import validate
from llmlora.entry.console import (
    AsJson,
    DataDir,
    confirm,
    err,
    load_settings,
    out,
    print_json,
    refuse_ignored,
    run_async,
    show,
)
from llmlora.entry.language import localized, localized_text, words
from llmlora.entry.tables import Column, Facts, Listing
from llmlora.kit.errors import InvalidInputError
from llmlora.kit.settings import Settings

if TYPE_CHECKING:
    from llmlora.data.importer_protocol import Counts, Result
    from llmlora.features.datasets.schemas import DatasetAdded, DatasetOut, DatasetPage

app = typer.Typer(no_args_is_help=True)
app.command(
    help=words(
        ja="学習する前に、例文のファイルを検査します。形式、重複、長さ、文字コード、空の応答、評価用の質問との重なり、ラベルを調べます。\n\n"
        "NAME.* の隣にある NAME_heldout.* は、学習に使わない質問のファイルとみなします。直すべきファイルがあるときの終了コードは 2 です。",
        en="Check files of examples before training on them: their format, repeats, lengths, encoding, empty answers, overlap with held-out questions, and labels.\n\n"
        "NAME_heldout.* beside NAME.* holds questions that are never trained on. The exit code is 2 when a file has to change.",
    )
)(validate)
Id = Annotated[
    str,
    typer.Argument(
        help=words(
            ja="データの番号です。先頭だけでもかまいません。", en="The id of the data set, or its beginning."
        )
    ),
]
STAGES = {"copy": Text(ja="コピー", en="copying"), "read": Text(ja="読み込み", en="reading")}


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


@app.command(help=words(ja="ファイルをデータとして取り込みます。", en="Import a file as a data set."))
def add(
    file: Annotated[
        Path,
        typer.Argument(
            help=words(
                ja="JSON、JSONL、CSV、TSV、Parquet のファイル、またはそれらの ZIP です。",
                en="A JSON, JSONL, CSV, TSV or Parquet file, or a ZIP file of them.",
            )
        ),
    ],
    name: Annotated[
        str | None,
        typer.Option(
            "--name",
            help=words(
                ja="データの名前です。省略するとファイルの名前になります。",
                en="The name of the data set; by default that of the file.",
            ),
        ),
    ] = None,
    kind: Annotated[
        KnownKind | None,
        typer.Option(
            "--kind",
            help=words(
                ja="行の種類です。省略すると列から判断します。",
                en="The kind of the rows; by default the columns decide.",
            ),
        ),
    ] = None,
    mapping: Annotated[
        list[str] | None,
        typer.Option(
            "--map",
            help=words(
                ja="項目を読み取る列です（例: output=回答）。",
                en="Which column a field is read from, such as output=answer.",
            ),
        ),
    ] = None,
    encoding: Annotated[
        str | None,
        typer.Option(
            "--encoding",
            help=words(
                ja="文字コードです（utf-8、cp932、cp1252 など）。省略すると自動で判定します。",
                en="The encoding, such as utf-8, cp932 or cp1252; by default it is detected.",
            ),
        ),
    ] = None,
    preview: Annotated[
        bool,
        typer.Option(
            "--preview",
            help=words(
                ja="保存せずに、どう読み取られるかを表示します。",
                en="Show how the file is read, and save nothing.",
            ),
        ),
    ] = False,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Import a file, or show how it is read.

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
        show(localized("同じデータが登録済みです。", "The same data set exists already."))
    _show_dataset(added.dataset)


@app.command("list", help=words(ja="データを一覧します。", en="List the data sets."))
def list_all(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Every data set, a row each."""
    datasets = run_async(_list(load_settings(data_dir)))
    if as_json:
        print_json({"data": [one.model_dump(mode="json") for one in datasets], "next": None})
        return
    table = Listing(
        Column(localized("番号", "id"), is_whole=True),
        localized("名前", "name"),
        localized("種類", "kind"),
        localized("行数", "rows"),
        localized("ファイル", "file"),
    )
    for one in datasets:
        table.add(one.id, one.name, one.kind, f"{one.counts.kept:,}", one.original_name)
    show(table)


@app.command(
    "show",
    help=words(
        ja="データの内訳と、いくつかの行を表示します。", en="Show a data set, its breakdown and some rows."
    ),
)
def show_dataset(
    id_: Id,
    rows: Annotated[
        int,
        typer.Option(
            "--rows", min=0, max=1000, help=words(ja="表示する行数です。", en="How many rows to show.")
        ),
    ] = 5,
    offset: Annotated[
        int,
        typer.Option(
            "--offset",
            min=0,
            help=words(
                ja="表示を始める行です。最初の行は 0 です。", en="The first row to show; rows begin at 0."
            ),
        ),
    ] = 0,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """A data set and some of its rows."""
    dataset, page = run_async(_show(load_settings(data_dir), id_, offset, rows))
    if as_json:
        print_json({**dataset.model_dump(mode="json"), "rows": page.model_dump(mode="json")})
        return
    _show_dataset(dataset)
    for example in page.data:
        out().print(example.model_dump(exclude_defaults=True), markup=False)


@app.command("rm", help=words(ja="データとそのファイルを削除します。", en="Delete a data set and its files."))
def remove(
    id_: Id,
    yes: Annotated[
        bool,
        typer.Option("--yes", "-y", help=words(ja="確認せずに削除します。", en="Delete without asking.")),
    ] = False,
    data_dir: DataDir = None,
) -> None:
    """Delete a data set."""
    if not yes:
        confirm(f"{id_} を削除しますか？", f"Delete {id_}?")
    removed = run_async(_remove(load_settings(data_dir), id_))
    show(localized(f"削除しました: {removed.id} {removed.name}", f"Deleted: {removed.id} {removed.name}"))


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
                    tasks[progress.stage] = bar.add_task(localized_text(STAGES[progress.stage]))
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
    facts = Facts()
    facts.add(localized("番号", "id"), dataset.id)
    facts.add(localized("名前", "name"), dataset.name)
    facts.add(localized("種類", "kind"), dataset.kind)
    facts.add(localized("形式", "format"), f"{dataset.source_format} {dataset.encoding or ''}".rstrip())
    facts.add(localized("列", "columns"), _mapped(dataset.mapping), is_sentence=True)
    if dataset.ignored_columns:
        facts.add(localized("使わない列", "unused"), ", ".join(dataset.ignored_columns), is_sentence=True)
    facts.add(localized("行数", "rows"), _share(dataset.counts))
    facts.add("sha256", dataset.original_sha256)
    show(facts)
    _show_refused(dataset.counts)


def _mapped(mapping: Mapping[str, object]) -> str:
    return ", ".join(f"{name} ← {column}" for name, column in mapping.items())


def _share(counts: "Counts") -> str:
    return localized(
        f"{counts.kept:,}（読み込み {counts.read:,}）", f"{counts.kept:,} of {counts.read:,} that were read"
    )


def _show_refused(counts: "Counts") -> None:
    if not counts.refused:
        return
    reasons = localized("、", ", ").join(
        f"{localized(*reason_name(reason))} {count:,}" for reason, count in counts.refused_by_reason.items()
    )
    title = localized(
        f"除外した行: {counts.refused:,}（{reasons}）", f"Left out: {counts.refused:,} ({reasons})"
    )
    table = Listing(
        localized("行", "row"), localized("列", "column"), localized("理由", "reason"), title=title
    )
    for one in counts.first_refused:
        table.add(str(one.row), one.column or "", localized_text(one))
    show(table)


def _show_preview(result: "Result", *, as_json: bool) -> None:
    if as_json:
        print_json(result.model_dump(mode="json"))
        return
    found = result.found
    facts = Facts()
    facts.add(localized("形式", "format"), f"{found.format} {found.encoding or ''}".rstrip())
    facts.add(localized("種類", "kind"), str(found.kind))
    facts.add(localized("列", "columns"), _mapped(found.mapping), is_sentence=True)
    if found.ignored_columns:
        facts.add(localized("使わない列", "unused"), ", ".join(found.ignored_columns), is_sentence=True)
    show(facts)
    for example in result.examples:
        out().print(example.model_dump(exclude_defaults=True), markup=False)
    _show_refused(result.counts)
