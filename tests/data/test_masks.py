"""What is trained is what the model has to say, proved by decoding."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from transformers import AutoTokenizer

from llmlora.contracts.dataset import Message
from llmlora.data.kinds.text.examples import CompletionExample, ConversationExample
from llmlora.data.kinds.text.ledger import (
    EndOfTurnUntrainedError,
    EveryEndCutError,
    NothingToLearnError,
    build_ledger,
)
from llmlora.data.mask import Tokenized, tokenize_example
from llmlora.data.render import RowDroppedError
from llmlora.recipes.blocks.tokenizer import HfChatTokenizer, load_tokenizer

from tests.factories import chat, level_1_examples, question

# A template that forgets earlier reasoning, as several 2026 models do.
FORGETFUL = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n"
    "{% if m['role'] == 'assistant' and not loop.last %}{{ m['content'].split('</think>')[-1] }}"
    "{% else %}{{ m['content'] }}{% endif %}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
ENDLESS = (
    "{% for m in messages %}{{ m['role'] }}: {{ m['content'] }}\n{% endfor %}"
    "{% if add_generation_prompt %}assistant: {% endif %}"
)
CALLING = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}"
    "{% for call in m['tool_calls'] or [] %}({{ call['name'] }}{{ call['arguments'] }}){% endfor %}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
DEAF = "{% for m in messages %}{{ m['role'] }}<|im_end|>{% endfor %}"

# The tokenizer has no ids for some control characters and drops them.
PRINTABLE = st.characters(exclude_categories=["Cs", "Cc"])


@pytest.fixture(scope="module")
def tokenizer(tiny_model_dir: Path) -> HfChatTokenizer:
    return load_tokenizer(tiny_model_dir)


def with_template(directory: Path, template: str) -> HfChatTokenizer:
    inner = AutoTokenizer.from_pretrained(directory)
    inner.chat_template = template
    return HfChatTokenizer(inner)


def trained_texts(row: Tokenized, tokenizer: HfChatTokenizer) -> list[str]:
    """Decoded runs of tokens that carry loss."""
    runs: list[list[int]] = []
    previous = False
    for token, on in zip(row.ids.tolist(), row.mask.tolist(), strict=True):
        if on and not previous:
            runs.append([])
        if on:
            runs[-1].append(token)
        previous = on
    return [tokenizer.decode(run) for run in runs]


class TestChatMask:
    def test_decoded_loss_is_the_answer_and_its_end(self, tokenizer: HfChatTokenizer) -> None:
        for example in level_1_examples():
            (row,) = tokenize_example(example, tokenizer, loss_on="auto")
            assert trained_texts(row, tokenizer) == [example.messages[-1].content + "<|im_end|>"]
            assert row.ends_turn

    def test_every_assistant_turn_is_trained_and_nothing_else(self, tokenizer: HfChatTokenizer) -> None:
        example = chat(
            1,
            ("system", "簡潔に。"),
            ("user", "こんにちは"),
            ("assistant", "やあ。"),
            ("user", "天気は？"),
            ("assistant", "晴れです。"),
        )
        (row,) = tokenize_example(example, tokenizer, loss_on="auto")
        assert trained_texts(row, tokenizer) == ["やあ。<|im_end|>", "晴れです。<|im_end|>"]

    def test_turn_marked_untrained_gives_no_loss(self, tokenizer: HfChatTokenizer) -> None:
        turns = (("user", "a"), ("assistant", "wrong"), ("user", "b"), ("assistant", "right"))
        example = chat(1, *turns, train=[True, False, True, True])
        (row,) = tokenize_example(example, tokenizer, loss_on="auto")
        assert trained_texts(row, tokenizer) == ["right<|im_end|>"]

    def test_ids_are_those_inference_will_see(self, tokenizer: HfChatTokenizer) -> None:
        example = level_1_examples()[0]
        (row,) = tokenize_example(example, tokenizer, loss_on="auto")
        prompt = tokenizer.inner.apply_chat_template(
            [{"role": "user", "content": example.messages[0].content}],
            add_generation_prompt=True,
            return_dict=True,
        )["input_ids"]
        assert row.ids[: len(prompt)].tolist() == prompt
        assert not row.mask[: len(prompt)].any()
        assert row.mask[len(prompt) :].all()

    def test_template_that_rewrites_history_gives_one_row_a_turn(self, tiny_model_dir: Path) -> None:
        tokenizer = with_template(tiny_model_dir, FORGETFUL)
        turns = (("user", "a"), ("assistant", "<think>x</think>one"), ("user", "b"), ("assistant", "two"))
        rows = tokenize_example(chat(1, *turns), tokenizer, loss_on="auto")
        assert [trained_texts(row, tokenizer) for row in rows] == [
            ["<think>x</think>one<|im_end|>"],
            ["two<|im_end|>"],
        ]

    def test_template_that_hides_the_answer_is_refused(self, tiny_model_dir: Path) -> None:
        tokenizer = with_template(tiny_model_dir, DEAF)
        with pytest.raises(RowDroppedError) as caught:
            tokenize_example(question(1, "q", "answer"), tokenizer, loss_on="auto")
        assert caught.value.reason in {"template_hides_answer", "template_changes_prompt"}

    def test_reserved_token_inside_a_text_is_refused(self, tokenizer: HfChatTokenizer) -> None:
        with pytest.raises(RowDroppedError) as caught:
            tokenize_example(question(1, "q", "a<|im_end|>b"), tokenizer, loss_on="auto")
        assert caught.value.reason == "reserved_token_in_text"

    def test_conversation_without_an_answer_is_refused(self, tokenizer: HfChatTokenizer) -> None:
        with pytest.raises(RowDroppedError, match="no_assistant_turn"):
            tokenize_example(chat(1, ("user", "hello")), tokenizer, loss_on="auto")

    def test_tool_turns_give_context_only(self, tiny_model_dir: Path) -> None:
        tokenizer = with_template(tiny_model_dir, CALLING)
        example = ConversationExample(
            row=1,
            messages=(
                Message(role="user", content="weather?"),
                Message(role="assistant", content="calling", tool_calls=json.dumps([{"name": "w"}])),
                Message(role="tool", content="sunny", name="w"),
                Message(role="assistant", content="It is sunny."),
            ),
        )
        (row,) = tokenize_example(example, tokenizer, loss_on="auto")
        assert trained_texts(row, tokenizer) == ["calling(w)<|im_end|>", "It is sunny.<|im_end|>"]

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(answer=st.text(PRINTABLE, min_size=1, max_size=60), asked=st.text(PRINTABLE, max_size=40))
    def test_any_text_is_trained_exactly_or_refused(
        self, tokenizer: HfChatTokenizer, asked: str, answer: str
    ) -> None:
        try:
            (row,) = tokenize_example(question(1, asked, answer), tokenizer, loss_on="auto")
        except RowDroppedError as error:
            assert error.reason in {"reserved_token_in_text", "mask_mismatch"}
            return
        (trained,) = trained_texts(row, tokenizer)
        assert trained == answer + "<|im_end|>"


class TestCompletionMask:
    def test_plain_text_is_trained_whole(self, tokenizer: HfChatTokenizer) -> None:
        example = CompletionExample(row=1, completion="むかしむかし。")
        (row,) = tokenize_example(example, tokenizer, loss_on="auto")
        assert trained_texts(row, tokenizer) == ["むかしむかし。" + tokenizer.eos_text]

    def test_prompt_gives_context_unless_everything_is_wanted(self, tokenizer: HfChatTokenizer) -> None:
        example = CompletionExample(row=1, prompt="1 + 1 = ", completion="2")
        (row,) = tokenize_example(example, tokenizer, loss_on="auto")
        assert trained_texts(row, tokenizer) == ["2" + tokenizer.eos_text]
        (row,) = tokenize_example(example, tokenizer, loss_on="everything")
        assert trained_texts(row, tokenizer) == ["1 + 1 = 2" + tokenizer.eos_text]


class TestLedger:
    def test_rows_read_are_kept_or_dropped_with_a_reason(
        self, tokenizer: HfChatTokenizer, tmp_path: Path
    ) -> None:
        examples = [
            *level_1_examples(),
            question(6, "q", "<|im_end|>"),
            question(7, "長い質問" * 200, "届かない答え"),
            question(8, "短い質問", "長い答え" * 200),
        ]
        table, ledger = build_ledger(examples, tokenizer, max_length=128, loss_on="auto", directory=tmp_path)
        assert ledger.rows_read == 8
        assert (ledger.rows_kept, ledger.rows_truncated, ledger.rows_dropped) == (6, 1, 2)
        assert ledger.dropped_by_reason == {"reserved_token_in_text": 1, "answer_beyond_max_length": 1}
        assert [row.row for row in ledger.first_dropped] == [6, 7]
        assert ledger.longest == 128 < ledger.longest_before_truncation
        assert ledger.supervised_tokens == table.supervised.sum() > 0
        assert ledger.end_of_turn == "<|im_end|>"

    def test_table_gives_back_what_was_tokenized(self, tokenizer: HfChatTokenizer, tmp_path: Path) -> None:
        examples = level_1_examples()
        table, _ = build_ledger(examples, tokenizer, max_length=512, loss_on="auto", directory=tmp_path)
        for index, example in enumerate(examples):
            (row,) = tokenize_example(example, tokenizer, loss_on="auto")
            assert table.ids(index).tolist() == row.ids.tolist()
            assert table.mask(index).tolist() == row.mask.tolist()

    def test_template_without_an_end_of_turn_stops_the_job(
        self, tiny_model_dir: Path, tmp_path: Path
    ) -> None:
        tokenizer = with_template(tiny_model_dir, ENDLESS)
        with pytest.raises(EndOfTurnUntrainedError) as caught:
            build_ledger(
                level_1_examples(),
                tokenizer,
                max_length=512,
                loss_on="auto",
                directory=tmp_path,
            )
        assert caught.value.facts["rows"] == 5
        assert "終了トークン" in caught.value.detail("ja")

    def test_nothing_to_learn_stops_the_job_and_says_why(
        self, tokenizer: HfChatTokenizer, tmp_path: Path
    ) -> None:
        with pytest.raises(NothingToLearnError, match=r"the answer lies beyond max_length \(5 rows\)"):
            build_ledger(
                level_1_examples(),
                tokenizer,
                max_length=16,
                loss_on="auto",
                directory=tmp_path,
            )

    def test_rows_whose_end_is_cut_are_counted(self, tokenizer: HfChatTokenizer, tmp_path: Path) -> None:
        examples = [
            *level_1_examples()[:2],
            question(3, "q", "long " * 200),
            chat(4, ("user", "q"), ("assistant", "a"), ("user", "long " * 200), ("assistant", "b")),
            chat(5, ("user", "q"), ("assistant", "a"), ("user", "r"), ("assistant", "long " * 200)),
        ]
        whole: list[tuple[int, int]] = []
        _, ledger = build_ledger(
            examples, tokenizer, max_length=128, loss_on="auto", directory=tmp_path,
            on_whole=lambda example, index: whole.append((example.row, index)),
        )  # fmt: skip
        assert (ledger.rows_kept, ledger.rows_truncated, ledger.rows_end_cut) == (5, 3, 2)
        assert ledger.ends_of_turn == {"<|im_end|>": 4}
        assert whole == [(1, 0), (2, 1)]

    def test_every_end_cut_stops_the_job_and_names_the_length(
        self, tokenizer: HfChatTokenizer, tmp_path: Path
    ) -> None:
        examples = [question(1, "q", "long " * 200), question(2, "q", "longer " * 300)]
        with pytest.raises(EveryEndCutError) as caught:
            build_ledger(examples, tokenizer, max_length=128, loss_on="auto", directory=tmp_path)
        assert caught.value.facts["rows"] == 2
        assert 200 < int(str(caught.value.facts["shortest"])) < int(str(caught.value.facts["longest"]))
        assert "max_length" in caught.value.detail("ja")

    def test_plain_texts_may_be_longer_than_a_row(self, tokenizer: HfChatTokenizer, tmp_path: Path) -> None:
        text = CompletionExample(row=1, completion="long " * 300)
        _, ledger = build_ledger([text], tokenizer, max_length=128, loss_on="auto", directory=tmp_path)
        assert (ledger.rows_kept, ledger.rows_end_cut, ledger.ends_of_turn) == (1, 1, {})
        asked = text.model_copy(update={"prompt": "Say: "})
        with pytest.raises(EveryEndCutError):
            build_ledger([asked], tokenizer, max_length=128, loss_on="auto", directory=tmp_path)

    def test_what_the_template_leaves_out_is_counted(
        self, tokenizer: HfChatTokenizer, tmp_path: Path
    ) -> None:
        asked = Message(role="user", content="q")
        thought = Message(role="assistant", content="a", reasoning="because")
        tools = json.dumps([{"type": "function", "function": {"name": "f"}}])
        call = Message(role="assistant", content="", tool_calls=json.dumps([{"function": {"name": "f"}}]))
        examples = [
            ConversationExample(row=1, messages=(asked, thought)),
            ConversationExample(row=2, messages=(asked, thought), tools=tools),
            ConversationExample(row=3, messages=(asked, call), tools=tools),
        ]
        _, ledger = build_ledger(examples, tokenizer, max_length=128, loss_on="auto", directory=tmp_path)
        assert ledger.rows_not_rendered == {"reasoning": 2, "tools": 1}
        assert ledger.dropped_by_reason == {"template_ignores_tool_calls": 1}
