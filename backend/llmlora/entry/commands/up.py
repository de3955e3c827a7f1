"""`up`: everything, under one supervisor, until Ctrl-C or `down`."""

import asyncio
import sys
from typing import Annotated

import typer

from llmlora.entry.console import DataDir, err, load_settings, refuse_ignored, run_async, show
from llmlora.entry.language import localized, words
from llmlora.entry.lazy import more_help
from llmlora.kit.settings import Settings


@more_help(
    ja="画面は http://127.0.0.1:3000 で開きます。Ctrl-C か、別の端末からの down で停止します。",
    en="The pages open at http://127.0.0.1:3000. Ctrl-C stops everything, and so does down from another terminal.",
)
def up(
    detach: Annotated[
        bool,
        typer.Option(
            "--detach",
            help=words(
                ja="準備ができたら端末に戻ります。down で停止します。",
                en="Return when everything is ready; down stops it.",
            ),
        ),
    ] = False,
    data_dir: DataDir = None,
    host: Annotated[
        str | None,
        typer.Option(
            "--host",
            help=words(
                ja="API と画面が待ち受けるアドレスです。",
                en="The address that the API and the pages listen on.",
            ),
            show_default="127.0.0.1",
        ),
    ] = None,
    api_port: Annotated[
        int | None,
        typer.Option(
            "--api-port",
            min=1,
            max=65_535,
            help=words(ja="API のポートです。", en="The port of the API."),
            show_default="8000",
        ),
    ] = None,
    pages_port: Annotated[
        int | None,
        typer.Option(
            "--pages-port",
            min=1,
            max=65_535,
            help=words(ja="画面のポートです。", en="The port of the pages."),
            show_default="3000",
        ),
    ] = None,
    no_pages: Annotated[
        bool,
        typer.Option(
            "--no-pages",
            help=words(ja="画面を除いて起動します。", en="Start everything but the pages."),
        ),
    ] = False,
) -> None:
    """Keep the programs of a data directory running.

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
        show(localized(f"画面: {record.pages_url}", f"Pages: {record.pages_url}"))
    show(f"API: {record.url}")
    show(localized(f"データ: {settings.data_dir}", f"Data: {settings.data_dir}"))
    show(localized(f"ログ: {settings.data_dir / 'logs'}", f"Logs: {settings.data_dir / 'logs'}"))
    call = f"./llmlora down --data-dir {settings.data_dir}"
    show(localized(f"停止するには: {call}", f"To stop: {call}"))


def _show(line: str) -> None:
    err().print(line, markup=False, highlight=False, soft_wrap=True)
