"""The command line: `./llmlora COMMAND`. Exit codes are those of `kit.errors.AppError`; 130 means interrupted."""

import io
import signal
import sys

import typer

from llmlora.entry.language import localized, refuse_unknown_language, words
from llmlora.entry.lazy import CommandPlace, lazy_group
from llmlora.entry.usage import abandoned, report_usage
from llmlora.kit.errors import AppError

# What developers run: looked up by its name alone, for that room stands above this one.
DEVTOOLS = "devtools.commands"
# One line a command.
COMMANDS = {
    "demo": CommandPlace(
        "demo:demo",
        words(
            ja="SmolLM2 に 5 つの答えを学習させ、そのとおりに答えることを確かめます。",
            en="Train SmolLM2 on five answers and show that it gives them.",
        ),
    ),
    "up": CommandPlace(
        "up:up", words(ja="すべてを起動し、動かし続けます。", en="Start everything and keep it running.")
    ),
    "down": CommandPlace(
        "down:down", words(ja="up で起動したものを停止します。", en="Stop what up has started.")
    ),
    "status": CommandPlace(
        "status:status",
        words(ja="動いているものと、その状態を表示します。", en="Show what is running and whether it works."),
    ),
    "logs": CommandPlace(
        "logs:logs",
        words(
            ja="up が動かすプログラムのログを表示します。", en="Show the logs of the programs that up runs."
        ),
    ),
    "datasets": CommandPlace(
        "datasets:app",
        words(
            ja="学習に使うデータを検査、追加、一覧、削除します。",
            en="Check, add, list and delete data sets, the examples to train on.",
        ),
    ),
    "models": CommandPlace(
        "models:app",
        words(
            ja="ベースモデルを探し、登録し、一覧します。",
            en="Search for, register and list base models.",
        ),
    ),
    "train": CommandPlace(
        "train:train",
        words(
            ja="LoRA アダプターを学習します。ほかのレシピを使うには、--config のファイルに書きます。",
            en="Train a LoRA adapter, or use another recipe that a --config file names.",
        ),
    ),
    "jobs": CommandPlace(
        "jobs:app",
        words(
            ja="起動中の up のジョブを一覧し、操作します。", en="List and control the jobs of a running up."
        ),
    ),
    "events": CommandPlace(
        "jobs:events",
        words(
            ja="ジョブのイベントを、1 行に 1 つの JSON で表示します。",
            en="Print the events of a job, one JSON document per line.",
        ),
    ),
    "export": CommandPlace(
        "export:export",
        words(
            ja="アダプターを GGUF に変換し、できたファイルを検査します。",
            en="Convert an adapter to GGUF and check the file.",
        ),
    ),
    "chat": CommandPlace("chat:chat", words(ja="モデルと会話します。", en="Chat with a model.")),
    "webhooks": CommandPlace(
        "webhooks:app",
        words(
            ja="ジョブの終わりを知らせる宛先（Webhook）を管理します。",
            en="Manage webhooks, the addresses notified when a job ends.",
        ),
    ),
    "recipes": CommandPlace(
        "recipes:app",
        words(ja="レシピとその設定を表示します。", en="Show the recipes and their settings."),
    ),
    "services": CommandPlace(
        "services:app",
        words(
            ja="組み込みの PostgreSQL と Valkey を起動、停止します。",
            en="Start and stop the embedded PostgreSQL and Valkey.",
        ),
    ),
    "service": CommandPlace(
        "service:app",
        words(
            ja="up を、マシンのサービスとして常に動かします。",
            en="Keep up running as a service of this machine.",
        ),
    ),
    "backup": CommandPlace(
        "backup:backup",
        words(
            ja="データベース、データ、学習したモデルを 1 つのファイルに保存します。",
            en="Save the database, data sets and trained models in one file.",
        ),
    ),
    "restore": CommandPlace(
        "backup:restore",
        words(
            ja="バックアップを、空のディレクトリに復元します。",
            en="Restore a backup into an empty data directory.",
        ),
    ),
    "docs": CommandPlace(
        "docs:docs",
        words(
            ja="日本語と英語のマニュアルを、フォルダー site に作ります。",
            en="Build the manual, Japanese and English, into site/.",
        ),
    ),
    "doctor": CommandPlace(
        "doctor:doctor",
        words(ja="このマシンを点検し、直すところを示します。", en="Check this machine and show what to fix."),
    ),
    "check": CommandPlace(
        "check:check",
        words(
            ja="コードの書き方、型、import、マイグレーション、文書を検査します。",
            en="Check style, types, imports, migrations and documents.",
        ),
        room=DEVTOOLS,
    ),
    "test": CommandPlace(
        "test:run_tests",
        words(
            ja="本物のサービスとモデルを使ってテストを実行します。",
            en="Run the tests on real services and a real model.",
        ),
        room=DEVTOOLS,
    ),
    "bench": CommandPlace(
        "bench:app",
        words(ja="速さなどを計測し、目標値と比べます。", en="Measure and compare with a budget."),
        room=DEVTOOLS,
    ),
    "screenshots": CommandPlace(
        "screenshots:screenshots",
        words(ja="すべてのページのスクリーンショットを撮ります。", en="Take screenshots of every page."),
        room=DEVTOOLS,
    ),
}

app = typer.Typer(
    cls=lazy_group(COMMANDS),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help=words(
        ja="例文のファイルから、答えるモデルまで。表示する言語は LLMLORA_LANG（ja か en）で選べます。",
        en="From a file of examples to a tuned model that answers. LLMLORA_LANG (ja or en) sets the language of what is shown.",
    ),
)


@app.callback()
def root() -> None:
    """The group of all commands."""


def main() -> None:
    """Run the command line and turn errors into messages and exit codes."""
    for stream in (sys.stdout, sys.stderr):  # where Japanese cannot be shown, all else is
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # as `nohup` sets it
        # A closed terminal ends a command as SIGTERM does: with a checkpoint, and nothing left running.
        signal.signal(signal.SIGHUP, lambda *_: signal.raise_signal(signal.SIGTERM))
    sys.exit(_status())


def _status() -> int:
    """The exit code of the command that was called; what goes wrong is said."""
    try:
        refuse_unknown_language()
        status = app(prog_name="./llmlora", standalone_mode=False)
    except AppError as error:
        from llmlora.entry.console import report_error

        return report_error(error, as_json="--json" in sys.argv)
    except typer.TyperException as error:
        return report_usage(error)
    except typer.Abort:
        return abandoned()
    except KeyboardInterrupt:
        sys.stderr.write(localized("中断しました。\n", "Interrupted.\n"))
        return 130
    return status or 0


if __name__ == "__main__":
    main()
