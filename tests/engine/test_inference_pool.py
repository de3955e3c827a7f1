"""The pool of inference servers, and the process that owns one."""

import asyncio
import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path

import httpx
import psutil
import pytest

from llmlora.contracts.inference import ChatMessage, ChatRequest, Sampling
from llmlora.contracts.run import EndpointInput
from llmlora.engine.serving.errors import GgufBrokenError, GgufMissingError
from llmlora.engine.serving.pool import LOOK_INTERVAL_S, ServerPool, ServersBusyError
from llmlora.engine.serving.pool_client import (
    InferenceClient,
    InferenceFailedError,
    InferenceUnavailableError,
)
from llmlora.engine.serving.record import InferenceRecord, read_record, record_path
from llmlora.engine.serving.spec import LlamaCppSpec
from llmlora.inference.llama_cpp import LlamaCppBackend
from llmlora.kit.errors import UnavailableError
from llmlora.kit.processes import PARENT_VARIABLE
from llmlora.kit.settings import Settings

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(600), pytest.mark.slow]


@pytest.fixture
def spec(tiny_gguf: Path) -> LlamaCppSpec:
    return LlamaCppSpec(gguf=tiny_gguf, n_ctx=2048, threads=1)


@pytest.fixture
def specs(spec: LlamaCppSpec) -> list[LlamaCppSpec]:
    """Specs that no server can share."""
    return [spec.model_copy(update={"n_ctx": 256 + 64 * n}) for n in range(5)]


@pytest.fixture
async def pool(tmp_path: Path) -> AsyncIterator[ServerPool]:
    """A pool of two servers that may stop one as soon as nobody is connected to it."""
    async with ServerPool(tmp_path / "pool", max_servers=2, keep_s=0) as opened:
        yield opened


@pytest.fixture
def inference(data_dir: Path) -> Iterator["Inference"]:
    """An inference process of the test's own."""
    process = Inference(data_dir)
    process.start()
    yield process
    process.end()


class Inference:
    """`python -m llmlora.entry.inference` as `up` runs it."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.client = InferenceClient(Settings(data_dir=data_dir))
        self.process: subprocess.Popen[bytes]

    def start(self) -> None:
        env = {k: v for k, v in os.environ.items() if k != PARENT_VARIABLE}
        program = [sys.executable, "-m", "llmlora.entry.inference", "--data-dir", str(self.data_dir)]
        self.process = subprocess.Popen(program, env=env)
        until(lambda: (r := read_record(self.data_dir)) is not None and r.pid == self.process.pid, 30)

    def servers(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()


def until(holds: Callable[[], bool], within_s: float = 10) -> None:
    deadline = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


async def until_async(holds: Callable[[], bool], within_s: float = 10) -> None:
    deadline = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)


def lives(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def ask(max_tokens: int = 8) -> ChatRequest:
    message = ChatMessage(role="user", content="hello")
    return ChatRequest(
        model="llmlora", messages=(message,), sampling=Sampling(temperature=0, max_tokens=max_tokens)
    )


async def chat(endpoint: EndpointInput) -> str:
    async with LlamaCppBackend(endpoint) as backend:
        return (await backend.answer(ask())).text


async def answers_again(endpoint: EndpointInput, within_s: float = 20) -> str:
    deadline = time.monotonic() + within_s
    while True:
        try:
            return await chat(endpoint)
        except UnavailableError:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.1)


@contextmanager
def broken_gguf(spec: LlamaCppSpec, path: Path) -> Iterator[LlamaCppSpec]:
    """A model with its end cut off."""
    path.write_bytes(spec.gguf.read_bytes()[:-2000])
    yield spec.model_copy(update={"gguf": path})


class TestSharing:
    async def test_two_callers_at_once_get_one_server(self, pool: ServerPool, spec: LlamaCppSpec) -> None:
        first, second = await asyncio.gather(pool.endpoint(spec), pool.endpoint(spec))
        assert first == second == await pool.endpoint(spec.model_copy())
        assert await chat(first) == await chat(second)
        (status,) = pool.status()
        assert (status.model, status.adapters, status.restarts, status.alive) == (spec.gguf, (), 0, True)
        assert status.rss_bytes is not None
        assert status.rss_bytes > 1 << 20

    async def test_another_spec_gets_another_server(
        self, pool: ServerPool, specs: list[LlamaCppSpec]
    ) -> None:
        first, second = await pool.endpoint(specs[0]), await pool.endpoint(specs[1])
        assert first.base_url != second.base_url
        assert first.api_key != second.api_key
        assert len({s.pid for s in pool.status()}) == 2

    async def test_replaced_file_gets_another_server(
        self, pool: ServerPool, spec: LlamaCppSpec, tmp_path: Path
    ) -> None:
        copy = tmp_path / "copy.gguf"
        copy.write_bytes(spec.gguf.read_bytes())
        mine = spec.model_copy(update={"gguf": copy})
        before = await pool.endpoint(mine)
        os.utime(copy, (1, 1))
        assert await pool.endpoint(mine) != before

    async def test_caller_that_leaves_does_not_end_the_start(
        self, pool: ServerPool, spec: LlamaCppSpec
    ) -> None:
        impatient = asyncio.create_task(pool.endpoint(spec))
        patient = asyncio.create_task(pool.endpoint(spec))
        await asyncio.sleep(0.05)
        impatient.cancel()
        assert await chat(await patient)


def is_server(process: psutil.Process) -> bool:
    """Whether a living child is a llama.cpp server; those of other tests may just have ended."""
    try:
        return "server_main" in " ".join(process.cmdline())
    except psutil.Error:
        return False


class TestStopping:
    async def test_least_recently_used_server_makes_room(
        self, pool: ServerPool, specs: list[LlamaCppSpec]
    ) -> None:
        kept, unused = await pool.endpoint(specs[0]), await pool.endpoint(specs[1])
        oldest = next(s.pid for s in pool.status()[1:])
        assert await pool.endpoint(specs[0]) == kept
        stopped = next(s.pid for s in pool.status()[1:])
        assert stopped != oldest
        await pool.endpoint(specs[2])
        assert not psutil.pid_exists(stopped)
        assert await chat(kept)
        with pytest.raises(UnavailableError):
            await chat(unused)

    async def test_long_answer_is_not_cut(
        self, pool: ServerPool, spec: LlamaCppSpec, specs: list[LlamaCppSpec]
    ) -> None:
        async with LlamaCppBackend(await pool.endpoint(spec)) as backend:
            stream = backend.stream(ask(max_tokens=1900))
            await anext(stream)
            for other in specs[:3]:
                await pool.endpoint(other)
            assert [status.in_use for status in pool.status()].count(True) == 1
            for _ in range(50):
                assert (await anext(stream)).finish_reason is None
            await stream.aclose()

    async def test_pool_returns_to_its_size_after_the_answers(
        self, tmp_path: Path, specs: list[LlamaCppSpec]
    ) -> None:
        async with ServerPool(tmp_path / "pool", max_servers=2, keep_s=2) as pool:
            async with AsyncExitStack() as callers:
                for spec in specs[:4]:
                    await callers.enter_async_context(connected(await pool.endpoint(spec)))
                assert len(pool.status()) == 4
                with pytest.raises(ServersBusyError):
                    await pool.endpoint(specs[4])
            await until_async(lambda: len(pool.status()) == 2)

    async def test_endpoint_is_good_for_a_while_without_requests(
        self, tmp_path: Path, specs: list[LlamaCppSpec]
    ) -> None:
        async with ServerPool(tmp_path / "pool", max_servers=1, idle_s=0.1) as pool:
            endpoint = await pool.endpoint(specs[0])
            await pool.endpoint(specs[1])
            await asyncio.sleep(LOOK_INTERVAL_S + 0.5)
            assert await chat(endpoint)

    async def test_idle_server_is_stopped_though_it_is_watched(
        self, tmp_path: Path, spec: LlamaCppSpec
    ) -> None:
        async with ServerPool(tmp_path / "pool", idle_s=2, keep_s=0) as pool:
            await pool.endpoint(spec)
            pid = pool.status()[0].pid
            await until_async(lambda: not psutil.pid_exists(pid))
            assert pool.status() == []
            assert await chat(await pool.endpoint(spec))

    async def test_closed_pool_leaves_nothing(self, tmp_path: Path, specs: list[LlamaCppSpec]) -> None:
        async with ServerPool(tmp_path / "pool") as pool:
            await pool.endpoint(specs[0])
            starting = asyncio.create_task(pool.endpoint(specs[1]))
            await asyncio.sleep(0.1)
            pids = [child.pid for child in psutil.Process().children() if is_server(child)]
            assert len(pids) == 2
        assert not [pid for pid in pids if psutil.pid_exists(pid)]
        with pytest.raises(UnavailableError):
            await starting


class TestFailure:
    async def test_killed_server_answers_again_at_its_endpoint(
        self, pool: ServerPool, spec: LlamaCppSpec
    ) -> None:
        endpoint = await pool.endpoint(spec)
        before, pid = await chat(endpoint), pool.status()[0].pid
        os.kill(pid, signal.SIGKILL)
        await until_async(lambda: not psutil.pid_exists(pid))
        assert await pool.endpoint(spec) == endpoint
        assert await answers_again(endpoint) == before
        assert pool.status()[0].restarts == 1

    async def test_server_that_cannot_come_back_says_why_and_does_once_it_can(
        self, pool: ServerPool, spec: LlamaCppSpec, tmp_path: Path
    ) -> None:
        content, copy = spec.gguf.read_bytes(), tmp_path / "copy.gguf"
        copy.write_bytes(content)
        times = copy.stat()
        mine = spec.model_copy(update={"gguf": copy})
        await pool.endpoint(mine)
        copy.write_bytes(b"X" * len(content))
        os.utime(copy, ns=(times.st_atime_ns, times.st_mtime_ns))
        os.kill(pool.status()[0].pid, signal.SIGKILL)
        await asyncio.sleep(0.2)
        with pytest.raises(GgufBrokenError):
            await pool.endpoint(mine)
        copy.write_bytes(content)
        assert await chat(await pool.endpoint(mine))

    async def test_failed_start_reaches_all_and_is_not_kept(
        self, pool: ServerPool, spec: LlamaCppSpec, tmp_path: Path
    ) -> None:
        path = tmp_path / "late.gguf"
        late = spec.model_copy(update={"gguf": path})
        errors = await asyncio.gather(pool.endpoint(late), pool.endpoint(late), return_exceptions=True)
        assert [type(error) for error in errors] == [GgufMissingError, GgufMissingError]
        assert pool.status() == []
        path.write_bytes(spec.gguf.read_bytes())
        assert await chat(await pool.endpoint(late))


class TestProcess:
    async def test_serves_over_http_and_ends_clean(self, inference: Inference, spec: LlamaCppSpec) -> None:
        first, second = await asyncio.gather(inference.client.endpoint(spec), inference.client.endpoint(spec))
        assert first == second
        assert await chat(first)
        (status,) = await inference.client.servers()
        assert await inference.client.healthy()
        assert [p.pid for p in inference.servers()] == [status.pid]
        assert stat.S_IMODE(record_path(inference.data_dir).stat().st_mode) == 0o600

        inference.process.send_signal(signal.SIGTERM)
        assert inference.process.wait(5) == 0
        assert not psutil.pid_exists(status.pid)
        assert not record_path(inference.data_dir).exists()
        assert not await inference.client.healthy()
        with pytest.raises(InferenceUnavailableError) as caught:
            await inference.client.endpoint(spec)
        assert "./llmlora up" in caught.value.detail("ja")
        assert "./llmlora up" in caught.value.detail("en")

    async def test_broken_model_is_the_same_error_as_here(
        self, inference: Inference, spec: LlamaCppSpec, tmp_path: Path
    ) -> None:
        with broken_gguf(spec, tmp_path / "cut.gguf") as broken, pytest.raises(GgufBrokenError) as caught:
            await inference.client.endpoint(broken)
        for language, word in (("ja", "読み込めません"), ("en", "cannot load")):
            assert word in caught.value.detail(language)
            assert str(broken.gguf) in caught.value.detail(language)
        assert inference.servers() == []

    async def test_sigint_ends_it_in_the_middle_of_an_answer(
        self, inference: Inference, spec: LlamaCppSpec
    ) -> None:
        async with LlamaCppBackend(await inference.client.endpoint(spec)) as backend:
            await anext(backend.stream(ask(max_tokens=1900)))
            inference.process.send_signal(signal.SIGINT)
            assert inference.process.wait(5) == 0

    async def test_sigterm_ends_a_start_that_hangs(self, inference: Inference, spec: LlamaCppSpec) -> None:
        waiting = asyncio.create_task(inference.client.endpoint(spec))
        await until_async(lambda: bool(inference.servers()))
        (server,) = inference.servers()
        server.suspend()
        inference.process.send_signal(signal.SIGTERM)
        with pytest.raises(UnavailableError):
            await waiting
        assert inference.process.wait(5) == 0
        assert not lives(server.pid)

    async def test_kill_takes_its_servers_with_it_and_a_new_one_is_found(
        self, inference: Inference, spec: LlamaCppSpec
    ) -> None:
        await inference.client.endpoint(spec)
        (server,) = inference.servers()
        inference.process.kill()
        inference.process.wait()
        await until_async(lambda: not lives(server.pid), 5)
        with pytest.raises(InferenceUnavailableError):
            await inference.client.endpoint(spec)
        assert record_path(inference.data_dir).exists()
        inference.start()
        assert await chat(await inference.client.endpoint(spec))

    async def test_second_one_is_refused(self, inference: Inference) -> None:
        program = [sys.executable, "-m", "llmlora.entry.inference", "--data-dir", str(inference.data_dir)]
        second = await asyncio.to_thread(subprocess.run, program, capture_output=True, text=True, timeout=30)
        assert second.returncode == 4
        assert "already running" in second.stderr
        assert await inference.client.healthy()

    async def test_strangers_and_bad_requests_are_refused(self, inference: Inference) -> None:
        record = read_record(inference.data_dir)
        assert record is not None
        key = {"authorization": f"Bearer {record.token}"}
        async with httpx.AsyncClient(base_url=record.url, trust_env=False) as http:
            for path in ("/servers", "/healthz", "/docs", "/nothing"):
                assert (await http.get(path)).status_code == 401
            refused = await http.post("/endpoints", json={"gguf": "x", "n_ctx": 1}, headers=key)
            assert refused.status_code == 422
            assert refused.json()["code"] == "inference_spec_invalid"
            assert "n_ctx" in refused.json()["facts"]["reason"]


class TestRecord:
    async def test_record_of_another_process_with_that_pid_is_ignored(
        self, data_dir: Path, spec: LlamaCppSpec
    ) -> None:
        reused = InferenceRecord(url="http://127.0.0.1:9", token="t", pid=os.getpid(), born="before")
        write_record(data_dir, reused)
        assert read_record(data_dir) is None
        with pytest.raises(InferenceUnavailableError):
            await InferenceClient(Settings(data_dir=data_dir)).endpoint(spec)

    @pytest.mark.parametrize("content", ["", "{}", "[1]", '{"url": 1}'])
    async def test_broken_record_is_none(self, data_dir: Path, content: str) -> None:
        record_path(data_dir).parent.mkdir(parents=True)
        record_path(data_dir).write_text(content)
        assert not await InferenceClient(Settings(data_dir=data_dir)).healthy()

    async def test_process_replaced_between_reading_and_calling_is_found(
        self, inference: Inference, data_dir: Path
    ) -> None:
        """A stand-in for the old process hangs up, and the record names the new one by then."""
        current = read_record(data_dir)
        assert current is not None

        async def leave(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            write_record(data_dir, current)
            writer.close()

        async with await asyncio.start_server(leave, "127.0.0.1", 0) as old:
            url = f"http://127.0.0.1:{old.sockets[0].getsockname()[1]}"
            write_record(data_dir, current.model_copy(update={"url": url}))
            assert await inference.client.servers() == []

    async def test_answer_that_is_not_ours_is_a_failure(self, inference: Inference, data_dir: Path) -> None:
        current = read_record(data_dir)
        assert current is not None

        async def talk(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"HTTP/1.1 500 Oops\r\ncontent-length: 4\r\n\r\noops")
            await writer.drain()
            writer.close()

        async with await asyncio.start_server(talk, "127.0.0.1", 0) as stranger:
            url = f"http://127.0.0.1:{stranger.sockets[0].getsockname()[1]}"
            write_record(data_dir, current.model_copy(update={"url": url}))
            with pytest.raises(InferenceFailedError):
                await inference.client.servers()


@asynccontextmanager
async def connected(endpoint: EndpointInput) -> AsyncIterator[None]:
    """A connection with a request that never ends: llama.cpp closes one that says nothing for five seconds."""
    _, writer = await asyncio.open_connection("127.0.0.1", int(endpoint.base_url.rsplit(":", 1)[1]))

    async def speak() -> None:
        writer.write(b"GET /health HTTP/1.1\r\n")
        while True:
            writer.write(b"x: y\r\n")
            await asyncio.sleep(0.5)

    speaking = asyncio.create_task(speak())
    try:
        yield
    finally:
        speaking.cancel()
        writer.close()


def write_record(data_dir: Path, record: InferenceRecord) -> None:
    record_path(data_dir).parent.mkdir(parents=True, exist_ok=True)
    record_path(data_dir).write_text(json.dumps(record.model_dump()))
