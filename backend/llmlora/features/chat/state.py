"""Where a request finds running inference servers: `app.state.endpoints`, set by the application's lifespan."""

from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

from llmlora.engine.serving.spec import EndpointSource


def endpoint_source(connection: HTTPConnection) -> EndpointSource:
    """The source of the application that serves this request."""
    source: EndpointSource = connection.app.state.endpoints
    return source


Endpoints = Annotated[EndpointSource, Depends(endpoint_source)]
