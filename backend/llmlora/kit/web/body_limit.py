"""The largest body of a request, and a problem for what is larger: Starlette answers in plain words of its own."""

from starlette.datastructures import Headers
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from llmlora.kit.web.problems import http_error, problem_response

_TOO_LARGE = 413


class BodyLimit:
    """ASGI middleware: Starlette's limit, which routes may move (`max_body_size`), inside the door, so that its refusals pass through it."""

    def __init__(self, app: ASGIApp, max_body_size: int) -> None:
        self._limited = RequestBodyLimitMiddleware(app, max_body_size=max_body_size)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request, or say that it is too large."""
        told = False

        async def telling(message: Message) -> None:
            nonlocal told
            if message["type"] == "http.response.start" and _is_bare(message):
                told = True
                asked, request_id = Headers(scope=scope), scope.get("llmlora.request_id")
                refused = problem_response(http_error(_TOO_LARGE), scope["path"], asked, request_id)
                await refused(scope, receive, send)
            elif not told:
                await send(message)

        await self._limited(scope, receive, telling)


def _is_bare(message: Message) -> bool:
    kind = Headers(raw=message.get("headers", [])).get("content-type", "")
    return message["status"] == _TOO_LARGE and kind.startswith("text/plain")
