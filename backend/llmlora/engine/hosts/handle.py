"""What the engine knows of a run that was started, wherever it is."""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True)
class Ended:
    """How a run's program ended."""

    status: int
    """Its exit status, 0–255, or minus the signal that ended it."""
    is_out_of_memory: bool = False
    """Whether a process was killed for want of memory while it ran, so that this may have been the one."""


class RunHandle(Protocol):
    """A started run: a child process of this machine, or something that another machine runs for us."""

    @property
    def where(self) -> str:
        """For logs and people: `pid 4711`."""

    @property
    def is_alive(self) -> bool:
        """Whether its program has not ended yet, as far as is known here."""

    def events(self) -> AsyncGenerator[bytes]:
        """Its lines, each one event as JSON, until it can write no more. To be read once."""

    async def ended(self) -> Ended:
        """Wait until its program has ended. What that had started may still live: see `kill`."""

    async def stop(self, *, grace_s: float) -> Ended:
        """Ask it to save a checkpoint and end; after `grace_s` end it, with all that it started."""

    def kill(self) -> None:
        """End it at once, with all that it started. What is gone already is no error."""

    def hold(self) -> None:
        """Let it compute nothing until `go_on`."""

    def go_on(self) -> None:
        """After `hold`."""


class Host(Protocol):
    """Starts the run that is described in a run directory."""

    async def __call__(
        self, run_dir: Path, env: Mapping[str, str], output: Path, secrets: bytes = b""
    ) -> RunHandle:
        """`env` is the run's whole environment; what it prints is appended to `output`. `secrets` as in `kit.processes.spawn`.

        Raises:
            OSError: it could not be started.
        """
