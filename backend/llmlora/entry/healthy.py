"""`python -m llmlora.entry.healthy api|worker|inference`: the health checks of docker-compose.yml. 0: it works; else why not.

They run every half minute beside a training that wants all cores: each imports what it needs and no more.
"""

import asyncio
import platform
import sys
from collections.abc import Awaitable, Callable

from llmlora.entry.program import tell_error
from llmlora.kit.errors import AppError, UnavailableError
from llmlora.kit.settings import Settings, read_settings

# Workers say every 5 s that they live; a machine that is busy says it late.
SILENT_S = 60


class NotReadyError(UnavailableError):
    """The API answers that it cannot serve requests, or does not answer."""

    code = "api_not_ready"
    ja = "API が準備できていません（{url}: {status}）。API のログを確認してください。"
    en = "The API is not ready ({url}: {status}). Check its log."


class WorkerSilentError(UnavailableError):
    """No worker of this machine has told the database that it lives."""

    code = "worker_silent"
    ja = "{host} のワーカーから {seconds} 秒以上連絡がありません。ワーカーのログを確認してください。"
    en = "No worker on {host} has been heard of for {seconds} s. Check its log."


async def api(settings: Settings) -> None:
    """The API serves requests: the database answers with this version's tables."""
    from llmlora.engine.platform.health import probe_client, status_at
    from llmlora.engine.platform.record import local_url

    url = f"{local_url(settings.api_host, settings.api_port)}/readyz"
    async with probe_client() as client:
        status = await status_at(client, url)
    if status != 200:
        raise NotReadyError(url=url, status=status or "-")


async def worker(settings: Settings) -> None:
    """A worker of this machine (a container has a name of its own) keeps in touch with the database."""
    from sqlalchemy import text

    from llmlora.engine.embedded.connect import refusal_in_words
    from llmlora.kit.db import Database

    assert settings.database_url is not None, "containers name their database"
    database, host = Database(settings.database_url), platform.node()
    # In words of SQL: the tables' classes take as long to load as all the rest.
    asked = text(
        "SELECT count(*) FROM worker WHERE host = :host AND seen_at > now() - make_interval(secs => :seconds)"
    )
    try:
        async with database.engine.connect() as connection:
            found = await connection.scalar(asked, {"host": host, "seconds": SILENT_S})
    except Exception as error:
        raise refusal_in_words(settings, error) from error
    finally:
        await database.close()
    if not found:
        raise WorkerSilentError(host=host, seconds=SILENT_S)


async def inference(settings: Settings) -> None:
    """The inference program answers to the address and the token of everybody."""
    from llmlora.engine.serving.pool_client import InferenceClient

    await InferenceClient(settings).check()


CHECKS: dict[str, Callable[[Settings], Awaitable[None]]] = {
    "api": api,
    "worker": worker,
    "inference": inference,
}


async def ask(name: str) -> None:
    """One check, with the environment's settings.

    Raises:
        AppError: it does not work; says why.
    """
    await CHECKS[name](read_settings())


def main() -> int:
    """The exit status of the check that the argument names."""
    try:
        asyncio.run(ask(sys.argv[1]))
    except AppError as error:
        tell_error(error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
