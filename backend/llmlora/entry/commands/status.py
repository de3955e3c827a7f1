"""`status`: what of the platform runs, asked now."""

import asyncio
from dataclasses import asdict
from datetime import datetime
from typing import Any

import typer

from llmlora.entry.commands.services import kind_words
from llmlora.entry.console import AsJson, DataDir, load_settings, print_json, run_async, show
from llmlora.entry.language import localized
from llmlora.entry.lazy import more_help
from llmlora.entry.tables import Column, Listing
from llmlora.kit.settings import Settings


@more_help(
    ja="すべてが正常に動いていれば終了コードは 0、そうでなければ 5 です。",
    en="The exit code is 0 when everything works, and 5 otherwise.",
)
def status(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Ask everything that runs whether it works."""
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
    if found["running"]:
        since = moment_words(found["started_at"])
        show(f"API: {found['url']}")
        if found["pages_url"]:
            show(localized(f"画面: {found['pages_url']}", f"Pages: {found['pages_url']}"))
        show(
            localized(
                f"up: プロセス {found['pid']}、起動 {since}", f"up: process {found['pid']}, since {since}"
            )
        )
    else:
        show(
            localized(
                "動いていません。./llmlora up で起動してください。",
                "Not running. Start it with ./llmlora up.",
            )
        )
    table = Listing(
        Column(localized("名前", "name"), is_whole=True),
        localized("正常", "works"),
        "pid",
        localized("起動", "since"),
        localized("再起動", "restarts"),
    )
    for one in found["programs"]:
        since = moment_words(one["since"])
        table.add(one["name"], _mark(one["healthy"]), str(one["pid"] or "–"), since, str(one["restarts"]))
    for one in found["services"]:
        table.add(one["name"], _mark(one["running"]), str(one["pid"] or "–"), kind_words(one["kind"]), "")
    show(table)
    show(localized(f"データ: {found['data_dir']}", f"Data: {found['data_dir']}"))


def _mark(works: bool) -> str:
    return "✓" if works else "✗"


def moment_words(moment: str | None) -> str:
    """A moment in the time of this machine."""
    if moment is None:
        return "–"
    return datetime.fromisoformat(moment).astimezone().strftime("%Y-%m-%d %H:%M:%S")
