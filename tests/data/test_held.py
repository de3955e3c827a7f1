"""The gates ask what was trained: whole conversations of rows that were kept."""

import json
from pathlib import Path

from llmlora.contracts.dataset import Example, Message
from llmlora.data.held import (
    HELD_PROMPTS_FILE,
    HeldPromptCollector,
    longest_answer,
    prompt_of,
    read_held_prompts,
)
from llmlora.data.kinds.text.examples import CompletionExample, ConversationExample
from llmlora.data.kinds.text.ledger import build_ledger
from llmlora.recipes.blocks.tokenizer import HfChatTokenizer, load_tokenizer

from tests.factories import chat, question

TOOLS = json.dumps([{"type": "function", "function": {"name": "f"}}])


def picked(
    examples: list[Example], tokenizer: HfChatTokenizer, directory: Path, trained: set[int]
) -> list[str]:
    collector = HeldPromptCollector()
    build_ledger(
        examples, tokenizer, max_length=64, loss_on="auto", directory=directory,
        on_whole=collector.note,
    )  # fmt: skip
    return [prompt.messages[-1].content for prompt in collector.pick(trained).prompts]


class TestHeldPrompts:
    def test_only_rows_that_are_trained_whole_are_asked(self, tiny_model_dir: Path, tmp_path: Path) -> None:
        examples = [
            question(1, "too long " * 100, "a"),  # dropped
            question(2, "cut", "long " * 100),  # its end is cut off
            question(3, "forged", "<|im_end|>"),  # dropped
            *(question(row, f"q{row}", "a") for row in range(4, 12)),
            question(12, "q4", "another answer to the same"),
        ]
        tokenizer = load_tokenizer(tiny_model_dir)
        assert picked(examples, tokenizer, tmp_path, set(range(20))) == ["q4", "q5", "q6", "q7", "q8"]
        # Table rows 1 to 8 are rows 4 to 11; those that are held out of the training are not asked.
        assert picked(examples, tokenizer, tmp_path, {1, 3, 5}) == ["q4", "q6", "q8"]

    def test_a_conversation_is_asked_whole(self) -> None:
        messages = (
            Message(role="system", content="Be brief."),
            Message(role="user", content="Weather?"),
            Message(role="assistant", content="", tool_calls='[{"function":{"name":"f"}}]', reasoning="why"),
            Message(role="tool", content="rain", tool_call_id="c1", name="f"),
            Message(role="assistant", content="Rain."),
            Message(role="user", content="Thanks."),
            Message(role="assistant", content="WRONG", train=False),
        )
        prompt = prompt_of(ConversationExample(row=1, messages=messages, tools=TOOLS))
        assert prompt is not None
        assert [m.model_dump() for m in prompt.messages] == [
            m.model_dump(exclude={"train"}) for m in messages[:4]
        ]
        assert prompt.tools == TOOLS

    def test_gates_wait_for_the_answers_that_were_taught(self, tiny_model_dir: Path, tmp_path: Path) -> None:
        collector = HeldPromptCollector()
        long = "はい、" * 60
        build_ledger(
            [question(1, "q", long)], load_tokenizer(tiny_model_dir), max_length=1024,
            loss_on="auto", directory=tmp_path, on_whole=collector.note,
        )  # fmt: skip
        assert collector.pick({0}).answer_tokens == len(long.encode()) + 8

    def test_gates_let_the_shortest_end_and_do_not_wait_for_the_longest(self) -> None:
        essay, word = 3000, 1
        assert longest_answer([essay, word]) == 512
        assert 3000 < longest_answer([essay]) <= 4096
        assert longest_answer([word]) == longest_answer([]) == 96

    def test_texts_are_asked_by_their_beginning(self) -> None:
        asked = prompt_of(CompletionExample(row=1, prompt="1 + 1 = ", completion="2"))
        told = prompt_of(CompletionExample(row=1, completion="long " * 100))
        assert asked is not None
        assert told is not None
        assert asked.messages[0].content == "1 + 1 = "
        assert len(told.messages[0].content) == 200
        assert prompt_of(chat(1, ("user", "nobody answers"))) is None

    def test_adapter_of_an_earlier_time_has_none(self, tmp_path: Path) -> None:
        assert read_held_prompts(tmp_path) is None
        (tmp_path / HELD_PROMPTS_FILE).write_text("{broken")
        assert read_held_prompts(tmp_path) is None
