"""The inference program by its address: who may ask, what is passed on, and what is said where it cannot be reached."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from llmlora.contracts.inference import ChatMessage, ChatRequest, Sampling
from llmlora.engine.serving.address import InferenceAddress, InferenceAddressError, inference_address
from llmlora.engine.serving.errors import GgufMissingError
from llmlora.engine.serving.pool_client import (
    InferenceClient,
    InferenceTokenRefusedError,
    InferenceUnreachableError,
)
from llmlora.engine.serving.record import record_path
from llmlora.engine.serving.spec import LlamaCppSpec
from llmlora.entry.platform import programs
from llmlora.inference.llama_cpp import LlamaCppBackend
from llmlora.kit.errors import UnavailableError
from llmlora.kit.net import free_port
from llmlora.kit.processes import PARENT_VARIABLE
from llmlora.kit.settings import Settings

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(300)]

TOKEN = "a-token-of-the-test"


def ask(max_tokens: int) -> ChatRequest:
    return ChatRequest(
        model="llmlora",
        messages=(ChatMessage(role="user", content="hello"),),
        sampling=Sampling(temperature=0, max_tokens=max_tokens),
    )


def at(url: str, data_dir: Path, token: str = TOKEN) -> Settings:
    return Settings(_env_file=None, data_dir=data_dir, inference_url=url, inference_token=token)


class TestListening:
    @pytest.mark.parametrize(
        ("url", "place"),
        [
            ("http://127.0.0.1:8100", ("127.0.0.1", 8100)),
            ("http://localhost:8100/", ("127.0.0.1", 8100)),
            ("http://[::1]:8100", ("::1", 8100)),
            ("http://inference:8100", ("0.0.0.0", 8100)),
            ("http://192.0.2.1", ("0.0.0.0", 80)),
            ("http://[2001:db8::1]:8100", ("::", 8100)),
        ],
    )
    def test_where_the_address_says(self, url: str, place: tuple[str, int], data_dir: Path) -> None:
        address = inference_address(at(url, data_dir))
        assert address is not None
        assert address.listening() == place

    @pytest.mark.parametrize("url", ["https://lab.example", "http://lab.example/inference", "http://a:99999"])
    def test_address_of_a_reverse_proxy_is_refused_in_words(self, url: str) -> None:
        with pytest.raises(InferenceAddressError) as refused:
            InferenceAddress(url, TOKEN).listening()
        for language in ("ja", "en"):
            assert url in refused.value.detail(language)
            assert "LLMLORA_INFERENCE_URL" in refused.value.detail(language)

    def test_servers_are_reached_below_the_address(self) -> None:
        served = InferenceAddress("https://lab.example/inference", TOKEN).served("http://127.0.0.1:41234")
        assert served == "https://lab.example/inference/serving/41234"

    def test_token_is_not_shown(self) -> None:
        assert TOKEN not in repr(InferenceAddress("http://127.0.0.1:1", TOKEN))


class TestUp:
    def test_keeps_no_program_that_is_kept_on_another_machine(self, data_dir: Path) -> None:
        def kept(settings: Settings) -> list[str]:
            return [one.name for one in programs(settings, None)]

        assert kept(Settings(_env_file=None, data_dir=data_dir)) == ["api", "worker", "inference"]
        assert kept(at("http://127.0.0.1:8100", data_dir)) == ["api", "worker", "inference"]
        assert kept(at("http://inference:8100", data_dir)) == ["api", "worker"]


class TestNobodyThere:
    async def test_is_told_with_the_address(self, data_dir: Path) -> None:
        url = f"http://127.0.0.1:{free_port()}"
        with pytest.raises(InferenceUnreachableError) as refused:
            await InferenceClient(at(url, data_dir)).servers()
        for language in ("ja", "en"):
            assert url in refused.value.detail(language)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Settings by which a running inference program is asked; its own data directory is another one."""
    url = f"http://127.0.0.1:{free_port()}"
    environment = {name: value for name, value in os.environ.items() if name != PARENT_VARIABLE} | {
        "LLMLORA_DATA_DIR": str(tmp_path_factory.mktemp("theirs")),
        "LLMLORA_INFERENCE_URL": url,
        "LLMLORA_INFERENCE_TOKEN": TOKEN,
    }
    process = subprocess.Popen([sys.executable, "-m", "llmlora.entry.inference"], env=environment)
    ours = at(url, tmp_path_factory.mktemp("ours"))
    deadline = time.monotonic() + 60
    while not asyncio.run(InferenceClient(ours).healthy()):
        assert time.monotonic() < deadline
        assert process.poll() is None
        time.sleep(0.1)
    assert not record_path(Path(environment["LLMLORA_DATA_DIR"])).exists()
    yield ours
    process.terminate()
    assert process.wait(30) == 0


@pytest.fixture
def spec(tiny_gguf: Path) -> LlamaCppSpec:
    return LlamaCppSpec(gguf=tiny_gguf, n_ctx=2048, threads=1)


@pytest.mark.slow
class TestAsking:
    async def test_model_answers_through_the_one_address(self, shared: Settings, spec: LlamaCppSpec) -> None:
        endpoint = await InferenceClient(shared).endpoint(spec)
        assert endpoint.base_url.startswith(f"{shared.inference_url}/serving/")
        async with LlamaCppBackend(endpoint) as backend:
            whole = await backend.answer(ask(8))
            pieces = [piece.text async for piece in backend.stream(ask(8))]
        assert whole.completion_tokens == 8
        assert "".join(pieces) == whole.text
        assert len(pieces) > 2

    async def test_whoever_hangs_up_stops_the_answer(self, shared: Settings, spec: LlamaCppSpec) -> None:
        client = InferenceClient(shared)
        endpoint = await client.endpoint(spec)
        async with LlamaCppBackend(endpoint) as backend:
            stream = backend.stream(ask(1900))
            await anext(stream)
            assert [one.in_use for one in await client.servers() if one.alive] == [True]
            await stream.aclose()
            deadline = time.monotonic() + 20
            while any(one.in_use for one in await client.servers()):
                assert time.monotonic() < deadline
                await asyncio.sleep(0.05)

    async def test_other_token_is_refused_in_words(self, shared: Settings, data_dir: Path) -> None:
        assert shared.inference_url is not None
        stranger = at(shared.inference_url, data_dir, token="another")
        with pytest.raises(InferenceTokenRefusedError) as refused:
            await InferenceClient(stranger).servers()
        for language in ("ja", "en"):
            assert "LLMLORA_INFERENCE_TOKEN" in refused.value.detail(language)
            assert "another" not in refused.value.detail(language)

    async def test_server_is_asked_with_its_own_key_alone(self, shared: Settings, spec: LlamaCppSpec) -> None:
        endpoint = await InferenceClient(shared).endpoint(spec)
        url = f"{endpoint.base_url}/health"
        async with httpx.AsyncClient(trust_env=False) as anybody:
            assert (await anybody.get(url)).status_code == 401
            for key in ("wrong", TOKEN):
                answer = await anybody.get(url, headers={"authorization": f"Bearer {key}"})
                assert answer.status_code == 401
            answer = await anybody.get(url, headers={"authorization": f"Bearer {endpoint.api_key}"})
            assert answer.status_code == 200

    async def test_port_that_is_no_servers_is_not_reached(self, shared: Settings, spec: LlamaCppSpec) -> None:
        endpoint = await InferenceClient(shared).endpoint(spec)
        own_port = str(shared.inference_url).rpartition(":")[2]
        async with httpx.AsyncClient(trust_env=False) as anybody:
            for port in (own_port, "22", "x", "²", "9" * 5000):
                answer = await anybody.get(
                    f"{shared.inference_url}/serving/{port}/healthz",
                    headers={"authorization": f"Bearer {endpoint.api_key}"},
                )
                assert answer.status_code == 401

    async def test_error_of_a_model_is_the_same_as_here(self, shared: Settings, tmp_path: Path) -> None:
        with pytest.raises(GgufMissingError):
            await InferenceClient(shared).endpoint(LlamaCppSpec(gguf=tmp_path / "none.gguf"))

    async def test_second_program_on_the_address_says_which_setting_to_change(
        self, shared: Settings, data_dir: Path
    ) -> None:
        done = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-m", "llmlora.entry.inference", "--data-dir", str(data_dir)],
            env={
                **os.environ,
                "LLMLORA_INFERENCE_URL": str(shared.inference_url),
                "LLMLORA_INFERENCE_TOKEN": TOKEN,
            },
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 5
        assert "LLMLORA_INFERENCE_URL" in done.stderr
        assert "Traceback" not in done.stderr


@pytest.mark.slow
async def test_server_that_dies_in_an_answer_breaks_it_off(shared: Settings, spec: LlamaCppSpec) -> None:
    client = InferenceClient(shared)
    endpoint = await client.endpoint(spec.model_copy(update={"n_ctx": 2112}))
    pid = (await client.servers())[0].pid
    async with LlamaCppBackend(endpoint) as backend:
        stream = backend.stream(ask(2000))
        await anext(stream)
        os.kill(pid, 9)
        with pytest.raises(UnavailableError):
            async for _ in stream:
                pass
