"""The base models as the API lists, finds and deletes them."""

import asyncio
import shutil
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from llmlora.features.models import repository
from llmlora.features.models.errors import BaseModelInUseError
from llmlora.features.models.schemas import BaseModelOut, ListedBaseModel
from llmlora.features.models.service import as_out, bundled_out, get_base_model
from llmlora.features.needs.service import delete_unneeded, needs_of_base_model, sentences
from llmlora.kit.db import Database
from llmlora.kit.web.pages import Page, cursor_of, parse_cursor
from llmlora.recipes.blocks.base_model_errors import UnknownBaseModelError
from llmlora.recipes.blocks.bundled_models import BUNDLED_MODELS
from llmlora.tables.base_model import BaseModelRow

NEVER = datetime(1970, 1, 1, tzinfo=UTC)
"""When a model was brought in that never was: behind all others."""


async def page_base_models(
    database: Database, data_dir: Path, *, limit: int, after: str | None, tag: str | None
) -> Page[ListedBaseModel]:
    """The registered models, newest first; the bundled ones that were never used come last.

    Raises:
        CursorInvalidError: `after` is no cursor.
    """
    before = parse_cursor(after)
    async with database.unit_of_work() as session:
        rows = await repository.page_newest_first(session, limit + 1, before=before, tag=tag)
        made = await repository.count_deployments(session, [row.id for row in rows[:limit]])
        found = [
            ((row.created_at, row.id), _listed(as_out(row, data_dir), made.get(row.id, 0))) for row in rows
        ]
        known = await repository.known_references(session)
    shown = before[1] if before is not None and before[0] == NEVER else ""
    names = list(BUNDLED_MODELS) if tag is None else []
    for name in names[names.index(shown) + 1 if shown in names else 0 :]:
        if name not in known:
            found.append(((NEVER, name), _listed(bundled_out(BUNDLED_MODELS[name]), 0)))
    next_ = cursor_of(*found[limit - 1][0]) if len(found) > limit else None
    return Page(data=[model for _, model in found[:limit]], next=next_)


def _listed(model: BaseModelOut, deployments: int) -> ListedBaseModel:
    return ListedBaseModel(**model.model_dump(), deployments=deployments)


async def find_base_model_out(database: Database, data_dir: Path, named: str) -> BaseModelOut:
    """The model of an id or a reference; the bundled ones also before their first use.

    Raises:
        UnknownBaseModelError: it is not registered.
        AmbiguousBaseModelError: the reference means several.
    """
    try:
        return as_out(await get_base_model(database, named), data_dir)
    except UnknownBaseModelError:
        if bundled := BUNDLED_MODELS.get(named.strip()):
            return bundled_out(bundled)
        raise


async def remove_base_model(database: Database, data_dir: Path, model_id: str) -> None:
    """Forget a model; its files go where an import made them (`models/<id>`), a directory used in place stays.

    Raises:
        UnknownBaseModelError: there is no model of that id.
        BaseModelInUseError: somebody needs it; says who, and what to do.
    """
    async with database.unit_of_work() as session:
        row = await repository.lock_by_id(session, model_id)
        if row is None:
            known = {*BUNDLED_MODELS, *await repository.known_references(session)}
            raise UnknownBaseModelError(reference=model_id, known=", ".join(sorted(known)))
        own, reference = _own_directory(row, data_dir), row.reference
        await delete_unneeded(
            session,
            row,
            partial(needs_of_base_model, session, model_id),
            lambda needs: BaseModelInUseError(reference=reference, **sentences(needs)),
        )
    if own is not None:
        await asyncio.to_thread(shutil.rmtree, own, ignore_errors=True)


def _own_directory(row: BaseModelRow, data_dir: Path) -> Path | None:
    """What the import published for this very row. A job's output or a user's directory is not ours to delete."""
    return data_dir / row.path if Path(row.path) == Path("models") / row.id else None
