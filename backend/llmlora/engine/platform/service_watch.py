"""Starts PostgreSQL and Valkey again when they die while the platform runs."""

import asyncio
import time
from collections.abc import Callable

from llmlora.engine.embedded.services import ServiceStatus, ServiceUrls, running_services, status_of_services
from llmlora.engine.platform.programs import Tell
from llmlora.kit.errors import AppError
from llmlora.kit.settings import Settings

LOOK_S = 2.0
# One that lives and does not answer may be recovering or swapped out; a dead one is started at once.
SILENCE_S = 30.0
RETRY_S = 5.0


async def watch_services(
    settings: Settings, urls: ServiceUrls, tell: Tell, moved: Callable[[str, str], None]
) -> None:
    """Look for ever. `moved` (Japanese, English) is called when a service answers at another address."""
    silent_since: dict[str, float] = {}
    while True:
        await asyncio.sleep(LOOK_S)
        missing = [
            one for one in await _embedded(settings) if _is_missing(one, silent_since, time.monotonic())
        ]
        if not missing:
            continue
        for one in missing:
            tell(one.name, "停止していました。再起動します", "had stopped; restarting it")
        try:
            now = await _revive(settings)
        except AppError as error:
            tell("services", error.detail("ja"), error.detail("en"))
            await asyncio.sleep(RETRY_S)
            continue
        silent_since.clear()
        tell("services", "準備できました", "ready")
        if now != urls:
            urls = now
            moved("サービスの場所が変わりました", "the services have moved")


async def _embedded(settings: Settings) -> list[ServiceStatus]:
    if settings.database_url is not None and settings.redis_url is not None:
        return []
    return [one for one in await status_of_services(settings) if one.kind == "embedded"]


def _is_missing(service: ServiceStatus, silent_since: dict[str, float], now: float) -> bool:
    if service.running:
        silent_since.pop(service.name, None)
        return False
    return service.pid is None or now - silent_since.setdefault(service.name, now) >= SILENCE_S


async def _revive(settings: Settings) -> ServiceUrls:
    """A user that comes and goes: whoever enters finds both servers answering, and others keep them."""
    async with running_services(settings) as urls:
        return urls
