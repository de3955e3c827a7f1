"""Which device and precision a run takes, by what the machine can do; and what is forecast of it without torch."""

import pytest

from llmlora.contracts.forecast import Machine
from llmlora.contracts.run import Resources
from llmlora.engine.hosts.process import child_environment
from llmlora.kit.machine import AppleGpu, Memory, apple_gpu
from llmlora.recipes.blocks.forecast.memory import choose_place
from llmlora.recipes.blocks.placement import (
    Capabilities,
    DeviceUnavailableError,
    Precision,
    PrecisionUnsupportedError,
    choose_placement,
    free_of_shared,
    granted_threads,
    probed,
)

GIB = 1 << 30
NVIDIA = Capabilities(cuda=True, cuda_multiplies_bf16=True)
OLD_NVIDIA = Capabilities(cuda=True)
MAC_14 = Capabilities(mps=True, mps_multiplies_bf16=True, mps_working_set_bytes=10 * GIB)
MAC_13 = Capabilities(mps=True, mps_working_set_bytes=10 * GIB)
BOTH = Capabilities(cuda=True, cuda_multiplies_bf16=True, mps=True)


def placed(known: Capabilities, device: str = "auto", precision: Precision = "auto") -> tuple[str, str]:
    resources = Resources.model_validate({"device": device, "threads": granted_threads(Resources())})
    placement = choose_placement(resources, precision, known)
    return placement.device.type, placement.precision


class TestDevice:
    @pytest.mark.parametrize(
        ("known", "chosen"),
        [
            (NVIDIA, ("cuda", "bf16")), (OLD_NVIDIA, ("cuda", "fp16")), (BOTH, ("cuda", "bf16")),
            (MAC_14, ("mps", "bf16")), (MAC_13, ("mps", "fp16")),
        ],
        ids=["new GPU", "old GPU", "GPU first", "macOS 14", "macOS 13"],
    )  # fmt: skip
    def test_is_the_best_there_with_the_best_precision_it_has(
        self, known: Capabilities, chosen: tuple[str, str]
    ) -> None:
        assert placed(known) == chosen

    def test_cpu_can_always_be_asked_for(self) -> None:
        assert placed(MAC_14, "cpu", "fp32") == ("cpu", "fp32")

    @pytest.mark.parametrize(
        ("known", "device"), [(MAC_14, "cuda"), (NVIDIA, "mps"), (Capabilities(), "mps")]
    )
    def test_one_that_is_not_there_is_refused(self, known: Capabilities, device: str) -> None:
        with pytest.raises(DeviceUnavailableError, match=device):
            placed(known, device)

    @pytest.mark.parametrize(
        ("known", "device", "precision"),
        [(MAC_13, "mps", "bf16"), (OLD_NVIDIA, "cuda", "bf16"), (MAC_14, "cpu", "fp16")],
    )
    def test_precision_that_it_lacks_is_refused(
        self, known: Capabilities, device: str, precision: Precision
    ) -> None:
        with pytest.raises(PrecisionUnsupportedError, match=precision):
            placed(known, device, precision)

    def test_this_machine_is_one_of_them(self) -> None:
        known = probed()
        assert known.has("cpu")
        assert placed(known)[0] == ("cuda" if known.cuda else "mps" if known.mps else "cpu")


class TestMemoryOfAppleSilicon:
    def test_is_what_is_free_within_what_metal_recommends(self) -> None:
        assert free_of_shared(MAC_14, available_bytes=6 * GIB, taken_bytes=1 * GIB) == 6 * GIB
        assert free_of_shared(MAC_14, available_bytes=30 * GIB, taken_bytes=1 * GIB) == 9 * GIB
        assert free_of_shared(MAC_14, available_bytes=30 * GIB, taken_bytes=11 * GIB) == 0
        assert free_of_shared(Capabilities(), available_bytes=30 * GIB, taken_bytes=GIB) == 30 * GIB


def machine(apple: AppleGpu | None, available: int = 12 * GIB) -> Machine:
    return Machine(Memory(18 * GIB, available), (), False, lambda: 50e9, apple)


class TestForecast:
    @pytest.mark.parametrize(("macos", "precision"), [("14.0", "bf16"), ("26.1", "bf16"), ("13.7.2", "fp16")])
    def test_of_a_mac_is_of_its_gpu(self, macos: str, precision: str) -> None:
        place = choose_place("auto", "auto", machine(apple_gpu("Darwin", "arm64", macos)))
        assert (place.device, place.precision) == ("mps", precision)
        assert (place.free_bytes, place.total_bytes) == (12 * GIB, 12 * GIB)
        assert (
            choose_place("auto", "auto", machine(apple_gpu("Darwin", "arm64", macos), 5 * GIB)).free_bytes
            == 5 * GIB
        )

    def test_of_its_processor_where_that_was_asked_for(self) -> None:
        assert choose_place("cpu", "auto", machine(apple_gpu("Darwin", "arm64", "15.1"))).device == "cpu"

    @pytest.mark.parametrize(
        ("system", "processor"), [("Linux", "aarch64"), ("Linux", "x86_64"), ("Darwin", "x86_64")]
    )
    def test_docker_and_macs_with_intel_have_none(self, system: str, processor: str) -> None:
        assert apple_gpu(system, processor, "15.1") is None
        assert choose_place("auto", "auto", machine(None)).device == "cpu"


def test_runs_may_compute_on_the_cpu_what_metal_cannot() -> None:
    assert child_environment()["PYTORCH_ENABLE_MPS_FALLBACK"] == "1"
