"""Commands that speak to the API of a running `up`: problems become errors, event streams survive restarts."""

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import httpx

from llmlora.entry.language import language
from llmlora.kit.errors import AppError, UnavailableError
from llmlora.kit.settings import Settings

CONNECT_TIMEOUT_S = 3.0
ANSWER_TIMEOUT_S = 60.0
SILENCE_TIMEOUT_S = 60.0
RECONNECT_S = 1.0
# Longer than `up` takes to start anew; whoever follows a job of a platform that is gone must not wait for ever.
RESTART_PATIENCE_S = 60.0
EXIT_CODES = {404: 3, 409: 4, 422: 2, 503: 5}


class PlatformNotRunningError(UnavailableError):
    """No API answers."""

    code = "platform_not_running"
    ja = "{url} の API が応答しません。./llmlora up で起動してください（データ: {data_dir}）。"
    en = "The API at {url} does not respond. Start it with ./llmlora up (data: {data_dir})."


class ProblemError(AppError):
    """A problem that the API answered with, in its own words."""

    ja = "{ja_text}"
    en = "{en_text}"


def problem_error(status: int, document: dict[str, Any]) -> ProblemError:
    """The error of a problem document."""
    text = document.get("detail", f"HTTP {status}")
    error = ProblemError(ja_text=text, en_text=text)
    error.status, error.code = status, document.get("code", "http_error")  # type: ignore[misc]
    error.exit_code = EXIT_CODES.get(status, 1)  # type: ignore[misc]
    return error


@contextmanager
def api_client(settings: Settings) -> Iterator[httpx.Client]:
    """A client of the API of the data directory's `up`, or of the address that the settings name."""
    from llmlora.engine.platform.record import local_url, running_platform

    record = running_platform(settings.data_dir)
    url = record.url if record else local_url(settings.api_host, settings.api_port)
    headers: dict[str, str] = {"accept-language": language()}
    if settings.api_token is not None:
        headers["authorization"] = f"Bearer {settings.api_token.get_secret_value()}"
    timeout = httpx.Timeout(ANSWER_TIMEOUT_S, connect=CONNECT_TIMEOUT_S)
    with httpx.Client(base_url=url, headers=headers, timeout=timeout, trust_env=False) as client:
        try:
            yield client
        except httpx.ConnectError as error:
            raise PlatformNotRunningError(url=url, data_dir=settings.data_dir) from error


def ask(client: httpx.Client, method: str, path: str, **request: Any) -> Any:
    """The JSON of an answer; None where it has no body.

    Raises:
        ProblemError: the API refuses.
    """
    response = client.request(method, path, **request)
    if response.is_error:
        raise problem_error(response.status_code, _json_of(response))
    return response.json() if response.content else None


def follow_events(
    client: httpx.Client,
    job_id: str,
    after: int = 0,
    *,
    types: Sequence[str] = (),
    patience_s: float = RESTART_PATIENCE_S,
) -> Iterator[dict[str, Any]]:
    """Events of a job (of these types, or all) until it is over; a connection that drops is made again behind the last.

    Raises:
        ProblemError: the API refuses.
        httpx.ConnectError: nobody has answered for as long as a restart may take.
    """
    path = f"/api/training/jobs/{job_id}/events"
    params = {"types": list(types)}
    heard = time.monotonic()
    while True:
        headers: dict[str, str] = {"accept": "text/event-stream", "last-event-id": str(after)}
        timeout = httpx.Timeout(SILENCE_TIMEOUT_S, connect=CONNECT_TIMEOUT_S)
        try:
            with client.stream("GET", path, params=params, headers=headers, timeout=timeout) as response:
                if response.is_error:
                    response.read()
                    raise problem_error(response.status_code, _json_of(response))
                kind = ""
                for line in response.iter_lines():
                    heard = time.monotonic()
                    field, _, value = line.partition(": ")
                    if field == "event":
                        kind = value
                    elif field == "data" and kind == "over":
                        return
                    elif field == "data":
                        event = json.loads(value)
                        after = event["seq"]
                        yield event
        except httpx.TransportError as error:
            if isinstance(error, httpx.ConnectError) and time.monotonic() - heard > patience_s:
                raise
            time.sleep(RECONNECT_S)


def _json_of(response: httpx.Response) -> dict[str, Any]:
    try:
        document = response.json()
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}
