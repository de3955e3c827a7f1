"""The inference process of a data directory, asked over HTTP. It may be restarted at any time: it is found anew."""

import ssl
from pathlib import Path

import httpx
from pydantic import TypeAdapter, ValidationError

from llmlora.contracts.run import EndpointInput
from llmlora.data import predictor_files
from llmlora.engine.serving import errors as serving_errors
from llmlora.engine.serving.pool import ServersBusyError, ServerStatus
from llmlora.engine.serving.record import InferenceRecord, read_record
from llmlora.engine.serving.running import START_TIMEOUT_S
from llmlora.engine.serving.spec import ServerSpec
from llmlora.kit.errors import AppError, UnavailableError
from llmlora.kit.sent_errors import SentError, errors_in

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


class InferenceFailedError(UnavailableError):
    """The inference process answered with something that is not one of its own errors."""

    code = "inference_failed"
    ja = "推論プロセスでエラーが起きました（{reason}）。./llmlora up を再起動してください。"
    en = "The inference process ran into an error ({reason}). Restart ./llmlora up."


class InferenceClient:
    """An `EndpointSource` over the inference process that `./llmlora up` keeps for a data directory."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir

    async def endpoint(self, spec: ServerSpec) -> EndpointInput:
        """An endpoint that serves exactly `spec`, started if need be; good for at least a minute of idleness.

        Raises:
            InferenceUnavailableError: no inference process runs.
            InferenceFailedError: it fails.
            ServersBusyError: too many servers are in use.
            AppError: as `engine.serving.servers.running_server`.
        """
        body = spec.absolute().model_dump_json().encode()
        answer = await self._request("POST", "/endpoints", WAIT_FOR_START_S, body)
        return EndpointInput.model_validate_json(answer)

    async def servers(self) -> list[ServerStatus]:
        """The servers that run, the one used last first.

        Raises:
            UnavailableError: no inference process runs, or it fails.
        """
        return _statuses.validate_json(await self._request("GET", "/servers", ANSWER_TIMEOUT_S))

    async def healthy(self) -> bool:
        """Whether an inference process runs and answers."""
        try:
            await self._request("GET", "/healthz", ANSWER_TIMEOUT_S)
        except UnavailableError:
            return False
        return True

    async def _request(self, method: str, path: str, timeout_s: float, body: bytes = b"") -> bytes:
        """Ask the process that runs; once more when another one has taken its place meanwhile."""
        record = self._record()
        response = await _send(record, method, path, timeout_s, body)
        if response is None and (newer := self._record()) != record:
            response = await _send(newer, method, path, timeout_s, body)
        if response is None:
            raise InferenceUnavailableError(data_dir=self._data_dir)
        return _content(response)

    def _record(self) -> InferenceRecord:
        record = read_record(self._data_dir)
        if record is None:
            raise InferenceUnavailableError(data_dir=self._data_dir)
        return record


async def _send(
    record: InferenceRecord, method: str, path: str, timeout_s: float, body: bytes
) -> httpx.Response | None:
    """The answer of the process that wrote `record`; None when it is not there."""
    # The address is plain HTTP on loopback: the certificates that httpx would load take longer than the request.
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    async with httpx.AsyncClient(verify=tls, trust_env=False) as client:
        try:
            response = await client.request(
                method,
                record.url + path,
                content=body,
                headers={"authorization": f"Bearer {record.token}", "content-type": "application/json"},
                timeout=httpx.Timeout(timeout_s, connect=CONNECT_TIMEOUT_S),
            )
        except httpx.ReadTimeout as error:
            raise InferenceFailedError(
                reason=(f"{timeout_s:.0f} 秒間応答なし", f"no answer in {timeout_s:.0f} s")
            ) from error
        except httpx.HTTPError:
            return None
    # Another program on the port of a process that has ended does not know the token.
    return None if response.status_code == httpx.codes.UNAUTHORIZED else response


def _content(response: httpx.Response) -> bytes:
    if response.is_success:
        return response.content
    try:
        refusal = SentError.model_validate_json(response.content)
    except ValidationError as error:
        raise InferenceFailedError(reason=f"HTTP {response.status_code}") from error
    raise refusal.error(_KNOWN) or InferenceFailedError(reason=refusal.facts.get("reason", refusal.code))
