"""What the stand-in does wrong when it is told to, and how its process lives and ends."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.with_ollama.abilities import Abilities, abilities_of
from tests.with_ollama.asking import GREEDY, Client, big_gguf, digest_of, lines
from tests.with_ollama.standin.character import CHARACTERS, FIRST
from tests.with_ollama.standin.process import Standin, running_standin

pytestmark = [pytest.mark.timeout(300), pytest.mark.slow]


class TestFaults:
    def test_refused_connection(self, client: Client, standin: Standin) -> None:
        standin.fault("refuse", "/api/version", times=1)
        with pytest.raises(httpx.TransportError):
            client.http.get("/api/version")
        assert client.http.get("/api/version").status_code == 200

    def test_hanging_server(self, client: Client, standin: Standin) -> None:
        standin.fault("hang", "/api/version")
        with pytest.raises(httpx.ReadTimeout):
            client.http.get("/api/version", timeout=0.3)
        assert client.http.get("/api/tags").status_code == 200

    def test_trickling_answer(self, client: Client, standin: Standin) -> None:
        standin.fault("trickle", "/api/version")
        with client.http.stream("GET", "/api/version") as response:
            pieces = response.iter_raw()
            began = time.monotonic()
            assert [next(pieces), next(pieces)] == [b"{", b'"']
            assert time.monotonic() - began > 0.9

    def test_reset_in_mid_body(self, client: Client, standin: Standin, plain: str) -> None:
        standin.fault("reset", "/api/show", times=1)
        with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
            client.post("/api/show", model=plain)

    def test_500(self, client: Client, standin: Standin) -> None:
        standin.fault("error_500", "/api/create", times=1)
        assert client.post("/api/create", model="x", files={}).status_code == 500

    def test_broken_line(self, client: Client, standin: Standin, base: str) -> None:
        standin.fault("bad_line", "/api/create", times=1)
        with pytest.raises(json.JSONDecodeError):
            client.create("x", files={"base.gguf": base})

    def test_missing_success(self, client: Client, standin: Standin, base: str) -> None:
        standin.fault("no_success", "/api/create", times=1)
        assert client.create("x", files={"base.gguf": base})[-1] == {"status": "writing manifest"}

    def test_full_disk(self, client: Client, standin: Standin, base: str, tmp_path: Path) -> None:
        standin.fault("disk_full")
        response = client.http.post(f"/api/blobs/{digest_of(b'full')}", content=b"full")
        assert response.status_code == 500
        assert response.json()["error"].endswith("no space left on device")
        assert client.create("x", files={"base.gguf": base})[-1]["error"].endswith("no space left on device")
        standin.seed("full", big_gguf(tmp_path / "full.gguf", 1 << 20, seed=2))
        said = lines(client.post("/api/pull", model="full"))
        assert said[-1]["error"].endswith("no space left on device")

    def test_wrong_template(self, client: Client, standin: Standin, base: str) -> None:
        standin.fault("wrong_template", "/api/create", times=1)
        said = client.create("wrong", files={"base.gguf": base})
        assert {"status": "using autodetected template alpaca"} in said
        assert "### Instruction" in client.post("/api/show", model="wrong").json()["template"]

    def test_dropped_stops(self, client: Client, standin: Standin, base: str) -> None:
        standin.fault("drop_stops", times=1)
        client.made("endless", files={"base.gguf": base}, parameters={"stop": ["END"], "num_ctx": 256})
        assert "stop" not in client.post("/api/show", model="endless").json()["parameters"]

    def test_wrong_eos(self, client: Client, standin: Standin, plain: str) -> None:
        standin.fault("wrong_eos", "/api/chat", times=1)
        options = {**GREEDY, "num_predict": 40}
        assert client.chat(plain, "Say only: yes", options=options)["done_reason"] == "length"

    def test_upload_that_is_cut_off(self, client: Client, standin: Standin) -> None:
        standin.fault("cut_upload", "/api/blobs", times=1)
        data = bytes(8 << 20)
        with pytest.raises(httpx.TransportError):
            client.http.post(f"/api/blobs/{digest_of(data)}", content=data)
        assert client.http.get("/api/version").status_code == 200

    def test_unknown_mode_is_refused(self, standin: Standin) -> None:
        with pytest.raises(httpx.HTTPStatusError):
            standin.fault("explode")

    def test_requests_are_remembered(self, client: Client, standin: Standin) -> None:
        client.http.get("/api/version")
        assert standin.asked()[-1] == "GET /api/version"


class TestCharacters:
    @pytest.fixture
    def asked_as(
        self, standin: Standin, client: Client, base: str, wide: bytes, make_adapter: Callable[..., bytes]
    ) -> Iterator[Callable[[str], Abilities]]:
        """What a client finds out about a release."""

        def ask(name: str) -> Abilities:
            standin.play(name)
            return abilities_of(client, base=base, f16=wide, adapter=make_adapter())

        yield ask
        if isinstance(standin, Standin):
            standin.play(FIRST)

    @pytest.mark.parametrize("name", CHARACTERS)
    def test_releases_do_what_they_are_known_for(
        self, asked_as: Callable[[str], Abilities], client: Client, name: str
    ) -> None:
        known = CHARACTERS[name]
        assert asked_as(name) == Abilities(known.adapters, known.rewrites_uploads, known.quantises_ggufs)
        assert client.http.get("/api/version").json() == {"version": known.version}

    def test_new_release_refuses_in_words(self, standin: Standin, client: Client, base: str) -> None:
        standin.play("0.34")
        try:
            adapted = client.post(
                "/api/create", model="x", files={"base.gguf": base}, adapters={"a.gguf": base}
            )
            rounded = client.post("/api/create", model="x", files={"base.gguf": base}, quantize="q8_0")
        finally:
            standin.play(FIRST)
        assert (adapted.status_code, rounded.status_code) == (400, 400)
        assert "adapters" in adapted.json()["error"]
        assert "quantization" in rounded.json()["error"]

    def test_uploads_that_no_tag_names_go_with_the_next_start(self, tmp_path: Path, wide: bytes) -> None:
        for known in (200, 404):
            with running_standin(tmp_path) as one:
                client = Client(one.url)
                if known == 200:
                    client.made("kept", files={"base.gguf": client.upload(wide)})
                assert client.http.head(f"/api/blobs/{digest_of(wide)}").status_code == known
                assert client.post("/api/show", model="kept").status_code == 200


class TestProcess:
    @pytest.mark.slow
    def test_old_server_knows_neither_debug_nor_log_probabilities(
        self, tmp_path: Path, base_gguf: Path
    ) -> None:
        with running_standin(tmp_path, version="0.3.0") as old:
            old.seed("old", base_gguf, into="store")
            client = Client(old.url)
            answer = client.chat("old", _debug_render_only=True, logprobs=True, top_logprobs=2)
            assert answer["message"]["content"]
            assert "logprobs" not in answer
            assert client.http.get("/api/version").json() == {"version": "0.3.0"}

    @pytest.mark.slow
    def test_idle_models_leave_and_the_rest_ends_with_the_block(
        self, tmp_path: Path, base_gguf: Path
    ) -> None:
        with running_standin(tmp_path, idle_s=1) as short:
            short.seed("brief", base_gguf, into="store")
            client = Client(short.url)
            client.chat("brief")
            assert client.http.get("/api/ps").json()["models"]
            time.sleep(4)
            assert not client.http.get("/api/ps").json()["models"]
            client.chat("brief")

    @pytest.mark.slow
    def test_quantized_model_answers(self, tmp_path: Path, tiny_gguf: Path) -> None:
        with running_standin(tmp_path) as one:
            client = Client(one.url)
            digest = client.upload(tiny_gguf.read_bytes())
            client.made("tiny", files={"base.gguf": digest}, quantize="q8_0")
            assert client.chat("tiny")["eval_count"] == 4
