"""What a deploying job needs while it runs, target by target, and what becomes of its deployment afterwards."""

import asyncio
from contextlib import suppress
from pathlib import Path

from pydantic import JsonValue
from sqlalchemy.ext.asyncio import AsyncSession

from llmlora.contracts.recipe import EndpointInput, RunInputs
from llmlora.data.chat_files import CONFIG_NAME, TEMPLATE_NAME
from llmlora.data.held import USUAL_TOKENS
from llmlora.engine.hosts.running import Outcome
from llmlora.engine.serving.spec import EndpointSource
from llmlora.features.deployments import registry, staging
from llmlora.features.deployments.errors import DeploymentNotFoundError
from llmlora.features.deployments.schemas import DeployedFiles, RegisteredTag
from llmlora.features.deployments.watching import print_of
from llmlora.features.forecast.architecture import architecture_of
from llmlora.features.forecast.context import default_context, refuse_context
from llmlora.features.runs.errors import BaseNotServableError
from llmlora.inference.ollama.names import base_url_of
from llmlora.inference.ollama.server import OllamaServer
from llmlora.kit.db import Database
from llmlora.kit.errors import AppError
from llmlora.kit.files import sha256_of_file
from llmlora.kit.machine import memory_now
from llmlora.kit.settings import Settings
from llmlora.recipes.deploy_llama_cpp.spec import DeployLlamaCppConfig
from llmlora.recipes.deploy_ollama.spec import DeployOllamaConfig
from llmlora.tables.base_model import BaseModelRow
from llmlora.tables.deployment import DeploymentRow
from llmlora.tables.job import JobRow

LLAMA_CPP, OLLAMA = "deploy_llama_cpp", "deploy_ollama"
RECIPES = frozenset({LLAMA_CPP, OLLAMA})


class Deploying:
    """The deployments of this worker's jobs."""

    def __init__(self, database: Database, settings: Settings, endpoints: EndpointSource) -> None:
        self._database, self._settings, self._endpoints = database, settings, endpoints

    async def endpoint(self, job: JobRow, base: BaseModelRow, inputs: RunInputs) -> EndpointInput:
        """Record the deployment as being checked; where the job's gates can ask it, key included.

        Raises:
            BaseNotServableError: llama.cpp has no GGUF of the base.
            InvalidInputError: the context that was asked for is beyond the model or the machine.
            AppError: the server does not start.
        """
        if job.recipe == OLLAMA:
            config = DeployOllamaConfig.model_validate(job.config)
            await self._propose(job, base, config.name, _tag(config), replace=config.replace)
            await self._sweep()
            return self.ollama(config.name)
        context = await self._context(job, base)
        files = await asyncio.to_thread(self._files, job, base, inputs, context)
        suffix = job.inputs.get("training_job_id") or job.id
        name = registry.default_name(base.reference, job.name, suffix)
        row = await self._propose(job, base, name, files)
        return await self._endpoints.endpoint(registry.server_spec(row, self._settings.data_dir))

    def ollama(self, model: str) -> EndpointInput:
        """A model in the Ollama of the settings."""
        return EndpointInput(engine="ollama", base_url=base_url_of(self._settings.ollama_host), model=model)

    async def completed(self, session: AsyncSession, job: JobRow, outcome: Outcome) -> None:
        """Every gate is green."""
        seal = outcome.reports.get("seal")
        gates: dict[str, JsonValue] = outcome.reports["gates"]
        await registry.accept_deployment(session, job.id, dict(gates), dict(seal) if seal else None)

    async def ended(self, session: AsyncSession, job: JobRow, outcome: Outcome) -> None:
        """A gate was red, or none was ever asked: the deployment is not used."""
        gates = outcome.reports.get("gates")
        with suppress(DeploymentNotFoundError):  # it failed before it had anything to propose
            await registry.reject_deployment(session, job.id, dict(gates) if gates else None)

    async def _sweep(self) -> None:
        """Clean up behind jobs that were killed; an Ollama that is away is told by the job itself."""
        with suppress(AppError):
            async with (
                OllamaServer(base_url_of(self._settings.ollama_host)) as server,
                self._database.unit_of_work() as session,
            ):
                await staging.sweep(session, server)

    async def _propose(
        self,
        job: JobRow,
        base: BaseModelRow,
        name: str,
        served: DeployedFiles | RegisteredTag,
        *,
        replace: bool = False,
    ) -> DeploymentRow:
        async with self._database.unit_of_work() as session:
            row = await registry.propose_deployment(
                session,
                job_id=job.id,
                training_job_id=job.inputs.get("training_job_id"),
                name=name,
                base_model_id=base.id,
                served=served,
                replace=replace,
            )
            session.expunge(row)
        return row

    async def _context(self, job: JobRow, base: BaseModelRow) -> int:
        """What was asked for, else what the training's rows need, as far as model and memory allow."""
        config = DeployLlamaCppConfig.model_validate(job.config)
        model = await asyncio.to_thread(architecture_of, base, self._settings.data_dir)
        memory = memory_now()
        if config.context is not None:
            limit, total = base.context_length, memory.total_bytes
            refuse_context(config.context, limit=limit, model=model, total_bytes=total)
            return config.context
        async with self._database.unit_of_work() as session:
            training = await session.get(JobRow, job.inputs.get("training_job_id"))
            max_length = None if training is None else training.config.get("max_length")
        return default_context(
            max_length=max_length,
            prompts=["\n".join(m.content for m in one.messages) for one in config.given_prompts()],
            answer_tokens=config.max_tokens or USUAL_TOKENS,
            limit=base.context_length,
            model=model,
            free_bytes=memory.available_bytes,
        )

    def _files(self, job: JobRow, base: BaseModelRow, inputs: RunInputs, n_ctx: int) -> DeployedFiles:
        assert inputs.base_model is not None
        assert inputs.adapter is not None
        assert inputs.adapter_gguf is not None
        if inputs.base_model.gguf is None:
            raise BaseNotServableError(reference=base.reference)
        template = inputs.adapter.path / TEMPLATE_NAME
        exported = inputs.base_gguf.sha256 if inputs.base_gguf else None
        digests = {
            inputs.base_model.gguf: base.facts.get("gguf_sha256") if base.gguf_path else exported,
            inputs.adapter_gguf.path: inputs.adapter_gguf.sha256,
            **{
                path: sha256_of_file(path)
                for path in (template, inputs.adapter.path / CONFIG_NAME)
                if path.is_file()
            },
        }
        prints = {self._stored(path): print_of(path, digest) for path, digest in digests.items()}
        return DeployedFiles(
            base_gguf=self._stored(inputs.base_model.gguf),
            base_quantisation=str(job.config["quantisation"]),
            adapter_gguf=self._stored(inputs.adapter_gguf.path),
            adapter_sha256=inputs.adapter_gguf.sha256,
            adapter_dir=self._stored(inputs.adapter.path),
            chat_template=self._stored(template) if template.is_file() else None,
            n_ctx=n_ctx,
            prints={path: found for path, found in prints.items() if found is not None},
        )

    def _stored(self, path: Path) -> str:
        root = self._settings.data_dir
        return (path.relative_to(root) if path.is_relative_to(root) else path).as_posix()


def _tag(config: DeployOllamaConfig) -> RegisteredTag:
    return RegisteredTag(
        tag=config.name, route=config.route, quantize=config.quantize, num_ctx=config.num_ctx
    )
