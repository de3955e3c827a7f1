"""The features' side of a run, recipe by recipe. Implements `engine.job_run.JobWork`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from llmlora.contracts.events import ArtifactKind
from llmlora.contracts.recipe import BaseModelInput, FileInput, Resources, RunInputs, RunSpec
from llmlora.engine.capacity import Grant
from llmlora.engine.job_run import Prepared
from llmlora.engine.process_host import Outcome, run_dir_of
from llmlora.engine.serving.spec import EndpointSource, LlamaCppSpec
from llmlora.features.datasets.service import as_input as dataset_input
from llmlora.features.deployments.adapters import TEMPLATE_NAME
from llmlora.features.deployments.errors import DeploymentNotFoundError
from llmlora.features.deployments.registry import (
    accept_deployment,
    default_name,
    propose_deployment,
    reject_deployment,
    server_spec,
)
from llmlora.features.deployments.schemas import DeployedFiles
from llmlora.features.jobs import repository
from llmlora.features.jobs.service import newest_checkpoint
from llmlora.features.models.repository import keep as keep_base_model
from llmlora.features.models.service import as_input as base_model_input
from llmlora.features.models.service import (
    find_base_model,
    hub_environment,
    row_of_import,
    verify_base_model,
)
from llmlora.features.runs.errors import ArtifactGoneError, BaseNotServableError, DatasetGoneError
from llmlora.kit.db import Database
from llmlora.kit.settings import Settings
from llmlora.recipes.blocks.base_model_errors import UnknownBaseModelError
from llmlora.recipes.deploy_llama_cpp.spec import ENDPOINT_KEY_VARIABLE
from llmlora.recipes.import_base_model.reference import parse
from llmlora.tables.artifact import ArtifactRow
from llmlora.tables.base_model import BaseModelRow
from llmlora.tables.dataset import DatasetRow
from llmlora.tables.deployment import DeploymentRow
from llmlora.tables.job import JobRow

CONTEXT_TOKENS = 2048


class RecipeWork:
    """Prepares and settles the jobs of every recipe of this product."""

    def __init__(self, database: Database, settings: Settings, endpoints: EndpointSource) -> None:
        self._database = database
        self._settings = settings
        self._data_dir = settings.data_dir
        self._endpoints = endpoints

    @asynccontextmanager
    async def prepared(self, job: JobRow, grant: Grant) -> AsyncIterator[Prepared]:
        """Inputs verified and turned into paths; a deployment's server is running meanwhile.

        Raises:
            AppError: an input is gone or is not what was registered; the server does not start.
        """
        async with self._database.unit_of_work() as session:
            inputs, base = await self._inputs(session, job)
            checkpoint = await newest_checkpoint(session, self._data_dir, job)
        if base is not None:
            await verify_base_model(base, self._data_dir)
        env: dict[str, str] = {}
        if grant.gpu is not None:
            env["CUDA_VISIBLE_DEVICES"] = str(grant.gpu)
        spec = RunSpec(
            job_id=job.id,
            epoch=job.epoch,
            recipe=job.recipe,
            config=job.config,
            inputs=inputs,
            resources=Resources.model_validate({"device": job.device, "threads": grant.cpus}),
            data_dir=self._data_dir,
            resume_from=self._data_dir / checkpoint.path if checkpoint else None,
        )
        if job.recipe == "import_base_model" and parse(str(job.config["reference"])).source == "hf":
            env |= hub_environment(self._settings, run_dir_of(spec))
        if job.recipe == "deploy_llama_cpp":
            assert base is not None
            endpoint = await self._endpoints.endpoint(await self._served(job, base, inputs))
            env |= {ENDPOINT_KEY_VARIABLE: endpoint.api_key} if endpoint.api_key else {}
            shown = endpoint.model_copy(update={"api_key": None})
            spec = spec.model_copy(update={"inputs": inputs.model_copy(update={"endpoint": shown})})
        yield Prepared(spec, env)

    async def completed(self, session: AsyncSession, job: JobRow, outcome: Outcome) -> None:
        """Register what an import or a deployment has brought about."""
        if job.recipe == "import_base_model":
            asked = str(job.config["reference"])
            await keep_base_model(session, row_of_import(outcome.artifacts[0], asked, self._data_dir))
        if job.recipe == "deploy_llama_cpp":
            await accept_deployment(session, job.id, dict(outcome.reports["gates"]))

    async def ended(self, session: AsyncSession, job: JobRow, outcome: Outcome) -> None:
        """A deployment whose gates were red, or never asked, is not used."""
        if job.recipe == "deploy_llama_cpp":
            gates = outcome.reports.get("gates")
            with suppress(DeploymentNotFoundError):  # it failed before it had anything to propose
                await reject_deployment(session, job.id, dict(gates) if gates else None)

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
        if not found:
            raise ArtifactGoneError(job_id=job_id, kind=kind)
        return FileInput(path=self._data_dir / found[0].path, sha256=found[0].sha256)

    async def _served(self, job: JobRow, base: BaseModelRow, inputs: RunInputs) -> LlamaCppSpec:
        """Record the deployment as being checked; what serves it."""
        assert inputs.base_model is not None
        assert inputs.adapter is not None
        assert inputs.adapter_gguf is not None
        if inputs.base_model.gguf is None:
            raise BaseNotServableError(reference=base.reference)
        template = inputs.adapter.path / TEMPLATE_NAME
        files = DeployedFiles(
            base_gguf=self._stored(inputs.base_model.gguf),
            base_quantisation=str(job.config["quantisation"]),
            adapter_gguf=self._stored(inputs.adapter_gguf.path),
            adapter_sha256=inputs.adapter_gguf.sha256,
            adapter_dir=self._stored(inputs.adapter.path),
            chat_template=self._stored(template) if template.is_file() else None,
            n_ctx=min(CONTEXT_TOKENS, base.context_length),
        )
        async with self._database.unit_of_work() as session:
            row: DeploymentRow = await propose_deployment(
                session,
                job_id=job.id,
                training_job_id=job.inputs.get("training_job_id"),
                name=default_name(base.reference, job.name, job.inputs.get("training_job_id") or job.id),
                base_model_id=base.id,
                files=files,
            )
            return server_spec(row, self._data_dir)

    def _stored(self, path: Path) -> str:
        inside = path.is_relative_to(self._data_dir)
        return (path.relative_to(self._data_dir) if inside else path).as_posix()


def _with_gguf(base: BaseModelInput | None, exported: FileInput | None) -> BaseModelInput | None:
    """The base with the GGUF that was exported for it, where it has none of its own."""
    if base is None or exported is None or base.gguf is not None:
        return base
    return base.model_copy(update={"gguf": exported.path})
