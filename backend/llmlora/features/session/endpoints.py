"""`POST /api/session`: a browser shows the token once; sockets, streams and downloads then carry it as a cookie."""

import hmac
from typing import Annotated

from fastapi import APIRouter, Request, Response, status
from pydantic import BaseModel, ConfigDict, SecretStr, StringConstraints

from llmlora.kit.web.guard import COOKIE, SESSION_PATH
from llmlora.kit.web.problems import http_error
from llmlora.kit.web.state import Web

router = APIRouter(tags=["session"])

LIFETIME_S = 30 * 24 * 3600


class SessionCreate(BaseModel):
    """The secret of `LLMLORA_API_TOKEN`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    token: Annotated[SecretStr, StringConstraints(min_length=1, max_length=1024)]


class SessionOut(BaseModel):
    """Whether this API asks for a token, and whether this client has shown it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    token_required: bool


@router.get(SESSION_PATH)
async def get_session(web: Web) -> SessionOut:
    """Answers 401 until the token was shown."""
    return SessionOut(token_required=web.settings.api_token is not None)


@router.post(SESSION_PATH, status_code=status.HTTP_204_NO_CONTENT)
async def create_session(web: Web, request: Request, body: SessionCreate, response: Response) -> None:
    """Keep the token in a cookie: HttpOnly, SameSite=Strict, Secure where the page is.

    Raises:
        AppError: 401, it is not the token.
    """
    expected = web.settings.api_token
    given = body.token.get_secret_value().encode()
    if expected is None or not hmac.compare_digest(given, expected.get_secret_value().encode()):
        raise http_error(status.HTTP_401_UNAUTHORIZED)
    response.set_cookie(
        COOKIE,
        body.token.get_secret_value(),
        max_age=LIFETIME_S,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )


@router.delete(SESSION_PATH, status_code=status.HTTP_204_NO_CONTENT)
async def delete_session(response: Response) -> None:
    """Forget the token."""
    response.delete_cookie(COOKIE, httponly=True, samesite="strict")
