"""Deployments that llama.cpp servers of ours serve, from files of the data directory: known by size, time and sha256."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Protocol, get_args

from llmlora.contracts.inference import InferenceBackend, Prompt
from llmlora.contracts.run import EndpointInput, RunInputs
from llmlora.data.chat_files import CONFIG_NAME, TEMPLATE_NAME
from llmlora.data.held import USUAL_TOKENS
from llmlora.engine.serving.spec import AdapterFile, EndpointSource, LlamaCppSpec
from llmlora.features.deployments.errors import (
    BaseNotServableError,
)
from llmlora.features.deployments.schemas import DeployedFiles
from llmlora.features.deployments.targets.files import ServedFromFiles, print_of
from llmlora.features.deployments.targets.target import (
    DeployTools,
    Proposal,
    ServedModel,
)
from llmlora.features.forecast.architecture import architecture_of
from llmlora.inference.llama_cpp import LlamaCppBackend
from llmlora.inference.ollama.connection import OllamaConnection
from llmlora.kit.files import sha256_of_file
from llmlora.kit.machine import memory_now
from llmlora.kit.slugs import slug
from llmlora.recipes.blocks.base_reference import Source
from llmlora.recipes.blocks.forecast.context import (
    base_context,
    default_context,
    refuse_context,
)
from llmlora.recipes.blocks.inputs import served_base
from llmlora.tables.base_model import BaseModelRow
from llmlora.tables.deployment import DeploymentRow
from llmlora.tables.job import JobRow

# OpenAI allows 64 characters for a fine-tuned model's suffix.
LONGEST_SLUG = 64
NAMELESS = "model"


class DeployConfig(Protocol):
    """What a recipe that deploys here is asked for."""

    quantisation: str
    context: int | None
    max_tokens: int | None

    def given_prompts(self) -> tuple[Prompt, ...]:
        """What the gates ask, where it was chosen."""


class LlamaCppTarget(ServedFromFiles):
    """A base and an adapter in GGUF, beside each other in one server."""

    name = "llama_cpp"
    served = DeployedFiles
    response_field = "files"
    owns_names = False

    async def proposal(
        self,
        tools: DeployTools,
        job: JobRow,
        config: DeployConfig,
        base: BaseModelRow | None,
        inputs: RunInputs,
    ) -> Proposal:
        """The files, and a name in the form of OpenAI's fine-tuned models.

        Raises:
            BaseNotServableError: llama.cpp has no GGUF of the base.
            InvalidInputError: the context that was asked for is beyond the model or the machine.
        """
        assert base is not None  # whoever takes conversations has one
        context = await _context(tools, job, config, base)
        files = await asyncio.to_thread(_files, config, base, inputs, context, tools.settings.data_dir)
        suffix = job.inputs.get("training_job_id") or job.id
        return Proposal(default_name(base.reference, job.name, suffix), files)

    async def endpoint(self, tools: DeployTools, row: DeploymentRow) -> EndpointInput:
        """A server of these files.

        Raises:
            AppError: the server does not start.
        """
        return await tools.endpoints.endpoint(server_spec(row, tools.settings.data_dir))

    def served_model(self, row: DeploymentRow, data_dir: Path) -> tuple[LlamaCppSpec, int | None]:
        """A server of its files."""
        spec = server_spec(row, data_dir)
        return spec, 0 if spec.adapters else None

    def served_base_model(self, base: BaseModelRow, data_dir: Path) -> LlamaCppSpec | None:
        """A server of its GGUF, if it has one."""
        if base.gguf_path is None:
            return None
        return LlamaCppSpec(
            gguf=data_dir / base.gguf_path,
            n_ctx=base_context(base.context_length),
            tokenizer=data_dir / base.path,
        )

    @asynccontextmanager
    async def backend(
        self, spec: ServedModel, endpoints: EndpointSource, _ollama: OllamaConnection
    ) -> AsyncIterator[InferenceBackend]:
        """A client of a server of ours.

        Raises:
            AppError: as `EndpointSource`.
        """
        assert isinstance(spec, LlamaCppSpec)
        async with LlamaCppBackend(await endpoints.endpoint(spec)) as server:
            yield server

    def predicting(self, _row: DeploymentRow, _data_dir: Path) -> None:
        """It talks."""


def server_spec(row: DeploymentRow, data_dir: Path) -> LlamaCppSpec:
    """What a server has to load for this deployment; its adapter, where it has one, is number 0."""
    files = DeployedFiles.model_validate(row.files)
    adapters: tuple[AdapterFile, ...] = ()
    if files.adapter_gguf is not None:
        path = data_dir / files.adapter_gguf
        adapters = (AdapterFile(name="tuned", path=path, sha256=files.adapter_sha256),)
    return LlamaCppSpec(
        gguf=data_dir / files.base_gguf,
        adapters=adapters,
        n_ctx=files.n_ctx,
        tokenizer=None if files.adapter_dir is None else data_dir / files.adapter_dir,
        chat_template=None if files.chat_template is None else data_dir / files.chat_template,
    )


def default_name(base_reference: str, suffix: str, job_id: str) -> str:
    """`ft:<base>:llmlora:<suffix>:<last 8 of the job's id>`, in the form of OpenAI's fine-tuned models."""
    _, _, place = base_reference.rpartition("/")
    scheme, separator, rest = place.partition(":")
    short = rest if separator and scheme in get_args(Source) else place
    model, words = (
        slug(text, longest=LONGEST_SLUG, nameless=NAMELESS, dots=True, any_script=True)
        for text in (short.partition("@")[0], suffix)
    )
    return f"ft:{model}:llmlora:{words}:{job_id[-8:]}"


async def _context(tools: DeployTools, job: JobRow, config: DeployConfig, base: BaseModelRow) -> int:
    """What was asked for, else what the training's rows need, as far as model and memory allow."""
    model = await asyncio.to_thread(architecture_of, base, tools.settings.data_dir)
    memory = memory_now()
    if config.context is not None:
        limit, total = base.context_length, memory.total_bytes
        refuse_context(config.context, limit=limit, model=model, total_bytes=total)
        return config.context
    async with tools.database.unit_of_work() as session:
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


def _files(
    config: DeployConfig, base: BaseModelRow, inputs: RunInputs, n_ctx: int, data_dir: Path
) -> DeployedFiles:
    model, adapter, exported = served_base(inputs), inputs.file("adapter"), inputs.file("adapter_gguf")
    if model.gguf is None:
        raise BaseNotServableError(reference=base.reference)
    template = adapter.path / TEMPLATE_NAME
    exported_base = inputs.file("base_gguf").sha256 if "base_gguf" in inputs else None
    digests = {
        model.gguf: base.facts.get("gguf_sha256") if base.gguf_path else exported_base,
        exported.path: exported.sha256,
        **{path: sha256_of_file(path) for path in (template, adapter.path / CONFIG_NAME) if path.is_file()},
    }

    def stored(path: Path) -> str:
        return (path.relative_to(data_dir) if path.is_relative_to(data_dir) else path).as_posix()

    prints = {stored(path): print_of(path, digest) for path, digest in digests.items()}
    return DeployedFiles(
        base_gguf=stored(model.gguf),
        base_quantisation=config.quantisation,
        adapter_gguf=stored(exported.path),
        adapter_sha256=exported.sha256,
        adapter_dir=stored(adapter.path),
        chat_template=stored(template) if template.is_file() else None,
        n_ctx=n_ctx,
        prints={path: found for path, found in prints.items() if found is not None},
    )
