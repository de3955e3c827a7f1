"""What follows a training: the exports that a deployment needs, and the job that deploys and proves."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from llmlora.contracts.deployment import DeployFacts, DeployPlan, Preparation
from llmlora.contracts.recipe import RecipeSpec
from llmlora.contracts.states import JobState
from llmlora.engine.jobs.queue import STOPPING
from llmlora.features.forecast.bases import Base, find_base
from llmlora.features.jobs import repository
from llmlora.features.jobs.errors import (
    AlreadyDeployedError,
    DeployNameAwaitedError,
    DeployOptionUnusedError,
    DeployUnderWayError,
    TargetUnfitError,
)
from llmlora.features.jobs.planning import Planner
from llmlora.features.jobs.references import Reference, product_input, stored_references
from llmlora.features.jobs.resolving import ResolvedJob, base_of
from llmlora.features.jobs.schemas import DeployRequest, JobCreate
from llmlora.features.recipes.configs import find_recipe, validate_config
from llmlora.kit.files import size_of_tree
from llmlora.kit.machine import disk_of, memory_now
from llmlora.recipes import RECIPES, deploying_to, forecaster_of, plan_of
from llmlora.recipes.blocks.forecast.context import refuse_context
from llmlora.recipes.blocks.gguf.errors import ExportDiskError
from llmlora.tables.artifact import ArtifactRow
from llmlora.tables.job import JobRow

HOPEFUL = frozenset(JobState) - {JobState.FAILED, JobState.CANCELLED}
"""States of jobs that have brought, or may bring, what they were made for."""
OF_CONVERSATIONS = ("context", "max_tokens", "prompts")
"""Options that mean nothing where models predict."""


async def follow_with_deployment(planner: Planner, training: JobRow, options: DeployRequest) -> JobRow:
    """The training, its exports, the deployment: what the target's recipe plans.

    All exports wait for the training, which rehearses them first: none is made for a training that fails. Behind one
    that has completed, exports that are there are used. Returns the job that deploys.

    Raises:
        TargetUnfitError: what the training makes cannot be used there.
        DeployOptionUnusedError: an option means nothing there.
        DeployUnderWayError, AlreadyDeployedError: the same was asked for before.
        DeployNameAwaitedError, or the target's own refusal: an unfinished chain wants the name, or a deployment has it.
        AppError: the base, the context or the disk does not allow it.
    """
    recipe, taken = _deploying(find_recipe(training.recipe), options)
    named = base_of(find_recipe(training.recipe), training.inputs)
    base = None if named is None else await find_base(planner.session, planner.data_dir, named, lock=True)
    if options.context is not None and base is not None and base.context_limit is not None:
        total = memory_now().total_bytes
        refuse_context(options.context, limit=base.context_limit, model=base.proved, total_bytes=total)
    chain = _Chain(planner, training, base)
    plan = _planned(recipe, options, training, base, number=1)
    exports = await chain.exports(plan.before)
    inputs = {taken: training.id, **exports}
    name = (options.name or training.name)[:200]
    number = 1
    while True:
        await chain.refuse_same(recipe, plan.config, inputs, name)
        # A name that nobody chose takes no other's place.
        if not plan.is_tag_open or not await repository.is_tag_used(
            planner.session, recipe.name, plan.tag or ""
        ):
            break
        number += 1
        plan = _planned(recipe, options, training, base, number=number)
    await _refuse_taken_name(planner, recipe, plan)
    return await chain.step(recipe, plan.config, name=name, inputs=inputs)


def targets_of(training: RecipeSpec) -> list[str]:
    """Where what a training makes can be made available, the usual one first."""
    fit = [
        one.deploys
        for one in RECIPES.values()
        if one.deploys is not None and product_input(one, training.artifacts) is not None
    ]
    return [one.name for one in sorted(fit, key=lambda target: not target.default)]


def _deploying(training: RecipeSpec, options: DeployRequest) -> tuple[RecipeSpec, str]:
    """The recipe that deploys what a training makes, and its input that takes it. A target that nobody chose is the usual
    one among those that fit.

    Raises:
        TargetUnfitError: what the training makes cannot be used there.
        DeployOptionUnusedError: an option means nothing there.
    """
    fit = targets_of(training)
    is_chosen = "target" in options.model_fields_set
    target = options.target if is_chosen or options.target in fit or not fit else fit[0]
    recipe = deploying_to(target)
    taken = None if recipe is None else product_input(recipe, training.artifacts)
    if recipe is None or taken is None:
        raise TargetUnfitError(
            target=target, training=(training.title.ja, training.title.en), known=", ".join(fit) or "-"
        )
    unused = [name for name in OF_CONVERSATIONS if getattr(options, name) is not None]
    if recipe.deploys is not None and not recipe.deploys.chats and unused:
        raise DeployOptionUnusedError(
            target=(recipe.deploys.title.ja, recipe.deploys.title.en), unused=", ".join(unused)
        )
    return recipe, taken


def _planned(
    recipe: RecipeSpec, options: DeployRequest, training: JobRow, base: Base | None, *, number: int
) -> DeployPlan:
    deploying = plan_of(recipe.name).deploying
    assert deploying is not None, f"{recipe.name} declares a target and does not say how it deploys"
    facts = DeployFacts(
        options=options,
        training_id=training.id,
        training_name=training.name,
        config=training.config,
        has_gguf=base is not None and base.has_gguf,
        context_limit=None if base is None else base.context_limit,
        number=number,
    )
    return deploying.plan(facts)


class _Chain:
    """Steps behind one training. `base`: that of the training, where it has one."""

    def __init__(self, planner: Planner, training: JobRow, base: Base | None) -> None:
        self._planner, self._training, self._base = planner, training, base

    async def exports(self, wanted: Sequence[Preparation]) -> dict[str, str]:
        """The job that makes each input of the deploying one.

        Raises:
            ExportDiskError: the files do not fit.
        """
        known = [await self._known(one) for one in wanted]
        self._refuse_full_disk([one for one, job in zip(wanted, known, strict=True) if job is None])
        made: dict[str, str] = {}
        for one, job in zip(wanted, known, strict=True):
            inputs = self._read_by(one)
            job = job or await self.step(
                find_recipe(one.recipe), one.config, name=self._training.name, inputs=inputs, behind=True
            )
            made[one.fills] = job.id
        return made

    async def step(
        self,
        recipe: RecipeSpec,
        config: Mapping[str, Any],
        *,
        name: str,
        inputs: Mapping[str, str],
        behind: bool = False,
    ) -> JobRow:
        """Store one job of the chain. `behind`: it waits for the training, whatever it reads."""
        # Who keeps a training off the GPUs means its gates, too; one that has a GPU is behind it when they begin.
        device: Literal["cpu", "auto"] = "cpu" if self._training.device == "cpu" else "auto"
        references = self._references(recipe, inputs)
        request = JobCreate(
            recipe=recipe.name,
            config=dict(config),
            name=name[:200],
            priority=self._training.priority,
            device=device,
            depends_on=[self._training.id] if behind else [],
            **stored_references(references),
        )
        full = validate_config(recipe, config)
        asked = ResolvedJob(recipe, full, None, self._base, device, request, references)
        held = forecaster_of(recipe.name).held_bytes(None if self._base is None else self._base.proved, full)
        return await self._planner.plan(asked, group_id=self._training.group_id, memory_bytes=held)

    def _references(self, recipe: RecipeSpec, inputs: Mapping[str, str]) -> dict[str, Reference]:
        """What a step works on: jobs by the input that takes what they make, and the training's base where it reads one."""
        references = {name: Reference("job", id_) for name, id_ in inputs.items()}
        if self._base is None:
            return references
        bases = [name for name, accepts in recipe.inputs.items() if accepts.base_model_tasks]
        return {**references, **{name: Reference("base_model", self._base.named) for name in bases}}

    def _read_by(self, one: Preparation) -> dict[str, str]:
        taken = product_input(find_recipe(one.recipe), find_recipe(self._training.recipe).artifacts)
        return {taken: self._training.id} if one.of_training and taken else {}

    async def _known(self, wanted: Preparation) -> JobRow | None:
        """An export of a completed training, or of its base, that is under way or whose file is there.

        One that is being stopped, or that waits for another training, would take what is planned here with it.
        """
        if self._training.state != JobState.COMPLETED:
            return None
        for job in await self._alike(find_recipe(wanted.recipe), wanted.config, self._read_by(wanted)):
            if job.desired in STOPPING or (
                job.state == JobState.PENDING and job.group_id != self._training.group_id
            ):
                continue
            files = [
                one
                for kind in find_recipe(wanted.recipe).artifacts
                for one in await repository.artifacts_of(self._planner.session, job.id, kind)
            ]
            if job.state != JobState.COMPLETED or any(
                _is_there(self._planner.data_dir / one.path, one) for one in files
            ):
                return job
        return None

    async def refuse_same(
        self, recipe: RecipeSpec, config: Mapping[str, Any], inputs: Mapping[str, str], name: str
    ) -> None:
        """Check that nothing is deployed twice; under another name, it may be.

        Raises:
            DeployUnderWayError: it is being deployed.
            AlreadyDeployedError: it is.
        """
        for job in await self._alike(recipe, config, inputs):
            if name != job.name:
                continue
            if job.state != JobState.COMPLETED:
                raise DeployUnderWayError(name=job.name)
            deployed = await repository.deployed_name(self._planner.session, job.id)
            if deployed is not None:
                raise AlreadyDeployedError(name=deployed)

    async def _alike(
        self, recipe: RecipeSpec, config: Mapping[str, Any], inputs: Mapping[str, str]
    ) -> list[JobRow]:
        """Jobs that do, or will have done, exactly this with this base."""
        full, stored = validate_config(recipe, config), stored_references(self._references(recipe, inputs))
        return await repository.jobs_alike(self._planner.session, recipe.name, full, stored, states=HOPEFUL)

    def _refuse_full_disk(self, exports: Sequence[Preparation]) -> None:
        """What the training can tell when its base is there, told before it waits."""
        disk = disk_of(self._planner.data_dir)
        if self._base is None or self._base.row is None or disk is None:
            return
        parameters = self._base.row.parameters
        needed = sum(forecaster_of(one.recipe).written_bytes(parameters, one.config) for one in exports)
        if needed > disk.free_bytes:
            raise ExportDiskError(
                needed=f"{needed / 1e9:.2f} GB",
                free=f"{disk.free_bytes / 1e9:.2f} GB",
                path=self._planner.data_dir,
            )


async def _refuse_taken_name(planner: Planner, recipe: RecipeSpec, plan: DeployPlan) -> None:
    """Check that no deployment has, and no unfinished chain is to give its model, the name that this one wants.

    Raises:
        DeployNameAwaitedError: a chain is.
        AppError: a deployment has; the target's own words.
    """
    deploying = plan_of(recipe.name).deploying
    if plan.tag is None or plan.replaces or deploying is None or deploying.taken is None:
        return
    other = await repository.job_awaiting_tag(planner.session, recipe.name, plan.tag)
    if other is not None:
        raise DeployNameAwaitedError(name=plan.tag, job_name=other.name)
    if await repository.is_tag_used(planner.session, recipe.name, plan.tag):
        raise deploying.taken(plan.tag)


def _is_there(path: Path, file: ArtifactRow) -> bool:
    return path.exists() and size_of_tree(path) == file.size_bytes
