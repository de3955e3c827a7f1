"""What `up` keeps running: the API, the worker and the inference process of one data directory."""

import asyncio
import os
import signal
import sys
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import httpx

from llmlora.engine.platform.health import Probe, answers_at, status_at
from llmlora.engine.platform.programs import Program
from llmlora.engine.platform.record import api_url
from llmlora.engine.platform.supervisor import Watch, keep_platform
from llmlora.engine.serving.record import read_record
from llmlora.kit.settings import Settings

# Trainers get 30 s for a checkpoint when the worker ends them; its own work comes on top.
WORKER_GRACE_S = 45.0


def programs(settings: Settings) -> tuple[Program, ...]:
    """The three programs, in the order of their start."""
    env = environment(settings)

    def argv(module: str) -> tuple[str, ...]:
        return (sys.executable, "-m", f"llmlora.entry.{module}", "--data-dir", str(settings.data_dir))

    healthz = answers_at(f"{api_url(settings.api_host, settings.api_port)}/healthz")
    return (
        Program("api", argv("api"), env, probe=healthz),
        Program("worker", argv("worker"), env, grace_s=WORKER_GRACE_S),
        Program("inference", argv("inference"), env, probe=_inference_answers(settings.data_dir)),
    )


def environment(settings: Settings) -> dict[str, str]:
    """This process's environment with the settings that options may have changed."""
    return {
        **os.environ,
        "PYTHONUNBUFFERED": "1",
        "LLMLORA_API_HOST": settings.api_host,
        "LLMLORA_API_PORT": str(settings.api_port),
    }


def refuse_open_host(settings: Settings) -> None:
    """Before anything starts, as the API itself would.

    Raises:
        TokenRequiredError: the API would be open to a network without a token.
    """
    if settings.api_host == "127.0.0.1" or settings.api_token:  # an empty one guards nothing
        return
    from llmlora.entry.api import LOOPBACK, TokenRequiredError

    if settings.api_host not in LOOPBACK:
        raise TokenRequiredError(host=settings.api_host)


def tell(part: str, ja: str, en: str) -> None:
    """One line on standard error; a terminal that has gone stops nothing."""
    now = datetime.now().astimezone().isoformat(sep=" ", timespec="seconds")
    with suppress(OSError, ValueError):
        sys.stderr.write(f"{now} {part:<10} {ja} / {en}\n")
        sys.stderr.flush()


async def keep_until_signalled(settings: Settings) -> int:
    """Keep everything running; the exit status is 130 after Ctrl-C and 0 after SIGTERM or SIGHUP.

    The first signal ends everything in order, a second one at once.

    Raises:
        AppError: as for `keep_platform`.
    """
    loop = asyncio.get_running_loop()
    received: list[signal.Signals] = []
    watch = Watch(tell, ready=lambda: _say_ready(settings))
    work = asyncio.ensure_future(keep_platform(settings, programs(settings), watch))

    def stop(number: signal.Signals) -> None:
        received.append(number)
        if len(received) == 1:
            tell("up", f"停止しています（{number.name}）", f"stopping ({number.name}); once more: at once")
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


def _say_ready(settings: Settings) -> None:
    url = api_url(settings.api_host, settings.api_port)
    tell("up", f"準備できました: {url}", "ready")
    tell("up", f"データ {settings.data_dir}", f"logs {settings.data_dir / 'logs'}")


def _inference_answers(data_dir: Path) -> Probe:
    """Its address and token stand in its record, and change with every start."""

    async def probe(client: httpx.AsyncClient) -> bool:
        record = read_record(data_dir)
        if record is None:
            return False
        headers = {"Authorization": f"Bearer {record.token}"}
        return await status_at(client, f"{record.url}/healthz", headers) == 204

    return probe
