"""`up`: everything, under one supervisor, until Ctrl-C or `down`."""

import asyncio
import sys
from typing import Annotated

import typer

from llmlora.entry.console import DataDir, err, load_settings, out, refuse_ignored, run_async
from llmlora.kit.settings import Settings


def up(
    detach: Annotated[
        bool,
        typer.Option(
            "--detach", help="Return when everything is ready; stop it with `down`. 準備ができたら戻ります。"
        ),
    ] = False,
    data_dir: DataDir = None,
    host: Annotated[
        str | None,
        typer.Option(
            "--host",
            help="Address the API and the pages listen on (default: 127.0.0.1). 待ち受けるアドレス。",
            show_default=False,
        ),
    ] = None,
    api_port: Annotated[
        int | None,
        typer.Option(
            "--api-port",
            min=1,
            max=65_535,
            help="Port of the API (default: 8000). API のポート。",
            show_default=False,
        ),
    ] = None,
    pages_port: Annotated[
        int | None,
        typer.Option(
            "--pages-port",
            min=1,
            max=65_535,
            help="Port of the pages (default: 3000). 画面のポート。",
            show_default=False,
        ),
    ] = None,
    no_pages: Annotated[
        bool, typer.Option("--no-pages", help="Start only the API, without the pages. API だけを起動します。")
    ] = False,
) -> None:
    """Start everything and keep it running. すべてを起動します。

    Raises:
        OptionIgnoredError: --pages-port beside --no-pages.
        TokenRequiredError: the API would be open to a network without a token.
        PlatformRunningError: another `up` runs on the data directory.
        PortTakenError: another program listens on the port.
        UnavailableError: the pages cannot be built, a service cannot start, or nothing got ready.
    """
    from llmlora.entry.platform import find_pages, keep_until_signalled, refuse_open_host

    settings = load_settings(data_dir)
    if no_pages:
        refuse_ignored("--no-pages", {"pages_port": pages_port})
    given = {
        "api_host": host or settings.api_host,
        "api_port": api_port or settings.api_port,
        "pages_port": 0 if no_pages else pages_port or settings.pages_port,
    }
    settings = settings.model_copy(update=given)
    refuse_open_host(settings)
    if detach:
        run_async(_detach(settings))
    else:
        raise typer.Exit(asyncio.run(keep_until_signalled(settings, find_pages(settings))))


async def _detach(settings: Settings) -> None:
    from llmlora.engine.platform.detached import start_detached
    from llmlora.engine.platform.errors import PlatformRunningError
    from llmlora.engine.platform.record import recorded_platform, running_platform
    from llmlora.entry.platform import environment, find_pages

    running = running_platform(settings.data_dir)
    if running is not None:
        raise PlatformRunningError(path=settings.data_dir, pid=running.pid)
    if (
        recorded_platform(settings.data_dir) is None
    ):  # else leftovers hold the port, and the supervisor ends them
        from llmlora.engine.platform.listening import require_free_ports

        await require_free_ports(settings)
    find_pages(settings)
    argv = [sys.executable, "-m", "llmlora.entry.cli", "up", "--data-dir", str(settings.data_dir)]
    argv += ["--host", settings.api_host, "--api-port", str(settings.api_port)]
    argv += ["--pages-port", str(settings.pages_port)] if settings.pages_port else ["--no-pages"]
    record = await start_detached(settings.data_dir, argv, environment(settings), _show)
    if record.pages_url:
        out().print(f"画面 / pages: {record.pages_url}", highlight=False, soft_wrap=True)
    out().print(f"API: {record.url}", highlight=False, soft_wrap=True)
    out().print(f"データ / data: {settings.data_dir}", highlight=False, soft_wrap=True)
    out().print(f"ログ / logs: {settings.data_dir / 'logs'}", highlight=False, soft_wrap=True)
    out().print(
        f"停止 / stop: ./llmlora down --data-dir {settings.data_dir}", highlight=False, soft_wrap=True
    )


def _show(line: str) -> None:
    err().print(line, markup=False, highlight=False, soft_wrap=True)
