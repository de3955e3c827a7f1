"""What goes wrong when the platform is asked, as Python exceptions."""

import json
import os
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class FieldError:
    """One part of a request that is not as it has to be. `pointer`: where (RFC 6901)."""

    pointer: str
    detail: str


class ClientError(Exception):
    """The platform refused, or could not be asked.

    `code` is stable, `detail` says what to change, `errors` name the parts of the request, `link` is the page of the manual.
    `status` is 0 where there was no answer.
    """

    def __init__(
        self, *, code: str, detail: str, status: int = 0, errors: tuple[FieldError, ...] = (), link: str = ""
    ) -> None:
        self.code, self.detail, self.status, self.errors, self.link = code, detail, status, errors, link
        parts = [f"{one.pointer}: {one.detail}" for one in errors]
        super().__init__(" ".join([f"{detail} [{code}]", *parts, link]).strip())


class PlatformUnreachableError(ClientError):
    """Nobody answers at the address."""

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(
            code="platform_unreachable",
            detail=said(
                ja=f"{url} の API が応答しません（{reason}）。./llmlora up で起動するか、base_url または LLMLORA_URL を確かめてください。",
                en=f"The API at {url} does not respond ({reason}). Start it with ./llmlora up, or check base_url or LLMLORA_URL.",
            ),
        )


class ResponseNotUnderstoodError(ClientError):
    """What answers is no llmlora, or another version of it."""

    def __init__(self, status: int, url: str, beginning: str) -> None:
        super().__init__(
            status=status,
            code="response_not_understood",
            detail=said(
                ja=f"{url} からの応答を読めません。llmlora の API のアドレスか、バージョンが同じかを確かめてください。応答の先頭: {beginning}",
                en=f"The answer from {url} cannot be read. Check that this is the API of llmlora, in the same version. It begins: {beginning}",
            ),
        )


class WaitTimeoutError(ClientError, TimeoutError):
    """A job was not over in time; it goes on."""

    def __init__(self, what: str, timeout_s: float) -> None:
        super().__init__(
            code="wait_timeout",
            detail=said(
                ja=f"{what} は {timeout_s:g} 秒以内に終わりませんでした。処理は続いています。",
                en=f"{what} was not over within {timeout_s:g} s. It goes on.",
            ),
        )


class JobNotCompletedError(ClientError):
    """A job ended without a result. `state`: failed or cancelled."""

    def __init__(self, job_id: str, state: str, code: str, reason: str) -> None:
        self.job_id, self.state = job_id, state
        super().__init__(
            code=code or f"job_{state}",
            detail=said(
                ja=f"ジョブ {job_id} は完了しませんでした。{reason}",
                en=f"The job {job_id} did not complete. {reason}",
            ),
        )


def speaks_japanese() -> bool:
    """Whether errors of the client's own are said in Japanese (`LLMLORA_LANG`, else the locale)."""
    named = [os.environ.get(name, "") for name in ("LLMLORA_LANG", "LC_ALL", "LC_MESSAGES", "LANG")]
    return next((one for one in named if one), "").startswith("ja")


def said(*, ja: str, en: str) -> str:
    """The sentence of both that is spoken."""
    return ja if speaks_japanese() else en


def problem_of(status: int, body: bytes) -> ClientError:
    """The error of an answer (RFC 9457, or OpenAI's shape)."""
    try:
        document: Any = json.loads(body)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        text = body[:200].decode(errors="replace").strip()
        return ClientError(status=status, code="http_error", detail=text or f"HTTP {status}")
    inner = document.get("error")
    if isinstance(inner, dict):
        return ClientError(
            status=status, code=str(inner.get("code") or "http_error"), detail=str(inner.get("message"))
        )
    fields = tuple(FieldError(one["pointer"], one["detail"]) for one in document.get("errors", ()))
    return ClientError(
        status=status,
        code=str(document.get("code", "http_error")),
        detail=str(document.get("detail", f"HTTP {status}")),
        errors=fields,
        link=str(document.get("type", "")),
    )
