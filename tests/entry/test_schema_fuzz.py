"""Requests made from the API's own description: none is answered by a crash or by what the description does not say."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
import schemathesis
import uvicorn
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import load_all_checks

from llmlora.engine.embedded.services import ServiceUrls
from llmlora.entry.api import create_app
from llmlora.kit.settings import Settings

from tests.plugins.hub import FakeHub
from tests.with_ollama.standin.process import running_standin

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
)
EXAMPLES = 8


@schemathesis.serializer("application/offset+octet-stream")
def as_bytes(_ctx: schemathesis.SerializationContext, value: Any) -> bytes:
    """Pieces of resumable uploads are plain bytes."""
    return value if isinstance(value, bytes) else str(value).encode()


@pytest.fixture(scope="module")
def schema(
    services: ServiceUrls, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[schemathesis.BaseSchema]:
    """The description as a real server serves it, with an Ollama and a hub beside it."""
    root = tmp_path_factory.mktemp("fuzz")
    with (
        running_standin(root / "ollama") as ollama,
        closing(FakeHub(root / "hub")) as hub,
        socket.socket() as bound,
    ):
        beside = Settings(
            data_dir=root / "data", ollama_host=ollama.url, ollama_models=ollama.models, hf_endpoint=hub.url
        )
        app = create_app(beside, services)
        bound.bind(("127.0.0.1", 0))
        bound.listen()
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=2))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.05)
        yield schemathesis.openapi.from_url(f"http://127.0.0.1:{bound.getsockname()[1]}/openapi.json")
        server.should_exit = True
        thread.join()


@pytest.mark.slow
def test_answers_are_described_and_never_crash(
    schema: schemathesis.BaseSchema, subtests: pytest.Subtests
) -> None:
    load_all_checks()
    chosen = [schemathesis.checks.CHECKS.get_one(name) for name in CHECKS]
    tried = 0
    for found in schema.get_all_operations():
        operation = found.ok()

        @settings(
            max_examples=EXAMPLES, deadline=None, derandomize=True, database=None,
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(case=operation.as_strategy())
        def check(case: schemathesis.Case) -> None:
            case.call_and_validate(checks=chosen, timeout=60)

        with subtests.test(operation=operation.label):
            check()
        tried += 1
    assert tried > 60
