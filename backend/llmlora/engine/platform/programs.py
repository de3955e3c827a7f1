"""What the supervisor is told about a program, and how patient it is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from llmlora.engine.platform.health import Probe

# Says one thing about a part of the platform to whoever watches: (part, Japanese, English).
Tell = Callable[[str, str, str], None]


@dataclass(frozen=True)
class Program:
    """One program that is kept running.

    `probe` asks whether it works (None: it works while it lives). It has `start_s` for the first good answer and may
    be without one for `hang_s` later on; `grace_s` lies between SIGTERM and SIGKILL.
    """

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str] = field(repr=False)
    probe: Probe | None = None
    grace_s: float = 10.0
    start_s: float = 120.0
    hang_s: float = 60.0


@dataclass(frozen=True)
class Pace:
    """How fast the supervisor looks and restarts: waits double from `first_wait_s` to `longest_wait_s`.

    They begin anew after `steady_s` of life. A program that hangs gets `hung_grace_s` after SIGTERM.
    """

    first_wait_s: float = 0.5
    longest_wait_s: float = 30.0
    steady_s: float = 60.0
    look_s: float = 2.0
    look_while_starting_s: float = 0.25
    hung_grace_s: float = 5.0

    def wait_s(self, restarts_in_a_row: int) -> float:
        """Seconds before the next start."""
        return min(self.first_wait_s * 2.0 ** min(restarts_in_a_row, 30), self.longest_wait_s)
