"""The llama.cpp server: its life, its death, and who it answers."""

import asyncio
import os
import signal
import socket
import stat
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import gguf
import httpx
import numpy as np
import psutil
import pytest

from llmlora.contracts.inference import ChatMessage, ChatRequest, Sampling
from llmlora.engine.serving.errors import (
    GgufBrokenError,
    GgufMissingError,
    MemoryLimitTooSmallError,
    PortTakenError,
)
from llmlora.engine.serving.llama_cpp import AdapterFile, LlamaCppSpec, RunningServer, llama_cpp_server
from llmlora.inference.errors import PromptTooLongError
from llmlora.kit.errors import UnavailableError

from tests.fakes.workers import until_gone
from tests.owners import owner

pytestmark = [pytest.mark.timeout(600), pytest.mark.slow]


def ask(adapter: int | None = None, max_tokens: int = 8, text: str = "hello", **more: Any) -> ChatRequest:
    sampling = Sampling(temperature=0, max_tokens=max_tokens)
    message = ChatMessage(role="user", content=text)
    return ChatRequest(model="llmlora", messages=(message,), sampling=sampling, adapter=adapter, **more)


def loud_adapter(path: Path, seed: int) -> Path:
    """A LoRA GGUF for the tiny Llama with large random matrices: whoever applies it answers otherwise."""
    rng = np.random.default_rng(seed)
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_type("adapter")
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", 64.0)
    for layer in range(2):
        name = f"blk.{layer}.ffn_down.weight"
        writer.add_tensor(f"{name}.lora_a", rng.normal(size=(4, 64)).astype(np.float32))
        writer.add_tensor(f"{name}.lora_b", rng.normal(size=(32, 4)).astype(np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


@pytest.fixture
def spec(tiny_gguf: Path, tmp_path: Path) -> LlamaCppSpec:
    adapters = tuple(
        AdapterFile(name=f"loud{n}", path=loud_adapter(tmp_path / f"loud{n}.gguf", n)) for n in (1, 2)
    )
    return LlamaCppSpec(gguf=tiny_gguf, adapters=adapters, n_ctx=256, threads=1)


@pytest.fixture
def serve(tmp_path: Path) -> Any:
    @asynccontextmanager
    async def opened(spec: LlamaCppSpec) -> AsyncIterator[RunningServer]:
        async with llama_cpp_server(spec, tmp_path / "server") as server:
            yield server

    return opened


async def answers_again(server: RunningServer, request: ChatRequest, within_s: float = 30) -> str:
    deadline = time.monotonic() + within_s
    while True:
        try:
            return (await server.backend.answer(request)).text
        except UnavailableError:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.1)


class TestAnswers:
    def test_adapter_is_chosen_by_each_request(self, spec: LlamaCppSpec, serve: Any) -> None:
        async def scenario() -> None:
            async with serve(spec) as server:
                texts = [(await server.backend.answer(ask(a))).text for a in (None, 0, 1, None, 1, 0)]
                base, first, second = texts[:3]
                assert len({base, first, second}) == 3
                assert texts[3:] == [base, second, first]

        asyncio.run(scenario())

    def test_base_answers_as_without_any_adapter(self, spec: LlamaCppSpec, serve: Any) -> None:
        async def answer(one: LlamaCppSpec) -> str:
            async with serve(one) as server:
                return str((await server.backend.answer(ask())).text)

        assert asyncio.run(answer(spec)) == asyncio.run(answer(spec.model_copy(update={"adapters": ()})))

    def test_prompt_ids_follow_the_template_given(
        self, spec: LlamaCppSpec, serve: Any, tmp_path: Path
    ) -> None:
        template = tmp_path / "plain.jinja"
        template.write_text("{% for m in messages %}{{ m['content'] }}{% endfor %}")

        async def scenario() -> None:
            async with serve(spec) as server:
                default = await server.backend.prompt_ids(ask().messages)
            async with serve(spec.model_copy(update={"chat_template": template})) as server:
                plain = await server.backend.prompt_ids(ask().messages)
            assert len(plain) < len(default)
            assert default[0] == 1

        asyncio.run(scenario())

    def test_logprobs_carry_ids_bytes_and_alternatives(self, spec: LlamaCppSpec, serve: Any) -> None:
        async def scenario() -> None:
            async with serve(spec) as server:
                answer = await server.backend.answer(ask(top_logprobs=5))
                token = answer.tokens[0]
                assert token.id is not None
                assert token.logprob <= 0
                assert len(token.top) == 5
                assert (
                    b"".join(t.bytes_ for t in answer.tokens).decode(errors="ignore")[:3] == answer.text[:3]
                )

        asyncio.run(scenario())

    def test_conversation_beyond_the_context_is_refused(self, spec: LlamaCppSpec, serve: Any) -> None:
        async def scenario() -> None:
            async with serve(spec) as server:
                with pytest.raises(PromptTooLongError):
                    await server.backend.answer(ask(text="word " * 600))
                with pytest.raises(PromptTooLongError):
                    async for _ in server.backend.stream(ask(text="word " * 600)):
                        pass

        asyncio.run(scenario())


class TestStream:
    def test_pieces_are_the_answer_and_the_last_one_counts(self, spec: LlamaCppSpec, serve: Any) -> None:
        async def scenario() -> None:
            async with serve(spec) as server:
                deltas = [delta async for delta in server.backend.stream(ask(0, max_tokens=12))]
                whole = await server.backend.answer(ask(0, max_tokens=12))
                assert "".join(d.text for d in deltas) == whole.text
                assert deltas[-1].finish_reason == whole.finish_reason
                assert deltas[-1].completion_tokens == whole.completion_tokens

        asyncio.run(scenario())

    def test_closing_the_stream_frees_the_server(self, spec: LlamaCppSpec, serve: Any) -> None:
        long = spec.model_copy(update={"n_ctx": 2048})

        async def scenario() -> None:
            async with serve(long) as server:
                stream = server.backend.stream(ask(0, max_tokens=1900))
                await anext(stream)
                await stream.aclose()
                await asyncio.wait_for(server.backend.answer(ask(max_tokens=1)), 5)
                busy = psutil.Process(server.pid).cpu_percent(0.5)
                assert busy < 50

        asyncio.run(scenario())


@pytest.mark.slow
class TestLife:
    def test_killed_server_answers_again_at_the_same_endpoint(self, spec: LlamaCppSpec, serve: Any) -> None:
        async def scenario() -> None:
            async with serve(spec) as server:
                before, endpoint, pid = (
                    (await server.backend.answer(ask(0))).text,
                    server.endpoint,
                    server.pid,
                )
                os.kill(pid, signal.SIGKILL)
                await asyncio.sleep(0.2)
                assert await answers_again(server, ask(0)) == before
                assert server.endpoint == endpoint
                assert server.pid != pid
                assert server.restarts == 1

        asyncio.run(scenario())

    def test_leaving_the_block_leaves_no_process(self, spec: LlamaCppSpec, serve: Any) -> None:
        async def scenario() -> int:
            async with serve(spec) as server:
                return int(server.pid)

        assert not psutil.pid_exists(asyncio.run(scenario()))

    def test_server_dies_with_its_owner(self, spec: LlamaCppSpec, tmp_path: Path) -> None:
        program = (
            "import asyncio, sys; from pathlib import Path\n"
            "from llmlora.engine.serving.llama_cpp import *\n"
            "async def main():\n"
            "    spec = LlamaCppSpec.model_validate_json(sys.argv[1])\n"
            "    async with llama_cpp_server(spec, Path(sys.argv[2])) as s:\n"
            "        print(s.pid, flush=True); await asyncio.sleep(60)\n"
            "asyncio.run(main())\n"
        )
        with owner(program, spec.model_dump_json(), str(tmp_path / "owned")) as said:
            pid = int(said)
            assert psutil.pid_exists(pid)
        asyncio.run(until_gone(pid, timeout_s=5))

    def test_idle_model_leaves_memory_and_returns(self, spec: LlamaCppSpec, serve: Any) -> None:
        sleepy = spec.model_copy(update={"idle_s": 1})

        async def scenario() -> None:
            async with serve(sleepy) as server:
                before = (await server.backend.answer(ask(0))).text
                await asyncio.sleep(3)
                assert await server.backend.healthy()
                assert (await server.backend.answer(ask(0))).text == before
                assert server.restarts == 0

        asyncio.run(scenario())

    def test_server_beyond_its_memory_limit_is_restarted(self, spec: LlamaCppSpec, serve: Any) -> None:
        bound = spec.model_copy(update={"memory_limit_bytes": spec.gguf.stat().st_size + 1})

        async def scenario() -> None:
            async with serve(bound) as server:
                deadline = time.monotonic() + 20
                while server.restarts == 0:
                    assert time.monotonic() < deadline
                    await asyncio.sleep(0.1)

        asyncio.run(scenario())


class TestSecrets:
    def test_key_is_needed_and_shows_nowhere(self, spec: LlamaCppSpec, serve: Any, tmp_path: Path) -> None:
        async def scenario() -> None:
            async with serve(spec) as server:
                key = server.endpoint.api_key
                async with httpx.AsyncClient() as stranger:
                    refused = await stranger.get(f"{server.endpoint.base_url}/lora-adapters")
                assert refused.status_code == 401
                assert key not in " ".join(psutil.Process(server.pid).cmdline())
                for path in (tmp_path / "server").iterdir():
                    assert key not in path.read_text(errors="replace")
                    if path.suffix == ".log":
                        assert not stat.S_IMODE(path.stat().st_mode) & 0o077

        asyncio.run(scenario())


def servers_of_ours() -> set[int]:
    """Pids of llama.cpp servers below this process; the database below it comes and goes with its own."""
    found = set()
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            if any("serving.server_main" in part for part in process.cmdline()):
                found.add(process.pid)
    return found


class TestRefusals:
    def refused(self, spec: LlamaCppSpec, serve: Any, error: type[Exception]) -> Exception:
        async def scenario() -> None:
            async with serve(spec):
                pass

        started = time.monotonic()
        with pytest.raises(error) as caught:
            asyncio.run(scenario())
        assert time.monotonic() - started < 15
        return caught.value

    def test_port_taken(self, spec: LlamaCppSpec, serve: Any) -> None:
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            port = other.getsockname()[1]
            error = self.refused(spec.model_copy(update={"port": port}), serve, PortTakenError)
        assert str(port) in str(error)

    def test_missing_model(self, spec: LlamaCppSpec, serve: Any, tmp_path: Path) -> None:
        self.refused(spec.model_copy(update={"gguf": tmp_path / "none.gguf"}), serve, GgufMissingError)

    @pytest.mark.parametrize("content", [b"not a model", b""], ids=["text", "empty"])
    def test_file_of_another_kind(
        self, spec: LlamaCppSpec, serve: Any, tmp_path: Path, content: bytes
    ) -> None:
        path = tmp_path / "wrong.gguf"
        path.write_bytes(content)
        self.refused(spec.model_copy(update={"gguf": path}), serve, GgufBrokenError)

    def test_truncated_model_says_which_tensor(self, spec: LlamaCppSpec, serve: Any, tmp_path: Path) -> None:
        path = tmp_path / "cut.gguf"
        path.write_bytes(spec.gguf.read_bytes()[:-2000])
        error = self.refused(spec.model_copy(update={"gguf": path}), serve, GgufBrokenError)
        assert "tensor" in str(error)

    def test_model_given_as_adapter(self, spec: LlamaCppSpec, serve: Any) -> None:
        wrong = (AdapterFile(name="model", path=spec.gguf),)
        error = self.refused(spec.model_copy(update={"adapters": wrong}), serve, GgufBrokenError)
        assert "adapter" in str(error)

    def test_template_with_a_syntax_error(self, spec: LlamaCppSpec, serve: Any, tmp_path: Path) -> None:
        path = tmp_path / "broken.jinja"
        path.write_text("{% for x in %}")
        error = self.refused(spec.model_copy(update={"chat_template": path}), serve, GgufBrokenError)
        assert "broken.jinja" in str(error)

    def test_memory_limit_below_the_model(self, spec: LlamaCppSpec, serve: Any) -> None:
        self.refused(spec.model_copy(update={"memory_limit_bytes": 1000}), serve, MemoryLimitTooSmallError)

    def test_nothing_is_left_running(self, spec: LlamaCppSpec, serve: Any, tmp_path: Path) -> None:
        before = servers_of_ours()
        self.refused(spec.model_copy(update={"gguf": tmp_path / "none.gguf"}), serve, GgufMissingError)
        assert servers_of_ours() <= before
