"""Keeps one program running: restarts it when it dies or hangs, and ends it when the supervisor ends."""

import asyncio
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx

from llmlora.engine.embedded.processes import birth_of
from llmlora.engine.platform.health import PROBE_TIMEOUT_S, probe_client
from llmlora.engine.platform.log_files import last_lines, open_log, size_of
from llmlora.engine.platform.programs import Pace, Program, Tell
from llmlora.engine.platform.record import ProgramRecord
from llmlora.kit.clock import utc_now
from llmlora.kit.processes import how_ended, signal_group, spawn

EXIT_POLL_S = 0.1
# A program without a health address has started well when it has lived this long.
SETTLED_S = 1.0
LAST_WORDS = 300


@dataclass(frozen=True)
class Ending:
    """Why a life of the program ended: in both languages, and the last line that it wrote."""

    ja: str
    en: str
    words: str = ""


@dataclass(frozen=True)
class Child:
    """A living process of the program."""

    pid: int
    born: str
    since: str
    started: float
    exited: "asyncio.Task[int]"


class Keeper:
    """One program and its present process. `changed` is called after every change of its record or health."""

    def __init__(
        self,
        program: Program,
        log: Path,
        tell: Tell,
        *,
        changed: Callable[[], None],
        hurry: asyncio.Event,
        pace: Pace,
    ) -> None:
        self.program = program
        self.healthy = False
        self._log, self._tell, self._changed, self._hurry, self._pace = log, tell, changed, hurry, pace
        self._child: Child | None = None
        self._restarts = 0
        self._again: Ending | None = None

    def record(self) -> ProgramRecord:
        """What `up.json` says of it."""
        child = self._child
        return ProgramRecord(
            name=self.program.name,
            pid=child.pid if child else None,
            born=child.born if child else None,
            since=child.since if child else None,
            restarts=self._restarts,
        )

    def restart(self, ja: str, en: str) -> None:
        """Have it ended and started again, for this reason."""
        self._again = Ending(ja, en)

    async def run(self) -> None:
        """Keep it running until cancelled; then it is ended, within its grace."""
        in_a_row = 0
        async with probe_client(min(PROBE_TIMEOUT_S, self.program.hang_s)) as client:
            while True:
                started = time.monotonic()
                ending = await self._live(client)
                if time.monotonic() - started >= self._pace.steady_s:
                    in_a_row = 0
                wait_s = self._pace.wait_s(in_a_row)
                in_a_row += 1
                self._restarts += 1
                self._changed()
                words = f": {ending.words}" if ending.words else ""
                self._tell(
                    self.program.name,
                    f"{ending.ja}。{wait_s:g} 秒後に再起動します{words}",
                    f"{ending.en}; restarting in {wait_s:g} s{words}",
                )
                await asyncio.sleep(wait_s)

    async def _live(self, client: httpx.AsyncClient) -> Ending:
        """One life of the program; returns how it ended."""
        written = 0
        self._again = None
        try:
            open_log(self._log)
            written = size_of(self._log)
            # From the loop's thread: the kernel ends children with the thread that started them.
            pid = spawn(self.program.argv, env=self.program.env, output=self._log)
        except OSError as error:
            return Ending("起動できません", "cannot be started", str(error))
        exited = asyncio.create_task(_exit_of(pid))
        self._child = child = Child(
            pid, birth_of(pid) or "", utc_now().isoformat(timespec="seconds"), time.monotonic(), exited
        )
        self._changed()
        self._tell(self.program.name, f"起動しました（プロセス {pid}）", f"started (process {pid})")
        grace_s = self.program.grace_s
        try:
            reason = await self._watch(child, client)
            if reason is not None:
                grace_s = min(grace_s, self._pace.hung_grace_s)
        finally:
            status = await self._end(child, grace_s)
            self._child, self.healthy = None, False
            self._changed()
        return reason or _death(status, last_lines(self._log, 1, after_bytes=written))

    async def _watch(self, child: Child, client: httpx.AsyncClient) -> Ending | None:
        """Wait until it dies (None) or has to be ended: it hangs, or `restart` was called."""
        failing_since: float | None = None
        patience_s = self.program.start_s
        while True:
            pace = self._pace
            look_s = pace.look_s if self.healthy else pace.look_while_starting_s
            await asyncio.wait({child.exited}, timeout=look_s)
            if child.exited.done():
                return None
            if self._again is not None:
                return self._again
            if await self._works(child, client):
                failing_since, patience_s = None, self.program.hang_s
                self._set_healthy(True)
                continue
            # Counted from the first silence that was seen: a supervisor that slept itself blames nobody.
            failing_since = failing_since or time.monotonic()
            silent_s = time.monotonic() - failing_since
            self._set_healthy(False)
            if silent_s >= patience_s and not child.exited.done():
                return Ending(f"{silent_s:.0f} 秒応答がありません", f"no answer for {silent_s:.0f} s")

    async def _works(self, child: Child, client: httpx.AsyncClient) -> bool:
        if self.program.probe is None:
            return time.monotonic() - child.started >= SETTLED_S
        probe = asyncio.ensure_future(self.program.probe(client))
        try:
            await asyncio.wait({probe, child.exited}, return_when=asyncio.FIRST_COMPLETED)
            return probe.done() and probe.result()
        finally:
            probe.cancel()

    def _set_healthy(self, healthy: bool) -> None:
        if healthy != self.healthy:
            self.healthy = healthy
            self._changed()

    async def _end(self, child: Child, grace_s: float) -> int:
        """SIGTERM, wait (unless there is hurry), SIGKILL; what it left in its group goes with it."""
        if not child.exited.done():
            signal_group(child.pid, signal.SIGTERM)
            hurry = asyncio.ensure_future(self._hurry.wait())
            await asyncio.wait({child.exited, hurry}, timeout=grace_s, return_when=asyncio.FIRST_COMPLETED)
            hurry.cancel()
        signal_group(child.pid, signal.SIGKILL)
        return await child.exited


async def _exit_of(pid: int) -> int:
    """The exit status of a child, as `kit.processes.wait_for_exit`, without a thread for each."""
    while (status := reaped(pid)) is None:  # noqa: ASYNC110 - the kernel sets no event
        await asyncio.sleep(EXIT_POLL_S)
    return status


def reaped(pid: int) -> int | None:
    """The exit status of a child that has ended: 0–255, or minus the signal that ended it."""
    found, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if found == pid else None


def _death(status: int, last: list[str]) -> Ending:
    how = how_ended(status)
    return Ending(f"終了しました（{how}）", f"ended ({how})", last[0].strip()[:LAST_WORDS] if last else "")
