"""`python -m llmlora.engine.serving.onnx_main SPEC.json`: a model that predicts, in a process of its own.

Writes one JSON line on descriptor 3, `{"address": …}` or `{"error": …}` (a `SentError`), then serves until it is killed or its
owner dies. The key comes by the environment: neither `ps` nor a file shows it.
"""

import hmac
import json
import os
import socket
import sys
from pathlib import Path

import uvicorn
from fastapi import FastAPI, Header, Response
from pydantic import JsonValue

from llmlora.contracts.prediction import PredictionAnswer, PredictionRequest
from llmlora.engine.serving.session import PredictorSession
from llmlora.engine.serving.spec import API_KEY_VARIABLE, OnnxSpec
from llmlora.kit.errors import AppError
from llmlora.kit.limits import usable_cores
from llmlora.kit.processes import EVENTS_FD, die_with_parent
from llmlora.kit.sent_errors import SentError

# Items of `contracts.prediction`, with what JSON adds.
BODY_BYTES = 16 << 20


def create_predictor_app(session: PredictorSession, key: str) -> FastAPI:
    """Routes over a session. It answers one request at a time: its threads are all that there are."""
    app = FastAPI(openapi_url=None, max_body_size=BODY_BYTES)
    expected = f"Bearer {key}".encode()

    @app.get("/health")
    async def health() -> None:
        return None

    @app.post("/predict")
    async def predict(asked: PredictionRequest, authorization: str = Header("")) -> PredictionAnswer:
        if not hmac.compare_digest(authorization.encode(), expected):
            return Response(status_code=401)  # type: ignore[return-value]
        return session.predict(asked.items)

    return app


def main(spec_path: Path) -> int:
    """Serve what the spec names; returns when the model cannot be served."""
    die_with_parent()
    spec = OnnxSpec.model_validate_json(spec_path.read_bytes())
    key = os.environ.pop(API_KEY_VARIABLE)
    try:
        session = PredictorSession(spec.onnx, threads=spec.threads or usable_cores())
    except AppError as error:
        _tell({"error": SentError.of(error).model_dump(mode="json")})
        return 1
    with socket.socket() as listener:
        # One that restarts takes the port of the one before.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", spec.port or 0))
        listener.listen()
        _tell({"address": f"http://127.0.0.1:{listener.getsockname()[1]}"})
        app = create_predictor_app(session, key)
        config = uvicorn.Config(app, log_level="warning", access_log=False, proxy_headers=False)
        uvicorn.Server(config).run(sockets=[listener])
    return 0


def _tell(report: dict[str, JsonValue]) -> None:
    os.write(EVENTS_FD, json.dumps(report).encode() + b"\n")
    os.close(EVENTS_FD)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
