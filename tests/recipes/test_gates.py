"""The gates: green for what was trained, red with the right cause for every planted fault."""

import asyncio
import shutil
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from llmlora.contracts.errors import GateFailedError
from llmlora.contracts.inference import ChatMessage, ChatRequest, Sampling
from llmlora.contracts.run import ENDPOINT_KEY_VARIABLE, RunInputs, RunSpec
from llmlora.engine.hosts.running import run_recipe
from llmlora.engine.serving.llama_cpp import AdapterFile, LlamaCppSpec, llama_cpp_server
from llmlora.entry.commands.demo import raise_if_red
from llmlora.kit.ids import new_id
from llmlora.recipes.blocks.gates import Asked, GateResult, judge_parity, judge_stop
from llmlora.recipes.blocks.parity import TOLERANCES, ReferenceAnswer

from tests.plugins.adapters import TrainedAdapter, gguf_of

SAME = TOLERANCES["trained_gguf"]


@dataclass(frozen=True)
class Taught:
    adapter: TrainedAdapter
    gguf: Path
    questions: tuple[str, ...]
    expected: tuple[ReferenceAnswer, ...]
    reference: Any
    data_dir: Path

    def answer(self, question: str, guess: str, max_tokens: int = 40) -> ReferenceAnswer:
        """The reference's answer to a question, with a guess."""
        from llmlora.recipes.blocks.reference import answer_greedily

        messages = (ChatMessage(role="user", content=question),)
        return answer_greedily(self.reference, messages, max_tokens, guess=guess)


@pytest.fixture(scope="module")
def taught(taught_adapter: TrainedAdapter, tmp_path_factory: pytest.TempPathFactory) -> Taught:
    """The taught adapter, its GGUF and the reference's answers to three of its questions."""
    import torch

    from llmlora.recipes.blocks.reference import answer_greedily, load_reference

    from tests.factories import level_1_examples

    data_dir = tmp_path_factory.mktemp("gates")
    gguf_file = gguf_of(taught_adapter, data_dir)
    model = load_reference(taught_adapter.base.path, taught_adapter.directory, torch.device("cpu"))
    questions = tuple(e.messages[0].content for e in level_1_examples()[:3])
    expected = tuple(answer_greedily(model, (ChatMessage(role="user", content=q),), 40) for q in questions)
    return Taught(taught_adapter, gguf_file.path, questions, expected, model, data_dir)


def judge(
    taught: Taught, work_dir: Path, *, scale: int | None = 0, **changes: Any
) -> tuple[GateResult, GateResult]:
    """Both verdicts over a server that differs from the right one by `changes` of its spec."""
    base = taught.adapter.base.gguf
    assert base is not None
    right = LlamaCppSpec(gguf=base, adapters=(AdapterFile(name="tuned", path=taught.gguf),))
    spec = right.model_copy(update=changes)

    async def ask_all() -> list[Asked]:
        async with llama_cpp_server(spec, work_dir) as server:
            asked_all = []
            for question, expected in zip(taught.questions, taught.expected, strict=True):
                messages = (ChatMessage(role="user", content=question),)
                request = ChatRequest(
                    model="llmlora",
                    messages=messages,
                    sampling=Sampling(temperature=0, max_tokens=40),
                    adapter=scale,
                    top_logprobs=20,
                )
                ids = await server.backend.prompt_ids(messages)
                asked_all.append(Asked(question, expected, ids, await server.backend.answer(request)))
            return asked_all

    everything = asyncio.run(ask_all())
    return (
        judge_parity(everything, SAME, decode=taught.reference.decode),
        judge_stop(everything, taught.reference.special_texts, decode=taught.reference.decode),
    )


@pytest.mark.slow
class TestGuess:
    @pytest.mark.parametrize(
        ("alter", "saved"),
        [
            (lambda text: text, "all"),
            (lambda text: text[: len(text) // 2], "some"),
            (lambda text: f"{text[:-2]}と、それから", "some"),
            (lambda _text: "something else altogether", "none"),
        ],
        ids=["right", "half", "other end", "wrong"],
    )
    def test_it_changes_no_answer_and_saves_passes_where_it_is_right(
        self, taught: Taught, alter: Callable[[str], str], saved: str
    ) -> None:
        question, expected = taught.questions[0], taught.expected[0]
        text = b"".join(t.bytes_ for t in expected.tokens).decode()
        passes: list[None] = []
        hook = taught.reference.model.register_forward_pre_hook(lambda *_: passes.append(None))
        try:
            found = taught.answer(question, alter(text))
        finally:
            hook.remove()
        token_by_token = len(expected.tokens) + 1
        assert {"all": 2, "none": token_by_token}.get(saved, len(passes)) == len(passes)
        assert saved != "some" or 2 < len(passes) < token_by_token
        assert [t.id for t in found.tokens] == [t.id for t in expected.tokens]
        assert (found.prompt_ids, found.stopped) == (expected.prompt_ids, True)
        for one, other in zip(found.tokens, expected.tokens, strict=True):
            assert one.logprob == pytest.approx(other.logprob, abs=1e-3)
            assert one.base_logprob == pytest.approx(other.base_logprob, abs=1e-3)

    def test_answer_is_cut_at_its_longest(self, taught: Taught) -> None:
        expected = taught.expected[0].tokens
        text = b"".join(t.bytes_ for t in expected).decode()
        for most in (1, 4):
            found = taught.answer(taught.questions[0], text, most)
            assert [t.id for t in found.tokens] == [t.id for t in expected[:most]]
            assert not found.stopped


@pytest.mark.slow
@pytest.mark.timeout(600)
class TestPlantedFaults:
    def test_right_server_is_green_with_room_to_spare(self, taught: Taught, tmp_path: Path) -> None:
        parity, stop = judge(taught, tmp_path)
        assert parity.passed, parity.faults
        assert stop.passed, stop.faults
        assert parity.numbers["mean_delta"] < SAME.mean / 4
        assert parity.numbers["largest_delta"] < SAME.largest / 2
        assert parity.numbers["alternatives_delta"] < SAME.alternatives / 2
        assert parity.numbers["tells_adapter_from_base"]

    def test_adapter_not_applied(self, taught: Taught, tmp_path: Path) -> None:
        parity, _ = judge(taught, tmp_path, scale=None)
        assert "base_answers" in {f.kind for f in parity.faults}
        assert "not applied" in parity.faults[0].words.en
        assert "適用されず" in parity.faults[0].words.ja

    def test_dropped_system_prompt(self, taught: Taught, tmp_path: Path) -> None:
        template = tmp_path / "bare.jinja"
        template.write_text(
            "{% for m in messages %}{{ '<|im_start|>' + m['role'] + '\n' + m['content'] + '<|im_end|>\n' }}"
            "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
        )
        parity, _ = judge(taught, tmp_path / "s", chat_template=template)
        assert {f.kind for f in parity.faults} == {"prompt_ids"}
        assert "SmolLM" in parity.faults[0].expected
        assert "system" in parity.faults[0].words.en

    def test_wrong_end_token(self, taught: Taught, tmp_path: Path) -> None:
        base = taught.adapter.base.gguf
        assert base is not None
        path = tmp_path / "endless.gguf"
        key = b"tokenizer.ggml.eos_token_id" + struct.pack("<I", 4)
        content = base.read_bytes()
        assert key + struct.pack("<I", 2) in content
        content = content.replace(key + struct.pack("<I", 2), key + struct.pack("<I", 0))
        path.write_bytes(content.replace(b"<|im_end|>", b"<|xm_end|>"))
        parity, stop = judge(taught, tmp_path / "s", gguf=path)
        assert parity.passed, parity.faults
        assert {f.kind for f in stop.faults} == {"no_stop"}
        assert "<|im_end|>" in stop.faults[0].words.en

    def test_shuffled_adapter(self, taught: Taught, tmp_path: Path) -> None:
        from safetensors.torch import load_file, save_file

        directory = tmp_path / "shuffled"
        shutil.copytree(taught.adapter.directory, directory)
        weights = directory / "adapter_model.safetensors"
        tensors = load_file(weights)
        by_kind: dict[str, list[str]] = {}
        for name in sorted(n for n in tensors if "down_proj.lora_B" in n or "o_proj.lora_B" in n):
            by_kind.setdefault(name.split(".")[-3], []).append(name)
        moved = {
            n: tensors[other].clone()
            for group in by_kind.values()
            for n, other in zip(group, group[7:] + group[:7], strict=True)
        }
        save_file({**tensors, **moved}, weights)
        file = gguf_of(TrainedAdapter(directory, taught.adapter.base), taught.data_dir)
        parity, _ = judge(taught, tmp_path / "s", adapters=(AdapterFile(name="x", path=file.path),))
        assert parity.numbers["alternatives_delta"] > 1.5 * SAME.alternatives
        assert not parity.passed

    def test_adapter_on_another_base(self, taught: Taught, tmp_path: Path) -> None:
        base = taught.adapter.base.gguf
        assert base is not None
        path = tmp_path / "other.gguf"
        content = base.read_bytes()
        for here, there in ((b"blk.3.", b"blk.#."), (b"blk.7.", b"blk.3."), (b"blk.#.", b"blk.7.")):
            content = content.replace(here, there)
        path.write_bytes(content)
        parity, _ = judge(taught, tmp_path / "s", gguf=path)
        assert parity.numbers["alternatives_delta"] > 1.5 * SAME.alternatives
        assert "another base" in parity.faults[0].words.en


@pytest.mark.slow
@pytest.mark.timeout(600)
class TestRecipe:
    @pytest.mark.long
    def test_server_is_proved_and_its_key_told_to_the_run_alone(self, taught: Taught, tmp_path: Path) -> None:
        adapter = taught.adapter
        assert adapter.base.gguf is not None
        spec = LlamaCppSpec(
            gguf=adapter.base.gguf,
            adapters=(AdapterFile(name="tuned", path=taught.gguf),),
            tokenizer=adapter.directory,
        )

        async def scenario() -> list[dict[str, Any]]:
            async with llama_cpp_server(spec, tmp_path / "server") as server:
                assert server.endpoint.api_key is not None
                found = []
                for index in (0, None):
                    endpoint = server.endpoint.model_copy(update={"adapter_index": index, "api_key": None})
                    inputs = RunInputs(base_model=adapter.base, adapter=adapter.as_input(), endpoint=endpoint)
                    run = RunSpec(
                        job_id=new_id("job"),
                        epoch=1,
                        recipe="deploy_llama_cpp",
                        config={
                            "prompts": list(taught.questions[:1]),
                            "max_tokens": 40,
                            "quantisation": "trained_gguf",
                        },
                        inputs=inputs,
                        data_dir=tmp_path / "data",
                    )
                    env = {ENDPOINT_KEY_VARIABLE: server.endpoint.api_key}
                    outcome = await run_recipe(run, lambda _event: None, extra_env=env)
                    found.append(outcome.reports["gates"])
                for written in (p for p in (tmp_path / "data").rglob("*") if p.is_file()):
                    assert server.endpoint.api_key.encode() not in written.read_bytes()
                return found

        green, red = asyncio.run(scenario())
        assert green["passed"]
        raise_if_red(green)
        assert not red["parity"]["passed"]
        with pytest.raises(GateFailedError, match="Answers as trained"):
            raise_if_red(red)
