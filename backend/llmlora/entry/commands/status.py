"""`status`: what of the platform runs, asked now."""

import asyncio
from dataclasses import asdict
from typing import Any

import typer

from llmlora.entry.console import AsJson, DataDir, load_settings, out, print_json, run_async
from llmlora.entry.tables import WholeTable
from llmlora.kit.settings import Settings


def status(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Show what is running and whether it works. 状態を表示します。

    Exit code 0 when everything works, 5 otherwise.
    """
    found = run_async(look_at_platform(load_settings(data_dir)))
    if as_json:
        print_json(found)
    else:
        _show(found)
    if not found["healthy"]:
        raise typer.Exit(5)


async def look_at_platform(settings: Settings) -> dict[str, Any]:
    """Nothing is started; every program is asked."""
    from llmlora.engine.embedded.services import status_of_services
    from llmlora.engine.platform.record import running_platform

    record = running_platform(settings.data_dir)
    services = [asdict(one) for one in await status_of_services(settings)]
    found: dict[str, Any] = {
        "running": record is not None,
        "healthy": False,
        "data_dir": str(settings.data_dir),
        "url": record.url if record else None,
        "pages_url": record.pages_url if record else None,
        "pid": record.pid if record else None,
        "started_at": record.started_at if record else None,
        "programs": [],
        "services": services,
    }
    if record is not None:
        where = {"api_host": record.host, "api_port": record.port, "pages_port": record.pages_port}
        listening = settings.model_copy(update=where)
        works = await _ask(listening)
        found["programs"] = [
            {
                "name": one.name,
                "pid": one.pid if one.alive else None,
                "since": one.since if one.alive else None,
                "restarts": one.restarts,
                "healthy": one.alive and works.get(one.name, True),
            }
            for one in record.programs
        ]
        healthy = [one["healthy"] for one in found["programs"]] + [one["running"] for one in services]
        found["healthy"] = bool(found["programs"]) and all(healthy)
    return found


async def _ask(settings: Settings) -> dict[str, bool]:
    """Whether the programs that can be asked work, by name."""
    from llmlora.engine.platform.health import probe_client
    from llmlora.entry.platform import probes

    asked = probes(settings)
    async with probe_client() as client:
        answers = await asyncio.gather(*(probe(client) for probe in asked.values()))
    return dict(zip(asked, answers, strict=True))


def _show(found: dict[str, Any]) -> None:
    if not found["running"]:
        out().print(
            "動いていません。./llmlora up で起動してください。/ Not running. Start it with ./llmlora up.",
            soft_wrap=True,
        )
    else:
        out().print(
            f"API: {found['url']}  (up: {found['pid']}, {found['started_at']})",
            highlight=False,
            soft_wrap=True,
        )
    if found["pages_url"]:
        out().print(f"画面 / pages: {found['pages_url']}", highlight=False, soft_wrap=True)
    table = WholeTable("name", "✓", "pid", "since", "restarts")
    for one in found["programs"]:
        mark = "✓" if one["healthy"] else "✗"
        table.add_row(one["name"], mark, str(one["pid"] or "–"), one["since"] or "–", str(one["restarts"]))
    for one in found["services"]:
        table.add_row(one["name"], "✓" if one["running"] else "✗", str(one["pid"] or "–"), one["kind"], "")
    out().print(table)
    out().print(f"データ / data: {found['data_dir']}", highlight=False, soft_wrap=True)
