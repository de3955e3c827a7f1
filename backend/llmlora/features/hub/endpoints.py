"""`/api/hub`: which Hugging Face hub imports ask, and the token they show it. It can be set and deleted, never read."""

from fastapi import APIRouter, Response

from llmlora.features.hub import service
from llmlora.features.hub.schemas import HubAccessOut, HubTokenIn
from llmlora.kit.web.state import Web

router = APIRouter(prefix="/api/hub", tags=["hub"])


@router.get("")
async def get_hub_access(web: Web) -> HubAccessOut:
    """The hub's address, and whether there is a token for it."""
    return await service.describe_access(web.database, web.settings)


@router.put("/token")
async def set_hub_token(web: Web, body: HubTokenIn) -> HubAccessOut:
    """Keep a token for imports from now on, encrypted; no route gives it out again."""
    await service.store_token(web.database, web.settings, body.token.get_secret_value())
    return await service.describe_access(web.database, web.settings)


@router.delete("/token", status_code=204)
async def delete_hub_token(web: Web) -> Response:
    """Forget the stored token; one of the settings is used again."""
    await service.forget_token(web.database)
    return Response(status_code=204)
