"""`backup` and `restore`: everything of a data directory in one file, and back."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

from llmlora.contracts.text import Text
from llmlora.entry.console import AsJson, DataDir, err, load_settings, print_json, run_async, show, warn
from llmlora.entry.language import localized, localized_text, words
from llmlora.entry.lazy import more_help

if TYPE_CHECKING:
    from llmlora.features.backup.schemas import BackupMade, OnBytes, Restored

STAGES = {
    "hash": Text(ja="ハッシュ", en="hashes"),
    "write": Text(ja="書き込み", en="writing"),
    "files": Text(ja="ファイル", en="files"),
    "rows": Text(ja="データベース", en="database"),
}
# What of the rows is counted aloud.
COUNTED = {
    "dataset": Text(ja="データ", en="data sets"),
    "base_model": Text(ja="ベースモデル", en="base models"),
    "job": Text(ja="ジョブ", en="jobs"),
    "event": Text(ja="イベント", en="events"),
    "deployment": Text(ja="デプロイ", en="deployments"),
    "chat_session": Text(ja="会話", en="conversations"),
}


@more_help(
    ja="ジョブの実行中でも保存できます。中断したときは、もう一度実行すると続きから進みます。トークンとサインインの情報、Ollama の中のモデルは保存しません。",
    en="It can run while jobs run. Run again after an interruption, it goes on where it stopped. Tokens, sign-ins and the models inside Ollama are not saved.",
)
def backup(
    file: Annotated[
        Path,
        typer.Argument(
            help=words(
                ja="書き込むファイルです。すでにあるファイルには書き込みません。",
                en="The file to write; it must not exist.",
            )
        ),
    ],
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Save everything of a data directory.

    Raises:
        AppError: as `features.backup.making.make_backup`.
    """
    from llmlora.features.backup.making import make_backup

    settings = load_settings(data_dir)
    with _progress() as on_bytes:
        made = run_async(make_backup(settings, file.expanduser().absolute(), on_bytes))
    if as_json:
        print_json(made.model_dump(mode="json"))
    else:
        _show_made(made)


@more_help(
    ja="すべてのファイルのハッシュを確かめます。中断したときは、もう一度実行すると続きから進みます。実行中だったジョブは、次の up でチェックポイントから再開します。",
    en="Every hash is checked. Run again after an interruption, it goes on where it stopped. Jobs that were running resume from their checkpoints at the next up.",
)
def restore(
    file: Annotated[
        Path,
        typer.Argument(help=words(ja="backup で書き込んだファイルです。", en="The file that backup wrote.")),
    ],
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Bring a backup into an empty data directory.

    Raises:
        AppError: as `features.backup.restoring.restore_backup`.
    """
    from llmlora.features.backup.restoring import restore_backup

    settings = load_settings(data_dir)
    with _progress() as on_bytes:
        restored = run_async(restore_backup(settings, file.expanduser().absolute(), on_bytes))
    if as_json:
        print_json(restored.model_dump(mode="json"))
    else:
        _show_restored(restored)


@contextmanager
def _progress() -> "Iterator[OnBytes]":
    bar = Progress(TextColumn("{task.description}"), BarColumn(), DownloadColumn(), console=err())
    tasks: dict[str, Any] = {}

    def on_bytes(stage: str, done: int, total: int) -> None:
        if stage not in tasks:
            tasks[stage] = bar.add_task(localized_text(STAGES[stage]))
        bar.update(tasks[stage], completed=done, total=total)

    with bar:
        yield on_bytes


def _show_made(made: "BackupMade") -> None:
    from llmlora.features.backup.room import readable

    moment = made.made_at.astimezone().isoformat(sep=" ", timespec="seconds")
    show(f"{made.file}  ({readable(made.size_bytes)})")
    show(localized(f"{moment} 時点の状態です。", f"This is the state of {moment}."))
    _say_rows(made.rows, made.files)
    if made.reused_bytes:
        told = readable(made.reused_bytes)
        ja = f"中断したところから続けました（{told} は書き込み済みでした）。"
        show(localized(ja, f"It continued where it had stopped ({told} had been written)."))
    _warn_of(made.absent, made.damaged)
    for path in made.outside:
        warn(
            f"元の場所のまま使うベースモデルは、バックアップに含まれません: {path}",
            f"A base model that is used where it lies is not in the backup: {path}",
        )
    for job_id in made.left_out_runs:
        warn(
            f"実行中の train --local は、バックアップに含まれません: {job_id}",
            f"A train --local that is running is not in the backup: {job_id}",
        )


def _show_restored(restored: "Restored") -> None:
    from llmlora.features.backup.room import readable

    show(localized(f"復元しました: {restored.data_dir}", f"Restored: {restored.data_dir}"))
    _say_rows(restored.rows, restored.files)
    if restored.reused_bytes:
        told = readable(restored.reused_bytes)
        ja = f"中断したところから続けました（{told} は復元済みでした）。"
        show(localized(ja, f"It continued where it had stopped ({told} had been restored)."))
    if restored.migrated_from is not None:
        ja = f"古い版（{restored.migrated_from}）の表を、この版の形に直しました。"
        show(localized(ja, f"The tables of an older version ({restored.migrated_from}) were migrated."))
    for job_id in restored.requeued:
        show(localized(f"次の up で再開します: {job_id}", f"It resumes at the next up: {job_id}"))
    _warn_of(restored.absent, restored.damaged)
    for path in restored.missing_outside:
        warn(
            f"ベースモデルがありません。同じ場所に置いてください: {path}",
            f"A base model is missing. Put it in the same place: {path}",
        )
    show(
        localized(
            "トークンは含まれません。.env と「モデル」のページで設定し直してください。",
            "Tokens are not in a backup. Set them again in .env and on the Models page.",
        )
    )


def _say_rows(rows: dict[str, int], files: int) -> None:
    told = [f"{localized_text(name)} {rows[table]:,}" for table, name in COUNTED.items() if table in rows]
    told.append(localized(f"ファイル {files:,}", f"files {files:,}"))
    show(localized("、", ", ").join(told))


def _warn_of(absent: tuple[str, ...], damaged: tuple[str, ...]) -> None:
    for path in absent:
        warn(
            f"データベースに記録されていますが、ディスクにありません: {path}",
            f"It is in the database, but no longer on disk: {path}",
        )
    for path in damaged:
        warn(
            f"ファイルのハッシュが記録と違います。そのまま保存しました: {path}",
            f"The file has another hash than was recorded. It was saved as it is: {path}",
        )
