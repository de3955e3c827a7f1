"""Keeps services and programs running for one data directory, and ends them in order.

Guarantee: while `keep_platform` runs nobody else keeps this data directory; when it has ended, by whatever error or
cancellation, none of its programs lives. Programs that a killed supervisor left are ended before new ones start.
"""

import asyncio
import os
import signal
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field, replace

from llmlora.engine.embedded.errors import DataDirNotWritableError
from llmlora.engine.embedded.processes import birth_of
from llmlora.engine.embedded.services import running_services
from llmlora.engine.platform.keeper import Keeper
from llmlora.engine.platform.listening import require_free_ports
from llmlora.engine.platform.log_files import log_path
from llmlora.engine.platform.programs import Pace, Program, Tell
from llmlora.engine.platform.record import Claim, PlatformRecord, ProgramRecord, claimed
from llmlora.engine.platform.service_watch import watch_services
from llmlora.kit.clock import utc_now
from llmlora.kit.processes import signal_group
from llmlora.kit.settings import Settings

LEFTOVER_GRACE_S = 10.0
_POLL_S = 0.05


@dataclass(frozen=True)
class Watch:
    """Who is told what: `tell` of every event, `ready` once when everything works.

    Setting `hurry` cuts every grace short: what still runs is killed at once.
    """

    tell: Tell
    ready: Callable[[], None] = lambda: None
    hurry: asyncio.Event = field(default_factory=asyncio.Event)
    pace: Pace = field(default_factory=Pace)


async def keep_platform(settings: Settings, programs: Sequence[Program], watch: Watch) -> None:
    """Start services and programs in this order and keep them running until cancelled.

    Raises:
        PlatformRunningError: another `up` holds the data directory.
        DataDirNotWritableError: nothing can be kept there.
        PortTakenError: another program listens where the API or the pages would.
        AddressUnusableError: nothing can listen there.
        UnavailableError: as for `running_services`.
    """
    with claimed(settings.data_dir) as claim:
        supervisor = await Supervisor.begin(claim, settings, programs, watch)
        await require_free_ports(settings)
        watch.tell("services", "PostgreSQL と Valkey を起動しています", "starting PostgreSQL and Valkey")
        async with running_services(settings) as urls:
            watch.tell("services", "準備できました", "ready")
            try:
                await supervisor.run(watch_services(settings, urls, watch.tell, supervisor.restart_all))
            finally:
                watch.tell("services", "停止します", "stopping")


class Supervisor:
    """The programs of one claimed data directory."""

    def __init__(
        self, claim: Claim, record: PlatformRecord, programs: Sequence[Program], watch: Watch
    ) -> None:
        self._claim, self._record, self._watch = claim, record, watch
        self._keepers = [
            Keeper(
                program,
                log_path(claim.data_dir, program.name),
                watch.tell,
                changed=self._changed,
                hurry=watch.hurry,
                pace=watch.pace,
            )
            for program in programs
        ]

    @classmethod
    async def begin(
        cls, claim: Claim, settings: Settings, programs: Sequence[Program], watch: Watch
    ) -> "Supervisor":
        """End what a killed predecessor left, and publish the record.

        Raises:
            DataDirNotWritableError: the record cannot be written.
        """
        pid = os.getpid()
        started_at = utc_now().isoformat(timespec="seconds")
        left = claim.left.programs if claim.left else ()
        # The leftovers stay named until they are gone: this supervisor may be killed, too.
        record = PlatformRecord(
            pid,
            birth_of(pid) or "",
            settings.api_host,
            settings.api_port,
            started_at,
            left,
            pages_port=settings.pages_port,
        )
        try:
            claim.save(record)
        except OSError as error:
            raise DataDirNotWritableError(path=claim.data_dir, reason=error.strerror or error) from error
        await end_leftovers(left, watch.tell)
        return cls(claim, record, programs, watch)

    def restart_all(self, ja: str, en: str) -> None:
        """Restart every program, for this reason."""
        for keeper in self._keepers:
            keeper.restart(ja, en)

    async def run(self, beside: Coroutine[None, None, None] | None = None) -> None:
        """Keep the programs (and `beside`) going until cancelled, then end them, the last one first.

        Returns when it was cancelled and everything has ended.
        """
        tasks = [asyncio.create_task(keeper.run()) for keeper in self._keepers]
        others = [asyncio.create_task(beside)] if beside is not None else []
        try:
            done, _ = await asyncio.wait([*tasks, *others], return_when=asyncio.FIRST_COMPLETED)
            for one in done:
                one.result()  # they end by errors only
        finally:
            for task in [*others, *reversed(tasks)]:
                task.cancel()
                await asyncio.wait([task])

    def _changed(self) -> None:
        """Publish the state; a full disk stops nothing."""
        became_ready = not self._record.ready and all(keeper.healthy for keeper in self._keepers)
        self._record = replace(
            self._record,
            programs=tuple(keeper.record() for keeper in self._keepers),
            ready=self._record.ready or became_ready,
        )
        try:
            self._claim.save(self._record)
        except OSError as error:
            self._watch.tell(
                "up", f"状態を記録できません（{error}）", f"the state cannot be recorded ({error})"
            )
        if became_ready:
            self._watch.ready()


async def end_leftovers(programs: Sequence[ProgramRecord], tell: Tell) -> None:
    """End the recorded programs that still live, each with its group."""
    living = [one for one in programs if one.alive]
    for one in living:
        assert one.pid is not None
        tell(
            one.name,
            f"前回の up が残したプロセス {one.pid} を終了します",
            f"ending process {one.pid}, which an earlier `up` left behind",
        )
        signal_group(one.pid, signal.SIGTERM)
    deadline = time.monotonic() + LEFTOVER_GRACE_S
    while any(one.alive for one in living):
        if time.monotonic() > deadline:
            for one in living:
                if one.alive and one.pid is not None:
                    signal_group(one.pid, signal.SIGKILL)
        await asyncio.sleep(_POLL_S)
