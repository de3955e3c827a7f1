"""Routes below `/v1` refuse with 400 where our own API says 422, as OpenAI's clients expect (`BadRequestError`).

Give it to a router: `APIRouter(prefix="/v1", route_class=OpenAIRoute)`.
"""

from collections.abc import Callable, Coroutine
from http import HTTPStatus
from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute

from llmlora.features.openai.errors import BadRequestError, ContextLengthExceededError
from llmlora.inference.errors import PromptTooLongError
from llmlora.kit.errors import AppError, FieldProblem
from llmlora.kit.validation import field_problems, sentences


class OpenAIRoute(APIRoute):
    """A route whose refusals of the request itself have status 400."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler with its refusals translated."""
        handle = super().get_route_handler()

        async def handle_translated(request: Request) -> Response:
            try:
                return await handle(request)
            except RequestValidationError as error:
                raise _malformed(error) from error
            except AppError as error:
                raise refused_as_400(error) from error

        return handle_translated


def refused_as_400(error: AppError) -> AppError:
    """The same error, with status 400 and OpenAI's code where it was 422."""
    if isinstance(error, PromptTooLongError):
        words = {"words_ja": error.detail("ja"), "words_en": error.detail("en")}
        return ContextLengthExceededError(**words)
    if error.status == HTTPStatus.UNPROCESSABLE_ENTITY:
        error.status = HTTPStatus.BAD_REQUEST.value  # type: ignore[misc]
    return error


def _malformed(error: RequestValidationError) -> BadRequestError:
    """In `body.messages[0]` the word `body` says nothing to a client."""
    found = field_problems(error.errors(), body=error.body)
    problems = tuple(FieldProblem(p.pointer.removeprefix("/body"), p.ja, p.en) for p in found)
    words = sentences(problems)
    refused = BadRequestError(reason_ja=words["problems_ja"], reason_en=words["problems_en"])
    refused.fields = problems
    return refused
