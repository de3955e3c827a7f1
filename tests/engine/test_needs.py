"""The database refuses to delete what is in use, whoever asks and whenever: keys hold where checks came too early."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from llmlora.contracts.states import JobState
from llmlora.engine.embedded.services import ServiceUrls
from llmlora.features.deployments import registry
from llmlora.features.jobs.errors import JobInUseError
from llmlora.features.jobs.repository import keep_job
from llmlora.features.jobs.service import delete_job
from llmlora.kit.clock import utc_now
from llmlora.kit.db import Database
from llmlora.kit.ids import new_id
from llmlora.tables.base_model import BaseModelRow
from llmlora.tables.job import JobRow

from tests.engine.test_groups import until_waiting
from tests.fakes.work import execute, job_of, make_job
from tests.features.chat_door import files_of, job_over, registered_base
from tests.features.openai.door import stored_file

pytestmark = pytest.mark.anyio


@pytest.fixture
async def database(own_urls: ServiceUrls) -> AsyncIterator[Database]:
    opened = Database(own_urls.database_url)
    yield opened
    await execute(opened, "UPDATE job SET state = 'cancelled' WHERE state IN ('pending', 'queued')")
    await execute(opened, "DELETE FROM deployment")
    await execute(opened, "DELETE FROM job")
    await opened.close()


@pytest.fixture
async def base(database: Database) -> AsyncIterator[BaseModelRow]:
    async with registered_base(database, None) as row:
        yield row


@pytest.fixture
async def dataset_id(database: Database, data_dir: Path) -> str:
    return (await stored_file(database, data_dir)).removeprefix("file-")


async def needed_by(database: Database, job_id: str) -> set[str]:
    """Ids of what a job needs."""
    rows = text(
        "SELECT coalesce(needed_job_id, needed_dataset_id, needed_base_model_id) FROM need WHERE job_id = :id"
    )
    async with database.unit_of_work() as session:
        return {str(one) for one in await session.scalars(rows, {"id": job_id})}


async def deployed(database: Database, base: BaseModelRow, gguf: str = "base.gguf") -> str:
    async with database.unit_of_work() as session:
        job_id = await job_over(session)
        row = await registry.propose_deployment(
            session, job_id=job_id, training_job_id=None, name=job_id, base_model_id=base.id, served=files_of(gguf)
        )  # fmt: skip
        return row.id


async def refused(database: Database, table: str, id_: str) -> None:
    with pytest.raises(IntegrityError, match="need_needed_"):
        await execute(database, f"DELETE FROM {table} WHERE id = :id", id=id_)


class TestJob:
    async def test_needs_what_it_reads_whatever_its_recipe_calls_it_until_it_ends(
        self, database: Database, base: BaseModelRow, dataset_id: str
    ) -> None:
        other = await make_job(database)
        inputs = {"dataset_id": dataset_id, "base_model": base.reference, "teacher": other}
        job_id = await make_job(database, inputs=inputs)
        assert await needed_by(database, job_id) == {dataset_id, base.id, other}
        await refused(database, "dataset", dataset_id)
        await refused(database, "base_model", base.id)
        await execute(database, "UPDATE job SET state = 'cancelled' WHERE id IN (:a, :b)", a=job_id, b=other)
        assert await needed_by(database, job_id) == set()
        for table, id_ in (("dataset", dataset_id), ("job", other)):
            await execute(database, f"DELETE FROM {table} WHERE id = :id", id=id_)
        assert (await job_of(database, job_id)).inputs == inputs

    async def test_needs_what_it_waits_for(self, database: Database) -> None:
        before = await make_job(database)
        job_id = await make_job(database, after=[before])
        assert await needed_by(database, job_id) == {before}

    async def test_that_names_a_base_by_reference_needs_it_once_it_is_there(self, database: Database) -> None:
        reference = f"hf:tests/later-{new_id('n')}"
        job_id = await make_job(database, inputs={"base_model": reference})
        assert await needed_by(database, job_id) == set()
        async with registered_base(database, None, reference=reference) as row:
            assert await needed_by(database, job_id) == {row.id}


class TestDeployment:
    async def test_needs_its_job_its_base_and_what_its_files_lie_in(
        self, database: Database, base: BaseModelRow
    ) -> None:
        async with database.unit_of_work() as session:
            export = await job_over(session)
        id_ = await deployed(database, base, f"jobs/{export}/1/model.gguf")
        await refused(database, "job", export)
        await refused(database, "base_model", base.id)
        async with database.unit_of_work() as session:
            with pytest.raises(JobInUseError) as caught:
                await delete_job(session, export)
            name = await session.scalar(text("SELECT name FROM deployment WHERE id = :id"), {"id": id_})
        assert f"The deployed model {name} uses it" in caught.value.detail("en")

    async def test_that_was_rejected_stays_when_its_job_and_its_base_go(
        self, database: Database, base: BaseModelRow
    ) -> None:
        id_ = await deployed(database, base)
        await execute(database, "UPDATE deployment SET state = 'rejected' WHERE id = :id", id=id_)
        await execute(database, "DELETE FROM job")
        await execute(database, "DELETE FROM base_model WHERE id = :id", id=base.id)
        async with database.unit_of_work() as session:
            row = await session.execute(
                text("SELECT job_id, base_model_id FROM deployment WHERE id = :id"), {"id": id_}
            )
            assert row.one() == (None, None)


class TestAtTheSameTime:
    async def test_dataset_stays_for_a_job_that_is_being_stored(
        self, database: Database, dataset_id: str
    ) -> None:
        """Whoever deletes looked before the job was to be seen."""
        async with database.unit_of_work() as storing:
            now = utc_now()
            job = JobRow(
                id=new_id("job"), name="x", recipe="r", state=JobState.QUEUED, config={},
                inputs={"dataset_id": dataset_id}, next_run_at=now, created_at=now,
            )  # fmt: skip
            await keep_job(storing, job, ())
            deleting = asyncio.create_task(refused(database, "dataset", dataset_id))
            await until_waiting(database)
        await deleting

    async def test_job_is_not_stored_for_a_dataset_that_goes(
        self, database: Database, dataset_id: str
    ) -> None:
        async with database.unit_of_work() as deleting:
            await deleting.execute(text("DELETE FROM dataset WHERE id = :id"), {"id": dataset_id})
            storing = asyncio.create_task(make_job(database, inputs={"dataset_id": dataset_id}))
            await until_waiting(database)
        with pytest.raises(IntegrityError, match="need_needed_dataset_id_fkey"):
            await storing

    async def test_base_stays_for_a_deployment_that_is_being_proposed(
        self, database: Database, base: BaseModelRow
    ) -> None:
        async with database.unit_of_work() as proposing:
            job_id = await job_over(proposing)
            await registry.propose_deployment(
                proposing, job_id=job_id, training_job_id=None, name=job_id, base_model_id=base.id, served=files_of()
            )  # fmt: skip
            deleting = asyncio.create_task(refused(database, "base_model", base.id))
            await until_waiting(database)
        await deleting

    async def test_deployment_is_not_proposed_for_a_base_that_goes(
        self, database: Database, base: BaseModelRow
    ) -> None:
        async with database.unit_of_work() as deleting:
            await deleting.execute(text("DELETE FROM base_model WHERE id = :id"), {"id": base.id})
            proposing = asyncio.create_task(deployed(database, base))
            await until_waiting(database)
        with pytest.raises(IntegrityError, match="_fkey"):
            await proposing
