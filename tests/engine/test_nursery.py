"""Children that are forked from a process with the learning libraries: they run, end and die as executed ones do."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import psutil
import pytest

from llmlora.contracts.events import Event, MetricBatch
from llmlora.contracts.failures import CHILD_DIED
from llmlora.contracts.run import RunSpec
from llmlora.contracts.states import JobState
from llmlora.engine.hosts import nursery as nursery_room
from llmlora.engine.hosts.nursery import Nursery, can_fork
from llmlora.engine.hosts.process import ChildProcess, child_environment
from llmlora.engine.hosts.running import Outcome, run_dir_of, run_recipe
from llmlora.kit.processes import fork

from tests.factories import dataset_of, level_1_examples, model_input, text_lora_run
from tests.fakes.workers import until_gone
from tests.here import run_here
from tests.owners import owner

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        sys.platform != "linux", reason="forks are for Linux; elsewhere children are executed"
    ),
]
SPEC_OF = Callable[..., RunSpec]
T = TypeVar("T")


@pytest.fixture(scope="module")
def spec_of(tiny_model_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> SPEC_OF:
    root = tmp_path_factory.mktemp("nursery")
    dataset = dataset_of(
        [e.model_copy(update={"row": i}) for i, e in enumerate(level_1_examples() * 3, 1)], root
    )
    return lambda **more: text_lora_run(
        dataset, model_input(tiny_model_dir), root, **({"rank": 4, "epochs": 3.0, "dropout": 0.1} | more)
    )


@pytest.fixture
def spec(spec_of: SPEC_OF) -> RunSpec:
    """A training of a few seconds."""
    return spec_of()


@pytest.fixture
def long_spec(spec_of: SPEC_OF) -> RunSpec:
    """A training that has to be ended."""
    return spec_of(epochs=1000.0)


def with_nursery(tmp_path: Path, what: Callable[[Nursery], Awaitable[T]], **settings: float) -> T:
    async def do() -> T:
        nursery = Nursery(tmp_path, **settings)
        try:
            return await what(nursery)
        finally:
            await nursery.close()

    return asyncio.run(do())


def adapter_of(spec: RunSpec) -> bytes:
    return (run_dir_of(spec) / "final_model" / "adapter_model.safetensors").read_bytes()


def at_first_step(do: Callable[[], None]) -> Callable[[Event], None]:
    done: list[bool] = []

    def sink(event: Event) -> None:
        if isinstance(event.body, MetricBatch) and not done:
            done.append(True)
            do()

    return sink


def pid_of(spec: RunSpec) -> int:
    return int((run_dir_of(spec) / "pid").read_text())


class TestRun:
    def test_learns_what_an_executed_child_learns(self, tmp_path: Path, spec_of: SPEC_OF) -> None:
        forked, reference = spec_of(), spec_of()
        seen: list[tuple[int, int]] = []
        look = at_first_step(
            lambda: seen.append((os.getsid(pid_of(forked)), psutil.Process(pid_of(forked)).ppid()))
        )
        outcome = with_nursery(tmp_path, lambda nursery: run_recipe(forked, look, host=nursery.start))
        assert outcome.state is JobState.COMPLETED
        assert seen[0][0] == pid_of(forked)  # a session of its own, so that its whole group can be ended
        assert seen[0][1] not in (os.getpid(), 1)
        assert run_here(reference).state is JobState.COMPLETED
        assert adapter_of(forked) == adapter_of(reference)

    def test_cancel_and_death_are_told_apart_and_the_next_child_is_well(
        self, tmp_path: Path, spec_of: SPEC_OF, long_spec: RunSpec, spec: RunSpec
    ) -> None:
        killed = spec_of(epochs=1000.0)

        async def live(nursery: Nursery) -> list[Outcome]:
            cancel = asyncio.Event()
            return [
                await run_recipe(long_spec, at_first_step(cancel.set), cancel=cancel, host=nursery.start),
                await run_recipe(
                    killed,
                    at_first_step(lambda: os.kill(pid_of(killed), signal.SIGKILL)),
                    host=nursery.start,
                ),
                await run_recipe(spec, lambda _event: None, host=nursery.start),
            ]

        cancelled, died, well = with_nursery(tmp_path, live)
        assert cancelled.state is JobState.CANCELLED
        assert died.failure is not None
        assert died.failure.code == CHILD_DIED
        assert "signal 9" in died.failure.en
        assert well.state is JobState.COMPLETED

    def test_child_knows_what_it_is_given_and_its_words_are_kept(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("LLMLORA_DATABASE_URL", "postgresql://secret")
        run_dir = tmp_path / "run"
        run_dir.mkdir()

        async def live(nursery: Nursery) -> tuple[int, str]:
            child = await nursery.start(run_dir, child_environment(), run_dir / "output.log")
            os.close(child.read_fd)
            status = await child.exited
            return status, Path(f"/proc/{nursery.pid}/environ").read_text()

        status, environment = with_nursery(tmp_path, live)
        assert status == 1
        assert "spec.json" in (run_dir / "output.log").read_text()
        assert "secret" not in environment

    def test_child_whose_libraries_load_otherwise_is_executed(self, tmp_path: Path) -> None:
        spec = tmp_path / "spec.json"
        os.mkfifo(spec)  # each child waits there until somebody writes

        async def parents(nursery: Nursery) -> list[int]:
            found = []
            for more in ({"HF_HUB_OFFLINE": "0"}, {"LLMLORA_ENDPOINT_KEY": "k"}):
                child = await nursery.start(tmp_path, child_environment(more), tmp_path / "output.log")
                found.append(psutil.Process(child.pid).ppid())
                os.close(child.read_fd)
                await asyncio.to_thread(spec.write_bytes, b"")
                await child.exited
            return [*found, nursery.pid or 0]

        online, keyed, nursery = with_nursery(tmp_path, parents)
        assert online == os.getpid()
        assert keyed == nursery


class TestDeath:
    def test_children_die_with_the_nursery_and_a_new_one_takes_over(
        self, tmp_path: Path, long_spec: RunSpec, spec: RunSpec
    ) -> None:
        def kill_nursery() -> None:
            os.kill(psutil.Process(pid_of(long_spec)).ppid(), signal.SIGKILL)

        async def live(nursery: Nursery) -> tuple[Outcome, Outcome]:
            died = await run_recipe(long_spec, at_first_step(kill_nursery), host=nursery.start)
            return died, await run_recipe(spec, lambda _event: None, host=nursery.start)

        died, well = with_nursery(tmp_path, live)
        assert died.failure is not None
        assert died.failure.code == CHILD_DIED
        asyncio.run(until_gone(pid_of(long_spec)))
        assert well.state is JobState.COMPLETED

    def test_all_die_with_the_worker(self, tmp_path: Path, long_spec: RunSpec) -> None:
        program = (
            "import asyncio, sys; from pathlib import Path\n"
            "from llmlora.contracts.run import RunSpec; from llmlora.engine.hosts.nursery import Nursery\n"
            "from llmlora.engine.hosts.running import run_recipe\n"
            "spec = RunSpec.model_validate_json(sys.argv[1])\n"
            "say = lambda event: print(event.body.type, flush=True)\n"
            "async def main(): await run_recipe(spec, say, host=Nursery(Path(sys.argv[2])).start)\n"
            "asyncio.run(main())\n"
        )
        with owner(program, long_spec.model_dump_json(), str(tmp_path)):
            child = psutil.Process(pid_of(long_spec))
            nursery = child.ppid()
        asyncio.run(until_gone(child.pid, nursery))

    @pytest.mark.parametrize("is_late", [False, True], ids=["before its birth", "in its birth"])
    def test_child_that_nobody_waits_for_is_ended(
        self, tmp_path: Path, long_spec: RunSpec, monkeypatch: pytest.MonkeyPatch, is_late: bool
    ) -> None:
        run_dir = run_dir_of(long_spec)
        run_dir.mkdir(parents=True)
        (run_dir / "spec.json").write_text(long_spec.model_dump_json())

        async def live(nursery: Nursery) -> ChildProcess:
            asking = asyncio.create_task(nursery.start(run_dir, child_environment(), run_dir / "output.log"))
            await asyncio.sleep(0.1)
            if is_late:
                started = nursery_room._Open._child_started
                monkeypatch.setattr(
                    nursery_room._Open,
                    "_child_started",
                    lambda *of: (started(*of), monkeypatch.undo(), asking.cancel()),
                )
            else:
                asking.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asking
            child = await nursery.start(tmp_path, child_environment(), tmp_path / "output.log")
            os.close(child.read_fd)
            await child.exited
            await until_gone(*(one.pid for one in psutil.Process(nursery.pid).children()))
            return child

        assert with_nursery(tmp_path, live).pid > 0


class TestEnd:
    def test_it_goes_when_idle_and_comes_back(self, tmp_path: Path) -> None:
        async def once(nursery: Nursery) -> int:
            child = await nursery.start(tmp_path, child_environment(), tmp_path / "output.log")
            os.close(child.read_fd)
            pid = nursery.pid
            await child.exited
            assert pid is not None
            return pid

        async def live(nursery: Nursery) -> tuple[int, int]:
            first = await once(nursery)
            await until_gone(first)
            return first, await once(nursery)

        first, second = with_nursery(tmp_path, live, idle_s=0.1)
        assert first != second

    def test_child_is_executed_when_there_is_no_nursery(
        self, tmp_path: Path, spec: RunSpec, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(nursery_room, "NURSERY_PROGRAM", (sys.executable, "-c", "raise SystemExit(3)"))
        outcome = with_nursery(
            tmp_path, lambda nursery: run_recipe(spec, lambda _event: None, host=nursery.start)
        )
        assert outcome.state is JobState.COMPLETED


def test_peer_that_hangs_up_is_an_error_and_not_the_end_of_a_forked_child(tmp_path: Path) -> None:
    """As an upload that is refused half-way."""

    def send() -> int:
        ours, theirs = socket.socketpair()
        theirs.close()
        try:
            ours.sendall(bytes(1 << 20))
        except BrokenPipeError:
            return 7
        return 0

    with (tmp_path / "output").open("wb") as output:
        pid = fork(send, env=dict(os.environ), output=output.fileno())
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 7


def test_a_machine_with_a_gpu_executes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    device = tmp_path / "nvidiactl"
    monkeypatch.setattr(nursery_room, "GPU_DEVICES", (str(device),))
    assert can_fork()
    device.touch()
    assert not can_fork()
