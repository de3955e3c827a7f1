"""One call of the API, before it is sent, and what both clients make of it alike."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Final, TypeVar
from urllib.parse import quote
from uuid import uuid4

import httpx
from pydantic import BaseModel

from llmlora.client.errors import ClientError, ResponseNotUnderstoodError, problem_of

ModelT = TypeVar("ModelT", bound=BaseModel)
KEY_HEADER = "Idempotency-Key"
File = Path | str | tuple[str, BinaryIO]
"""A file on this machine by its path, or a name and an open file."""
DEFAULT_URL = "http://127.0.0.1:8000"
CONNECT_TIMEOUT_S = 3.0
ANSWER_TIMEOUT_S = 60.0
# The API sends a sign of life more often than this while events wait.
SILENCE_TIMEOUT_S = 60.0
SAFE_VERBS = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
BUSY_STATUSES = frozenset({429, 502, 503, 504})
PAUSES_S = (0.25, 0.75, 1.5)
"""How long a call waits before it is tried again; after the last it fails."""
LONGEST_PAUSE_S = 30.0


class Omit:
    """What is not sent: null would mean something else."""

    def __bool__(self) -> bool:
        return False


OMIT: Final = Omit()


@dataclass(frozen=True)
class ServerSentEvent:
    """One event of a stream. `event` is empty where the stream names none."""

    event: str
    data: str
    id: str = ""

    def json(self) -> Any:
        """The data, read as JSON."""
        return json.loads(self.data)


@dataclass(frozen=True)
class Call:
    """A request. `has_key`: it takes an idempotency key, and has one of its own where the caller gives none."""

    verb: str
    path: str
    query: Mapping[str, object] = field(default_factory=dict)
    headers: Mapping[str, object] = field(default_factory=dict)
    json: Mapping[str, object] | None = None
    form: Mapping[str, object] | None = None
    content: bytes | None = None
    has_key: bool = False

    @property
    def may_be_repeated(self) -> bool:
        """Whether a second time changes nothing more."""
        return self.verb in SAFE_VERBS or self.has_key

    @contextmanager
    def arguments(self) -> Iterator[dict[str, Any]]:
        """What httpx is given; a file of a form is open while the block runs."""
        headers = {name: str(value) for name, value in self.headers.items() if value is not None}
        if self.has_key:
            headers.setdefault(KEY_HEADER, uuid4().hex)
        made: dict[str, Any] = {
            "params": {k: v for k, v in self.query.items() if v is not None},
            "headers": headers,
        }
        if self.json is not None:
            made["json"] = {
                name: plain(value) for name, value in self.json.items() if not isinstance(value, Omit)
            }
        if self.content is not None:
            made["content"] = self.content
            headers.setdefault("content-type", "application/offset+octet-stream")
        if self.form is None:
            yield made
            return
        given = dict(self.form)
        file = given.pop("file")
        made["data"] = {name: value for name, value in given.items() if value is not None}
        with _opened(file) as (name, stream):
            yield made | {"files": {"file": (name, stream)}}


def quoted(value: object) -> str:
    """A value as one part of a path."""
    return quote(str(value), safe="")


def plain(value: object) -> Any:
    """A value as JSON has it: models become objects of the fields that were given."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", by_alias=True, exclude_unset=True)
    if isinstance(value, Mapping):
        return {str(name): plain(one) for name, one in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(one) for one in value]
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    return value


def options(base_url: str | None, token: str | None, language: str | None) -> dict[str, Any]:
    """What an httpx client of the platform is made with.

    `base_url`: else `LLMLORA_URL`, else the API of this machine. `token`: else `LLMLORA_API_TOKEN`. `language` (ja, en): of
    what errors say, else `LLMLORA_LANG`.
    """
    url = base_url or os.environ.get("LLMLORA_URL") or DEFAULT_URL
    token = token or os.environ.get("LLMLORA_API_TOKEN")
    language = language or os.environ.get("LLMLORA_LANG")
    headers = {"user-agent": "llmlora-python"}
    if token:
        headers["authorization"] = f"Bearer {token}"
    if language:
        headers["accept-language"] = language
    timeout = httpx.Timeout(ANSWER_TIMEOUT_S, connect=CONNECT_TIMEOUT_S)
    return {"base_url": url.rstrip("/"), "headers": headers, "timeout": timeout, "trust_env": False}


def refused(response: httpx.Response) -> ClientError:
    """The error of an answer whose body has been read."""
    return problem_of(response.status_code, response.content)


def pause_before_retry_s(
    call: Call, tries: int, error: httpx.TransportError | httpx.Response
) -> float | None:
    """How long to wait before a call is sent again; None where it is not to be."""
    if isinstance(error, httpx.Response):
        if error.status_code not in BUSY_STATUSES:
            return None
        is_safe = call.may_be_repeated or error.status_code == httpx.codes.TOO_MANY_REQUESTS
        asked = error.headers.get("retry-after", "")
        pause = float(asked) if asked.isdigit() else 0.0
    else:
        # Without a connection nothing has been sent.
        is_safe = call.may_be_repeated or isinstance(error, httpx.ConnectError | httpx.ConnectTimeout)
        pause = 0.0
    if not is_safe or tries >= len(PAUSES_S) or call.form is not None:
        return None
    return min(max(pause, PAUSES_S[tries]), LONGEST_PAUSE_S)


def read_model(model: type[ModelT], response: httpx.Response) -> ModelT:
    """The answer as its model.

    Raises:
        ResponseNotUnderstoodError: it is none, such as the page of a proxy.
    """
    try:
        return model.model_validate_json(response.content)
    except ValueError as error:
        raise ResponseNotUnderstoodError(
            response.status_code, str(response.url), response.text[:200]
        ) from error


class EventReader:
    """Makes events of the lines of a stream (WHATWG HTML, 9.2.6)."""

    def __init__(self) -> None:
        self._event, self._id, self._data = "", "", list[str]()

    def read(self, line: str) -> ServerSentEvent | None:
        """The event that this line ends, if any."""
        if line:
            name, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if name == "event":
                self._event = value
            elif name == "id":
                self._id = value
            elif name == "data":
                self._data.append(value)
            return None
        if not self._data:
            self._event = ""
            return None
        event = ServerSentEvent(self._event, "\n".join(self._data), self._id)
        self._event, self._data = "", []
        return event


@contextmanager
def _opened(file: object) -> Iterator[tuple[str, BinaryIO]]:
    if isinstance(file, tuple):
        yield file
        return
    path = Path(str(file))
    with path.open("rb") as stream:
        yield path.name, stream
