"""The process's one subscription to hints, for endpoints that follow jobs."""

from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

from llmlora.engine.jobs.hints import HintHub


def hint_hub(connection: HTTPConnection) -> HintHub:
    """The hub of the application that serves this request or socket."""
    hub: HintHub = connection.app.state.hints
    return hub


Hints = Annotated[HintHub, Depends(hint_hub)]
