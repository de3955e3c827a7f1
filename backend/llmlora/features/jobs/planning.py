"""From one request to a chain of jobs: import what is missing, run, export, deploy and prove."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from llmlora.contracts.events import ArtifactKind, StateChange
from llmlora.contracts.recipe import RecipeSpec
from llmlora.contracts.states import FINAL_STATES, STATE_WORDS, JobState
from llmlora.engine.jobs.event_store import append_state
from llmlora.engine.jobs.queue import CANCEL
from llmlora.features.datasets.errors import DatasetNotFoundError
from llmlora.features.datasets.service import rows_path
from llmlora.features.forecast.architecture import Architecture, architecture_of
from llmlora.features.forecast.context import refuse_context
from llmlora.features.forecast.conversions import bytes_beside_a_training
from llmlora.features.forecast.memory import booked
from llmlora.features.forecast.schemas import Forecast
from llmlora.features.forecast.storage import exported_bytes
from llmlora.features.jobs import repository
from llmlora.features.jobs.chains import EXPORTED_BASE, deployment_of, exported_of
from llmlora.features.jobs.errors import (
    AlreadyDeployedError,
    DependencyFailedError,
    DependencyUnknownError,
    DeployNameAwaitedError,
    DeployUnderWayError,
    InputMissingError,
    JobNotFoundError,
    JobWithoutAdapterError,
)
from llmlora.features.jobs.schemas import DeployRequest, JobCreate, JobInputs
from llmlora.features.jobs.unused import refuse_unused
from llmlora.features.models.service import find_base_model, parse_reference, refuse_missing_files
from llmlora.features.recipes.configs import find_recipe, refuse_kind, validate_config
from llmlora.inference.ollama.errors import OllamaTagTakenError
from llmlora.kit.clock import utc_now
from llmlora.kit.ids import new_id
from llmlora.kit.machine import disk_of, memory_now
from llmlora.recipes.blocks.gguf.errors import ExportDiskError
from llmlora.recipes.import_base_model.reference import BUNDLED
from llmlora.tables.artifact import ArtifactRow
from llmlora.tables.base_model import BaseModelRow
from llmlora.tables.dataset import DatasetRow
from llmlora.tables.job import JobRow

HOPEFUL = frozenset(JobState) - {JobState.FAILED, JobState.CANCELLED}
"""States of jobs that have brought, or may bring, what they were made for."""


@dataclass(frozen=True)
class BaseChoice:
    """A base model as jobs name it.

    `import_job_id`: it comes from that job. `has_gguf`: llama.cpp can serve it. What is None is known once it is imported.
    """

    reference: str
    has_gguf: bool
    import_job_id: str | None = None
    parameters: int | None = None
    context: int | None = None
    architecture: Architecture | None = None


@dataclass
class Draft:
    """A job before it is stored."""

    recipe: RecipeSpec
    name: str
    config: dict[str, Any]
    inputs: JobInputs
    depends_on: list[str]
    request: JobCreate
    facts: dict[str, Any] = field(default_factory=dict)


class Planner:
    """Makes the jobs of one request, in one transaction."""

    def __init__(
        self,
        session: AsyncSession,
        data_dir: Path,
        forecast: Forecast | None = None,
        *,
        memory_bytes: int = 0,
    ) -> None:
        """`memory_bytes`: what a job without a forecast is given."""
        self._session = session
        self._data_dir = data_dir
        self._forecast, self._memory_bytes = forecast, memory_bytes
        self.made: list[JobRow] = []

    async def plan(self, request: JobCreate, group_id: str | None = None) -> JobRow:
        """Store the job of a request, with what has to go before and what is to follow it; returns that job.

        Raises:
            AppError: a recipe, a setting, a data set, a model or a dependency is not as it has to be.
        """
        recipe = find_recipe(request.recipe)
        refuse_unused(request, recipe)
        dataset = await self._dataset(request, recipe)
        inputs, needed = await self._inputs(request, recipe)
        config = request.config
        if recipe.name == "import_base_model" and "reference" in config:
            config = {
                **config,
                "reference": str(await parse_reference(self._session, str(config["reference"]))),
            }
        draft = Draft(
            recipe=recipe,
            name=request.name or _default_name(recipe, dataset, config),
            config=validate_config(recipe, config),
            inputs=inputs,
            depends_on=[*request.depends_on, *needed],
            request=request,
            facts={
                "request": request.model_dump(mode="json", exclude_none=True),
                "metadata": request.metadata,
            },
        )
        job = await self._keep(draft, group_id)
        if request.deploy is not None:
            await self.follow_with_deployment(job, request.deploy)
        return job

    async def _dataset(self, request: JobCreate, recipe: RecipeSpec) -> DatasetRow | None:
        if "dataset" not in recipe.inputs:
            return None
        if request.dataset_id is None:
            raise InputMissingError(recipe=recipe.name, missing="dataset_id")
        # A share lock: nobody deletes it before this job is seen to use it.
        row = await self._session.get(
            DatasetRow, request.dataset_id, with_for_update={"read": True}, populate_existing=True
        )
        if row is None:
            raise DatasetNotFoundError(id=request.dataset_id)
        refuse_kind(recipe, row.kind)
        rows_path(row, self._data_dir)
        return row

    async def _inputs(self, request: JobCreate, recipe: RecipeSpec) -> tuple[JobInputs, list[str]]:
        """References of the inputs, and the jobs that make them."""
        named = {"training_job_id": request.training_job_id, "export_job_id": request.export_job_id}
        named["base_export_job_id"] = request.base_export_job_id
        needed = [job_id for job_id in named.values() if job_id]
        wants_adapter = "adapter" in recipe.inputs or (
            recipe.name == "export_gguf" and request.config.get("target", "adapter") != "base"
        )
        if wants_adapter and request.training_job_id is None:
            raise InputMissingError(recipe=recipe.name, missing="training_job_id")
        if wants_adapter and request.training_job_id is not None:
            await self._refuse_gone_adapter(request.training_job_id)
        if {"adapter", "endpoint"} <= recipe.inputs and request.export_job_id is None:
            raise InputMissingError(recipe=recipe.name, missing="export_job_id")
        base = request.base_model
        if "base_model" in recipe.inputs:
            if base is None and request.training_job_id is not None:
                base = (await self._existing(request.training_job_id)).inputs.get("base_model")
            choice = await self._base(base or BUNDLED)
            base = choice.reference
            needed += [choice.import_job_id] if choice.import_job_id else []
        dataset_id = request.dataset_id if "dataset" in recipe.inputs else None
        return JobInputs(dataset_id=dataset_id, base_model=base, **named), needed

    async def _refuse_gone_adapter(self, training_id: str) -> None:
        """Check that a training that has completed still has an adapter; one that has not will have.

        Raises:
            JobWithoutAdapterError: its files are gone.
        """
        training = await repository.find_job(self._session, training_id)
        if training is None or training.state != JobState.COMPLETED:
            return  # an unknown one is refused as a dependency
        adapters = await repository.artifacts_of(self._session, training_id, ArtifactKind.ADAPTER)
        if adapters and not any((self._data_dir / one.path).is_dir() for one in adapters):
            raise JobWithoutAdapterError(job_id=training_id, state=STATE_WORDS[JobState(training.state)])

    async def _base(self, reference: str) -> BaseChoice:
        """A registered model by its id; another by its reference and the job that imports it."""
        row = await find_base_model(self._session, reference)
        if row is not None:  # a share lock: nobody deletes it before this job is seen to use it
            row = await self._session.get(
                BaseModelRow, row.id, with_for_update={"read": True}, populate_existing=True
            )
        if row is not None:
            await refuse_missing_files(row, self._data_dir)
            return BaseChoice(
                row.id,
                row.gguf_path is not None,
                parameters=row.parameters,
                context=row.context_length,
                architecture=architecture_of(row, self._data_dir),
            )
        parsed = await parse_reference(self._session, reference)
        written = str(parsed)
        importing = await repository.open_job_with(self._session, "import_base_model", "reference", written)
        if importing is None:
            request = JobCreate(recipe="import_base_model", config={"reference": written}, name=written[:200])
            importing = await Planner(self._session, self._data_dir).plan(request)
            self.made.append(importing)
        has_gguf = parsed.source in ("bundled", "ollama") or written.lower().endswith(".gguf")
        return BaseChoice(written, has_gguf, importing.id)

    async def _existing(self, job_id: str) -> JobRow:
        job = await repository.find_job(self._session, job_id)
        if job is None:
            raise JobNotFoundError(job_id=job_id)
        return job

    async def _keep(self, draft: Draft, group_id: str | None) -> JobRow:
        depends_on = sorted(set(draft.depends_on))
        waiting = await self._is_waiting(depends_on)
        now, request, job_id = utc_now(), draft.request, new_id("job")
        memory = self._forecast.memory if self._forecast else None
        host_bytes, device_bytes = booked(memory) if memory else (self._memory_bytes, 0)
        job = JobRow(
            id=job_id,
            name=draft.name,
            recipe=draft.recipe.name,
            state=JobState.PENDING if waiting else JobState.QUEUED,
            config=draft.config,
            inputs=draft.inputs.model_dump(exclude_none=True),
            device=request.device,
            cpus=request.threads or 0,
            wants_gpu=draft.recipe.gpu != "no" and request.device in ("auto", "cuda"),
            priority=request.priority,
            group_id=group_id or "",
            facts=draft.facts,
            forecast=self._forecast.model_dump(mode="json") if self._forecast else None,
            memory_bytes=host_bytes,
            device_memory_bytes=device_bytes,
            next_run_at=now,
            created_at=now,
        )
        await repository.keep_job(self._session, job, depends_on)
        await append_state(self._session, job, StateChange(state=JobState(job.state)))
        await self._session.flush()
        self.made.append(job)
        return job

    async def _is_waiting(self, depends_on: Sequence[str]) -> bool:
        """Whether a dependency has not completed yet.

        Raises:
            DependencyUnknownError: one does not exist.
            DependencyFailedError: one has failed or was cancelled.
        """
        known = await repository.lock_dependencies(self._session, depends_on)
        for job_id in depends_on:
            if job_id not in known:
                raise DependencyUnknownError(job_id=job_id)
            state = known[job_id].state
            if state in FINAL_STATES and state != JobState.COMPLETED:
                raise DependencyFailedError(job_id=job_id, state=STATE_WORDS[JobState(state)])
        return any(job.state != JobState.COMPLETED for job in known.values())

    async def follow_with_deployment(self, training: JobRow, deploy: DeployRequest) -> JobRow:
        """`text_lora → export_gguf → deploy_…`; a base that has no GGUF yet is exported too, where one is needed.

        All exports wait for the training, which rehearses them first: none is made for a training that fails. Behind one
        that has completed, exports that are there are used. Returns the job that deploys.

        Raises:
            DeployUnderWayError, AlreadyDeployedError: the same was asked for before.
            DeployNameAwaitedError, OllamaTagTakenError: an unfinished chain wants the name, or a deployment has it.
            AppError: the base, the context or the disk does not allow it.
        """
        base = await self._base(training.inputs["base_model"])
        if deploy.context is not None and base.context is not None:
            total = memory_now().total_bytes
            refuse_context(deploy.context, limit=base.context, model=base.architecture, total_bytes=total)
        # Who keeps a training off the GPUs means its gates, too; one that has a GPU is behind it when they begin.
        device = "cpu" if training.device == "cpu" else "auto"
        shared: dict[str, Any] = {
            "base_model": base.reference, "priority": training.priority, "device": device,
        }  # fmt: skip
        exported = exported_of(deploy)
        wanted = [(exported, {"training_job_id": training.id})]
        if not base.has_gguf and exported["target"] == "adapter":
            wanted.append(({"target": "base", "outtype": EXPORTED_BASE}, {}))
        known = [await self._known_export(training, base, *one) for one in wanted]
        pairs = list(zip(wanted, known, strict=True))
        self._refuse_full_disk([config for (config, _), job in pairs if job is None], base)
        step = partial(self._step, training, base.architecture)
        exports = [
            job or await step("export_gguf", config, depends_on=[training.id], **inputs, **shared)
            for (config, inputs), job in pairs
        ]
        inputs = {"training_job_id": training.id, "export_job_id": exports[0].id}
        if len(exports) > 1:
            inputs["base_export_job_id"] = exports[1].id
        name = (deploy.name or training.name)[:200]
        number = 1
        while True:
            recipe, config = deployment_of(
                deploy, training, has_gguf=base.has_gguf, limit=base.context, number=number
            )
            await self._refuse_same(recipe, config, {"base_model": base.reference, **inputs}, name)
            # A name that nobody chose takes no other's place.
            is_chosen_here = "name" in config and deploy.tag is None
            if not is_chosen_here or not await repository.is_tag_used(self._session, recipe, config["name"]):
                break
            number += 1
        await self._refuse_taken_name(recipe, config)
        return await step(recipe, config, name=name, **inputs, **shared)

    async def _known_export(
        self, training: JobRow, base: BaseChoice, config: dict[str, Any], inputs: dict[str, Any]
    ) -> JobRow | None:
        """An export of a completed training, or of its base, that is under way or whose file is there.

        One that is being stopped, or that waits for another training, would take what is planned here with it.
        """
        if training.state != JobState.COMPLETED:
            return None
        full = validate_config(find_recipe("export_gguf"), config)
        inputs = {"base_model": base.reference, **inputs}
        alike = await repository.jobs_alike(self._session, "export_gguf", full, inputs, states=HOPEFUL)
        for job in alike:
            if job.desired == CANCEL or (job.state == JobState.PENDING and job.group_id != training.group_id):
                continue
            files = await repository.artifacts_of(self._session, job.id, ArtifactKind.GGUF)
            if job.state != JobState.COMPLETED or any(
                _is_there(self._data_dir / one.path, one) for one in files
            ):
                return job
        return None

    async def _refuse_same(
        self, recipe: str, config: dict[str, Any], inputs: dict[str, Any], name: str
    ) -> None:
        """Check that nothing is deployed twice; under another name, it may be."""
        full = validate_config(find_recipe(recipe), config)
        for job in await repository.jobs_alike(self._session, recipe, full, inputs, states=HOPEFUL):
            if name != job.name:
                continue
            if job.state != JobState.COMPLETED:
                raise DeployUnderWayError(job_id=job.id)
            deployed = await repository.deployed_name(self._session, job.id)
            if deployed is not None:
                raise AlreadyDeployedError(name=deployed)

    def _refuse_full_disk(self, exports: Sequence[dict[str, Any]], base: BaseChoice) -> None:
        """What the training can tell when its base is there, told before it waits.

        Raises:
            ExportDiskError: the files do not fit.
        """
        disk = disk_of(self._data_dir)
        if base.parameters is None or disk is None:
            return
        needed = sum(exported_bytes(one["target"], one["outtype"], base.parameters) for one in exports)
        if needed > disk.free_bytes:
            raise ExportDiskError(
                needed=f"{needed / 1e9:.2f} GB", free=f"{disk.free_bytes / 1e9:.2f} GB", path=self._data_dir
            )

    async def _refuse_taken_name(self, recipe: str, config: dict[str, Any]) -> None:
        """Check that no deployment has, and no unfinished chain is to give its model, the name that this one wants.

        Raises:
            DeployNameAwaitedError: a chain is.
            OllamaTagTakenError: a deployment has.
        """
        name = config.get("name")
        if name is None or config.get("replace"):
            return
        other = await repository.job_awaiting_tag(self._session, recipe, name)
        if other is not None:
            raise DeployNameAwaitedError(name=name, job_id=other.id)
        if await repository.is_tag_used(self._session, recipe, name):
            raise OllamaTagTakenError(name=name)

    async def _step(
        self,
        training: JobRow,
        model: Architecture | None,
        recipe: str,
        config: dict[str, Any],
        **inputs: Any,
    ) -> JobRow:
        name = inputs.pop("name", None) or training.name
        request = JobCreate(recipe=recipe, config=config, name=name[:200], **inputs)
        held = bytes_beside_a_training(model, config)
        planner = Planner(self._session, self._data_dir, memory_bytes=held)
        step = await planner.plan(request, group_id=training.group_id)
        self.made += planner.made
        return step


def _is_there(path: Path, file: ArtifactRow) -> bool:
    return path.is_file() and path.stat().st_size == file.size_bytes


def _default_name(recipe: RecipeSpec, dataset: DatasetRow | None, config: Mapping[str, Any]) -> str:
    """What the job is about, by its own name: jobs show in pages of both languages, so no words of either are added."""
    if dataset is not None:
        return dataset.name[:200]
    named = config.get("reference") or config.get("name")
    return str(named)[:200] if named else recipe.name
