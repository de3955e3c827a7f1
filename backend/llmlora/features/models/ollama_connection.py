"""Where a request of any slice finds the Ollama beside us: `app.state.ollama`, set when the application is made."""

from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

from llmlora.inference.ollama.connection import OllamaConnection


def ollama_of(connection: HTTPConnection) -> OllamaConnection:
    """The Ollama of the application that serves this request."""
    found: OllamaConnection = connection.app.state.ollama
    return found


Ollama = Annotated[OllamaConnection, Depends(ollama_of)]
