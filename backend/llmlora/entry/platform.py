"""What `up` keeps running: the API, the worker, the inference process and the pages of one data directory."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

import httpx

from llmlora.engine.manual.build import ManualNotBuiltError, built_manual
from llmlora.engine.pages.build import Pages, built_pages
from llmlora.engine.pages.node import require_node
from llmlora.engine.platform.health import Probe, answers_at, status_at
from llmlora.engine.platform.programs import Program
from llmlora.engine.platform.record import local_url
from llmlora.engine.platform.supervisor import Watch, keep_platform
from llmlora.engine.serving.address import inference_address
from llmlora.engine.serving.record import read_record
from llmlora.entry.language import localized
from llmlora.kit.service_manager import take_notifier
from llmlora.kit.settings import Settings

# Trainers get 30 s for a checkpoint when the worker ends them; its own work comes on top.
WORKER_GRACE_S = 45.0


def find_pages(settings: Settings) -> Pages | None:
    """The build of the pages, made now if need be; None when they are switched off.

    Raises:
        NodeMissingError: there is no Node.js.
        PagesNotBuiltError: they cannot be built.
    """
    if not settings.pages_port:
        return None
    pages = built_pages(require_node(), lambda ja, en: tell("pages", ja, en))
    _prepare_manual()
    return pages


def _prepare_manual() -> None:
    """The studio serves the manual beside the pages; it works without, and says so there."""
    try:
        built_manual(lambda ja, en: tell("manual", ja, en))
    except (
        ManualNotBuiltError,
        OSError,
    ) as error:  # a root that is read-only has it from its image, or not at all
        ja, en = (
            (error.detail("ja"), error.detail("en"))
            if isinstance(error, ManualNotBuiltError)
            else (str(error), str(error))
        )
        tell("manual", ja, en)


def programs(settings: Settings, pages: Pages | None) -> tuple[Program, ...]:
    """The programs, in the order of their start."""
    env = environment(settings)

    def argv(module: str) -> tuple[str, ...]:
        return (sys.executable, "-m", f"llmlora.entry.{module}", "--data-dir", str(settings.data_dir))

    asked = probes(settings)
    ours = [
        Program("api", argv("api"), env, probe=asked["api"]),
        Program("worker", argv("worker"), env, grace_s=WORKER_GRACE_S),
    ]
    address = inference_address(settings)
    if address is None or address.is_of_this_machine:  # another machine's is kept there
        ours.append(Program("inference", argv("inference"), env, probe=asked["inference"]))
    if pages is not None:
        serve = (sys.executable, "-m", "llmlora.kit.bound", pages.node.node, str(pages.server))
        ours.append(Program("pages", serve, pages_environment(settings), probe=asked["pages"]))
    return tuple(ours)


def probes(settings: Settings) -> dict[str, Probe]:
    """How each program is asked whether it works; the worker only has to live."""
    return {
        "api": answers_at(f"{local_url(settings.api_host, settings.api_port)}/healthz"),
        "inference": _inference_answers(settings),
        "pages": answers_at(f"{local_url(settings.api_host, settings.pages_port)}/healthz"),
    }


def pages_environment(settings: Settings) -> dict[str, str]:
    """What the server of the pages needs; nothing secret."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TZ") if name in os.environ}
    return {
        **kept,
        "NODE_ENV": "production",
        "NEXT_TELEMETRY_DISABLED": "1",
        "HOSTNAME": settings.api_host,
        "PORT": str(settings.pages_port),
        "LLMLORA_API_URL": settings.api_url or "",
        "LLMLORA_API_PORT": str(settings.api_port),
        "LLMLORA_API_INNER_URL": local_url(settings.api_host, settings.api_port),
    }


def environment(settings: Settings) -> dict[str, str]:
    """This process's environment with the settings that options may have changed."""
    return {
        **os.environ,
        "PYTHONUNBUFFERED": "1",
        "LLMLORA_API_HOST": settings.api_host,
        "LLMLORA_API_PORT": str(settings.api_port),
        "LLMLORA_PAGES_PORT": str(settings.pages_port),
    }


def refuse_open_host(settings: Settings) -> None:
    """Before anything starts, as the API itself would.

    Raises:
        TokenRequiredError: the API would be open to a network without a token.
    """
    if settings.api_host == "127.0.0.1" or settings.api_token:  # an empty one guards nothing
        return
    from llmlora.entry.api import TokenRequiredError
    from llmlora.kit.web.origins import is_open

    if is_open(settings):
        raise TokenRequiredError(host=settings.api_host)


def tell(part: str, ja: str, en: str) -> None:
    """One line on standard error; a terminal that has gone stops nothing."""
    now = datetime.now().astimezone().isoformat(sep=" ", timespec="seconds")
    with suppress(OSError, ValueError):
        sys.stderr.write(f"{now} {part:<10} {localized(ja, en)}\n")
        sys.stderr.flush()


async def keep_until_signalled(settings: Settings, pages: Pages | None) -> int:
    """Keep everything running; the exit status is 130 after Ctrl-C and 0 after SIGTERM or SIGHUP.

    The first signal ends everything in order, a second one at once.

    Raises:
        AppError: as for `keep_platform`.
    """
    loop = asyncio.get_running_loop()
    received: list[signal.Signals] = []
    notify = take_notifier()
    watch = Watch(tell, ready=lambda: _say_ready(settings, notify))
    work = asyncio.ensure_future(keep_platform(settings, programs(settings, pages), watch))

    def stop(number: signal.Signals) -> None:
        received.append(number)
        notify("STOPPING=1")
        if len(received) == 1:
            tell(
                "up",
                f"停止しています（{number.name}）。もう一度送ると、すぐに止めます",
                f"stopping ({number.name}); once more: at once",
            )
            work.cancel()
        else:
            watch.hurry.set()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # as `nohup` and shells' background jobs set it
            loop.add_signal_handler(number, stop, number)
    try:
        await work
    except asyncio.CancelledError:
        if not received:
            raise
    tell("up", "停止しました", "stopped")
    return 130 if received[:1] == [signal.SIGINT] else 0


def _say_ready(settings: Settings, notify: Callable[[str], None]) -> None:
    notify("READY=1")
    url = local_url(settings.api_host, settings.api_port)
    tell("up", f"準備できました: {url}", f"ready: {url}")
    if settings.pages_port:
        pages_url = local_url(settings.api_host, settings.pages_port)
        tell("up", f"画面: {pages_url}", f"pages: {pages_url}")
    tell("up", f"データ: {settings.data_dir}", f"data: {settings.data_dir}")
    tell("up", f"ログ: {settings.data_dir / 'logs'}", f"logs: {settings.data_dir / 'logs'}")


def _inference_answers(settings: Settings) -> Probe:
    """At its address, or where its record says: that changes with every start."""
    address = inference_address(settings)

    async def probe(client: httpx.AsyncClient) -> bool:
        place = address or read_record(settings.data_dir)
        if place is None:
            return False
        headers = {"Authorization": f"Bearer {place.token}"}
        return await status_at(client, f"{place.url}/healthz", headers) == 204

    return probe
