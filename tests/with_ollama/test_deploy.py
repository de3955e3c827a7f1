"""A taught model in Ollama: green when it answers as taught, cured or explained when it does not."""

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gguf
import httpx
import numpy as np
import pytest

from llmlora.contracts.run import BaseModelInput, EndpointInput, FileInput, RunInputs, RunSpec
from llmlora.contracts.states import JobState
from llmlora.engine.hosts.running import Outcome
from llmlora.inference.ollama.names import is_staging, staging_name
from llmlora.inference.ollama.server import OllamaServer, Registration
from llmlora.kit.errors import AppError
from llmlora.kit.files import sha256_of_file
from llmlora.kit.ids import new_id

from tests.factories import level_1_examples
from tests.here import run_here
from tests.plugins.adapters import GgufFile, TrainedAdapter, gguf_of
from tests.with_ollama.abilities import Abilities
from tests.with_ollama.asking import big_gguf
from tests.with_ollama.standin.character import FIRST
from tests.with_ollama.standin.process import Standin, running_standin

pytestmark = pytest.mark.slow

PROMPTS = [example.messages[0].content for example in level_1_examples()]
TAG = "llmlora/course-0000:f16"


@pytest.fixture(scope="module")
def exported(taught_adapter: TrainedAdapter, tmp_path_factory: pytest.TempPathFactory) -> GgufFile:
    """The taught adapter as a GGUF."""
    return gguf_of(taught_adapter, tmp_path_factory.mktemp("exports"))


@pytest.fixture(scope="module")
def merged(taught_adapter: TrainedAdapter, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Base and taught adapter as one f16 GGUF."""
    return gguf_of(taught_adapter, tmp_path_factory.mktemp("merged"), "merged").path


@pytest.fixture
def ollama(standin: Standin) -> Iterator[Standin]:
    """The stand-in without the tag of an earlier test."""
    httpx.request("DELETE", f"{standin.url}/api/delete", json={"model": TAG}, trust_env=False)
    yield standin
    standin.heal()


@pytest.fixture
def deploy(ollama: Standin, taught_adapter: TrainedAdapter, exported: GgufFile, tmp_path: Path) -> Any:
    """Run the recipe; anything can be given otherwise."""

    def run(
        *,
        base: BaseModelInput = taught_adapter.base,
        adapter_gguf: Path = exported.path,
        url: str = ollama.url,
        job_id: str | None = None,
        **config: Any,
    ) -> Outcome:
        settings = {"name": TAG, "prompts": PROMPTS[:2], "max_tokens": 48, **config}
        spec = RunSpec(
            job_id=job_id or new_id("job"),
            epoch=1,
            recipe="deploy_ollama",
            config=settings,
            inputs=RunInputs(
                base_model=base,
                adapter=taught_adapter.as_input(),
                adapter_gguf=FileInput(path=adapter_gguf, sha256=sha256_of_file(adapter_gguf)),
                endpoint=EndpointInput(engine="ollama", base_url=url, model=TAG),
            ),
            data_dir=tmp_path,
        )
        return run_here(spec)

    return run


def digests(standin: Standin) -> dict[str, str]:
    """What the server has, by name."""
    models = httpx.get(f"{standin.url}/api/tags", trust_env=False).json()["models"]
    return {one["name"]: one["digest"] for one in models}


def staged(standin: Standin) -> list[str]:
    return [name for name in digests(standin) if is_staging(name)]


def details(standin: Standin, name: str = TAG) -> Any:
    async def ask() -> Any:
        async with OllamaServer(standin.url) as server:
            return await server.details(name)

    return asyncio.run(ask())


def faults(outcome: Outcome, gate: str) -> set[str]:
    found: Any = outcome.reports["gates"][gate]
    return {one["kind"] for one in found["faults"]}


def cures(outcome: Outcome) -> list[str]:
    found: Any = outcome.reports["gates"]["cures"]
    return [one["name"] for one in found]


class TestRegistration:
    def test_what_was_taught_is_green_at_once_and_sealed(
        self,
        deploy: Any,
        ollama: Standin,
        taught_adapter: TrainedAdapter,
        exported: GgufFile,
        abilities: Abilities,
    ) -> None:
        outcome = deploy()
        assert outcome.state is JobState.COMPLETED, outcome.failure
        report: Any = outcome.reports["gates"]
        assert report["passed"]
        applied = abilities.adapters == "applies"
        assert cures(outcome) == ([] if applied else ["merged_here"])
        assert report["parity"]["compared_tokens"] > 20
        assert report["parity"]["compared_alternatives"] > 20
        assert report["identity"]["adapter_digests"] == ([exported.sha256] if applied else [])
        assert report["identity"]["sealed"]
        assert report["identity"]["rewritten"] is abilities.rewrites_uploads
        seal: Any = outcome.reports["seal"]
        assert seal["base_weights_digest"] == taught_adapter.base.weights_digest
        assert seal["route"] == ("adapter" if applied else "merged")
        assert [name for name, value in seal.items() if value is None] == (
            [] if applied else ["base_gguf_sha256"]
        )
        told = details(ollama)
        assert "SmolLM" in told.system
        assert "<|im_end|>" in told.parameters["stop"]
        assert told.parameters["num_ctx"] == ["2048"]

    def test_again_sends_nothing_and_ends_registered_once(self, deploy: Any, ollama: Standin) -> None:
        assert deploy().state is JobState.COMPLETED
        before = len([one for one in ollama.asked() if one.startswith("POST /api/blobs")])
        assert deploy().state is JobState.COMPLETED
        assert len([one for one in ollama.asked() if one.startswith("POST /api/blobs")]) == before
        assert TAG in digests(ollama)
        assert not staged(ollama)

    def test_red_leaves_the_old_one_serving_and_waits_under_a_name_of_its_own(
        self, deploy: Any, ollama: Standin
    ) -> None:
        green = deploy()
        assert green.state is JobState.COMPLETED, green.failure
        before = digests(ollama)[TAG]
        assert green.reports["gates"]["identity"]["tag_digest"] == before
        ollama.fault("wrong_eos")
        red = deploy(replace=True, max_tokens=64, num_ctx=1024)
        ollama.heal()
        assert red.failure is not None
        assert red.failure.code == "gate_failed"
        assert digests(ollama)[TAG] == before
        [judged] = staged(ollama)
        assert digests(ollama)[judged] == red.reports["gates"]["identity"]["tag_digest"] != before
        httpx.request("DELETE", f"{ollama.url}/api/delete", json={"model": judged}, trust_env=False)

    @pytest.mark.long
    def test_job_that_is_killed_before_the_copy_goes_on_as_if_nothing_were(
        self, deploy: Any, ollama: Standin
    ) -> None:
        job_id = new_id("job")
        ollama.fault("refuse", "/api/copy")
        cut = deploy(job_id=job_id)
        assert cut.failure is not None
        assert cut.failure.failure_class == "infrastructure"
        assert TAG not in digests(ollama)
        assert staged(ollama) == [staging_name(job_id)]
        ollama.heal()
        again = deploy(job_id=job_id)
        assert again.state is JobState.COMPLETED, again.failure
        assert (TAG in digests(ollama), staged(ollama)) == (True, [])

    def test_name_of_another_model_is_not_taken_unless_asked(
        self, deploy: Any, ollama: Standin, base_gguf: Path
    ) -> None:
        ollama.seed(TAG, base_gguf, into="store")
        refused = deploy()
        assert refused.failure is not None
        assert refused.failure.code == "ollama_tag_taken"
        assert details(ollama).adapter_digests == ()
        assert deploy(replace=True).state is JobState.COMPLETED


def test_base_that_came_from_a_tag_is_shared_and_not_sent(
    deploy: Any, ollama: Standin, taught_adapter: TrainedAdapter, base_gguf: Path, abilities: Abilities
) -> None:
    abilities.need(adapters=True)
    tag, digest = "llmlora-shared/smollm2:135m", sha256_of_file(base_gguf)
    ollama.seed(tag, base_gguf, into="store")
    stored = details(ollama, tag).model_digest
    reference = f"ollama:{tag}@{digest[:12]}"
    before = len(ollama.asked())
    outcome = deploy(base=taught_adapter.base.model_copy(update={"reference": reference}))
    assert outcome.state is JobState.COMPLETED, outcome.failure
    identity: Any = outcome.reports["gates"]["identity"]
    assert (identity["shared_with"], identity["model_digest"]) == (tag, stored)
    assert f"HEAD /api/blobs/sha256:{digest}" not in ollama.asked()[before:]
    moved = taught_adapter.base.model_copy(update={"reference": "ollama:llmlora-shared/gone:1@0123456789ab"})
    sent = deploy(base=moved)
    assert sent.state is JobState.COMPLETED, sent.failure
    assert f"HEAD /api/blobs/sha256:{digest}" in ollama.asked()[before:]


@pytest.mark.long
def test_merged_model_is_quantised_by_ollama_and_proved(
    deploy: Any, ollama: Standin, merged: Path, abilities: Abilities
) -> None:
    abilities.need(quantising=True)
    outcome = deploy(adapter_gguf=merged, route="merged", quantize="q8_0")
    assert outcome.state is JobState.COMPLETED, outcome.failure
    report: Any = outcome.reports["gates"]
    assert report["quantisation"] == "q8_0"
    assert details(ollama).quantisation == "Q8_0"
    assert details(ollama).adapter_digests == ()


@pytest.mark.long
class TestServerThatOnlyRegisters:
    """As v0.34.1: no adapters, and no quantising of GGUFs."""

    @pytest.fixture(autouse=True)
    def later(self, ollama: Standin) -> Iterator[None]:
        ollama.play("0.34")
        yield
        ollama.play(FIRST)

    def test_base_and_adapter_are_merged_here_and_proved(
        self, deploy: Any, ollama: Standin, exported: GgufFile
    ) -> None:
        outcome = deploy()
        assert outcome.state is JobState.COMPLETED, outcome.failure
        report: Any = outcome.reports["gates"]
        assert (cures(outcome), report["route"], report["quantisation"]) == (["merged_here"], "merged", "f16")
        assert "LoRA adapters are no longer supported" in report["cures"][0]["words"]["ja"]
        assert not report["identity"]["rewritten"]
        seal: Any = outcome.reports["seal"]
        assert seal["gguf_sha256"] == details(ollama).model_digest != exported.sha256
        assert deploy().state is JobState.COMPLETED

    def test_adapter_that_is_to_be_quantised_is_merged_and_quantised_here(
        self, deploy: Any, ollama: Standin
    ) -> None:
        outcome = deploy(quantize="q8_0")
        assert outcome.state is JobState.COMPLETED, outcome.failure
        assert cures(outcome) == ["merged_here", "quantised_here"]
        assert details(ollama).quantisation == "Q8_0"
        report: Any = outcome.reports["gates"]
        assert report["identity"]["model_digest"] == report["identity"]["sent_digest"]

    def test_merged_model_is_quantised_here_and_proved(
        self, deploy: Any, ollama: Standin, merged: Path
    ) -> None:
        outcome = deploy(adapter_gguf=merged, route="merged", quantize="q4_K_M")
        assert outcome.state is JobState.COMPLETED, outcome.failure
        assert cures(outcome) == ["quantised_here"]
        assert details(ollama).quantisation == "Q4_K_M"

    def test_adapter_is_refused_with_the_way_out(self, deploy: Any) -> None:
        outcome = deploy(route="adapter")
        assert outcome.failure is not None
        assert outcome.failure.code == "ollama_takes_no_adapters"
        assert "merged" in outcome.failure.ja


@pytest.mark.long
class TestServerThatIgnoresAdapters:
    """It says success and serves the bare base."""

    @pytest.fixture(autouse=True)
    def ignoring(self, ollama: Standin) -> Iterator[None]:
        ollama.play("ignores-adapters")
        yield
        ollama.play(FIRST)

    def test_adapter_alone_is_red_for_what_is_registered_and_what_answers(self, deploy: Any) -> None:
        outcome = deploy(route="adapter")
        assert outcome.failure is not None
        assert outcome.failure.code == "gate_failed"
        assert faults(outcome, "identity") == {"adapter"}
        assert "base_answers" in faults(outcome, "parity")

    def test_auto_registers_the_merged_model_instead(self, deploy: Any) -> None:
        outcome = deploy()
        assert outcome.state is JobState.COMPLETED, outcome.failure
        assert cures(outcome) == ["merged_here"]
        assert outcome.reports["gates"]["route"] == "merged"


class TestPlantedFaults:
    @pytest.mark.long
    def test_guessed_template_without_the_system_prompt_is_cured(self, deploy: Any, ollama: Standin) -> None:
        ollama.fault("wrong_template", "/api/create")
        outcome = deploy()
        assert outcome.state is JobState.COMPLETED, outcome.failure
        assert cures(outcome) == ["template"]
        assert "range .Messages" in details(ollama).template

    def test_server_that_forgets_stops_is_still_proved(self, deploy: Any, ollama: Standin) -> None:
        ollama.fault("drop_stops", "/api/create")
        outcome = deploy()
        assert outcome.state is JobState.COMPLETED, outcome.failure

    @pytest.mark.long
    def test_answers_that_never_end_are_explained(self, deploy: Any, ollama: Standin) -> None:
        ollama.fault("wrong_eos")
        outcome = deploy(max_tokens=64)
        assert outcome.failure is not None
        assert outcome.failure.code == "gate_failed"
        assert "no_stop" in faults(outcome, "stop")
        assert "EOS" in outcome.failure.ja

    def test_adapter_of_another_base_is_refused(self, deploy: Any, taught_adapter: TrainedAdapter) -> None:
        other = taught_adapter.base.model_copy(update={"weights_digest": "0" * 64})
        outcome = deploy(base=other)
        assert outcome.failure is not None
        assert outcome.failure.code == "foreign_adapter"

    def test_shuffled_tensors_are_red(
        self, deploy: Any, exported: GgufFile, tmp_path: Path, abilities: Abilities
    ) -> None:
        abilities.need(adapters=True)
        damaged = tmp_path / "shuffled.gguf"
        shutil.copyfile(exported.path, damaged)
        reader = gguf.GGUFReader(damaged, "r+")
        rng = np.random.default_rng(0)
        for tensor in reader.tensors:
            if tensor.name.endswith(".lora_b"):
                flat = tensor.data.reshape(-1)
                flat[:] = rng.permutation(flat)
        reader.data.flush()
        outcome = deploy(adapter_gguf=damaged, route="adapter")
        assert outcome.failure is not None
        assert outcome.failure.code == "gate_failed"
        assert faults(outcome, "parity")
        assert not faults(outcome, "identity")

    def test_truncated_gguf_is_refused_by_the_server(
        self, deploy: Any, exported: GgufFile, tmp_path: Path, abilities: Abilities
    ) -> None:
        abilities.need(adapters=True)
        cut = tmp_path / "cut.gguf"
        cut.write_bytes(exported.path.read_bytes()[:4000])
        outcome = deploy(adapter_gguf=cut, route="adapter")
        assert outcome.failure is not None
        assert outcome.failure.code == "ollama_refused"


class TestServerTrouble:
    @pytest.mark.parametrize(
        ("mode", "code"),
        [
            ("refuse", "ollama_answer_broken"),
            ("reset", "ollama_answer_broken"),
            ("error_500", "ollama_failed"),
            ("bad_line", "ollama_answer_broken"),
            ("no_success", "ollama_answer_broken"),
            ("disk_full", "ollama_disk_full"),
        ],
    )
    def test_every_trouble_has_its_own_words(
        self, ollama: Standin, base_gguf: Path, mode: str, code: str
    ) -> None:
        ollama.seed("there:base", base_gguf, into="store")
        ollama.fault(mode, "/api/create")

        async def register() -> None:
            async with OllamaServer(ollama.url) as server:
                async for _ in server.create(Registration(name=TAG, from_="there:base", system="Hi.")):
                    pass

        with pytest.raises(AppError) as raised:
            asyncio.run(register())
        assert raised.value.code == code
        assert raised.value.detail("ja") != raised.value.detail("en")

    def test_upload_that_is_cut_off_by_a_server_that_goes_on_is_a_full_disk(
        self, deploy: Any, ollama: Standin, tmp_path: Path
    ) -> None:
        ollama.fault("cut_upload", "/api/blobs")
        file = big_gguf(tmp_path / "new.gguf", 8 << 20, seed=7)

        async def send() -> None:
            async with OllamaServer(ollama.url) as server:
                await server.upload_blob(file, sha256_of_file(file), lambda _sent: None)

        with pytest.raises(AppError) as raised:
            asyncio.run(send())
        assert raised.value.code == "ollama_disk_full"
        assert "/ 8 MB" in raised.value.detail("ja")

    def test_trouble_ends_the_job_in_the_same_words(self, deploy: Any, ollama: Standin) -> None:
        ollama.fault("no_success", "/api/create")
        outcome = deploy()
        assert outcome.failure is not None
        assert outcome.failure.code == "ollama_answer_broken"

    def test_nobody_there(self, deploy: Any) -> None:
        outcome = deploy(url="http://127.0.0.1:9")
        assert outcome.failure is not None
        assert outcome.failure.code == "ollama_unreachable"
        assert outcome.failure.failure_class == "infrastructure"


@pytest.mark.long
def test_old_server_is_proved_by_texts_and_counts(deploy: Any, tmp_path: Path) -> None:
    with running_standin(tmp_path / "old", version="0.3.0") as old:
        outcome = deploy(url=old.url)
    assert outcome.state is JobState.COMPLETED, outcome.failure
    report: Any = outcome.reports["gates"]
    assert report["parity"]["texts_only"]
    assert report["engine_version"] == "0.3.0"
