"""The inference process, asked over HTTP: that of a data directory, or the one whose address the settings name.

It may be restarted at any time: the process of a data directory is found anew by its record.
"""

import ssl
from dataclasses import dataclass, field

import httpx
from pydantic import TypeAdapter, ValidationError

from llmlora.contracts.run import EndpointInput
from llmlora.data import predictor_files
from llmlora.engine.serving import errors as serving_errors
from llmlora.engine.serving.address import inference_address
from llmlora.engine.serving.pool import ServersBusyError, ServerStatus
from llmlora.engine.serving.record import read_record
from llmlora.engine.serving.running import START_TIMEOUT_S
from llmlora.engine.serving.spec import ServerSpec
from llmlora.kit.errors import AppError, UnavailableError
from llmlora.kit.sent_errors import SentError, errors_in
from llmlora.kit.settings import Settings

CONNECT_TIMEOUT_S = 2.0
ANSWER_TIMEOUT_S = 10.0
# The inference process gives up first and says why.
WAIT_FOR_START_S = START_TIMEOUT_S + 10.0

# Every error that an inference process may answer with.
_KNOWN: tuple[type[AppError], ...] = (ServersBusyError, *errors_in(serving_errors, predictor_files))
_statuses = TypeAdapter(list[ServerStatus])


class InferenceUnavailableError(UnavailableError):
    """No inference process runs for the data directory, or it does not answer."""

    code = "inference_unavailable"
    ja = "推論プロセスが動いていません。./llmlora up で起動してください（データ: {data_dir}）。"
    en = "The inference process is not running. Start it with ./llmlora up (data: {data_dir})."


class InferenceUnreachableError(UnavailableError):
    """Nothing answers at `LLMLORA_INFERENCE_URL`."""

    code = "inference_unreachable"
    ja = "推論プロセスに接続できません（LLMLORA_INFERENCE_URL: {url}）。推論プロセスが動いているか、アドレスが正しいかを確認してください。"
    en = "The inference program cannot be reached (LLMLORA_INFERENCE_URL: {url}). Check that it runs and that the address is right."


class InferenceTokenRefusedError(UnavailableError):
    """What answers at `LLMLORA_INFERENCE_URL` has another token."""

    code = "inference_token_refused"
    ja = "推論プロセス {url} がトークンを受け付けません。LLMLORA_INFERENCE_TOKEN を推論プロセスと同じ値にしてください。"
    en = "The inference program at {url} does not accept the token. Set LLMLORA_INFERENCE_TOKEN to the value that the program has."


class InferenceFailedError(UnavailableError):
    """The inference process answered with something that is not one of its own errors."""

    code = "inference_failed"
    ja = "推論プロセスでエラーが起きました（{reason}）。./llmlora up を再起動してください。"
    en = "The inference process ran into an error ({reason}). Restart ./llmlora up."


@dataclass(frozen=True)
class _Place:
    """Where to ask now, and with what."""

    url: str
    token: str = field(repr=False)


class InferenceClient:
    """An `EndpointSource` over the inference process of the settings' data directory, or of their address."""

    def __init__(self, settings: Settings) -> None:
        self._data_dir = settings.data_dir
        self._address = inference_address(settings)

    async def endpoint(self, spec: ServerSpec) -> EndpointInput:
        """An endpoint that serves exactly `spec`, started if need be; good for at least a minute of idleness.

        By an address, the files of `spec` have to lie at the same paths there.

        Raises:
            InferenceUnavailableError: no inference process runs.
            InferenceUnreachableError, InferenceTokenRefusedError: the address, or its token, is wrong.
            InferenceFailedError: it fails.
            ServersBusyError: too many servers are in use.
            AppError: as `engine.serving.servers.running_server`.
        """
        body = spec.absolute().model_dump_json().encode()
        answer = await self._request("POST", "/endpoints", WAIT_FOR_START_S, body)
        endpoint = EndpointInput.model_validate_json(answer)
        if self._address is None:
            return endpoint
        return endpoint.model_copy(update={"base_url": self._address.served(endpoint.base_url)})

    async def servers(self) -> list[ServerStatus]:
        """The servers that run, the one used last first.

        Raises:
            UnavailableError: no inference process runs, or it fails.
        """
        return _statuses.validate_json(await self._request("GET", "/servers", ANSWER_TIMEOUT_S))

    async def check(self) -> None:
        """Ask whether it works.

        Raises:
            UnavailableError: it does not; says why.
        """
        await self._request("GET", "/healthz", ANSWER_TIMEOUT_S)

    async def healthy(self) -> bool:
        """Whether an inference process runs and answers."""
        try:
            await self.check()
        except UnavailableError:
            return False
        return True

    async def _request(self, method: str, path: str, timeout_s: float, body: bytes = b"") -> bytes:
        """Ask the process that runs; once more when another one has taken its place meanwhile."""
        place = self._place()
        response = await _send(place, method, path, timeout_s, body)
        if (response is None or _is_strange(response)) and (newer := self._place()) != place:
            response = await _send(newer, method, path, timeout_s, body)
        if response is not None and not _is_strange(response):
            return _content(response)
        if self._address is None:
            # Another program on the port of a process that has ended does not know the token.
            raise InferenceUnavailableError(data_dir=self._data_dir)
        raise (InferenceUnreachableError if response is None else InferenceTokenRefusedError)(
            url=self._address.url
        )

    def _place(self) -> _Place:
        if self._address is not None:
            return _Place(self._address.url, self._address.token)
        record = read_record(self._data_dir)
        if record is None:
            raise InferenceUnavailableError(data_dir=self._data_dir)
        return _Place(record.url, record.token)


def _is_strange(response: httpx.Response) -> bool:
    return response.status_code == httpx.codes.UNAUTHORIZED


async def _send(
    place: _Place, method: str, path: str, timeout_s: float, body: bytes
) -> httpx.Response | None:
    """The answer of what listens there; None when nothing does."""
    async with httpx.AsyncClient(verify=_tls(place.url), trust_env=False) as client:
        try:
            return await client.request(
                method,
                place.url + path,
                content=body,
                headers={"authorization": f"Bearer {place.token}", "content-type": "application/json"},
                timeout=httpx.Timeout(timeout_s, connect=CONNECT_TIMEOUT_S),
            )
        except httpx.ReadTimeout as error:
            raise InferenceFailedError(
                reason=(f"{timeout_s:.0f} 秒間応答なし", f"no answer in {timeout_s:.0f} s")
            ) from error
        except (httpx.HTTPError, httpx.InvalidURL):
            return None


def _tls(url: str) -> ssl.SSLContext:
    """For plain HTTP an empty one: the certificates that httpx would load take longer than the request."""
    if url.startswith("https:"):
        return ssl.create_default_context()
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _content(response: httpx.Response) -> bytes:
    if response.is_success:
        return response.content
    try:
        refusal = SentError.model_validate_json(response.content)
    except ValidationError as error:
        raise InferenceFailedError(reason=f"HTTP {response.status_code}") from error
    raise refusal.error(_KNOWN) or InferenceFailedError(reason=refusal.facts.get("reason", refusal.code))
