"""The worker of a measured platform: `python -m llmlora.devtools.bench.worker --data-dir DIR`.

It is `entry.worker` but for two things: jobs with a `stream` need no inputs, and the child may be `bench.stream`. Claims,
spool, relay, database, hints and sockets are those of the product.
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from llmlora.contracts.events import StateChange
from llmlora.contracts.run import Resources, RunInputs, RunSpec
from llmlora.contracts.states import JobState
from llmlora.devtools.bench.stream import STREAM
from llmlora.engine.embedded.services import running_services
from llmlora.engine.hosts.process import executed
from llmlora.engine.jobs.capacity import Grant
from llmlora.engine.jobs.event_store import append_state
from llmlora.engine.jobs.job_run import Prepared
from llmlora.engine.platform.programs import Program
from llmlora.entry.program import program_settings
from llmlora.entry.worker import WorkerSetup, serve
from llmlora.features.jobs.repository import keep_job
from llmlora.features.runs.work import RecipeWork
from llmlora.kit.clock import utc_now
from llmlora.kit.db import Database
from llmlora.kit.ids import new_id
from llmlora.kit.settings import Settings
from llmlora.recipes import DEFAULT
from llmlora.tables.job import JobRow

PROGRAM = (sys.executable, "-m", "llmlora.devtools.bench.stream")


class StreamWork(RecipeWork):
    """The product's work, and jobs that only emit."""

    @asynccontextmanager
    async def prepared(self, job: JobRow, grant: Grant) -> AsyncIterator[Prepared]:
        """A spec without inputs for a stream."""
        if STREAM not in job.config:
            async with super().prepared(job, grant) as prepared:
                yield prepared
            return
        yield Prepared(
            RunSpec(
                job_id=job.id,
                epoch=job.epoch,
                recipe=job.recipe,
                config=job.config,
                inputs=RunInputs(),
                resources=Resources(device="cpu", threads=1),
                data_dir=self._data_dir,
            )
        )


def with_streams(programs: tuple[Program, ...], settings: Settings) -> tuple[Program, ...]:
    """The programs of `up`, with this worker in the place of its own."""
    argv = (sys.executable, "-m", "llmlora.devtools.bench.worker", "--data-dir", str(settings.data_dir))
    return tuple(replace(one, argv=argv) if one.name == "worker" else one for one in programs)


async def store_stream(settings: Settings, name: str, *, steps: int, per_s: float) -> str:
    """Queue a job that emits `steps` batches, `per_s` a second (0: as fast as they are taken); returns its id."""
    now = utc_now()
    job = JobRow(
        id=new_id("job"),
        name=name,
        recipe=DEFAULT.name,
        state=JobState.QUEUED,
        config={STREAM: {"steps": steps, "per_s": per_s}},
        inputs={},
        device="cpu",
        cpus=1,
        next_run_at=now,
        created_at=now,
    )
    async with running_services(settings) as urls:
        database = Database(urls.database_url)
        try:
            async with database.unit_of_work() as session:
                await keep_job(session, job, ())
                await append_state(session, job, StateChange(state=JobState.QUEUED))
            return job.id
        finally:
            await database.close()


def main() -> None:
    """Begin as `up` asks and work."""
    asyncio.run(serve(program_settings(), WorkerSetup(StreamWork, executed(PROGRAM))))


if __name__ == "__main__":
    main()
