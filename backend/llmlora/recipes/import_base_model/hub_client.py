"""Asks the Hugging Face hub, patiently: listings at a revision, files by ranges. Tells its refusals apart.

The addresses, headers and error codes are those of the installed `huggingface_hub`, and its sessions are used. Its own
download is not: it throws what has arrived away when it is interrupted, and checks sizes but no hashes (ADR 0016).
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote, urlsplit, urlunsplit

import httpx2
from huggingface_hub import get_async_session
from huggingface_hub.errors import (
    DisabledRepoError,
    GatedRepoError,
    HfHubHTTPError,
    OfflineModeIsEnabled,
    RemoteEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from huggingface_hub.utils import build_hf_headers, hf_raise_for_status  # type: ignore[attr-defined]

from llmlora.contracts.run import Context
from llmlora.kit.errors import AppError
from llmlora.recipes.blocks.base_reference import Reference
from llmlora.recipes.blocks.hub_errors import (
    HubBusyError,
    HubFileBrokenError,
    HubFileMissingError,
    HubGatedError,
    HubNotGrantedError,
    HubRepositoryClosedError,
    HubRepositoryMissingError,
    HubRequestRefusedError,
    HubRevisionMissingError,
    HubStalledError,
    HubTokenRefusedError,
    HubUnreachableError,
)
from llmlora.recipes.import_base_model.hub_listing import HubFile, Snapshot, read_listing

T = TypeVar("T")
_BUSY = frozenset({429, 503})
_PASSING = frozenset({408, 500, 502, 504}) | _BUSY
# The hub counts requests in windows of five minutes.
_USUAL_LIMIT_S = 300.0


@dataclass(frozen=True)
class Patience:
    """How long an import waits, and for what."""

    connect_s: float = 10.0
    silence_s: float = 30.0
    """Without one byte; then the transfer is begun again where it stopped."""
    tries: int = 5
    """In a row, without one new byte."""
    pause_s: float = 0.5
    """Before the second try; doubles with each."""
    longest_wait_s: float = 300.0
    """What the hub may ask us to wait at a time (`Retry-After`)."""


class BrokenTransferError(Exception):
    """A transfer ended before the file did, or does not fit what is there."""


class HubClient:
    """The hub at `endpoint`; `token` goes to that origin alone, never to where it redirects files."""

    def __init__(self, endpoint: str, token: str | None, ctx: Context, patience: Patience) -> None:
        self.endpoint = endpoint.rstrip("/")
        self.shown = without_credentials(self.endpoint)
        self._token, self._ctx, self._patience = token, ctx, patience
        self._http = get_async_session()
        # `identity`: ranges and lengths are those of the file itself.
        self._headers = {**build_hf_headers(token=token or False), "Accept-Encoding": "identity"}
        self._timeout = httpx2.Timeout(patience.silence_s, connect=patience.connect_s, pool=None)

    async def __aenter__(self) -> "HubClient":
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self._http.aclose()

    async def look_up(self, reference: Reference) -> Snapshot:
        """The files of a repository at a revision (None: its main branch).

        Raises:
            AppError: a leaf of `hub_errors`.
        """
        url = f"{self.endpoint}/api/models/{reference.name}"
        if reference.revision:
            url += f"/revision/{quote(reference.revision, safe='')}"

        async def ask() -> Snapshot:
            response = await self._http.get(
                url, params={"blobs": True}, headers=self._headers, timeout=self._timeout
            )
            hf_raise_for_status(response)
            return read_listing(reference.name, response)

        try:
            return await self._patiently(ask, lambda: 0)
        except (httpx2.HTTPError, httpx2.InvalidURL, OfflineModeIsEnabled, ValueError) as error:
            raise self._told(error, reference, None) from error

    async def fetch(
        self, snapshot: Snapshot, file: HubFile, path: Path, on_bytes: Callable[[int], None]
    ) -> None:
        """Bring `path` to the whole file, beginning behind what is there; `on_bytes` hears of every change of its size.

        Raises:
            AppError: a leaf of `hub_errors`; what has arrived stays.
        """

        async def go_on() -> None:
            await self._stream(snapshot, file, path, on_bytes)

        try:
            await self._patiently(go_on, lambda: _size_of(path))
        except (httpx2.HTTPError, httpx2.InvalidURL, OfflineModeIsEnabled, BrokenTransferError) as error:
            where = Reference("hf", snapshot.repo, snapshot.commit)
            if isinstance(error, HfHubHTTPError | OfflineModeIsEnabled | httpx2.ConnectError):
                raise self._told(error, where, file.name) from error
            raise HubStalledError(
                repo=snapshot.repo,
                file=file.name,
                done_bytes=_size_of(path),
                size_bytes="?" if file.size_bytes is None else file.size_bytes,
                reason=_in_short(error),
            ) from error

    async def _stream(
        self, snapshot: Snapshot, file: HubFile, path: Path, on_bytes: Callable[[int], None]
    ) -> None:
        url = f"{self.endpoint}/{snapshot.repo}/resolve/{snapshot.commit}/{quote(file.name)}"
        have = _size_of(path)
        if file.size_bytes is not None and have >= file.size_bytes:
            if have > file.size_bytes:
                path.unlink()
                on_bytes(-have)
                raise BrokenTransferError("longer than the file")
            path.touch()
            return
        headers = self._headers | ({"Range": f"bytes={have}-"} if have else {})
        async with self._http.stream("GET", url, headers=headers, timeout=self._timeout) as response:
            if response.status_code == 416:
                path.unlink(missing_ok=True)
                on_bytes(-have)
                raise BrokenTransferError("HTTP 416")
            if response.is_error:
                await response.aread()
                hf_raise_for_status(response)
            if have and not _continues(
                response, have
            ):  # the whole file comes, or another part of it than was asked for
                path.unlink()
                on_bytes(-have)
                have = 0
                if response.status_code == 206:
                    raise BrokenTransferError("another range than was asked for")
            size = file.size_bytes if file.size_bytes is not None else _announced(response, have)
            with path.open("ab", buffering=0) as stream:
                async for (
                    piece
                ) in response.aiter_bytes():  # as they come; of a size, they would wait to be full
                    have += len(piece)
                    if size is not None and have > size:
                        raise HubFileBrokenError(
                            repo=snapshot.repo,
                            file=file.name,
                            reason=(f"{size} バイトを超えている", f"more than {size} bytes"),
                        )
                    stream.write(piece)
                    on_bytes(len(piece))
        if size is not None and have < size:
            raise BrokenTransferError(f"{have} of {size} bytes")

    async def _patiently(self, attempt: Callable[[], Awaitable[T]], size: Callable[[], int]) -> T:
        """The attempt's result; it is tried again while that may help, without end while `size` grows."""
        patience, tried, reached = self._patience, 0, size()
        while True:
            try:
                return await attempt()
            except (httpx2.TransportError, HfHubHTTPError, BrokenTransferError) as error:
                pause_s = self._pause_s(error, tried)
                grown = size() > reached
                tried, reached = (0 if grown else tried + 1), max(reached, size())
                if pause_s is None or tried >= patience.tries:
                    raise
                self._ctx.log(_says(error, pause_s), level="warning")
                await asyncio.sleep(pause_s)

    def _pause_s(self, error: Exception, tried: int) -> float | None:
        """Seconds to wait before the next try; None where another would end as this one.

        Raises:
            HubBusyError: the hub wants us to wait longer than we do.
        """
        usual_s: float = self._patience.pause_s * 2**tried
        if not isinstance(error, HfHubHTTPError):
            return usual_s
        status = error.response.status_code
        if status not in _PASSING:
            return None
        asked_s = _asked_to_wait_s(error.response)
        if asked_s is None:
            return usual_s
        if asked_s > self._patience.longest_wait_s:
            raise HubBusyError(endpoint=self.shown, status=status, wait_s=round(asked_s)) from error
        return max(asked_s, usual_s)

    def _told(self, error: Exception, reference: Reference, file: str | None) -> AppError:
        """The client's errors as ours."""
        if not isinstance(error, HfHubHTTPError):
            return HubUnreachableError(endpoint=self.shown, reason=_in_short(error))
        status, has_token = error.response.status_code, self._token is not None
        facts = {
            "repo": reference.name,
            "revision": reference.revision or "main",
            "file": file,
            "endpoint": self.shown,
            "status": status,
            "reason": f"HTTP {status}",
            "wait_s": round(_asked_to_wait_s(error.response) or _USUAL_LIMIT_S),
        }
        return _leaf(error, status, has_token=has_token)(**facts)


def _leaf(error: HfHubHTTPError, status: int, *, has_token: bool) -> type[AppError]:
    match error:
        case GatedRepoError():
            return HubNotGrantedError if has_token else HubGatedError
        case DisabledRepoError():
            return HubRepositoryClosedError
        case RepositoryNotFoundError():
            return HubRepositoryMissingError
        case RevisionNotFoundError():
            return HubRevisionMissingError
        case RemoteEntryNotFoundError():
            return HubFileMissingError
    match status:
        case 401 | 403:  # without a token the hub answers so for what is private or absent
            return HubTokenRefusedError if has_token else HubRepositoryMissingError
        case 410 | 451:
            return HubRepositoryClosedError
        case 429:
            return HubBusyError
    return HubRequestRefusedError if status < 500 else HubUnreachableError


def without_credentials(url: str) -> str:
    """An address as it may be shown."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def _size_of(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _continues(response: httpx2.Response, have: int) -> bool:
    return response.status_code == 206 and response.headers.get("Content-Range", "").startswith(
        f"bytes {have}-"
    )


def _announced(response: httpx2.Response, have: int) -> int | None:
    """The file's size as the answer tells it, where the listing does not."""
    length = response.headers.get("Content-Length", "")
    plain = response.headers.get("Content-Encoding", "identity") == "identity"
    return have + int(length) if plain and length.isdigit() else None


def _asked_to_wait_s(response: httpx2.Response) -> float | None:
    """`Retry-After` in seconds, or the reset that `ratelimit` tells (`"api";r=0;t=55`)."""
    after = response.headers.get("Retry-After", "").strip()
    if after.isdigit():
        return float(after)
    for told in response.headers.get("ratelimit", "").split(";"):
        name, _, value = told.strip().partition("=")
        if name == "t" and value.isdigit():
            return float(value) + 1
    return None


def _says(error: Exception, pause_s: float) -> str:
    if isinstance(error, HfHubHTTPError) and error.response.status_code in _BUSY:
        status = error.response.status_code
        return (
            f"Hugging Face から待つように求められました（HTTP {status}）。{pause_s:g} 秒後に続けます / "
            f"Hugging Face asks to wait (HTTP {status}); continuing in {pause_s:g} s"
        )
    reason = _in_short(error)
    return (
        f"Hugging Face との通信が途切れました（{reason}）。{pause_s:g} 秒後に続きから受け取ります / "
        f"The connection to Hugging Face was lost ({reason}); continuing where it stopped in {pause_s:g} s"
    )


def _in_short(error: Exception) -> str:
    """What happened, without addresses: those of files carry signatures."""
    if isinstance(error, HfHubHTTPError):
        return f"HTTP {error.response.status_code}"
    if isinstance(error, OfflineModeIsEnabled):
        return "HF_HUB_OFFLINE=1"
    text = str(error)
    return (type(error).__name__ if "://" in text or not text else f"{type(error).__name__}: {text}")[:200]
