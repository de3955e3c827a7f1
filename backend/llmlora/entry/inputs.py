"""What a command names, found or made: a dataset by id or file, a base model by reference, a GGUF by its job."""

import os
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

from llmlora.contracts.events import ArtifactKind
from llmlora.kit.errors import InvalidInputError
from llmlora.kit.settings import Settings
from llmlora.kit.validation import field_problems, request_invalid

if TYPE_CHECKING:
    from llmlora.contracts.run import DatasetInput
    from llmlora.entry.workplace import Workplace
    from llmlora.features.jobs.schemas import ArtifactOut
    from llmlora.kit.db import Database
    from llmlora.tables.base_model import BaseModelRow

Shape = TypeVar("Shape", bound=BaseModel)


class JobIdNeededError(InvalidInputError):
    """A directory was given where a job is named by its id."""

    code = "job_id_needed"
    ja = "{given} はジョブの番号ではなく、フォルダーかファイルの場所です。{job_ja}を指定してください。番号は ./llmlora jobs list で確認できます。"
    en = "{given} is a path, not the id of a job. Give {job_en} instead; ./llmlora jobs list shows it."


def job_id_named(given: str) -> str:
    """The id of a job as it was given.

    Raises:
        JobIdNeededError: it is a path.
    """
    path = Path(given)
    if path.name != given or path.is_dir():
        raise job_id_needed(given)
    return given


def job_id_needed(given: str) -> JobIdNeededError:
    """The refusal of a path, which names the job whose files lie there."""
    parts = Path(given).absolute().parts
    job_id = next((one for above, one in pairwise(parts) if above == "jobs"), None)
    return JobIdNeededError(
        given=given,
        job_ja=f"{job_id} " if job_id else "学習のジョブの番号",
        job_en=job_id or "the id of the training",
    )


def shaped(shape: type[Shape], **fields: Any) -> Shape:
    """What a command's options ask for, as the API would take it.

    Raises:
        RequestInvalidError: names every option that has to change.
    """
    try:
        return shape.model_validate(fields)
    except ValidationError as error:
        raise request_invalid(field_problems(error.errors(include_url=False))) from error


async def dataset_named(database: "Database", settings: Settings, name: str) -> "DatasetInput":
    """The dataset of an id, of a beginning of one, or of a file (added if it is new).

    Raises:
        AppError: as `features.datasets.service`.
    """
    from llmlora.features.datasets.service import add_dataset, as_input, get_dataset

    if os.path.exists(name):  # noqa: PTH110 - Path.exists raises where a name is too long for a file
        added = await add_dataset(database, settings.data_dir, Path(name))
        name = added.dataset.id
    return as_input(await get_dataset(database, name), settings.data_dir)


async def base_model_named(place: "Workplace", reference: str) -> "BaseModelRow":
    """The base model of a reference or an id, imported if it is new, its files verified.

    Raises:
        AppError: as `imported_base_model` and `features.models.service.verify_base_model`.
        AmbiguousBaseModelError: the reference means several.
    """
    from llmlora.features.models.service import find_base_model, verify_base_model

    async with place.database.unit_of_work() as session:
        row = await find_base_model(session, reference)
    if row is None:
        return await imported_base_model(place, reference)
    await verify_base_model(row, place.settings.data_dir)
    return row


async def imported_base_model(place: "Workplace", reference: str) -> "BaseModelRow":
    """A base model by a job that imports it, also where it is known: a path is read, a hub reference resolved again.

    Raises:
        UnknownBaseModelError: the reference cannot be read.
        ImportCancelledError: Ctrl-C, or somebody else, ended the job.
        AppError: the import's own refusal.
    """
    from llmlora.contracts.states import JobState
    from llmlora.features.jobs.schemas import JobCreate
    from llmlora.features.models.errors import ImportCancelledError, told_by
    from llmlora.features.models.service import get_base_model
    from llmlora.recipes import making

    request = shaped(JobCreate, recipe=making(ArtifactKind.BASE_MODEL).name, config={"reference": reference})
    job = (await place.run_shown(await place.create(request)))[0]
    if job.failure is not None and job.state is JobState.FAILED:
        raise told_by(job.failure)
    if job.state is JobState.CANCELLED:
        raise ImportCancelledError(reference=reference)
    made = next(one for one in job.artifacts if one.kind == ArtifactKind.BASE_MODEL)
    return await get_base_model(place.database, str(made.facts["id"]))


async def file_made(
    place: "Workplace", kind: ArtifactKind, **request: Any
) -> "tuple[ArtifactOut, dict[str, Any], bool]":
    """A file of that kind by the job that exports it, the job's config, and whether an earlier one had made it. `request`:
    inputs and config of the job.

    Raises:
        JobFailedError: the export failed; carries its own words.
        KeyboardInterrupt: it was cancelled.
    """
    from llmlora.contracts.states import JobState
    from llmlora.entry.workplace import refuse_failed
    from llmlora.features.jobs.schemas import JobCreate
    from llmlora.features.recipes.configs import validate_config
    from llmlora.recipes import making

    recipe = making(kind)
    asked = shaped(JobCreate, recipe=recipe.name, **request)
    known = await place.same_result(asked, kind)
    config = validate_config(recipe, asked.config)
    if known is not None:
        return known, config, True
    jobs = await place.run_shown(await place.create(asked))
    refuse_failed(jobs)
    if jobs[0].state is not JobState.COMPLETED:
        raise KeyboardInterrupt
    return jobs[0].artifacts[0], config, False


async def gguf_made(place: "Workplace", **request: Any) -> "tuple[ArtifactOut, bool]":
    """A GGUF, and whether an earlier job had made it; otherwise as `file_made`."""
    made, _config, reused = await file_made(place, ArtifactKind.GGUF, **request)
    return made, reused
