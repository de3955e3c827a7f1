"""What deploying jobs have put into Ollama beside the names that were asked for: used, kept for a person's word, swept away."""

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from llmlora.features.deployments import registry, repository
from llmlora.inference.ollama.errors import OllamaTagTakenError
from llmlora.inference.ollama.identity import Identity
from llmlora.inference.ollama.names import is_staging, same_name, staged_by, staging_name
from llmlora.inference.ollama.neighbour import Neighbour
from llmlora.inference.ollama.server import OllamaServer
from llmlora.inference.ollama.staging import digest_of, discard, publish
from llmlora.kit.errors import AppError
from llmlora.tables.deployment import DeploymentRow

_log = structlog.get_logger()


async def publish_rejected(
    session: AsyncSession, ollama: Neighbour, row: DeploymentRow, *, replace: bool
) -> None:
    """A person takes what the gates rejected: it gets the name that was asked for.

    Raises:
        OllamaJudgedModelGoneError: it is no longer in Ollama.
        OllamaTagTakenError: somebody else has taken the name, and it is not to be replaced.
        UnavailableError: Ollama cannot be reached.
    """
    judged = Identity.of_gates(row.gates).tag_digest
    async with ollama.server() as server:
        there = await digest_of(server, row.name)
        named = await repository.list_named(session, row.name)
        ours = {judged, *(Identity.of_gates(one.gates).tag_digest for one in named)}
        if there is not None and there not in ours and not replace:
            raise OllamaTagTakenError(name=row.name)
        await publish(server, _staged(row), row.name, judged)


async def forget(session: AsyncSession, ollama: Neighbour, row: DeploymentRow) -> None:
    """Let Ollama forget what a deleted deployment had there, and nothing that others have put under its name since.

    What Ollama keeps because it does not run is not worth keeping a deployment for.
    """
    if row.target != registry.OLLAMA:
        return
    proved = Identity.of_gates(row.gates).tag_digest
    is_served_by_another = any(one.id != row.id for one in await repository.list_named(session, row.name))
    try:
        async with ollama.server() as server:
            there = {one.name.lower(): one.digest for one in await server.installed()}
            if row.state == registry.REJECTED and _staged(row).lower() in there:
                await server.delete(_staged(row))
            found = there.get(row.name.lower())
            was_it = found == proved or (proved is None and row.state == registry.READY)
            if found is not None and was_it and not is_served_by_another:
                await server.delete(row.name)
    except AppError as error:
        _log.warning("deployment forgotten, its tag stays", tag=row.name, code=error.code)


async def sweep(session: AsyncSession, server: OllamaServer) -> list[str]:
    """Forget what jobs of this installation left under staging names that no deployment needs; the names.

    Raises:
        UnavailableError: Ollama cannot be reached or fails.
    """
    staged = [one.name for one in await server.installed() if is_staging(one.name)]
    known = await repository.known_jobs(session, [staged_by(name) for name in staged])
    needed = [_staged(row) for row in await repository.list_judged(session, registry.OLLAMA)]
    orphans = [
        name
        for name in staged
        if staged_by(name) in known and not any(same_name(name, one) for one in needed)
    ]
    for name in orphans:
        await discard(server, name)
    return orphans


async def is_needed(session: AsyncSession, name: str) -> bool:
    """Whether a deployment is being judged under a staging name, or waits there for a person's word."""
    judged = await repository.list_judged(session, registry.OLLAMA)
    return any(same_name(_staged(row), name) for row in judged)


def _staged(row: DeploymentRow) -> str:
    return staging_name(row.job_id or row.id)
