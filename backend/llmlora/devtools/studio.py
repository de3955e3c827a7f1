"""A whole platform for one command: free ports, a directory of its own, and nothing left when the command ends."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx

from llmlora.engine.pages.build import Pages
from llmlora.engine.platform.programs import Program
from llmlora.engine.platform.record import local_url
from llmlora.engine.platform.supervisor import Watch, keep_platform
from llmlora.entry.console import say as say
from llmlora.entry.platform import find_pages, programs
from llmlora.kit.errors import ConflictError, UnavailableError
from llmlora.kit.net import free_port
from llmlora.kit.settings import Settings, read_settings

READY_TIMEOUT_S = 180.0
ANSWER_TIMEOUT_S = 120.0

# Which programs run, given those of `up`.
Arrange = Callable[[tuple[Program, ...], Settings], Sequence[Program]]


class StudioSettingsError(ConflictError):
    """The environment names services or a token, which a platform of one command must not use."""

    code = "studio_needs_its_own_services"
    ja = "このコマンドは一時的な環境を起動します。{names} の設定を（.env からも）外して、もう一度実行してください。"
    en = "This command starts a temporary platform. Unset {names} (also in .env) and try again."


class StudioNotReadyError(UnavailableError):
    """A program of the temporary platform does not answer."""

    code = "studio_not_ready"
    ja = "一時的な環境が {seconds} 秒以内に準備できませんでした。./llmlora doctor で確認してください。"
    en = "The temporary platform was not ready after {seconds} s. Check ./llmlora doctor."


@dataclass(frozen=True)
class Studio:
    """A running platform and the build that it serves. `pages_url` and `api_url` have no slash at their end."""

    settings: Settings
    pages: Pages | None
    pages_url: str
    api_url: str

    @asynccontextmanager
    async def client(self) -> AsyncIterator[httpx.AsyncClient]:
        """A client of its API."""
        timeout = httpx.Timeout(ANSWER_TIMEOUT_S)
        async with httpx.AsyncClient(base_url=self.api_url, timeout=timeout, trust_env=False) as client:
            yield client


@contextmanager
def temporary_settings() -> Iterator[Settings]:
    """Settings of a platform that holds nothing yet; its directory is gone afterwards.

    Raises:
        StudioSettingsError: the environment names services, addresses or a token of a real one.
    """
    given = read_settings()
    foreign = ("database_url", "redis_url", "api_token", "api_url", "inference_url")
    named = [f"LLMLORA_{name.upper()}" for name in foreign if getattr(given, name) is not None]
    if named:
        raise StudioSettingsError(names=", ".join(named))
    with tempfile.TemporaryDirectory(prefix="llmlora-studio-", ignore_cleanup_errors=True) as folder:
        ports = {"api_port": free_port(), "pages_port": free_port()}
        yield given.model_copy(
            update={"data_dir": Path(folder).resolve(), "api_host": "127.0.0.1", **ports},
        )


@asynccontextmanager
async def running_studio(settings: Settings, arrange: Arrange | None = None) -> AsyncIterator[Studio]:
    """Everything of `up` while the block runs; `arrange` may put another program in the place of one.

    Raises:
        StudioNotReadyError: not everything works after 180 s.
        AppError: as for `keep_platform` and `find_pages`.
    """
    pages = await asyncio.to_thread(find_pages, settings)
    kept = _programs(settings, pages, arrange)
    ready = asyncio.Event()
    keeping = asyncio.create_task(keep_platform(settings, kept, Watch(_tell, ready=ready.set)))
    waiting = asyncio.create_task(ready.wait())
    try:
        await asyncio.wait({keeping, waiting}, timeout=READY_TIMEOUT_S, return_when=asyncio.FIRST_COMPLETED)
        if keeping.done():
            keeping.result()
        if not ready.is_set():
            raise StudioNotReadyError(seconds=round(READY_TIMEOUT_S))
        host = settings.api_host
        yield Studio(
            settings, pages, local_url(host, settings.pages_port), local_url(host, settings.api_port)
        )
    finally:
        waiting.cancel()
        keeping.cancel()
        with suppress(asyncio.CancelledError):
            await keeping


def _programs(settings: Settings, pages: Pages | None, arrange: Arrange | None) -> Sequence[Program]:
    ours = programs(settings, pages)
    return arrange(ours, settings) if arrange else ours


def _tell(part: str, ja: str, en: str) -> None:
    say(f"{part}: {ja}", f"{part}: {en}")
