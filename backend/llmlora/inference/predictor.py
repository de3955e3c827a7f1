"""A client of a server of ours that predicts (`engine.serving.onnx_main`)."""

from collections.abc import Sequence

import httpx
from pydantic import ValidationError

from llmlora.contracts.prediction import Item, PredictionAnswer, PredictionRequest
from llmlora.contracts.run import EndpointInput
from llmlora.inference.closing import Closing
from llmlora.inference.errors import EngineFailedError, EngineTimeoutError, EngineUnreachableError

CONNECT_TIMEOUT_S = 5.0
ANSWER_TIMEOUT_S = 120.0


class PredictorClient(Closing):
    """Asks one server. Use as `async with`, or call `aclose`."""

    def __init__(self, endpoint: EndpointInput, *, timeout_s: float = ANSWER_TIMEOUT_S) -> None:
        self._base_url, self._timeout_s = endpoint.base_url, timeout_s
        self._client = httpx.AsyncClient(
            base_url=endpoint.base_url,
            headers={"Authorization": f"Bearer {endpoint.api_key}"} if endpoint.api_key else {},
            timeout=httpx.Timeout(timeout_s, connect=CONNECT_TIMEOUT_S),
            # A connection that rests would keep an idle server in the pool.
            limits=httpx.Limits(max_keepalive_connections=0),
            trust_env=False,
        )

    async def aclose(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    async def predict(self, items: Sequence[Item]) -> PredictionAnswer:
        """What the model says of each item.

        Raises:
            UnavailableError: the server cannot be reached, fails or is too slow.
        """
        body = PredictionRequest(items=list(items)).model_dump_json()
        try:
            response = await self._client.post(
                "/predict", content=body, headers={"content-type": "application/json"}
            )
        except httpx.ReadTimeout as error:
            raise EngineTimeoutError(base_url=self._base_url, timeout_s=self._timeout_s) from error
        except httpx.HTTPError as error:
            raise EngineUnreachableError(base_url=self._base_url, reason=type(error).__name__) from error
        if not response.is_success:
            raise EngineFailedError(
                base_url=self._base_url, status=response.status_code, reason=response.text[:200]
            )
        try:
            return PredictionAnswer.model_validate_json(response.content)
        except ValidationError as error:
            raise EngineFailedError(
                base_url=self._base_url, status=response.status_code, reason=error.title
            ) from error
