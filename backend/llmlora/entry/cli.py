"""The command line: `./llmlora COMMAND`. Exit codes are those of `kit.errors.AppError`; 130 means interrupted."""

import io
import signal
import sys

import typer

from llmlora.entry.lazy import CommandPlace, lazy_group
from llmlora.kit.errors import AppError

# What developers run: looked up by its name alone, for that room stands above this one.
DEVTOOLS = "devtools.commands"
# One line a command; a test compares each summary with the command's own.
COMMANDS = {
    "demo": CommandPlace(
        "demo:demo",
        "Train SmolLM2 on five answers, Japanese or English, and show that it gives them. 5 つの答えを学習させて確かめます。",
    ),
    "up": CommandPlace("up:up", "Start everything and keep it running. すべてを起動します。"),
    "down": CommandPlace("down:down", "Stop what `up` started. 停止します。"),
    "status": CommandPlace("status:status", "Show what is running and whether it works. 状態を表示します。"),
    "logs": CommandPlace("logs:logs", "Show the logs of the programs of `up`. ログを表示します。"),
    "datasets": CommandPlace("datasets:app", "Data sets: files of examples. 例文のデータ。"),
    "models": CommandPlace("models:app", "Base models. ベースモデルの登録と一覧。"),
    "train": CommandPlace(
        "train:train",
        "Train a LoRA adapter, or by another recipe that --config names. LoRA アダプターなどを学習させます。",
    ),
    "jobs": CommandPlace("jobs:app", "Jobs of a running `up`. ジョブの一覧と操作。"),
    "events": CommandPlace(
        "jobs:events",
        "Print the events of a job, one JSON document per line. イベントを 1 行ずつ表示します。",
    ),
    "export": CommandPlace(
        "export:export", "Convert an adapter to GGUF and check the file. アダプターを GGUF に変換します。"
    ),
    "chat": CommandPlace("chat:chat", "Chat with a model. モデルと会話します。"),
    "webhooks": CommandPlace(
        "webhooks:app", "Addresses notified when a job ends. ジョブの終わりを知らせる宛先（Webhook）。"
    ),
    "recipes": CommandPlace("recipes:app", "Recipes and their settings. レシピの一覧と設定。"),
    "service": CommandPlace("service:app", "Keep `up` running as a service. 常に動かします。"),
    "services": CommandPlace("services:app", "The embedded PostgreSQL and Valkey. 組み込みのサービス。"),
    "backup": CommandPlace(
        "backup:backup",
        "Save the database, data sets and artifacts in one file, also while jobs run. バックアップします。",
    ),
    "restore": CommandPlace(
        "backup:restore",
        "Bring a backup into an empty data directory; every hash is checked. 空のディレクトリに復元します。",
    ),
    "docs": CommandPlace(
        "docs:docs", "Build the manual, Japanese and English, into site/. マニュアルを site/ に作ります。"
    ),
    "doctor": CommandPlace(
        "doctor:doctor", "Check this machine and show what to fix. この環境を点検します。"
    ),
    "check": CommandPlace(
        "check:check",
        "Check style, types, imports, migrations and documents. コードを検査します。",
        room=DEVTOOLS,
    ),
    "test": CommandPlace(
        "test:run_tests",
        "Run the tests on real services and a real model. テストを実行します。",
        room=DEVTOOLS,
    ),
    "bench": CommandPlace(
        "bench:app", "Measure and compare with a budget. 計測し、目標値と比べます。", room=DEVTOOLS
    ),
    "screenshots": CommandPlace(
        "screenshots:screenshots",
        "Take screenshots of every page. すべてのページを撮影します。",
        room=DEVTOOLS,
    ),
}

app = typer.Typer(
    cls=lazy_group(COMMANDS),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def root() -> None:
    """From a file of examples to a tuned model that answers. 例文のファイルから、答えるモデルまで。"""


def main() -> None:
    """Run the command line and turn errors into messages and exit codes."""
    for stream in (sys.stdout, sys.stderr):  # where Japanese cannot be shown, all else is
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # as `nohup` sets it
        # A closed terminal ends a command as SIGTERM does: with a checkpoint, and nothing left running.
        signal.signal(signal.SIGHUP, lambda *_: signal.raise_signal(signal.SIGTERM))
    try:
        app(prog_name="./llmlora")
    except AppError as error:
        from llmlora.entry.console import report_error

        sys.exit(report_error(error, as_json="--json" in sys.argv))
    except KeyboardInterrupt:
        sys.stderr.write("中断しました。/ Interrupted.\n")
        sys.exit(130)


if __name__ == "__main__":
    main()
