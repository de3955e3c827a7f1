"""Runs one recipe on a host and hands its events on, in order."""

import asyncio
import json
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import JsonValue, ValidationError

from llmlora.contracts.events import (
    Artifact,
    Checkpoint,
    Event,
    Failure,
    Finished,
    Report,
    event_adapter,
)
from llmlora.contracts.failures import CHILD_DIED, failure_of
from llmlora.contracts.run import RunSpec
from llmlora.contracts.states import JobState
from llmlora.engine.hosts.handle import Ended, Host, RunHandle
from llmlora.engine.hosts.process import RECIPE, child_environment
from llmlora.kit.files import write_atomically
from llmlora.kit.processes import how_ended

CANCEL_GRACE_S = 30.0

EventSink = Callable[[Event], None]


@dataclass
class Outcome:
    """How a run ended. `state` is final: completed, failed or cancelled."""

    state: JobState
    failure: Failure | None = None
    artifacts: list[Artifact] = field(default_factory=list)
    checkpoints: list[Checkpoint] = field(default_factory=list)
    reports: dict[str, dict[str, JsonValue]] = field(default_factory=dict)


def run_dir_of(spec: RunSpec) -> Path:
    """`jobs/<job>/<epoch>`: each attempt writes only in its own directory."""
    return spec.data_dir / "jobs" / spec.job_id / str(spec.epoch)


async def run_recipe(
    spec: RunSpec,
    sink: EventSink,
    *,
    cancel: asyncio.Event | None = None,
    extra_env: Mapping[str, str] | None = None,
    secrets: Mapping[str, str] | None = None,
    host: Host = RECIPE,
    on_start: Callable[[RunHandle], None] = lambda _run: None,
) -> Outcome:
    """Start the run, feed every event to `sink`, and return how it ended. `on_start` is given the run once it is there.

    `secrets` become the run's `ctx.secrets`; neither its environment nor a file shows them. Setting `cancel` stops it
    (the recipe saves a checkpoint), by force after 30 s.

    Raises:
        OSError: the run directory could not be made, or the run not be started.
    """
    run_dir = run_dir_of(spec)
    run_dir.mkdir(parents=True, exist_ok=True)
    write_atomically(run_dir / "spec.json", spec.model_dump_json(indent=2).encode())
    handed = json.dumps(dict(secrets)).encode() if secrets else b""
    run = await host(run_dir, child_environment(extra_env), run_dir / "output.log", handed)
    on_start(run)
    return await _follow(run, run_dir, sink, cancel or asyncio.Event())


async def _follow(run: RunHandle, run_dir: Path, sink: EventSink, cancel: asyncio.Event) -> Outcome:
    async def stop_on_cancel() -> None:
        await cancel.wait()
        await run.stop(grace_s=CANCEL_GRACE_S)

    outcome = Outcome(state=JobState.FAILED)
    stopping = asyncio.create_task(stop_on_cancel())
    ending = asyncio.create_task(run.ended())
    reading = asyncio.create_task(_read_events(run, run_dir, outcome, sink))
    try:
        await asyncio.wait((reading, ending), return_when=asyncio.FIRST_COMPLETED)
        if ending.done():  # what it had started would keep its events open for ever
            run.kill()
        finished = await reading
        ended = await ending
    except BaseException:
        await run.stop(grace_s=CANCEL_GRACE_S)
        raise
    finally:
        for task in (stopping, ending, reading):
            task.cancel()
    return _conclude(outcome, finished, ended, run_dir, cancelled=cancel.is_set())


async def _read_events(run: RunHandle, run_dir: Path, outcome: Outcome, sink: EventSink) -> Finished | None:
    finished: Finished | None = None
    async with aclosing(run.events()) as events, AsyncExitStack() as stack:
        spool = stack.enter_context((run_dir / "events.jsonl").open("ab"))
        async for line in events:
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
    return finished


def _conclude(
    outcome: Outcome, finished: Finished | None, ended: Ended, run_dir: Path, *, cancelled: bool
) -> Outcome:
    if finished is not None:
        outcome.state = JobState(finished.outcome)
    elif outcome.failure is None and cancelled:
        outcome.state = JobState.CANCELLED
    elif outcome.failure is None:
        outcome.failure = (
            failure_of("out_of_memory") if ended.is_out_of_memory else _silent_death(ended.status, run_dir)
        )
    return outcome


def _silent_death(status: int, run_dir: Path) -> Failure:
    log = run_dir / "output.log"
    tail = log.read_text(errors="replace").strip().splitlines()[-1:] if log.exists() else []
    last = tail[0] if tail else "-"
    how = how_ended(status)
    return failure_of(CHILD_DIED, how=how, last=last)
