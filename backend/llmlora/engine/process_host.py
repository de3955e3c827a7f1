"""Runs one recipe in a child process of this machine and hands its events on, in order.

The child knows its run directory and nothing else: no database, no Redis, no tokens but those it is given.
"""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from pydantic import JsonValue, ValidationError

from llmlora.contracts.events import (
    Artifact,
    Checkpoint,
    Event,
    Failure,
    FailureClass,
    Finished,
    Report,
    event_adapter,
)
from llmlora.contracts.recipe import RunSpec
from llmlora.contracts.states import JobState
from llmlora.kit.files import write_atomically
from llmlora.kit.limits import usable_cores
from llmlora.kit.processes import end_group, read_reports, signal_group, spawn_reporting, wait_for_exit
from llmlora.recipes.failures import out_of_memory

CANCEL_GRACE_S = 30.0
MAX_EVENT_BYTES = 16 << 20
SILENT_DEATH = "child_died"
RECIPE_PROGRAM = (sys.executable, "-m", "llmlora.recipes")
_INHERITED = (
    "PATH",
    "HOME",
    "LANG",
    "TMPDIR",
    "TZ",
    "USER",
    "LD_LIBRARY_PATH",
    "VIRTUAL_ENV",
    "SSL_CERT_FILE",
)
_INHERITED_PREFIXES = ("LC_", "CUDA_", "NVIDIA_", "PYTORCH_", "ROCR_", "HIP_")

EventSink = Callable[[Event], None]


@dataclass
class Outcome:
    """How a run ended. `state` is final: completed, failed or cancelled."""

    state: JobState
    failure: Failure | None = None
    artifacts: list[Artifact] = field(default_factory=list)
    checkpoints: list[Checkpoint] = field(default_factory=list)
    reports: dict[str, dict[str, JsonValue]] = field(default_factory=dict)


@dataclass(frozen=True)
class Child:
    """A started child: it leads a session and a process group of its own, and what it reports is read from `read_fd`."""

    pid: int
    read_fd: int
    exited: "asyncio.Future[int]"
    """Its exit status, 0–255, or minus the signal that ended it."""


class Starter(Protocol):
    """Starts the child of a run directory."""

    async def __call__(
        self, run_dir: Path, env: Mapping[str, str], output: Path, secrets: bytes = b""
    ) -> Child:
        """`env` is the child's whole environment; what it prints is appended to `output`. `secrets` as in `spawn`.

        Raises:
            OSError: it could not be started.
        """


def executed(program: Sequence[str]) -> Starter:
    """A new process of `program`, which is given the run directory as its last argument."""

    async def start(run_dir: Path, env: Mapping[str, str], output: Path, secrets: bytes = b"") -> Child:
        argv = [*program, str(run_dir)]
        pid, read_fd = spawn_reporting(argv, env=env, output=output, secrets=secrets)
        return Child(pid, read_fd, asyncio.ensure_future(wait_for_exit(pid)))

    return start


RECIPE = executed(RECIPE_PROGRAM)


def run_dir_of(spec: RunSpec) -> Path:
    """`jobs/<job>/<epoch>`: each attempt writes only in its own directory."""
    return spec.data_dir / "jobs" / spec.job_id / str(spec.epoch)


def child_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """An allow-listed environment with thread pools as large as our limits allow, which spin for microseconds, then
    sleep, and GPUs that are counted as `nvidia-smi` and we do.

    Two processes whose OpenMP threads spin for milliseconds on the same cores slow each other 7–20 times; threads
    that sleep at once lose as much time to waking up when the machine is quiet.
    """
    env = {k: v for k, v in os.environ.items() if k in _INHERITED or k.startswith(_INHERITED_PREFIXES)}
    cores = str(usable_cores())
    env |= {
        "PYTHONUNBUFFERED": "1",
        "OMP_NUM_THREADS": cores,
        "OPENBLAS_NUM_THREADS": cores,
        "CUDA_DEVICE_ORDER": "PCI_BUS_ID",
        "OMP_WAIT_POLICY": "PASSIVE",
        "GOMP_SPINCOUNT": "1000",
        "KMP_BLOCKTIME": "0",
        "TOKENIZERS_PARALLELISM": "false",
        "HF_HUB_OFFLINE": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HUB_DISABLE_XET": "1",
    }
    return env | dict(extra or {})


async def run_child(
    spec: RunSpec,
    sink: EventSink,
    *,
    cancel: asyncio.Event | None = None,
    extra_env: Mapping[str, str] | None = None,
    secrets: Mapping[str, str] | None = None,
    start: Starter = RECIPE,
) -> Outcome:
    """Start the run, feed every event to `sink`, and return how it ended.

    `secrets` become the child's `ctx.secrets`; neither its environment nor a file shows them. Setting `cancel` sends SIGTERM (the recipe saves a checkpoint) and SIGKILL after 30 s.

    Raises:
        OSError: the run directory or the child could not be made.
    """
    run_dir = run_dir_of(spec)
    run_dir.mkdir(parents=True, exist_ok=True)
    write_atomically(run_dir / "spec.json", spec.model_dump_json(indent=2).encode())
    killed_for_memory = _kills_for_memory()
    handed = json.dumps(dict(secrets)).encode() if secrets else b""
    child = await start(run_dir, child_environment(extra_env), run_dir / "output.log", handed)
    write_atomically(run_dir / "pid", str(child.pid).encode())
    outcome = await _follow(child, run_dir, sink, cancel or asyncio.Event())
    died = outcome.failure is not None and outcome.failure.code == SILENT_DEATH
    if died and _kills_for_memory() > killed_for_memory:
        outcome.failure = out_of_memory()
    return outcome


async def _follow(child: Child, run_dir: Path, sink: EventSink, cancel: asyncio.Event) -> Outcome:
    pid, exited = child.pid, child.exited

    async def end_on_cancel() -> int:
        await cancel.wait()
        return await end_group(pid, exited, grace_s=CANCEL_GRACE_S)

    ending = asyncio.create_task(end_on_cancel())
    outcome = Outcome(state=JobState.FAILED)
    try:
        reading = asyncio.ensure_future(_read_events(child.read_fd, run_dir, outcome, sink))
        await asyncio.wait((reading, exited), return_when=asyncio.FIRST_COMPLETED)
        if exited.done():  # what it forked would hold the pipe open for ever
            signal_group(pid, signal.SIGKILL)
        finished = await reading
        status = await asyncio.shield(exited)
    except BaseException:
        await end_group(pid, exited, grace_s=CANCEL_GRACE_S)
        raise
    finally:
        ending.cancel()
    return _conclude(outcome, finished, status, run_dir, cancelled=cancel.is_set())


async def _read_events(read_fd: int, run_dir: Path, outcome: Outcome, sink: EventSink) -> Finished | None:
    reader, transport = await read_reports(read_fd, limit=MAX_EVENT_BYTES)
    finished: Finished | None = None
    with (run_dir / "events.jsonl").open("ab") as spool:
        while line := await reader.readline():
            try:
                event = event_adapter.validate_json(line)
            except ValidationError:  # a line cut short by SIGKILL
                continue
            spool.write(line)
            spool.flush()
            match event.body:
                case Artifact():
                    outcome.artifacts.append(event.body)
                case Checkpoint():
                    outcome.checkpoints.append(event.body)
                case Report(name=name, body=body):
                    outcome.reports[name] = body
                case Failure():
                    outcome.failure = event.body
                case Finished():
                    finished = event.body
                case _:
                    pass
            sink(event)
    transport.close()
    return finished


def _conclude(
    outcome: Outcome, finished: Finished | None, status: int, run_dir: Path, *, cancelled: bool
) -> Outcome:
    if finished is not None:
        outcome.state = JobState(finished.outcome)
    elif outcome.failure is None and cancelled:
        outcome.state = JobState.CANCELLED
    elif outcome.failure is None:
        outcome.failure = _silent_death(status, run_dir)
    return outcome


def _kills_for_memory() -> int:
    """How often the kernel (Linux) has killed a process of this machine for want of memory."""
    try:
        counters = Path("/proc/vmstat").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in counters.splitlines() if line.startswith("oom_kill ")), 0)


def _silent_death(status: int, run_dir: Path) -> Failure:
    log = run_dir / "output.log"
    tail = log.read_text(errors="replace").strip().splitlines()[-1:] if log.exists() else []
    last = tail[0] if tail else "-"
    how = f"signal {-status}" if status < 0 else f"exit {status}"
    return Failure(
        failure_class=FailureClass.INFRASTRUCTURE,
        code=SILENT_DEATH,
        ja=f"実行中のプロセスが途中で終了しました（{how}、最後の出力: {last}）。メモリが足りているか確認して、続きから再開してください。",
        en=f"The process of the run ended early ({how}; last output: {last}). Check that there is enough memory, then resume.",
    )
