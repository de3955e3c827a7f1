"""The engines that a request can have answers from, of the application that serves it."""

from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

from llmlora.contracts.inference import InferenceBackend
from llmlora.engine.serving.spec import EndpointSource
from llmlora.features.chat.models import ChatModel
from llmlora.features.deployments.targets import TARGETS
from llmlora.features.models.ollama_connection import ollama_of
from llmlora.inference.ollama.connection import OllamaConnection


class AnsweredSessions:
    """The conversations that this process is giving answers in: a page that did not ask can tell that more will come."""

    def __init__(self) -> None:
        self._questions: Counter[str] = Counter()

    def __contains__(self, session_id: str) -> bool:
        return session_id in self._questions

    @contextmanager
    def answering(self, session_id: str) -> Iterator[None]:
        """A question of this conversation is taken in and answered while the block runs."""
        self._questions[session_id] += 1
        try:
            yield
        finally:
            self._questions[session_id] -= 1
            if not self._questions[session_id]:
                del self._questions[session_id]


@dataclass(frozen=True)
class Engines:
    """llama.cpp servers from `endpoints`, and the Ollama beside them."""

    endpoints: EndpointSource
    ollama: OllamaConnection

    @asynccontextmanager
    async def serving(self, model: ChatModel) -> AsyncIterator[InferenceBackend]:
        """A client of whatever serves the model, which is started if need be.

        Raises:
            AppError: as `EndpointSource`.
        """
        target = TARGETS[model.target]
        async with target.backend(model.spec, self.endpoints, self.ollama) as backend:
            yield backend


def engines_of(connection: HTTPConnection) -> Engines:
    """What `create_app` and the application's lifespan have set."""
    return Engines(connection.app.state.endpoints, ollama_of(connection))


def answered_sessions_of(connection: HTTPConnection) -> AnsweredSessions:
    """What `create_app` has set."""
    found: AnsweredSessions = connection.app.state.answered_sessions
    return found


Answered = Annotated[AnsweredSessions, Depends(answered_sessions_of)]
ChatEngines = Annotated[Engines, Depends(engines_of)]
