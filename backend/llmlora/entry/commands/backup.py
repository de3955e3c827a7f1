"""`backup` and `restore`: everything of a data directory in one file, and back."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

from llmlora.entry.console import AsJson, DataDir, err, load_settings, out, print_json, run_async

if TYPE_CHECKING:
    from llmlora.features.backup.schemas import BackupMade, OnBytes, Restored

STAGES = {
    "hash": "ハッシュ hash",
    "write": "書き込み write",
    "files": "ファイル files",
    "rows": "データベース database",
}


def backup(
    file: Annotated[Path, typer.Argument(help="The file to write; it must not exist. 書き込むファイル。")],
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Save the database, data sets and artifacts in one file, also while jobs run. バックアップします。

    Run again after an interruption, it goes on. Tokens and sign-ins are not saved, nor what Ollama holds.
    中断しても、もう一度実行すると続きから進みます。トークンとサインインの情報、Ollama の中のモデルは含みません。

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


def restore(
    file: Annotated[Path, typer.Argument(help="What `backup` has written. バックアップのファイル。")],
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Bring a backup into an empty data directory; every hash is checked. 空のディレクトリに復元します。

    Run again after an interruption, it goes on. Jobs that ran go on from their checkpoints at the next `up`.
    中断しても、もう一度実行すると続きから進みます。実行中だったジョブは、次の `up` でチェックポイントから再開します。

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
            tasks[stage] = bar.add_task(STAGES[stage])
        bar.update(tasks[stage], completed=done, total=total)

    with bar:
        yield on_bytes


def _show_made(made: "BackupMade") -> None:
    from llmlora.features.backup.room import readable

    moment = made.made_at.astimezone().isoformat(sep=" ", timespec="seconds")
    _say(f"{made.file}  ({readable(made.size_bytes)})")
    _say(f"{moment} 時点の状態です。/ The state of {moment}.")
    _say_rows(made.rows, made.files)
    if made.reused_bytes:
        told = readable(made.reused_bytes)
        _say(
            f"途中から続けました（{told} は書き込み済み）。/ Went on where it had stopped ({told} were there)."
        )
    _warn_of(made.absent, made.damaged)
    for path in made.outside:
        _warn(
            f"含まれません（元の場所のまま使うベースモデル）: {path}",
            f"Not in it, a base model that is used where it lies: {path}",
        )
    for job_id in made.left_out_runs:
        _warn(
            f"含まれません（実行中の train --local）: {job_id}",
            f"Not in it, a train --local that is going on: {job_id}",
        )


def _show_restored(restored: "Restored") -> None:
    from llmlora.features.backup.room import readable

    _say(f"復元しました。/ Restored: {restored.data_dir}")
    _say_rows(restored.rows, restored.files)
    if restored.reused_bytes:
        told = readable(restored.reused_bytes)
        _say(f"途中から続けました（{told} は復元済み）。/ Went on where it had stopped ({told} were there).")
    if restored.migrated_from is not None:
        _say(
            f"古い版（{restored.migrated_from}）の表をこの版に直しました。/ "
            f"The tables of an older version ({restored.migrated_from}) were brought to this one."
        )
    for job_id in restored.requeued:
        _say(f"次の up で再開します / goes on at the next up: {job_id}")
    _warn_of(restored.absent, restored.damaged)
    for path in restored.missing_outside:
        _warn(
            f"ベースモデルがここにありません: {path}（同じ場所に置いてください）",
            f"A base model is not here: {path} (put it there)",
        )
    _say(
        "トークンは含まれません。.env と「モデル」のページで設定し直してください。/ "
        "Tokens are not in a backup: set them again in .env and on the page of models."
    )


def _say_rows(rows: dict[str, int], files: int) -> None:
    shown = ("dataset", "base_model", "job", "event", "deployment", "chat_session")
    told = ", ".join(f"{name} {rows[name]:,}" for name in shown if name in rows)
    _say(f"{told}, files {files:,}")


def _warn_of(absent: tuple[str, ...], damaged: tuple[str, ...]) -> None:
    for path in absent:
        _warn(
            f"データベースにありますが、ディスクにありませんでした: {path}",
            f"In the database, and no longer on disk: {path}",
        )
    for path in damaged:
        _warn(
            f"元のファイルのハッシュが記録と違います（そのまま保存しました）: {path}",
            f"The file had another hash than was recorded, and was saved as it is: {path}",
        )


def _warn(ja: str, en: str) -> None:
    err().print(f"[yellow]![/] {ja} / {en}", highlight=False, soft_wrap=True)


def _say(line: str) -> None:
    out().print(line, markup=False, highlight=False, soft_wrap=True)
