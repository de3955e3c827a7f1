"""What this process may use, whoever limits it: affinity, control groups, variables. Read from made-up kernels."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType

import psutil
import pytest

from llmlora.engine.hosts.process import child_environment
from llmlora.engine.jobs.capacity import measure_capacity
from llmlora.kit.limits import ControlGroups, allowed_processors, usable_cores, visible_devices
from llmlora.kit.machine import accelerators_now, gpu_names, memory_now

GIB = 1 << 30
UNLIMITED = 9223372036854771712  # as the kernel writes it
A, B, C = "GPU-aa11", "GPU-ab22", "GPU-cc33"


@pytest.fixture
def kernel(tmp_path: Path):  # type: ignore[no-untyped-def]
    """Writes control groups: `membership` as /proc/self/cgroup, files by their paths below the mount."""

    def written(membership: str, files: Mapping[str, object]) -> ControlGroups:
        root, told = tmp_path / "cgroup", tmp_path / "self"
        told.write_text(membership)
        for name, value in files.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(f"{value}\n")
        return ControlGroups(root, told)

    return written


def v2(path: str, *, cpu: str = "max 100000", limit: object = "max", used: int = 0, cache: int = 0):  # type: ignore[no-untyped-def]
    prefix = f"{path.strip('/')}/" if path.strip("/") else ""
    return {
        f"{prefix}cpu.max": cpu,
        f"{prefix}memory.max": limit,
        f"{prefix}memory.current": used,
        f"{prefix}memory.stat": f"anon {used - cache}\ninactive_file {cache}",
    }


class TestQuota:
    def test_container_sees_its_own_group_as_the_mount(self, kernel) -> None:  # type: ignore[no-untyped-def]
        assert kernel("0::/", v2("/", cpu="150000 100000")).cpu_quota() == 1.5

    def test_quota_of_a_group_further_up_counts(self, kernel) -> None:  # type: ignore[no-untyped-def]
        files = v2("/user.slice", cpu="200000 100000") | v2("/user.slice/job.scope", cpu="800000 100000")
        assert kernel("0::/user.slice/job.scope", files).cpu_quota() == 2.0

    def test_groups_of_others_do_not_count(self, kernel) -> None:  # type: ignore[no-untyped-def]
        files = v2("/user.slice") | v2("/other.slice", cpu="100000 100000")
        assert kernel("0::/user.slice", files).cpu_quota() is None

    def test_version_one_is_read(self, kernel) -> None:  # type: ignore[no-untyped-def]
        files = {
            "cpu,cpuacct/docker/ab/cpu.cfs_quota_us": 300_000,
            "cpu,cpuacct/docker/ab/cpu.cfs_period_us": 100_000,
            "cpu,cpuacct/cpu.cfs_quota_us": -1,
            "cpu,cpuacct/cpu.cfs_period_us": 100_000,
        }
        assert kernel("4:cpu,cpuacct:/docker/ab\n1:name=systemd:/x", files).cpu_quota() == 3.0

    def test_version_one_in_a_container_lies_at_the_mount(self, kernel) -> None:  # type: ignore[no-untyped-def]
        files = {"cpu/cpu.cfs_quota_us": 50_000, "cpu/cpu.cfs_period_us": 100_000}
        assert kernel("4:cpu,cpuacct:/docker/ab\n0::/", files).cpu_quota() == 0.5

    def test_system_without_control_groups_has_no_quota(self, tmp_path: Path) -> None:
        groups = ControlGroups(tmp_path / "none", tmp_path / "neither")
        assert groups.cpu_quota() is None
        assert groups.memory() is None

    @pytest.mark.parametrize("broken", ["", "max", "one 100000", "100000 0"])
    def test_file_in_another_form_is_no_quota(self, kernel, broken: str) -> None:  # type: ignore[no-untyped-def]
        assert kernel("0::/", v2("/", cpu=broken)).cpu_quota() is None


class TestCores:
    def test_quota_bounds_them_and_one_is_left(self, kernel) -> None:  # type: ignore[no-untyped-def]
        for quota in ("100000 100000", "20000 100000"):
            assert usable_cores(kernel("0::/", v2("/", cpu=quota)), {}) == 1

    def test_wide_quota_gives_no_more_than_there_are(self, kernel) -> None:  # type: ignore[no-untyped-def]
        free = usable_cores(kernel("0::/", v2("/")), {})
        assert usable_cores(kernel("0::/", v2("/", cpu="9900000 100000")), {}) == free <= allowed_processors()

    @pytest.mark.parametrize(("told", "bounded"), [("1", True), ("1,4", True), ("", False), ("many", False)])
    def test_number_of_threads_that_was_set_is_not_passed(self, kernel, told: str, bounded: bool) -> None:  # type: ignore[no-untyped-def]
        groups = kernel("0::/", v2("/"))
        free = usable_cores(groups, {})
        assert usable_cores(groups, {"OMP_NUM_THREADS": told}) == (1 if bounded else free)

    def test_affinity_bounds_them(self) -> None:
        before = os.sched_getaffinity(0)
        os.sched_setaffinity(0, {min(before)})
        try:
            assert (allowed_processors(), usable_cores()) == (1, 1)
        finally:
            os.sched_setaffinity(0, before)

    def test_children_are_told_the_same_number(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("OMP_NUM_THREADS", "1")
        environment = child_environment()
        assert environment["OMP_NUM_THREADS"] == environment["OPENBLAS_NUM_THREADS"] == "1"
        assert usable_cores(environment=environment) == measure_capacity("-", "-").cpus == 1


class TestMac:
    @pytest.fixture(autouse=True)
    def mac(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The platform's modules as they are on macOS: nobody there knows of affinity."""
        for module, name in (
            (os, "sched_getaffinity"),
            (os, "sched_setaffinity"),
            (psutil.Process, "cpu_affinity"),
        ):
            monkeypatch.delattr(module, name)

    def test_all_processors_are_allowed(self) -> None:
        assert allowed_processors() == psutil.cpu_count()

    def test_worker_measures_its_machine(self) -> None:
        found = measure_capacity("-", "-")
        assert found.cpus >= 1
        assert found.memory_bytes == memory_now().total_bytes

    def test_server_finds_its_threads(self) -> None:
        from llmlora.engine.serving.server_main import build_params
        from llmlora.engine.serving.spec import LlamaCppSpec

        params = build_params(LlamaCppSpec(gguf=Path("/none.gguf")), "key")
        assert params.cpuparams.n_threads == params.cpuparams_batch.n_threads == usable_cores()

    def test_training_finds_its_threads(self) -> None:
        from llmlora.contracts.run import Resources
        from llmlora.recipes.blocks.placement import granted_threads

        assert granted_threads(Resources(device="cpu")) == usable_cores()


class TestMemory:
    def test_limit_is_the_total_and_cache_that_can_go_is_free(self, kernel) -> None:  # type: ignore[no-untyped-def]
        groups = kernel("0::/", v2("/", limit=GIB // 4, used=GIB // 8, cache=GIB // 16))
        memory = memory_now(groups)
        assert (memory.total_bytes, memory.available_bytes) == (GIB // 4, GIB // 4 - GIB // 16)

    def test_tightest_group_counts(self, kernel) -> None:  # type: ignore[no-untyped-def]
        files = v2("/a", limit=GIB // 4, used=0) | v2("/a/b", limit=GIB // 2, used=GIB // 8)
        memory = memory_now(kernel("0::/a/b", files))
        assert (memory.total_bytes, memory.available_bytes) == (GIB // 4, GIB // 4)

    def test_version_one_is_read_and_its_endless_limit_is_none(self, kernel) -> None:  # type: ignore[no-untyped-def]
        files = {
            "memory/docker/ab/memory.limit_in_bytes": GIB // 4,
            "memory/docker/ab/memory.usage_in_bytes": GIB // 8,
            "memory/docker/ab/memory.stat": "cache 5\ntotal_inactive_file 1024",
            "memory/memory.limit_in_bytes": UNLIMITED,
            "memory/memory.usage_in_bytes": GIB,
            "memory/memory.stat": "total_inactive_file 0",
        }
        memory = memory_now(kernel("9:memory:/docker/ab", files))
        assert (memory.total_bytes, memory.available_bytes) == (GIB // 4, GIB // 8 + 1024)

    def test_limit_beyond_the_machine_is_none(self, kernel) -> None:  # type: ignore[no-untyped-def]
        memory = memory_now(kernel("0::/", v2("/", limit=1 << 50)))
        assert memory.total_bytes == psutil.virtual_memory().total

    def test_group_that_is_over_its_limit_leaves_nothing(self, kernel) -> None:  # type: ignore[no-untyped-def]
        assert memory_now(kernel("0::/", v2("/", limit=1024, used=4096))).available_bytes == 0


class TestVisible:
    @pytest.mark.parametrize(
        ("told", "seen"),
        [
            (None, (A, B, C)),
            ("", ()),
            ("-1", ()),
            ("NoDevFiles", ()),
            ("1", (B,)),
            ("2,0", (C, A)),
            (" 2 , 0 ", (C, A)),
            ("0,7,1", (A,)),
            ("0,-1,1", (A,)),
            ("GPU-ab", (B,)),
            ("GPU-a", ()),
            ("GPU-cc33,0", (C, A)),
            ("0,0", ()),
            ("0,GPU-aa", ()),
            ("MIG-5f", ("MIG-5f",)),
        ],
    )
    def test_variable_is_read_as_cuda_reads_it(self, told: str | None, seen: tuple[str, ...]) -> None:
        environment = {} if told is None else {"CUDA_VISIBLE_DEVICES": told}
        assert visible_devices((A, B, C), environment) == seen


class Driver(ModuleType):
    """NVIDIA's library on a machine with three GPUs, the second of which is lost."""

    class NVMLError(Exception):
        pass

    NVML_CLOCK_SM = 1

    def nvmlInit(self) -> None: ...  # noqa: N802

    def nvmlDeviceGetCount(self) -> int:  # noqa: N802
        return 3

    def nvmlDeviceGetHandleByIndex(self, index: int) -> int:  # noqa: N802
        if index == 1:
            raise self.NVMLError
        return index

    def nvmlDeviceGetUUID(self, handle: int) -> str:  # noqa: N802
        return (A, B, C)[handle]

    def nvmlDeviceGetName(self, handle: int) -> bytes:  # noqa: N802
        return f"Card {handle}".encode()

    def nvmlDeviceGetMemoryInfo(self, handle: int) -> "Driver":  # noqa: N802
        self.used, self.total = handle * GIB, 8 * GIB
        return self

    def nvmlDeviceGetUtilizationRates(self, *_of: int) -> None:  # noqa: N802
        raise self.NVMLError

    nvmlDeviceGetMaxClockInfo = nvmlDeviceGetUtilizationRates  # noqa: N815
    nvmlDeviceGetNumGpuCores = nvmlDeviceGetUtilizationRates  # noqa: N815


class TestAccelerators:
    @pytest.fixture(autouse=True)
    def driver(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "pynvml", Driver("pynvml"))
        monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)

    def test_lost_one_keeps_its_number_and_is_given_to_nobody(self) -> None:
        assert [(one.index, one.name) for one in accelerators_now()] == [(0, "Card 0"), (2, "Card 2")]
        assert gpu_names() == measure_capacity("-", "-").gpus == (A, C)

    def test_hidden_ones_are_not_shown_nor_given(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "2")
        assert [one.index for one in accelerators_now()] == [2]
        assert measure_capacity("-", "-").gpus == (C,)

    def test_order_that_was_asked_for_is_kept(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "2,0")
        assert gpu_names() == (C, A)

    def test_children_count_as_we_do(self) -> None:
        assert child_environment()["CUDA_DEVICE_ORDER"] == "PCI_BUS_ID"

    def test_child_without_a_gpu_sees_none(self) -> None:
        from llmlora.engine.jobs.capacity import Grant

        assert Grant(1, "compute", (C,)).environment() == {"CUDA_VISIBLE_DEVICES": C}
        assert Grant(1, "compute", (A, C)).environment() == {"CUDA_VISIBLE_DEVICES": f"{A},{C}"}
        assert Grant(1, "light").environment() == {"CUDA_VISIBLE_DEVICES": ""}
