"""Requests that carry nothing: what would be ignored is refused, so that nobody believes it was done."""

import json

from fastapi import Request

from llmlora.kit.errors import FieldProblem, InvalidInputError
from llmlora.kit.validation import pointer_of

MOST_NAMED = 20
LONGEST_NAME = 60


class BodyIgnoredError(InvalidInputError):
    """A body where none is read."""

    code = "body_not_taken"
    ja = "このリクエストには本文を付けられません（{given}）。本文を外してください。{why_ja}"
    en = "This request takes no body ({given}). Send it without one.{why_en}"


class NoBody:
    """A dependency of routes without a body; an empty object is as good as none. `ja` and `en`: what to do instead."""

    def __init__(self, ja: str = "", en: str = "") -> None:
        self._why = {"why_ja": ja, "why_en": f" {en}".rstrip()}

    async def __call__(self, request: Request) -> None:
        """Check that the request carries nothing.

        Raises:
            BodyIgnoredError: it does; `fields` names the keys of an object.
        """
        body = await request.body()
        try:
            given = json.loads(body) if body.strip() else None
        except (ValueError, RecursionError):
            given = "?"
        if given in (None, {}):
            return
        names = [str(name)[:LONGEST_NAME] for name in given][:MOST_NAMED] if isinstance(given, dict) else []
        refused = BodyIgnoredError(given=", ".join(names) or f"{len(body)} bytes", **self._why)
        words = {language: refused.detail(language) for language in ("ja", "en")}
        refused.fields = tuple(FieldProblem(pointer_of(name), words["ja"], words["en"]) for name in names)
        raise refused
