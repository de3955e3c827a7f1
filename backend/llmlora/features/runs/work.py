"""The features' side of a run. Implements `engine.jobs.job_run.JobWork`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncSession

from llmlora.engine.hosts.running import Outcome
from llmlora.engine.jobs.capacity import Grant
from llmlora.engine.jobs.job_run import Prepared
from llmlora.engine.serving.spec import EndpointSource
from llmlora.features.deployments.targets.target import DeployTools
from llmlora.features.runs.completing import discard_leftovers, keep_results, reject_proposed
from llmlora.features.runs.preparing import prepare
from llmlora.kit.db import Database
from llmlora.kit.settings import Settings
from llmlora.tables.job import JobRow


class RecipeWork:
    """Prepares and settles the jobs of every recipe."""

    def __init__(self, database: Database, settings: Settings, endpoints: EndpointSource) -> None:
        self._tools = DeployTools(database, settings, endpoints)
        self._data_dir = settings.data_dir

    @asynccontextmanager
    async def prepared(self, job: JobRow, grant: Grant) -> AsyncIterator[Prepared]:
        """Inputs verified and turned into paths; what it talks to is running.

        Raises:
            AppError: an input is gone or is not what was registered; the server does not start.
        """
        yield await prepare(self._tools, job, grant)

    async def completed(self, session: AsyncSession, job: JobRow, outcome: Outcome) -> None:
        """Register what the run has made."""
        await keep_results(session, job, outcome, self._data_dir)

    async def ended(self, session: AsyncSession, job: JobRow, outcome: Outcome) -> None:
        """Take back what the run had begun."""
        await discard_leftovers(job, self._data_dir)
        await reject_proposed(session, job, outcome)
