"""`/api/session`: a browser shows the token once; what it asks for then carries a session of its own as a cookie."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response, status
from pydantic import BaseModel, ConfigDict, SecretStr, StringConstraints

from llmlora.features.session.service import LIFETIME, BrowserSessions
from llmlora.kit.web.guard import SESSION_PATH, cookie_name, session_secret
from llmlora.kit.web.problems import PROBLEM
from llmlora.kit.web.state import Web
from llmlora.kit.web.token_check import TokenCheck, client_address

router = APIRouter(tags=["session"])


def browser_sessions(request: Request) -> BrowserSessions:
    """The sessions of the application that serves this request."""
    found: BrowserSessions = request.app.state.sessions
    return found


def token_check(request: Request) -> TokenCheck:
    """What compares tokens for the whole application."""
    found: TokenCheck = request.app.state.token_check
    return found


Sessions = Annotated[BrowserSessions, Depends(browser_sessions)]
Token = Annotated[TokenCheck, Depends(token_check)]


class SessionCreate(BaseModel):
    """The secret of `LLMLORA_API_TOKEN`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    token: Annotated[SecretStr, StringConstraints(min_length=1, max_length=1024)]


class SessionOut(BaseModel):
    """Whether this API asks for a token; `signed_in`: this client is let in by a session, which it can end."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    token_required: bool
    signed_in: bool


@router.get(SESSION_PATH)
async def get_session(web: Web, request: Request) -> SessionOut:
    """Answers 401 until the token was shown."""
    required = web.settings.api_token is not None
    shown = session_secret(request.headers, web.settings) != "" and "authorization" not in request.headers
    return SessionOut(token_required=required, signed_in=required and shown)


@router.post(
    SESSION_PATH,
    status_code=status.HTTP_204_NO_CONTENT,
    responses={429: {**PROBLEM, "description": "Too Many Requests"}},
)
async def create_session(
    web: Web, sessions: Sessions, token: Token, request: Request, body: SessionCreate, response: Response
) -> None:
    """Open a session and keep it in a cookie: HttpOnly, SameSite=Strict, Secure where the page is.

    Raises:
        TokenWrongError: it is not the token.
        TooManyTriesError: too many were not.
    """
    refused = token.compare(body.token.get_secret_value(), client_address(request.scope))
    if refused is not None:
        raise refused
    before = session_secret(request.headers, web.settings)
    if before:
        await sessions.end(before)
    response.set_cookie(
        cookie_name(web.settings),
        await sessions.begin(),
        max_age=int(LIFETIME.total_seconds()),
        httponly=True,
        samesite="strict",
        secure=_is_secure(request),
    )


@router.delete(SESSION_PATH, status_code=status.HTTP_204_NO_CONTENT)
async def delete_session(web: Web, sessions: Sessions, request: Request, response: Response) -> None:
    """End the session: here, and in whatever else shows its cookie."""
    secret = session_secret(request.headers, web.settings)
    if secret:
        await sessions.end(secret)
    response.delete_cookie(
        cookie_name(web.settings), httponly=True, samesite="strict", secure=_is_secure(request)
    )


def _is_secure(request: Request) -> bool:
    """Also behind a proxy that speaks TLS for us: the browser says where its page comes from."""
    return request.url.scheme == "https" or request.headers.get("origin", "").startswith("https://")
