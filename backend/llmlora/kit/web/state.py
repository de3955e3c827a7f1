"""What every endpoint may use: settings, database, queue."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends
from redis.asyncio import Redis
from starlette.requests import HTTPConnection

from llmlora.kit.db import Database
from llmlora.kit.settings import Settings


@dataclass(frozen=True)
class WebState:
    """Made once by the API's lifespan and kept in `app.state.web`."""

    settings: Settings
    database: Database
    redis: Redis


def web_state(connection: HTTPConnection) -> WebState:
    """The state of the application that serves this request or socket."""
    state: WebState = connection.app.state.web
    return state


Web = Annotated[WebState, Depends(web_state)]
