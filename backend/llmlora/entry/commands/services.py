"""`services start|stop|status`: the embedded PostgreSQL and Valkey of a data directory."""

from dataclasses import asdict

import typer

from llmlora.entry.console import AsJson, DataDir, load_settings, out, print_json, run_async
from llmlora.entry.tables import WholeTable

app = typer.Typer(no_args_is_help=True, help="The embedded PostgreSQL and Valkey. 組み込みのサービス。")


@app.command()
def start(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Start both and keep them running. 両方を起動します。"""
    from llmlora.engine.embedded.services import start_services

    settings = load_settings(data_dir)
    run_async(start_services(settings))
    status(settings.data_dir, as_json)


@app.command()
def stop(data_dir: DataDir = None) -> None:
    """Stop both, unless a command is using them. 両方を停止します。"""
    from llmlora.engine.embedded.services import stop_services

    stop_services(load_settings(data_dir))


@app.command()
def status(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Show what is running; starts nothing. 状態を表示します。"""
    from llmlora.engine.embedded.services import status_of_services

    services = run_async(status_of_services(load_settings(data_dir)))
    if as_json:
        print_json({"services": [asdict(one) for one in services]})
        return
    table = WholeTable("service", "kind", "running", "pid")
    for one in services:
        table.add_row(one.name, one.kind, "✓" if one.running else "–", str(one.pid or ""))
    out().print(table)
