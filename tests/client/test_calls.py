"""How calls are sent: where to, with what, how often, and what is made of a refusal. The other side is a small HTTP server."""

import asyncio
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from llmlora.client import AsyncClient, Client, ClientError, PlatformUnreachableError
from llmlora.client.calls import EventReader, ServerSentEvent
from llmlora.kit.net import free_port

HEALTHY = (200, {"status": "alive"})
BUSY = (503, {"code": "database_unavailable", "detail": "Try again."})
SYSTEM = "/healthz"


class Answers(BaseHTTPRequestHandler):
    """Gives the answers of the test in their order, and keeps what was asked."""

    waiting: ClassVar[list[tuple[int, Any]]] = []
    asked: ClassVar[list[tuple[str, str, dict[str, str], bytes]]] = []

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        self.asked.append((self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body))
        status, document = self.waiting.pop(0)
        sent = document if isinstance(document, bytes) else json.dumps(document).encode()
        self.send_response(status)
        self.send_header("content-length", str(len(sent)))
        self.end_headers()
        self.wfile.write(sent)

    do_GET = do_POST = do_PATCH = do_DELETE = _answer  # noqa: N815

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def url() -> Iterator[str]:
    Answers.waiting.clear()
    Answers.asked.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


class TestWhereTo:
    def test_environment_names_address_token_and_language(
        self, url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("LLMLORA_URL", url)
        monkeypatch.setenv("LLMLORA_API_TOKEN", "secret")
        monkeypatch.setenv("LLMLORA_LANG", "ja")
        Answers.waiting += [HEALTHY]
        with Client() as client:
            assert client.system.check_health().status == "alive"
        [(_, _, headers, _)] = Answers.asked
        assert (headers["authorization"], headers["accept-language"]) == ("Bearer secret", "ja")

    def test_arguments_win(self, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("LLMLORA_URL", "http://127.0.0.1:9")
        monkeypatch.setenv("LLMLORA_API_TOKEN", "other")
        Answers.waiting += [HEALTHY]
        with Client(url, token="mine") as client:
            client.system.check_health()
        assert Answers.asked[0][2]["authorization"] == "Bearer mine"

    def test_nobody_there_says_how_to_start(self) -> None:
        with (
            Client(f"http://127.0.0.1:{free_port()}") as client,
            pytest.raises(PlatformUnreachableError, match="llmlora up"),
        ):
            client.webhooks.add(url="http://example.org")


class TestWhatIsSent:
    def test_only_what_was_given(self, url: str) -> None:
        Answers.waiting += [(200, {"kind": "job", "id": "a", "name": None, "tags": [], "note": ""})]
        with Client(url) as client, pytest.raises(ClientError):
            client.labels.change("job", "a/b c", note="")
        [(verb, path, _, body)] = Answers.asked
        assert (verb, path, json.loads(body)) == ("PATCH", "/api/labels/job/a%2Fb%20c", {"note": ""})


class TestTriedAgain:
    def test_reading_is_tried_again_while_the_platform_is_busy(self, url: str) -> None:
        Answers.waiting += [BUSY, HEALTHY]
        with Client(url) as client:
            assert client.system.check_health().status == "alive"
        assert len(Answers.asked) == 2

    def test_a_job_is_asked_for_again_under_one_key(self, url: str) -> None:
        Answers.waiting += [BUSY, (422, {"code": "x", "detail": "No."})]
        with Client(url) as client, pytest.raises(ClientError):
            client.jobs.create(dataset_id="ds_1")
        keys = {headers["idempotency-key"] for _, _, headers, _ in Answers.asked}
        assert (len(Answers.asked), len(keys)) == (2, 1)

    def test_what_has_no_key_is_sent_once(self, url: str) -> None:
        Answers.waiting += [BUSY]
        with Client(url) as client, pytest.raises(ClientError) as caught:
            client.webhooks.add(url="http://example.org")
        assert (caught.value.status, len(Answers.asked)) == (503, 1)

    def test_asyncio_tries_again_too(self, url: str) -> None:
        Answers.waiting += [BUSY, HEALTHY]

        async def check() -> str:
            async with AsyncClient(url) as client:
                return (await client.system.check_health()).status

        assert asyncio.run(check()) == "alive"


class TestRefusals:
    def test_a_problem_says_what_to_change(self, url: str) -> None:
        problem = {
            "type": "http://x/api/errors/input_invalid", "code": "input_invalid", "detail": "Not valid.", "status": 422,
            "errors": [{"pointer": "/config/rank", "detail": "at most 256"}],
        }  # fmt: skip
        Answers.waiting += [(422, problem)]
        with Client(url) as client, pytest.raises(ClientError) as caught:
            client.jobs.create(dataset_id="ds_1", config={"rank": 1000})
        error = caught.value
        assert (error.code, error.status, error.link) == ("input_invalid", 422, problem["type"])
        assert [(one.pointer, one.detail) for one in error.errors] == [("/config/rank", "at most 256")]
        assert "/config/rank: at most 256" in str(error)

    def test_the_page_of_a_proxy_is_no_answer(self, url: str) -> None:
        Answers.waiting += [(200, b"<html>Sign in</html>")]
        with Client(url) as client, pytest.raises(ClientError, match="Sign in") as caught:
            client.system.check_health()
        assert caught.value.code == "response_not_understood"

    def test_a_download_that_is_refused_leaves_no_file(self, url: str, tmp_path: Path) -> None:
        Answers.waiting += [(404, {"code": "artifact_not_found", "detail": "Gone."})]
        with Client(url) as client, pytest.raises(ClientError) as caught:
            client.artifacts.download("a", tmp_path / "model.zip")
        assert caught.value.code == "artifact_not_found"
        assert list(tmp_path.iterdir()) == []


class TestEventReader:
    def test_lines_become_events(self) -> None:
        lines = [": alive", "", "event: state", "id: 3", 'data: {"a":', "data: 1}", "", "data:[DONE]", ""]
        reader = EventReader()
        found = [event for line in lines if (event := reader.read(line))]
        assert found == [ServerSentEvent("state", '{"a":\n1}', "3"), ServerSentEvent("", "[DONE]", "3")]
        assert found[0].json() == {"a": 1}
