"""The features' side of a run, recipe by recipe. Implements `engine.jobs.job_run.JobWork`."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncSession

from llmlora.contracts.events import ARTIFACT_WORDS, ArtifactKind
from llmlora.contracts.recipe import (
    BaseModelInput,
    EndpointInput,
    FileInput,
    PlannedExport,
    RunInputs,
    RunSpec,
)
from llmlora.contracts.states import FINAL_STATES
from llmlora.engine.hosts.running import Outcome, run_dir_of
from llmlora.engine.jobs.capacity import Grant
from llmlora.engine.jobs.job_run import Prepared
from llmlora.engine.jobs.queue import CANCEL
from llmlora.engine.serving.spec import EndpointSource
from llmlora.features.datasets.service import as_input as dataset_input
from llmlora.features.jobs import repository
from llmlora.features.jobs.service import usable_checkpoints
from llmlora.features.models.repository import keep as keep_base_model
from llmlora.features.models.service import as_input as base_model_input
from llmlora.features.models.service import (
    find_base_model,
    row_of_import,
    source_environment,
    source_secrets,
    verify_base_model,
)
from llmlora.features.runs import deploying
from llmlora.features.runs.errors import ArtifactGoneError, DatasetGoneError
from llmlora.kit.db import Database
from llmlora.kit.settings import Settings
from llmlora.recipes import RECIPES
from llmlora.recipes.blocks.base_model_errors import UnknownBaseModelError
from llmlora.recipes.blocks.base_reference import parse
from llmlora.recipes.deploy_llama_cpp.spec import ENDPOINT_KEY_VARIABLE
from llmlora.recipes.import_base_model.hub_downloads import Download
from llmlora.tables.artifact import ArtifactRow
from llmlora.tables.base_model import BaseModelRow
from llmlora.tables.dataset import DatasetRow
from llmlora.tables.job import JobRow


class RecipeWork:
    """Prepares and settles the jobs of every recipe of this product."""

    def __init__(self, database: Database, settings: Settings, endpoints: EndpointSource) -> None:
        self._database = database
        self._settings = settings
        self._data_dir = settings.data_dir
        self._deploying = deploying.Deploying(database, settings, endpoints)

    @asynccontextmanager
    async def prepared(self, job: JobRow, grant: Grant) -> AsyncIterator[Prepared]:
        """Inputs verified and turned into paths; a deployment's server is running meanwhile.

        Raises:
            AppError: an input is gone or is not what was registered; the server does not start.
        """
        async with self._database.unit_of_work() as session:
            inputs, base = await self._inputs(session, job)
            rows = await usable_checkpoints(session, self._data_dir, job)
            saved = [self._data_dir / row.path for row in rows]
            exports = await _exports_behind(session, job)
        if base is not None:
            await verify_base_model(base, self._data_dir)
        env = grant.environment()
        spec = RunSpec(
            job_id=job.id,
            epoch=job.epoch,
            recipe=job.recipe,
            config=job.config,
            inputs=inputs,
            resources=grant.resources(job),
            data_dir=self._data_dir,
            resume_from=saved[0] if saved else None,
            resume_else=tuple(saved[1:]),
            exports=exports,
        )
        secrets: dict[str, str] = {}
        if job.recipe == "import_base_model":
            source = parse(str(job.config["reference"])).source
            env |= source_environment(source, self._settings, run_dir_of(spec))
            secrets = await source_secrets(source, self._database, self._settings)
        endpoint = await self._endpoint(job, base, inputs)
        if endpoint is not None:
            env |= {ENDPOINT_KEY_VARIABLE: endpoint.api_key} if endpoint.api_key else {}
            shown = endpoint.model_copy(update={"api_key": None})
            spec = spec.model_copy(update={"inputs": inputs.model_copy(update={"endpoint": shown})})
        yield Prepared(spec, env, secrets)

    async def completed(self, session: AsyncSession, job: JobRow, outcome: Outcome) -> None:
        """Register what an import or a deployment has brought about."""
        if job.recipe == "import_base_model":
            asked = str(job.config["reference"])
            kept = await keep_base_model(session, row_of_import(outcome.artifacts[0], asked, self._data_dir))
            for waiting in await repository.lock_pending_followers(session, job.id):
                if waiting.inputs.get("base_model") == asked:  # a reference may mean another model tomorrow
                    waiting.inputs = {**waiting.inputs, "base_model": kept.id}
        if job.recipe in deploying.RECIPES:
            await self._deploying.completed(session, job, outcome)

    async def ended(self, session: AsyncSession, job: JobRow, outcome: Outcome) -> None:
        """A deployment whose gates were red, or never asked, is not used; what is discarded of a download goes."""
        if job.recipe == "import_base_model" and job.desired == CANCEL and not job.keep_checkpoint:
            download = Download(self._data_dir / "models", parse(str(job.config["reference"])))
            await asyncio.to_thread(download.forget)
        if job.recipe in deploying.RECIPES:
            await self._deploying.ended(session, job, outcome)

    async def _endpoint(
        self, job: JobRow, base: BaseModelRow | None, inputs: RunInputs
    ) -> EndpointInput | None:
        """The server that the job talks to, if it does."""
        if job.recipe == "pull_ollama_model":
            return self._deploying.ollama(str(job.config["name"]))
        if job.recipe not in deploying.RECIPES:
            return None
        assert base is not None
        return await self._deploying.endpoint(job, base, inputs)

    async def _inputs(self, session: AsyncSession, job: JobRow) -> tuple[RunInputs, BaseModelRow | None]:
        named = job.inputs
        dataset = await self._dataset(session, named.get("dataset_id"))
        base = await self._base(session, named.get("base_model"))
        adapter = await self._file(session, named.get("training_job_id"), ArtifactKind.ADAPTER)
        adapter_gguf = await self._file(session, named.get("export_job_id"), ArtifactKind.GGUF)
        base_gguf = await self._file(session, named.get("base_export_job_id"), ArtifactKind.GGUF)
        shown = base_model_input(base, self._data_dir) if base else None
        inputs = RunInputs(
            dataset=dataset_input(dataset, self._data_dir) if dataset else None,
            base_model=_with_gguf(shown, base_gguf),
            adapter=adapter,
            adapter_gguf=adapter_gguf,
            base_gguf=base_gguf,
        )
        return inputs, base

    async def _dataset(self, session: AsyncSession, dataset_id: str | None) -> DatasetRow | None:
        if dataset_id is None:
            return None
        row = await session.get(DatasetRow, dataset_id)
        if row is None:
            raise DatasetGoneError(id=dataset_id)
        return row

    async def _base(self, session: AsyncSession, reference: str | None) -> BaseModelRow | None:
        if reference is None:
            return None
        row = await find_base_model(session, reference)
        if row is None:
            raise UnknownBaseModelError(reference=reference, known="-")
        return row

    async def _file(self, session: AsyncSession, job_id: str | None, kind: ArtifactKind) -> FileInput | None:
        if job_id is None:
            return None
        found: list[ArtifactRow] = await repository.artifacts_of(session, job_id, kind)
        if not found or not (self._data_dir / found[0].path).exists():
            raise ArtifactGoneError(job_id=job_id, kind=ARTIFACT_WORDS[kind])
        return FileInput(path=self._data_dir / found[0].path, sha256=found[0].sha256)


async def _exports_behind(session: AsyncSession, job: JobRow) -> tuple[PlannedExport, ...]:
    """The GGUFs that jobs of the queue are to make when a training has ended."""
    if not RECIPES[job.recipe].trains:
        return ()
    waiting = [one for one in await repository.followers_of(session, job.id) if one.state not in FINAL_STATES]
    exporting = [one for one in waiting if ArtifactKind.GGUF in RECIPES[one.recipe].artifacts]
    return tuple(
        PlannedExport(target=one.config["target"], outtype=one.config["outtype"]) for one in exporting
    )


def _with_gguf(base: BaseModelInput | None, exported: FileInput | None) -> BaseModelInput | None:
    """The base with the GGUF that was exported for it, where it has none of its own."""
    if base is None or exported is None or base.gguf is not None:
        return base
    return base.model_copy(update={"gguf": exported.path})
