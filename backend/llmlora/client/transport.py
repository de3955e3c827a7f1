"""Calls over HTTP, one after the other."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from llmlora.client.calls import (
    SILENCE_TIMEOUT_S,
    Call,
    EventReader,
    ModelT,
    ServerSentEvent,
    pause_before_retry_s,
    read_model,
    refused,
)
from llmlora.client.errors import PlatformUnreachableError
from llmlora.client.files import part_of


class Transport:
    """Sends calls, tries again what may be tried again, and makes errors of what is refused."""

    def __init__(self, http: httpx.Client) -> None:
        self._http = http

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()

    def send(self, call: Call) -> httpx.Response:
        """The answer, with its body.

        Raises:
            ClientError: the API refuses, or does not answer.
        """
        with call.arguments() as arguments:
            for tries in range(1_000):
                found: httpx.Response | httpx.TransportError
                try:
                    found = self._http.request(call.verb, call.path, **arguments)
                except httpx.TransportError as error:
                    found = error
                if isinstance(found, httpx.Response) and not found.is_error:
                    return found
                pause_s = pause_before_retry_s(call, tries, found)
                if pause_s is None:
                    break
                time.sleep(pause_s)
        if isinstance(found, httpx.Response):
            raise refused(found)
        raise self._unreachable(found) from found

    def model(self, model: type[ModelT], call: Call) -> ModelT:
        """The answer as its model."""
        return read_model(model, self.send(call))

    def text(self, call: Call) -> str:
        """The answer as text, without the mark that tells Excel how a CSV is written."""
        return self.send(call).text.removeprefix("\ufeff")

    def headers(self, call: Call) -> httpx.Headers:
        """What the answer says in its headers."""
        return self.send(call).headers

    def nothing(self, call: Call) -> None:
        """The answer has no body."""
        self.send(call)

    def file(self, to: Path | str, call: Call) -> Path:
        """The answer written to a file, which is there when all of it has arrived; its path."""
        target = Path(to)
        with self._streamed(call, {}) as response, part_of(target) as stream:
            for part in response.iter_bytes():
                stream.write(part)
        return target

    def events(self, call: Call, read_timeout_s: float = SILENCE_TIMEOUT_S) -> Iterator[ServerSentEvent]:
        """The events of a stream as they come, until it ends.

        Raises:
            ClientError: the API refuses, or the stream breaks.
        """
        reader = EventReader()
        with self._streamed(call, {"accept": "text/event-stream"}, read_timeout_s) as response:
            for line in response.iter_lines():
                if event := reader.read(line):
                    yield event

    @contextmanager
    def _streamed(
        self, call: Call, headers: dict[str, str], read_timeout_s: float = SILENCE_TIMEOUT_S
    ) -> Iterator[httpx.Response]:
        timeout = self._timeout(read_timeout_s)
        with call.arguments() as arguments:
            arguments["headers"] |= headers
            try:
                with self._http.stream(call.verb, call.path, timeout=timeout, **arguments) as response:
                    if response.is_error:
                        response.read()
                        raise refused(response)
                    yield response
            except httpx.TransportError as error:
                raise self._unreachable(error) from error

    def _timeout(self, read_timeout_s: float) -> httpx.Timeout:
        usual = self._http.timeout
        return httpx.Timeout(connect=usual.connect, read=read_timeout_s, write=usual.write, pool=usual.pool)

    def _unreachable(self, error: httpx.TransportError) -> PlatformUnreachableError:
        return PlatformUnreachableError(str(self._http.base_url), str(error) or type(error).__name__)
