"""`/api/search`: everything by a few words."""

from typing import Annotated

from fastapi import APIRouter, Query

from llmlora.features.labels.things import THINGS, ThingKind
from llmlora.features.search import service
from llmlora.features.search.schemas import SearchOut
from llmlora.kit.web.state import Web

router = APIRouter(tags=["search"])

Words = Annotated[
    str,
    Query(
        max_length=200,
        pattern=r"^[^\x00]*$",
        description="Words that all stand in the name, tags and note of a thing, or in one message of a chat.",
    ),
]
Kinds = Annotated[list[ThingKind] | None, Query(max_length=len(THINGS), description="Left out: all.")]


@router.get("/api/search")
async def search_everything(
    web: Web,
    q: Words,
    kinds: Kinds = None,
    limit: Annotated[int, Query(ge=1, le=50, description="Largest number of things of each kind.")] = 6,
) -> SearchOut:
    """What has these words, in any case, width or kana: exact names first, then beginnings, parts, tags, notes, messages."""
    async with web.database.unit_of_work() as session:
        return await service.search(session, q, list(dict.fromkeys(kinds or THINGS)), limit)
