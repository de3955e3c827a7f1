"""`/api/base-models`: list, find and delete base models. Bringing one in is a job."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from llmlora.features.labels.schemas import TagFilter
from llmlora.features.models import catalogue
from llmlora.features.models.schemas import BaseModelOut, ListedBaseModel
from llmlora.kit.web.pages import After, Limit, Page
from llmlora.kit.web.state import Web

router = APIRouter(prefix="/api/base-models", tags=["base models"])

ModelId = Annotated[str, Path(min_length=1, max_length=64, pattern=r"^[\w.-]+$")]
Reference = Annotated[
    str,
    Query(
        min_length=1,
        max_length=1024,
        pattern=r"^[^\x00]+$",
        description="`bundled:…`, `path:…`, `hf:…`, `ollama:…`, or an id.",
    ),
]


@router.get("")
async def list_base_models(
    web: Web, limit: Limit = 50, after: After = None, tag: TagFilter = None
) -> Page[ListedBaseModel]:
    """The base models, newest first; the bundled one is listed as `available` before its first use."""
    return await catalogue.page_base_models(
        web.database, web.settings.data_dir, limit=limit, after=after, tag=tag
    )


@router.get("/by-reference")
async def find_base_model(web: Web, reference: Reference) -> BaseModelOut:
    """The base model that a reference means (references hold slashes, so they travel in the query)."""
    return await catalogue.find_base_model_out(web.database, web.settings.data_dir, reference)


@router.get("/{model_id}")
async def get_base_model(web: Web, model_id: ModelId) -> BaseModelOut:
    """One base model by its id."""
    return await catalogue.find_base_model_out(web.database, web.settings.data_dir, model_id)


@router.delete("/{model_id}", status_code=204)
async def delete_base_model(web: Web, model_id: ModelId) -> Response:
    """Forget a base model, and delete its files where the import made them; 409 while something needs it."""
    await catalogue.remove_base_model(web.database, web.settings.data_dir, model_id)
    return Response(status_code=204)
