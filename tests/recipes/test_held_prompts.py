"""What the gates ask lies beside the adapter, and reaches reference and server alike, with calls and tools."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from llmlora.contracts.dataset import Message
from llmlora.contracts.events import LogBatch, event_adapter
from llmlora.contracts.inference import ChatMessage, Prompt
from llmlora.contracts.run import BaseModelInput, FileInput, RunInputs, RunSpec
from llmlora.contracts.states import JobState
from llmlora.data.held import read_held_prompts
from llmlora.data.kinds.text.examples import ConversationExample
from llmlora.engine.hosts.running import run_dir_of
from llmlora.engine.serving.llama_cpp import llama_cpp_server
from llmlora.engine.serving.spec import LlamaCppSpec
from llmlora.recipes.context import ChildContext
from llmlora.recipes.deploy_llama_cpp.spec import DeployLlamaCppConfig

from tests.cases.test_rendering import TOJSON
from tests.data.test_masks import with_template
from tests.factories import dataset_of, model_input, question, text_lora_run
from tests.here import run_here

TOOLS = json.dumps(
    [
        {
            "type": "function",
            "function": {"name": "get_weather", "description": "天気", "parameters": {"type": "object"}},
        }
    ]
)
CALL = json.dumps(
    [
        {
            "id": "c1",
            "type": "function",
            "function": {"name": "get_weather", "arguments": {"city": "京都", "days": 2}},
        }
    ]
)
WITH_TOOLS = ConversationExample(
    row=1,
    tools=TOOLS,
    messages=(
        Message(role="system", content="簡潔に。"),
        Message(role="user", content="京都の天気は？"),
        Message(role="assistant", content="", tool_calls=CALL),
        Message(role="tool", content="雨", name="get_weather", tool_call_id="c1"),
        Message(role="assistant", content="雨です。"),
    ),
)
LONG = question(2, "long " * 400, "No.")


@pytest.fixture(scope="module")
def adapter(tiny_model_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[BaseModelInput, Path]:
    """A base whose template writes tools, and an adapter of two steps on three rows, one of them too long."""
    directory = tmp_path_factory.mktemp("held")
    base = directory / "base"
    base.mkdir()
    for file in tiny_model_dir.iterdir():
        (base / file.name).write_bytes(file.read_bytes())
    (base / "chat_template.jinja").write_text(str(with_template(tiny_model_dir, TOJSON).inner.chat_template))
    dataset = dataset_of([WITH_TOOLS, LONG, question(3, "q", "a")], directory)
    spec = text_lora_run(dataset, model_input(base), directory, max_steps=2, max_length=256, rank=2)
    outcome = run_here(spec)
    assert outcome.state is JobState.COMPLETED, outcome.failure
    return model_input(base), run_dir_of(spec) / "final_model"


class TestTraining:
    def test_keeps_its_whole_rows_beside_the_adapter(self, adapter: tuple[BaseModelInput, Path]) -> None:
        held = read_held_prompts(adapter[1])
        assert held is not None
        first, second = held.prompts
        assert [m.role for m in first.messages] == ["system", "user", "assistant", "tool"]
        assert (first.tools, first.messages[2].tool_calls) == (TOOLS, CALL)
        assert [m.content for m in second.messages] == ["q"]


@pytest.mark.slow
class TestExaminer:
    def test_both_sides_are_asked_the_same_with_calls_and_tools(
        self, adapter: tuple[BaseModelInput, Path], tiny_gguf: Path, tmp_path: Path
    ) -> None:
        asked, lines = examine(adapter, tiny_gguf, tmp_path)
        assert len(asked) == 2
        assert [one.served_ids for one in asked] == [one.reference.prompt_ids for one in asked]
        assert not lines

    def test_prompt_that_does_not_fit_is_left_out_with_a_word(
        self, adapter: tuple[BaseModelInput, Path], tiny_gguf: Path, tmp_path: Path
    ) -> None:
        prompts: list[Any] = [LONG.messages[0].content * 2, "Hello"]
        asked, lines = examine(adapter, tiny_gguf, tmp_path, prompts)
        assert [one.prompt for one in asked] == ["Hello"]
        assert len(lines) == 1
        assert "検査用の質問 1 を除きます" in lines[0]

    def test_none_left_is_an_error_that_says_why(
        self, adapter: tuple[BaseModelInput, Path], tiny_gguf: Path, tmp_path: Path
    ) -> None:
        from llmlora.recipes.blocks.asking import NoPromptLeftError

        with pytest.raises(NoPromptLeftError, match="tokens") as caught:
            examine(adapter, tiny_gguf, tmp_path, [LONG.messages[0].content * 2])
        assert "文脈長" in caught.value.detail("ja")


def examine(
    adapter: tuple[BaseModelInput, Path], gguf: Path, work_dir: Path, prompts: Sequence[Any] | None = None
) -> tuple[list[Any], list[str]]:
    """What an examiner hears of the base alone, served with the adapter's template, and its warnings."""
    import torch

    from llmlora.recipes.blocks.asking import Examiner
    from llmlora.recipes.blocks.reference import load_reference

    base, directory = adapter
    spec = RunSpec(
        job_id="job_gates", epoch=1, recipe="deploy_llama_cpp", config={}, data_dir=work_dir,
        inputs=RunInputs(base_model=base, adapter=FileInput(path=directory, sha256="0" * 64)),
    )  # fmt: skip
    config = DeployLlamaCppConfig.model_validate({"prompts": prompts, "max_tokens": 4})
    reference = load_reference(base.path, directory, torch.device("cpu"))
    served = LlamaCppSpec(gguf=gguf, n_ctx=512, chat_template=directory / "chat_template.jinja")
    spool = work_dir / "events"
    with spool.open("wb") as file:
        examiner = Examiner(config, reference, ChildContext(spec, work_dir, file.fileno()))

        async def scenario() -> list[Any]:
            async with llama_cpp_server(served, work_dir) as server:
                return await examiner.ask(server.backend, "llmlora")

        asked = asyncio.run(scenario())
    events = [event_adapter.validate_json(line).body for line in spool.read_bytes().splitlines()]
    return asked, [event.message for event in events if isinstance(event, LogBatch)]


def test_conversations_of_a_config_may_carry_tools() -> None:
    prompt = {"messages": [{"role": "user", "content": "q"}], "tools": TOOLS}
    config = DeployLlamaCppConfig.model_validate(
        {"prompts": ["q", [{"role": "user", "content": "q"}], prompt]}
    )
    plain = Prompt(messages=(ChatMessage(role="user", content="q"),))
    assert config.given_prompts() == (plain, plain, Prompt(messages=plain.messages, tools=TOOLS))
