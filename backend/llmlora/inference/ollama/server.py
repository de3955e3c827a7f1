"""What Ollama has and does besides answering: version, models, pulls, blobs, registrations.

Guarantee: every call ends in an answer or in an `AppError`; HTTP 200 alone is no success (see `_until_success`).
"""

import json
import re
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import anyio
import httpx
import ollama
from pydantic import TypeAdapter

from llmlora.inference.closing import Closing
from llmlora.inference.ollama.breaker import Breaker
from llmlora.inference.ollama.errors import (
    OllamaBlobGoneError,
    OllamaBrokenAnswerError,
    OllamaDiskFullError,
    OllamaFailedError,
    OllamaModelMissingError,
    OllamaPullFailedError,
    OllamaQuantisesNotError,
    OllamaRefusedError,
    OllamaTakesNoAdaptersError,
    OllamaTimeoutError,
    OllamaUnreachableError,
)
from llmlora.kit.errors import AppError

CONNECT_TIMEOUT_S = 2.0
# Loading a model, or the next line of a stream.
IDLE_TIMEOUT_S = 60.0
# Quantising a large model says nothing for minutes.
CREATE_TIMEOUT_S = 1800.0
CHUNK_BYTES = 1 << 20
SUCCESS = "success"
_CANNOT = ("support", "deprecat", "removed", "cannot", "not allowed", "not accepted", "unknown field")
_BLOB_GONE = re.compile(r"blobs/sha256-[0-9a-f]+: no such file")
# Go writes nanoseconds, which `datetime.fromisoformat` of Python 3.11 does not take.
_ANY_TIME = TypeAdapter(datetime)


@dataclass(frozen=True)
class InstalledModel:
    """A model that Ollama has. `digest` is the manifest's."""

    name: str
    digest: str
    size_bytes: int
    modified_at: datetime | None
    family: str | None
    parameter_size: str | None
    quantisation: str | None
    context_length: int | None


@dataclass(frozen=True)
class ModelDetails:
    """What Ollama says about one model. Digests are those of its weights and its adapters, without `sha256:`."""

    template: str
    system: str
    parameters: dict[str, list[str]]
    licence: str
    capabilities: tuple[str, ...]
    architecture: str | None
    context_length: int | None
    family: str | None
    parameter_size: str | None
    quantisation: str | None
    model_digest: str | None
    adapter_digests: tuple[str, ...]


@dataclass(frozen=True)
class PullStep:
    """How far a pull is. `digest` None: a step that is not about one layer."""

    status: str
    digest: str | None
    done_bytes: int
    total_bytes: int


@dataclass(frozen=True)
class Registration:
    """A model to be made of blobs (`files`, `adapters`: file name to digest with `sha256:`) or of one that is there."""

    name: str
    files: Mapping[str, str] = field(default_factory=dict)
    from_: str | None = None
    adapters: Mapping[str, str] = field(default_factory=dict)
    system: str | None = None
    template: str | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    licence: Sequence[str] = ()
    quantize: str | None = None


class OllamaServer(Closing):
    """A client of one server. Use as `async with`, or call `aclose`."""

    def __init__(self, base_url: str, breaker: Breaker | None = None) -> None:
        self.base_url = base_url
        self._breaker = breaker or Breaker(base_url)
        patience = httpx.Timeout(IDLE_TIMEOUT_S, connect=CONNECT_TIMEOUT_S)
        self._client = ollama.AsyncClient(base_url, timeout=patience, trust_env=False, follow_redirects=False)
        self._http = httpx.AsyncClient(base_url=base_url, timeout=patience, trust_env=False)

    async def aclose(self) -> None:
        """Close all connections."""
        await self._client.close()  # type: ignore[no-untyped-call]
        await self._http.aclose()

    async def version(self) -> str:
        """Its version, e.g. `0.33.0`.

        Raises:
            UnavailableError: it cannot be reached, or it is no Ollama.
        """
        async with self._asked():
            response = await self._http.get("/api/version", timeout=CONNECT_TIMEOUT_S)
            response.raise_for_status()
            return str(response.json()["version"])

    async def installed(self) -> list[InstalledModel]:
        """Every model it has.

        Raises:
            UnavailableError: it cannot be reached or fails.
        """
        async with self._asked():
            response = await self._http.get("/api/tags")
            response.raise_for_status()
            return [_installed(one) for one in response.json()["models"]]

    async def details(self, name: str) -> ModelDetails:
        """One model.

        Raises:
            OllamaModelMissingError: there is none of that name.
            UnavailableError: it cannot be reached or fails.
        """
        async with self._asked(name):
            response = await self._http.post("/api/show", json={"model": name})
            if response.is_error:
                raise ollama.ResponseError(response.text, response.status_code)
            return _details(response.json())

    async def pull(self, name: str) -> AsyncGenerator[PullStep, None]:
        """Bring a model, layer by layer; closing the iterator interrupts it, and the next pull goes on from there.

        Raises:
            OllamaPullFailedError: it cannot be had.
            OllamaDiskFullError: there is no room for it.
            UnavailableError: it cannot be reached, fails, or broke off.
        """
        async with self._asked(name, on_error=OllamaPullFailedError):
            stream = await self._client.pull(name, stream=True)
            async with aclosing(_until_success(stream, self.base_url)) as steps:
                async for step in steps:
                    yield PullStep(step.status or "", step.digest, step.completed or 0, step.total or 0)

    async def delete(self, name: str) -> None:
        """Forget a model; its layers go when no other model uses them.

        Raises:
            OllamaModelMissingError: there is none of that name.
            UnavailableError: it cannot be reached or fails.
        """
        async with self._asked(name):
            await self._client.delete(name)

    async def copy(self, source: str, destination: str) -> None:
        """Give a model another name as well; who had that name loses it in the same instant.

        Raises:
            OllamaModelMissingError: there is none named `source`.
            UnavailableError: it cannot be reached or fails.
        """
        async with self._asked(source):
            await self._client.copy(source, destination)

    async def has_blob(self, digest: str) -> bool:
        """Whether it holds the file with that sha256 (64 hexadecimal digits).

        Raises:
            UnavailableError: it cannot be reached or fails.
        """
        async with self._asked():
            response = await self._http.head(f"/api/blobs/sha256:{digest}")
            if response.status_code == httpx.codes.NOT_FOUND:
                return False
            response.raise_for_status()
            return True

    async def upload_blob(self, path: Path, digest: str, on_bytes: Callable[[int], None]) -> None:
        """Send a file; `on_bytes` hears how many bytes have gone out.

        Raises:
            OllamaRefusedError: the file is not what the digest says.
            OllamaDiskFullError: there is no room for it, or it hung up in the middle although it still runs.
            UnavailableError: it cannot be reached or fails.
        """
        sent = 0

        def count(done: int) -> None:
            nonlocal sent
            sent = done
            on_bytes(done)

        async with self._asked():
            try:
                response = await self._http.post(
                    f"/api/blobs/sha256:{digest}", content=_chunks(path, count), timeout=CREATE_TIMEOUT_S
                )
            except (httpx.NetworkError, httpx.RemoteProtocolError) as error:
                if isinstance(error, httpx.ConnectError) or not await self._still_answers():
                    raise
                cut = f"{sent / 1e6:.0f} / {path.stat().st_size / 1e6:.0f} MB"
                raise OllamaDiskFullError(reason=f"{cut}: {_words(error)}") from error
            if response.is_error:
                raise ollama.ResponseError(response.text, response.status_code)

    async def _still_answers(self) -> bool:
        """After it hung up: a server that was ended is gone, one whose disk is full goes on."""
        try:
            response = await self._http.get("/api/version", timeout=CONNECT_TIMEOUT_S)
        except httpx.HTTPError:
            return False
        return response.is_success

    async def create(self, wanted: Registration) -> AsyncGenerator[str, None]:
        """Register a model; yields what the server says it does. An earlier model of that name is replaced.

        Raises:
            OllamaRefusedError: it cannot be made of this; its leaves say that adapters or quantising are not supported.
            OllamaDiskFullError: there is no room for it.
            UnavailableError: it cannot be reached, fails, or broke off.
        """
        body = {
            "model": wanted.name,
            "files": dict(wanted.files),
            "from": wanted.from_,
            "adapters": dict(wanted.adapters),
            "system": wanted.system,
            "template": wanted.template,
            "parameters": dict(wanted.parameters),
            "license": list(wanted.licence),
            "quantize": wanted.quantize,
        }
        async with self._asked(wanted.from_ or wanted.name):
            given = {key: value for key, value in body.items() if value}
            lines = self._lines("/api/create", given, CREATE_TIMEOUT_S)
            async with aclosing(_until_success(lines, self.base_url)) as steps:
                async for step in steps:
                    yield step.status or ""

    async def _lines(
        self, path: str, body: Mapping[str, Any], timeout_s: float
    ) -> AsyncIterator[ollama.ProgressResponse]:
        patience = httpx.Timeout(timeout_s, connect=CONNECT_TIMEOUT_S)
        async with self._http.stream("POST", path, json=body, timeout=patience) as response:
            if response.is_error:
                raise ollama.ResponseError((await response.aread()).decode(), response.status_code)
            async for line in response.aiter_lines():
                told = json.loads(line)
                if "error" in told:
                    raise ollama.ResponseError(told["error"])
                yield ollama.ProgressResponse(**told)

    @asynccontextmanager
    async def _asked(
        self, name: str | None = None, on_error: type[AppError] = OllamaRefusedError
    ) -> AsyncIterator[None]:
        """Whatever goes wrong between us, as an `AppError`; the breaker counts what got no answer."""
        async with self._breaker.watched():
            try:
                yield
            except ollama.ResponseError as error:
                raise self._refusal(error, name, on_error) from error
            except httpx.HTTPStatusError as error:
                reason = f"HTTP {error.response.status_code}"
                raise OllamaFailedError(base_url=self.base_url, reason=reason) from error
            except (httpx.ConnectError, httpx.ConnectTimeout, ConnectionError) as error:
                raise OllamaUnreachableError(base_url=self.base_url, reason=_words(error)) from error
            except httpx.TimeoutException as error:
                raise OllamaTimeoutError(base_url=self.base_url, timeout_s=IDLE_TIMEOUT_S) from error
            except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
                raise OllamaBrokenAnswerError(base_url=self.base_url, reason=_words(error)) from error

    def _refusal(self, error: ollama.ResponseError, name: str | None, on_error: type[AppError]) -> AppError:
        reason = error.error
        if "no space left" in reason:
            return OllamaDiskFullError(reason=reason)
        if _BLOB_GONE.search(reason):
            return OllamaBlobGoneError(name=name or "?")
        if told := _cannot(reason):
            return told(reason=reason)
        if error.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
            return OllamaFailedError(base_url=self.base_url, reason=reason)
        if error.status_code == httpx.codes.NOT_FOUND and name is not None:
            return OllamaModelMissingError(name=name)
        return on_error(reason=reason, name=name)


def _cannot(reason: str) -> type[AppError] | None:
    """What a version of the server cannot do. The words of releases differ; which things they speak of does not."""
    words = reason.lower()
    if "llama-quantize" in words:  # it failed to validate a file
        return None
    if "quantiz" in words:
        return OllamaQuantisesNotError
    if "adapter" in words and any(word in words for word in _CANNOT):
        return OllamaTakesNoAdaptersError
    return None


async def _until_success(
    steps: AsyncIterator[ollama.ProgressResponse], base_url: str
) -> AsyncGenerator[ollama.ProgressResponse, None]:
    """The steps before the last line; only that line means success, the status code came before the work began."""
    last = None
    async for step in steps:
        last = step.status
        if last != SUCCESS:
            yield step
    if last != SUCCESS:
        raise OllamaBrokenAnswerError(base_url=base_url, reason=f"no success line after {last!r}")


async def _chunks(path: Path, on_bytes: Callable[[int], None]) -> AsyncIterator[bytes]:
    sent = 0
    async with await anyio.open_file(path, "rb") as file:
        while chunk := await file.read(CHUNK_BYTES):
            yield chunk
            sent += len(chunk)
            on_bytes(sent)


def _installed(one: Mapping[str, Any]) -> InstalledModel:
    details: Mapping[str, Any] = one.get("details") or {}
    modified_at = one.get("modified_at")
    return InstalledModel(
        name=str(one["model"]),
        digest=one.get("digest") or "",
        size_bytes=int(one.get("size") or 0),
        modified_at=_ANY_TIME.validate_python(modified_at) if modified_at else None,
        family=details.get("family") or None,
        parameter_size=details.get("parameter_size") or None,
        quantisation=details.get("quantization_level") or None,
        context_length=details.get("context_length"),
    )


def _details(told: Mapping[str, Any]) -> ModelDetails:
    info, details = told.get("model_info") or {}, told.get("details") or {}
    architecture = info.get("general.architecture")
    commands = _commands(told.get("modelfile") or "")
    return ModelDetails(
        template=told.get("template") or "",
        system=told.get("system") or "",
        parameters=_parameters(told.get("parameters") or ""),
        licence=told.get("license") or "",
        capabilities=tuple(told.get("capabilities") or ()),
        architecture=architecture,
        context_length=info.get(f"{architecture}.context_length"),
        family=details.get("family") or None,
        parameter_size=details.get("parameter_size") or None,
        quantisation=details.get("quantization_level") or None,
        model_digest=next((_digest_in(value) for value in commands.get("FROM", ())), None),
        adapter_digests=tuple(filter(None, (_digest_in(value) for value in commands.get("ADAPTER", ())))),
    )


def _parameters(text: str) -> dict[str, list[str]]:
    """`stop    "<|im_end|>"` a line, as show writes them."""
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        key, _, value = line.strip().partition(" ")
        value = value.strip()
        try:
            value = str(json.loads(value)) if value.startswith('"') else value
        except ValueError:
            value = value.strip('"')
        if key:
            found.setdefault(key, []).append(value)
    return found


def _commands(modelfile: str) -> dict[str, list[str]]:
    """The one-line commands of a Modelfile, as show writes it."""
    found: dict[str, list[str]] = {}
    for line in modelfile.splitlines():
        command, _, value = line.partition(" ")
        if command in ("FROM", "ADAPTER"):
            found.setdefault(command, []).append(value.strip())
    return found


def _digest_in(value: str) -> str | None:
    """`/root/.ollama/models/blobs/sha256-<hex>` tells the digest; a name does not."""
    _, found, digest = value.rpartition("sha256-")
    return digest if found else None


def _words(error: Exception) -> str:
    return str(error) or type(error).__name__
