"""Where a request of any slice finds the Ollama beside us: `app.state.ollama`, set when the application is made."""

from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

from llmlora.inference.ollama.neighbour import Neighbour


def neighbour_of(connection: HTTPConnection) -> Neighbour:
    """The Ollama of the application that serves this request."""
    found: Neighbour = connection.app.state.ollama
    return found


Ollama = Annotated[Neighbour, Depends(neighbour_of)]
