"""The one tree of errors. Every leaf says, in Japanese and English, what to change."""

from dataclasses import dataclass
from typing import ClassVar

from llmlora.kit.isolate import filled


@dataclass(frozen=True)
class FieldProblem:
    """What is wrong with one field of a request. `pointer` is a JSON Pointer (RFC 6901), e.g. `/config/rank`."""

    pointer: str
    ja: str
    en: str


class AppError(Exception):
    """Something a person can act on.

    AppError                    status  exit code
    ├── InvalidInputError       422     2    the request or the file has to change
    ├── NotFoundError           404     3    what was named does not exist
    ├── ConflictError           409     4    it exists already, or is in use
    └── UnavailableError        503     5    a service, a port, a disk or a network is not there

    `contracts.errors` adds those of jobs, with the exit codes 6 and 7.

    Leaves set `code` (stable, snake_case) and the templates `ja` and `en`, filled from the keyword
    arguments ("facts") given to the constructor. A fact that is a pair has words of its own: Japanese, English.
    """

    status: ClassVar[int] = 500
    exit_code: ClassVar[int] = 1
    code: ClassVar[str] = "internal_error"
    ja: ClassVar[str] = (
        "予期しないエラーが起きました（{reason}）。もう一度試し、続くときはサーバーのログを確認してください。"
    )
    en: ClassVar[str] = (
        "An unexpected error occurred ({reason}). Try again. If the problem persists, check the server log."
    )

    def __init__(self, **facts: object) -> None:
        self.facts = facts
        self.fields: tuple[FieldProblem, ...] = ()
        super().__init__(self.detail("en"))

    def detail(self, language: str) -> str:
        """The text for a person, in `ja` or `en`. Facts in words, such as names, turn nothing of the sentence."""
        ja = language == "ja"
        own = {k: v[0 if ja else 1] if isinstance(v, tuple) else v for k, v in self.facts.items()}
        return filled(self.ja if ja else self.en, own)


class InvalidInputError(AppError):
    """The request or the file has to change."""

    status = 422
    exit_code = 2
    code = "invalid_input"


class NotFoundError(AppError):
    """What was named does not exist."""

    status = 404
    exit_code = 3
    code = "not_found"


class ConflictError(AppError):
    """It exists already, or is in use."""

    status = 409
    exit_code = 4
    code = "conflict"


class UnavailableError(AppError):
    """A service, a port, a disk or a network is not there."""

    status = 503
    exit_code = 5
    code = "unavailable"
