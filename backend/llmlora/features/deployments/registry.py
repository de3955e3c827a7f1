"""The record of deployments: proposed by the job that makes one, accepted or rejected by its gates, or by a person."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from llmlora.features.deployments import repository
from llmlora.features.deployments.errors import (
    DEPLOYMENT_WORDS,
    DeploymentCheckingError,
    DeploymentNotFoundError,
    DeploymentNotRejectedError,
)
from llmlora.features.deployments.schemas import CHECKING, READY, REJECTED, DeploymentOut
from llmlora.features.deployments.targets import TARGETS, target_of
from llmlora.inference.ollama.errors import OllamaTagTakenError
from llmlora.kit.clock import utc_now
from llmlora.kit.db import or_refuse
from llmlora.kit.ids import new_id
from llmlora.tables.deployment import DeploymentRow


async def propose_deployment(
    session: AsyncSession,
    *,
    job_id: str,
    training_job_id: str | None,
    name: str,
    base_model_id: str | None,
    served: BaseModel,
    replace: bool = False,
) -> DeploymentRow:
    """Record what a job is about to check (`checking`).

    A retry of the job gets its row again, with its name kept and its files and verdict renewed. A name that another
    row holds gets a number: `name-2`, `name-3`, … Where a target owns its names, it is kept: the one that is ready under
    it stays until this one is (`accept_deployment`), if this one may `replace` it; one that was rejected goes.

    Raises:
        DeploymentCheckingError: another one of that name is being checked.
        OllamaTagTakenError: another one of that name is ready, and it is not to be replaced.
    """
    await repository.lock_proposals(session)
    row = await repository.find_by_job(session, job_id)
    if row is not None:
        row.training_job_id, row.base_model_id = training_job_id, base_model_id
        row.files = served.model_dump(mode="json")
        row.state, row.gates, row.ready_at = CHECKING, None, None
        await session.flush()
        return row
    target = target_of(served)
    if target.owns_names:
        await _make_way(session, name, replace=replace)
    row = DeploymentRow(
        id=new_id("dep"),
        name=name if target.owns_names else await _free_name(session, name),
        target=target.name,
        state=CHECKING,
        job_id=job_id,
        training_job_id=training_job_id,
        base_model_id=base_model_id,
        files=served.model_dump(mode="json"),
        created_at=utc_now(),
    )
    await repository.insert(session, row)
    return row


async def accept_deployment(
    session: AsyncSession, job_id: str, gates: dict[str, Any], seal: dict[str, Any] | None = None
) -> None:
    """The job's gates are green: the deployment is `ready`, with the seal of what was registered.

    A name that its target owns means this one from now on: the row that stood for it before goes.

    Raises:
        DeploymentNotFoundError: the job proposed none.
    """
    row = await _of_job(session, job_id)
    await _take_over(session, row)
    row.state, row.gates, row.ready_at = READY, gates, utc_now()
    if seal is not None:
        row.files = TARGETS[row.target].sealed(row.files, seal)
    await session.flush()


async def reject_deployment(session: AsyncSession, job_id: str, gates: dict[str, Any] | None) -> None:
    """A gate is red, or (`gates` None) the job ended without a verdict: the deployment is `rejected`.

    Raises:
        DeploymentNotFoundError: the job proposed none.
    """
    row = await _of_job(session, job_id)
    row.state, row.gates, row.ready_at = REJECTED, gates, None
    await session.flush()


async def use_rejected(session: AsyncSession, deployment_id: str) -> DeploymentOut:
    """A person accepts a rejected deployment: `ready`, with the moment kept in `gates["accepted_by_person_at"]`.

    Raises:
        DeploymentNotFoundError: there is none with that id.
        DeploymentNotRejectedError: no gate rejected it.
    """
    row = await get_rejected(session, deployment_id)
    await _take_over(session, row)
    moment = utc_now()
    row.gates = {**(row.gates or {}), "accepted_by_person_at": moment.isoformat()}
    row.state, row.ready_at = READY, moment
    await session.flush()
    return await get_deployment(session, deployment_id)


async def get_deployment(session: AsyncSession, deployment_id: str) -> DeploymentOut:
    """One deployment as the wire shows it.

    Raises:
        DeploymentNotFoundError: there is none with that id.
    """
    found = or_refuse(
        await repository.find_with_base(session, deployment_id), DeploymentNotFoundError, id=deployment_id
    )
    return _as_out(*found)


async def list_deployments(
    session: AsyncSession,
    *,
    state: str | None = None,
    job_id: str | None = None,
    training_job_id: str | None = None,
    name: str | None = None,
    tag: str | None = None,
    after: tuple[datetime, str] | None = None,
    limit: int,
) -> list[DeploymentOut]:
    """Deployments that match everything given, newest first, from behind `after` (created_at, id)."""
    wanted = {"state": state, "job_id": job_id, "training_job_id": training_job_id, "name": name, "tag": tag}
    given = {column: value for column, value in wanted.items() if value is not None}
    rows = await repository.list_newest_first(session, given, after=after, limit=limit)
    return [_as_out(row, reference) for row, reference in rows]


async def count_deployments(
    session: AsyncSession,
    *,
    state: str | None = None,
    job_id: str | None = None,
    training_job_id: str | None = None,
    name: str | None = None,
    tag: str | None = None,
) -> int:
    """How many deployments match everything given."""
    wanted = {"state": state, "job_id": job_id, "training_job_id": training_job_id, "name": name, "tag": tag}
    return await repository.count(session, {key: one for key, one in wanted.items() if one is not None})


async def get_rejected(session: AsyncSession, deployment_id: str) -> DeploymentRow:
    """A deployment that waits for a person's word, locked until the transaction ends.

    Raises:
        DeploymentNotFoundError: there is none with that id.
        DeploymentNotRejectedError: no gate rejected it.
    """
    row = await _locked(session, deployment_id)
    if row.state != REJECTED:
        raise DeploymentNotRejectedError(name=row.name, state=DEPLOYMENT_WORDS[row.state])
    return row


async def is_being_replaced(session: AsyncSession, name: str) -> bool:
    """Whether another model is being judged that is to have this name."""
    return any(row.state == CHECKING for row in await repository.list_named(session, name))


async def delete_deployment(session: AsyncSession, deployment_id: str) -> DeploymentRow:
    """Forget a deployment; returns what it was. Its files belong to their jobs and stay.

    Raises:
        DeploymentNotFoundError: there is none with that id.
        DeploymentCheckingError: its gates run now.
    """
    row = await _locked(session, deployment_id)
    if row.state == CHECKING:
        raise DeploymentCheckingError(name=row.name)
    await repository.delete(session, row)
    return row


async def find_deployment(session: AsyncSession, name: str) -> DeploymentRow | None:
    """The deployment with that name or id, in whatever state."""
    return await repository.find_by_name_or_id(session, name)


async def of_training_job(session: AsyncSession, training_job_id: str) -> DeploymentRow:
    """The newest deployment of what a training made.

    Raises:
        DeploymentNotFoundError: it was never deployed.
    """
    return or_refuse(
        await repository.find_by_training_job(session, training_job_id),
        DeploymentNotFoundError,
        id=training_job_id,
    )


async def _free_name(session: AsyncSession, wanted: str) -> str:
    name, number = wanted, 1
    while await repository.is_name_taken(session, name):
        number += 1
        name = f"{wanted}-{number}"
    return name


async def _make_way(session: AsyncSession, tag: str, *, replace: bool) -> None:
    """A name that is to be judged anew: what was rejected under the name goes; what is ready serves on.

    Raises:
        DeploymentCheckingError: one is being judged under the name already.
        OllamaTagTakenError: one is ready, and it is not to be replaced.
    """
    for before in await repository.list_named(session, tag):
        if before.state == CHECKING:
            raise DeploymentCheckingError(name=before.name)
        if before.state == READY and not replace:
            raise OllamaTagTakenError(name=before.name)
        if before.state == REJECTED:
            await repository.delete(session, before)


async def _take_over(session: AsyncSession, row: DeploymentRow) -> None:
    """A name means one model there: the row that was ready under it before no longer tells the truth."""
    if not TARGETS[row.target].owns_names:
        return
    for before in await repository.list_named(session, row.name):
        if before.id != row.id and before.state == READY:
            # What people put down about the name stays with it.
            row.tags = list(dict.fromkeys([*row.tags, *before.tags]))
            row.note = row.note or before.note
            await repository.delete(session, before)


async def _of_job(session: AsyncSession, job_id: str) -> DeploymentRow:
    return or_refuse(await repository.find_by_job(session, job_id), DeploymentNotFoundError, id=job_id)


def _as_out(row: DeploymentRow, base_reference: str | None) -> DeploymentOut:
    shown = row.model_dump(exclude={"files"})
    target = TARGETS[row.target]
    served = {
        "files": None,
        "tag": None,
        "predictor": None,
        target.response_field: target.served.model_validate(row.files),
    }
    return DeploymentOut(**shown, base_reference=base_reference, **served)


async def _locked(session: AsyncSession, deployment_id: str) -> DeploymentRow:
    return or_refuse(
        await repository.find_locked(session, deployment_id), DeploymentNotFoundError, id=deployment_id
    )
