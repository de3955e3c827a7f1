"""`services start|stop|status`: the embedded PostgreSQL and Valkey of a data directory."""

from dataclasses import asdict

import typer

from llmlora.entry.console import AsJson, DataDir, load_settings, print_json, run_async, show
from llmlora.entry.language import localized, words
from llmlora.entry.tables import Listing

app = typer.Typer(no_args_is_help=True)


@app.command(help=words(ja="両方を起動し、動かし続けます。", en="Start both and keep them running."))
def start(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Start what does not run."""
    from llmlora.engine.embedded.services import start_services

    settings = load_settings(data_dir)
    run_async(start_services(settings))
    status(settings.data_dir, as_json)


@app.command(
    help=words(
        ja="両方を停止します。使っているコマンドがあるときは停止しません。",
        en="Stop both, unless a command is using them.",
    )
)
def stop(data_dir: DataDir = None) -> None:
    """Stop what nobody uses."""
    from llmlora.engine.embedded.services import stop_services

    stop_services(load_settings(data_dir))


@app.command(
    help=words(
        ja="両方の状態を表示します。何も起動しません。", en="Show the state of both, and start nothing."
    )
)
def status(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """What of them runs."""
    from llmlora.engine.embedded.services import status_of_services

    services = run_async(status_of_services(load_settings(data_dir)))
    if as_json:
        print_json({"services": [asdict(one) for one in services]})
        return
    table = Listing(
        localized("サービス", "service"),
        localized("種類", "kind"),
        localized("稼働", "running"),
        "pid",
    )
    for one in services:
        table.add(one.name, kind_words(one.kind), "✓" if one.running else "–", str(one.pid or ""))
    show(table)


def kind_words(kind: str) -> str:
    """Whose service it is."""
    return {"embedded": localized("組み込み", "embedded"), "external": localized("外部", "external")}.get(
        kind, kind
    )
