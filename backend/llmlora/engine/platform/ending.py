"""Ends the platform of a data directory from outside: what runs, and what a killed supervisor left."""

import asyncio
import os
import signal
import time
from contextlib import suppress

from llmlora.engine.embedded import register
from llmlora.engine.embedded.errors import ServicesInUseError
from llmlora.engine.embedded.services import stop_services
from llmlora.engine.platform.errors import PlatformStaysError
from llmlora.engine.platform.programs import Tell
from llmlora.engine.platform.record import PlatformRecord, claimed, recorded_platform, running_platform
from llmlora.engine.platform.supervisor import end_leftovers
from llmlora.kit.settings import Settings

_POLL_S = 0.1


async def end_platform(settings: Settings, tell: Tell, *, timeout_s: float) -> bool:
    """Have the living `up` end, and wait until it and its programs are gone; False when nothing ran.

    After a supervisor that was killed its leftovers are ended here.

    Raises:
        PlatformStaysError: something lives after `timeout_s`; names the processes.
    """
    record = running_platform(settings.data_dir)
    if record is None:
        return await _clear_up(settings, tell)
    tell("up", f"プロセス {record.pid} を停止しています", f"stopping process {record.pid}")
    with suppress(ProcessLookupError):
        os.kill(record.pid, signal.SIGTERM)
    deadline = time.monotonic() + timeout_s
    while living := _living(record, settings):
        if time.monotonic() > deadline:
            pids = ", ".join(str(pid) for pid in living)
            raise PlatformStaysError(seconds=round(timeout_s), pids=pids)
        await asyncio.sleep(_POLL_S)
    return True


def _living(record: PlatformRecord, settings: Settings) -> list[int]:
    """Processes of that `up` that live; while it ends it may still restart one, so its record is read again."""
    now = recorded_platform(settings.data_dir)
    programs = (now if now is not None and now.pid == record.pid else record).programs
    pids = [record.pid] if record.alive else []
    return pids + [one.pid for one in programs if one.alive and one.pid is not None]


async def _clear_up(settings: Settings, tell: Tell) -> bool:
    """End what a killed supervisor left: its programs, and the services unless others use or keep them."""
    if recorded_platform(settings.data_dir) is None:
        return False
    with claimed(settings.data_dir) as claim:
        if claim.left is None:
            return False
        await end_leftovers(claim.left.programs, tell)
        if (settings.data_dir / register.FOLDER).exists():
            with register.opened(settings.data_dir, await register.locked(settings.data_dir)) as found:
                kept = found.kept
            if not kept:
                with suppress(ServicesInUseError):
                    await asyncio.to_thread(stop_services, settings)
    return True
