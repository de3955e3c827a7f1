"""ONNX Runtime as a server of ours: one exported model that predicts."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from llmlora.contracts.run import EndpointInput
from llmlora.data import predictor_files
from llmlora.data.predictor_files import MODEL_NAME, PredictorFileMissingError
from llmlora.engine.serving import errors
from llmlora.engine.serving.errors import MemoryLimitTooSmallError, ServerStartError
from llmlora.engine.serving.spec import OnnxSpec
from llmlora.inference.predictor import PredictorClient
from llmlora.kit.errors import AppError
from llmlora.kit.sent_errors import SentError, errors_in

ENGINE = "onnx"
_KNOWN = (*errors_in(errors), *errors_in(predictor_files))


class OnnxProgram:
    """A session over an export's directory."""

    module = "llmlora.engine.serving.onnx_main"

    def check(self, spec: OnnxSpec) -> None:
        """The file is there, and the limit is above the model.

        Raises:
            PredictorFileMissingError, MemoryLimitTooSmallError: it is not.
        """
        path = spec.onnx / MODEL_NAME
        if not path.is_file():
            raise PredictorFileMissingError(path=path, reason=("ファイルなし", "no such file"))
        model_bytes = path.stat().st_size
        if spec.memory_limit_bytes is not None and spec.memory_limit_bytes < model_bytes:
            raise MemoryLimitTooSmallError(limit_bytes=spec.memory_limit_bytes, model_bytes=model_bytes)

    def explain(self, _spec: OnnxSpec, report: Mapping[str, Any], log: Path, status: int) -> AppError:
        """What the program has said; one that died said nothing."""
        try:
            told = SentError.model_validate(report.get("error")).error(_KNOWN)
        except ValidationError:
            told = None
        return told or ServerStartError(reason=f"exit status {status}", log=log)

    def endpoint(self, spec: OnnxSpec, address: str, api_key: str) -> EndpointInput:
        """Where `PredictorClient` asks."""
        return EndpointInput(engine=ENGINE, base_url=address, api_key=api_key, model=spec.model_name)

    def client(self, endpoint: EndpointInput) -> PredictorClient:
        """For predictions."""
        return PredictorClient(endpoint)
