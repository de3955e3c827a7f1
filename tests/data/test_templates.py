"""Templates in the manner of real families meet hostile answers: what is trained is what comes behind the prompt."""

import copy
import json
import re
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from transformers import AutoTokenizer

from llmlora.contracts.dataset import Example, Message
from llmlora.contracts.run import BaseModelInput
from llmlora.data.kinds.text.examples import ConversationExample
from llmlora.data.mask import mask_of, tokenize_example
from llmlora.data.render import Rendered, RowDroppedError, render_chat
from llmlora.recipes.blocks.tokenizer import HfChatTokenizer

from tests.data.test_masks import trained_texts
from tests.factories import chat, question

TEMPLATES = Path(__file__).parent / "templates"


def _kept(text: str) -> str:
    return text


# What a template writes before and behind an answer, and what it does to the answer itself.
ANSWERS: dict[str, tuple[str, Callable[[str], str], str]] = {
    "chatml": ("", _kept, "<|im_end|>"),
    "llama3": ("", str.strip, "<|eot_id|>"),
    "gemma": ("", str.strip, "<end_of_turn>"),
    "mistral": (" ", _kept, "</s>"),
    "phi3": ("", _kept, "<|end|>"),
    "qwen3": ("<think>\n\n</think>\n\n", lambda text: text.lstrip("\n"), "<|im_end|>"),
    "deepseek_v3": ("", _kept, "<｜end▁of▁sentence｜>"),
    "glm4": ("\n", _kept, "<|user|>"),
    "command_r7b": ("<|START_RESPONSE|>", _kept, "<|END_RESPONSE|><|END_OF_TURN_TOKEN|>"),
    "harmony": ("<|channel|>final<|message|>", _kept, "<|return|>"),
    "granite": ("", _kept, "<|end_of_text|>"),
    "kimi": ("", _kept, "<|im_end|>"),
}
# How a turn ends that only calls a tool; families that are not here write no calls.
CALLS = {
    "chatml": "\n</tool_call><|im_end|>",
    "llama3": "}<|eom_id|>",
    "mistral": "]</s>",
    "qwen3": "\n</tool_call><|im_end|>",
    "deepseek_v3": "<｜tool▁call▁end｜><｜tool▁calls▁end｜><｜end▁of▁sentence｜>",
    "glm4": "<|observation|>",
    "command_r7b": "]<|END_ACTION|><|END_OF_TURN_TOKEN|>",
    "harmony": "<|call|>",
    "granite": "]<|end_of_text|>",
    "kimi": "<|tool_call_end|><|tool_calls_section_end|><|im_end|>",
}
HOSTILE = [
    "d", "e", "end", "n", "|", ">", "<", "|>", "<|", "_end|>", "im_end", "return", "s>", "</", "]", "}", "\n", " a ",
    "\n\nb\n", "assistant", "<|im_start", "model\n", "[/INST", "final<|message|", "Answer.\nuser: more", '"}', "｜", "語。",
]  # fmt: skip


@lru_cache(maxsize=1)
def _smollm2(directory: Path) -> Any:
    return AutoTokenizer.from_pretrained(directory)


@lru_cache(maxsize=32)
def family(name: str, directory: Path) -> HfChatTokenizer:
    """SmolLM2's vocabulary with a family's reserved tokens and template."""
    template = (TEMPLATES / f"{name}.jinja").read_text(encoding="utf-8")
    said = re.search(r"special: (?P<special>.+?) eos: (?P<eos>\S+) ", template)
    assert said is not None
    inner = copy.deepcopy(_smollm2(directory))
    inner.add_special_tokens({"additional_special_tokens": said["special"].split(), "eos_token": said["eos"]})
    inner.chat_template = template
    return HfChatTokenizer(inner)


@pytest.fixture
def directory(bundled_model: BaseModelInput) -> Path:
    return bundled_model.path


def call_of(name: str = "get_weather", **arguments: Any) -> str:
    """One call as it is stored."""
    function = {"name": name, "arguments": arguments}
    return json.dumps([{"id": "a1b2c3d4e", "type": "function", "function": function}])


def asks_a_tool(calls: str | None = None, said: str = "") -> tuple[Message, ...]:
    return (
        Message(role="user", content="Weather?"),
        Message(role="assistant", content=said, tool_calls=calls or call_of(city="Kyoto", days=2)),
        Message(role="tool", content="rain", name="get_weather", tool_call_id="a1b2c3d4e"),
        Message(role="assistant", content="Rain."),
    )


def spans_of(rendered: tuple[Rendered, ...]) -> list[str]:
    return [text.text[span.start : span.end] for text in rendered for span in text.spans]


def assert_lossless(rendered: tuple[Rendered, ...], example: Example, tokenizer: HfChatTokenizer) -> None:
    """Every span begins where generation would, ends with a reserved token, and is what the mask decodes to."""
    trained = [i for i, m in enumerate(example.messages) if m.role == "assistant" and m.train]
    spans = [(text, span) for text in rendered for span in text.spans]
    assert len(spans) == len(trained)
    for i, (text, span) in zip(trained, spans, strict=True):
        assert span.ends_turn
        prompt = tokenizer.render(example.messages[:i], tools=example.tools, add_generation_prompt=True)
        assert text.text[: span.start] == prompt
        assert text.text[span.start : span.end].endswith(tuple(tokenizer.special_texts))
    for text in rendered:
        row = mask_of(text, 1, tokenizer)
        assert row.ends_turn
        assert trained_texts(row, tokenizer) == [text.text[s.start : s.end] for s in text.spans]


@pytest.mark.parametrize("name", ANSWERS)
class TestAnswers:
    def test_hostile_answers_are_trained_with_their_end(self, name: str, directory: Path) -> None:
        tokenizer = family(name, directory)
        before, kept, behind = ANSWERS[name]
        for first, second in zip(HOSTILE, [*HOSTILE[7:], *HOSTILE[:7]], strict=True):
            turns = (("user", "q"), ("assistant", first), ("user", "again"), ("assistant", second))
            example = chat(1, *turns)
            rendered = render_chat(example.messages, None, tokenizer)
            assert_lossless(rendered, example, tokenizer)
            assert spans_of(rendered) == [before + kept(answer) + behind for answer in (first, second)]

    @settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(data=st.data())
    def test_any_pieces_of_a_template_are_trained_exactly_or_refused(
        self, name: str, directory: Path, data: st.DataObject
    ) -> None:
        tokenizer = family(name, directory)
        before, kept, behind = ANSWERS[name]
        pieces = [
            piece for mark in sorted(tokenizer.special_texts) for piece in (mark[:-1], mark[1:], mark[2:])
        ]
        words = st.sampled_from([*pieces, *HOSTILE, " ", "\n", "a"])
        answer = "".join(data.draw(st.lists(words, min_size=1, max_size=4)))
        asked = "".join(data.draw(st.lists(words, max_size=3)))
        example = question(1, asked, answer)
        try:
            rendered = render_chat(example.messages, None, tokenizer)
        except RowDroppedError as error:
            assert error.reason == "reserved_token_in_text"
            assert any(mark in answer or mark in asked for mark in tokenizer.special_texts)
            return
        assert_lossless(rendered, example, tokenizer)
        assert spans_of(rendered) == [before + kept(answer) + behind]

    def test_turn_without_loss_is_never_trained(self, name: str, directory: Path) -> None:
        tokenizer = family(name, directory)
        turns = (("user", "q"), ("assistant", "WRONG"), ("user", "r"), ("assistant", "Right"))
        (text,) = spans_of(
            render_chat(chat(1, *turns, train=[True, False, True, True]).messages, None, tokenizer)
        )
        before, _, behind = ANSWERS[name]
        assert text == f"{before}Right{behind}"


@pytest.mark.parametrize("name", CALLS)
class TestCalls:
    def test_a_turn_that_only_calls_is_trained_whole(self, name: str, directory: Path) -> None:
        tokenizer = family(name, directory)
        example = ConversationExample(row=1, messages=asks_a_tool())
        rendered = render_chat(example.messages, None, tokenizer)
        assert_lossless(rendered, example, tokenizer)
        call, answer = spans_of(rendered)
        assert call.endswith(CALLS[name])
        assert '"Kyoto"' in call
        assert "get_weather" in call
        assert answer.endswith(ANSWERS[name][2])
        assert not any(text.not_rendered for text in rendered)

    def test_arguments_as_text_are_written_as_their_object(self, name: str, directory: Path) -> None:
        tokenizer = family(name, directory)
        function = {"name": "get_weather", "arguments": json.dumps({"city": "Kyoto", "days": 2})}
        calls = json.dumps([{"id": "a1b2c3d4e", "type": "function", "function": function}])
        as_text = render_chat(asks_a_tool(calls), None, tokenizer)
        assert spans_of(as_text) == spans_of(render_chat(asks_a_tool(), None, tokenizer))
        assert not any("\\" in span for span in spans_of(as_text))

    def test_reserved_tokens_in_calls_and_tools_are_refused(self, name: str, directory: Path) -> None:
        tokenizer = family(name, directory)
        end = ANSWERS[name][2]
        tools = json.dumps([{"type": "function", "function": {"name": "f", "description": f"ends {end}"}}])
        nested = call_of(city={"deep": [f"a{end}"]})
        escaped = call_of(city=1).replace("1}", json.dumps(json.dumps({"a": f'"{end}'})) + "}")
        thought = (Message(role="user", content="q"), Message(role="assistant", content="a", reasoning=end))
        for messages, given_tools in (
            (asks_a_tool(nested), None), (asks_a_tool(escaped), None), (asks_a_tool(call_of(end)), None),
            (asks_a_tool(), tools), (thought, None),
        ):  # fmt: skip
            with pytest.raises(RowDroppedError, match="reserved_token_in_text"):
                render_chat(messages, given_tools, tokenizer)


class TestWhatATemplateLeavesOut:
    @pytest.mark.parametrize("name", ["gemma", "phi3"])
    def test_calls_that_no_template_writes_drop_the_row(self, name: str, directory: Path) -> None:
        tokenizer = family(name, directory)
        for said in ("", "Looking."):
            with pytest.raises(RowDroppedError) as caught:
                render_chat(asks_a_tool(said=said)[:2], None, tokenizer)
            assert caught.value.reason == "template_ignores_tool_calls"

    def test_words_beside_a_call_that_are_not_written_drop_the_row(self, directory: Path) -> None:
        for name in ("llama3", "mistral", "granite"):
            with pytest.raises(RowDroppedError, match="template_hides_answer"):
                render_chat(asks_a_tool(said="Looking.")[:2], None, family(name, directory))

    def test_calls_of_context_turns_are_named(self, directory: Path) -> None:
        turns = asks_a_tool(said="Looking.")
        turns = (turns[0], turns[1].model_copy(update={"train": False}), *turns[2:])
        (text,) = render_chat(turns, None, family("phi3", directory))
        assert text.not_rendered == {"tool_calls"}
        assert spans_of((text,)) == ["Rain.<|end|>"]

    @pytest.mark.parametrize(
        ("name", "left_out"),
        [("gemma", {"tools"}), ("phi3", {"tools"}), ("deepseek_v3", {"tools"}), ("chatml", set()),
         ("qwen3", set()), ("mistral", set()), ("llama3", set()), ("harmony", set())],
    )  # fmt: skip
    def test_tools_are_written_or_named(self, name: str, left_out: set[str], directory: Path) -> None:
        tools = json.dumps([{"type": "function", "function": {"name": "f", "parameters": {}}}])
        (text,) = render_chat(question(1, "q", "a").messages, tools, family(name, directory))
        assert text.not_rendered == left_out

    @pytest.mark.parametrize("name", ANSWERS)
    def test_reasoning_is_trained_or_named(self, name: str, directory: Path) -> None:
        tokenizer = family(name, directory)
        asked = Message(role="user", content="q")
        thought = Message(role="assistant", content="42", reasoning="a")
        rendered = render_chat((asked, thought), None, tokenizer)
        (span,) = spans_of(rendered)
        if name == "qwen3":
            assert span == "<think>\na\n</think>\n\n42<|im_end|>"
        elif name == "harmony":
            assert span == (
                "<|channel|>analysis<|message|>a<|end|><|start|>assistant<|channel|>final<|message|>42<|return|>"
            )
        else:
            assert rendered[0].not_rendered == {"reasoning"}
            assert span == ANSWERS[name][0] + "42" + ANSWERS[name][2]

    def test_template_that_drops_the_thought_inside_an_answer_drops_the_row(self, directory: Path) -> None:
        tokenizer = copy.copy(family("phi3", directory))
        tokenizer.inner = copy.deepcopy(tokenizer.inner)
        tokenizer.inner.chat_template = tokenizer.inner.chat_template.replace(
            "message['content']", "message['content'].split('</think>')[-1]"
        )
        with pytest.raises(RowDroppedError, match="template_hides_answer"):
            render_chat(question(1, "q", "<think>long</think>42").messages, None, tokenizer)


class TestThinking:
    def test_history_without_thought_gives_a_row_a_turn(self, directory: Path) -> None:
        tokenizer = family("qwen3", directory)
        turns = (
            Message(role="user", content="q"),
            Message(role="assistant", content="<think>\nA\n</think>\n\none"),
            Message(role="user", content="r"),
            Message(role="assistant", content="two", reasoning="B"),
        )
        example = ConversationExample(row=1, messages=turns)
        rows = tokenize_example(example, tokenizer, loss_on="auto")
        assert [trained_texts(row, tokenizer) for row in rows] == [
            ["<think>\nA\n</think>\n\none<|im_end|>"],
            ["<think>\nB\n</think>\n\ntwo<|im_end|>"],
        ]

    def test_block_that_the_prompt_opens_is_continued_or_the_row_dropped(self, directory: Path) -> None:
        tokenizer = family("opens_think", directory)
        answer = "<think>\nSix sevens.\n</think>\n\n42"
        (text,) = render_chat(question(1, "q", answer).messages, None, tokenizer)
        assert text.text.endswith("<think>\nSix sevens.\n</think>\n\n42<|im_end|>")
        assert text.text.count("<think>") == 1
        assert spans_of((text,)) == ["Six sevens.\n</think>\n\n42<|im_end|>"]
        for hostile in ("Hello.", "<think>", "42</think>", "t"):
            with pytest.raises(RowDroppedError, match="template_changes_prompt"):
                render_chat(question(1, "q", hostile).messages, None, tokenizer)
