"""Runs without a queue (`train --local`): prepared, run in a child of this process, resumed from the last checkpoint."""

import asyncio
import fcntl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from llmlora.contracts.recipe import Resources, RunInputs, RunSpec
from llmlora.contracts.states import JobState
from llmlora.engine.hosts.running import EventSink, Outcome, run_dir_of, run_recipe
from llmlora.features.jobs.errors import (
    JobBusyError,
    JobNotFoundError,
    NothingToResumeError,
)
from llmlora.features.recipes.configs import refuse_kind, validate_config
from llmlora.kit.errors import JobFailedError
from llmlora.kit.ids import new_id
from llmlora.kit.manifest import first_missing_file
from llmlora.recipes import RECIPES


def prepare_run(
    recipe_name: str,
    config: Mapping[str, Any],
    inputs: RunInputs,
    data_dir: Path,
    resources: Resources | None = None,
) -> RunSpec:
    """The first run of a new job, checked before any process starts.

    Raises:
        ConfigInvalidError: the config is not valid.
        RecipeRefusesKindError: the data set is of another kind.
    """
    recipe = RECIPES[recipe_name]
    if "dataset" in inputs:
        refuse_kind(recipe, inputs.dataset().kind)
    return RunSpec(
        job_id=new_id("job"),
        epoch=1,
        recipe=recipe_name,
        config=validate_config(recipe, config),
        inputs=inputs,
        resources=resources or Resources(),
        data_dir=data_dir,
    )


def resume_run(job_id: str, data_dir: Path) -> RunSpec:
    """The next run of a job that ended early, from its newest checkpoint; the run itself proves it whole.

    Raises:
        JobNotFoundError: there is no such job.
        NothingToResumeError: it left no usable checkpoint.
    """
    epochs = _epochs_of(job_id, data_dir)
    last = RunSpec.model_validate_json((epochs[-1] / "spec.json").read_bytes())
    saved = [
        checkpoint
        for epoch in reversed(epochs)
        for checkpoint in sorted(epoch.glob("checkpoints/step-*"), reverse=True)
        if first_missing_file(checkpoint) is None
    ]
    if not saved:
        raise NothingToResumeError(job_id=job_id)
    going_on = {"resume_from": saved[0], "resume_else": tuple(saved[1:])}
    return last.model_copy(update={"epoch": int(epochs[-1].name) + 1, **going_on})


def latest_run_dir(job_id: str, data_dir: Path) -> Path:
    """The run directory of a job's newest epoch.

    Raises:
        JobNotFoundError: there is no such job.
    """
    return _epochs_of(job_id, data_dir)[-1]


async def run_job(
    spec: RunSpec,
    sink: EventSink,
    *,
    cancel: asyncio.Event | None = None,
    extra_env: Mapping[str, str] | None = None,
) -> Outcome:
    """Run to the end.

    Raises:
        JobBusyError: another process runs this job.
        JobFailedError: the run failed; carries the failure's own words.
    """
    with _job_lock(spec):
        outcome = await run_recipe(spec, sink, cancel=cancel, extra_env=extra_env)
    if outcome.state is JobState.FAILED:
        assert outcome.failure is not None
        raise JobFailedError(
            failure_code=outcome.failure.code, ja_text=outcome.failure.ja, en_text=outcome.failure.en
        )
    return outcome


def _epochs_of(job_id: str, data_dir: Path) -> list[Path]:
    directory = data_dir / "jobs" / job_id
    numbered = [p for p in directory.glob("*") if p.name.isdigit() and (p / "spec.json").is_file()]
    if Path(job_id).name != job_id or not numbered:
        raise JobNotFoundError(job_id=job_id)
    return sorted(numbered, key=lambda p: int(p.name))


@contextmanager
def _job_lock(spec: RunSpec) -> Iterator[None]:
    """One run of a job at a time; the kernel frees the lock of a process that dies."""
    directory = run_dir_of(spec).parent
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise JobBusyError(job_id=spec.job_id) from error
        yield
