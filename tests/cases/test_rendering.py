"""Public bug reports' inputs, as far as rendering decides: which tokens are trained, and what the ledger says."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from llmlora.contracts.dataset import Example, Message
from llmlora.data.held import HeldPromptCollector
from llmlora.data.importer import import_file
from llmlora.data.importer_protocol import Request
from llmlora.data.kinds.text.examples import ConversationExample
from llmlora.data.kinds.text.ledger import NothingToLearnError, build_ledger
from llmlora.data.kinds.text.previewer import rows_as_pieces
from llmlora.data.rows import read_examples
from llmlora.data.token_ledger import Ledger
from llmlora.data.token_previews import TokenRow
from llmlora.recipes.blocks.tokenizer import HfChatTokenizer, load_tokenizer

from tests.data.test_masks import with_template

CASES = Path(__file__).parent
TURN = "{{ '<|im_start|>' + message['role'] + '\\n' }}"
PROMPT = "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
SHOWS_REASONING = (
    f"{{% for message in messages %}}{TURN}"
    "{% if message['role'] == 'assistant' and message.get('reasoning_content') %}"
    "{{ '<think>\\n' + message['reasoning_content'] + '\\n</think>\\n\\n' }}{% endif %}"
    f"{{{{ message['content'] + '<|im_end|>\\n' }}}}{{% endfor %}}{PROMPT}"
)
CALLS_BEGIN = (
    "{% if tools %}{{ '<|im_start|>system\\nTools: ' }}{% for tool in tools %}{{ tool | tojson }}{{ '\\n' }}{% endfor %}{{ '<|im_end|>\\n' }}{% endif %}"
    f"{{% for message in messages %}}{TURN}{{{{ message['content'] or '' }}}}{{% for call in message['tool_calls'] or [] %}}"
)
CALLS_END = f"{{% endfor %}}{{{{ '<|im_end|>\\n' }}}}{{% endfor %}}{PROMPT}"
TOJSON = CALLS_BEGIN + (
    "{{ '<tool_call>{\"name\": \"' + call['function']['name'] + '\", \"arguments\": ' }}"
    "{{ call['function']['arguments'] | tojson }}{{ '}</tool_call>' }}"
) + CALLS_END  # fmt: skip
ITEMS = CALLS_BEGIN + (
    "{{ '<function=' + call['function']['name'] + '>' }}{% for key, value in call['function']['arguments'] | items %}"
    "{{ '<parameter=' ~ key ~ '>' ~ value ~ '</parameter>' }}{% endfor %}{{ '</function>' }}"
) + CALLS_END  # fmt: skip
NO_SYSTEM = (
    "{% if messages[0]['role'] == 'system' %}{{ raise_exception('this model takes no system turn') }}{% endif %}"
    "{% for message in messages %}"
    "{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('turns have to alternate') }}{% endif %}"
    "{% set who = 'model' if message['role'] == 'assistant' else message['role'] %}"
    "{{ '<|im_start|>' + who + '\\n' + (message['content'] | trim) + '<|im_end|>\\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>model\\n' }}{% endif %}"
)


def examples_in(path: Path, directory: Path) -> list[Example]:
    """What the importer makes of a file."""
    directory.mkdir()
    import_file(Request(source=path, directory=directory, kind=None, mapping={}), lambda _message: None)
    return list(read_examples(directory / "rows.parquet"))


def trained(
    examples: Sequence[Example], tokenizer: HfChatTokenizer, max_length: int = 1024
) -> list[list[str]]:
    """The trained pieces of each row, as the page shows them."""
    rows: list[list[TokenRow]] = rows_as_pieces(examples, tokenizer, max_length=max_length)
    return [[piece.text for text in texts for piece in text.pieces if piece.trained] for texts in rows]


def ledger_of(
    examples: Sequence[Example], tokenizer: HfChatTokenizer, directory: Path, max_length: int = 1024
) -> Ledger:
    _, ledger = build_ledger(examples, tokenizer, max_length=max_length, loss_on="auto", directory=directory)
    return ledger


@pytest.fixture(scope="module")
def tokenizer(tiny_model_dir: Path) -> HfChatTokenizer:
    return load_tokenizer(tiny_model_dir)


class TestLowercaseChoiceLetters:
    def test_every_letter_is_trained_with_its_end(self, tokenizer: HfChatTokenizer, tmp_path: Path) -> None:
        examples = examples_in(CASES / "01-lowercase-choice-letters" / "quiz.jsonl", tmp_path / "quiz")
        assert trained(examples, tokenizer) == [[f"{letter}<|im_end|>"] for letter in "abcdedenyden"]
        ledger = ledger_of(examples, tokenizer, tmp_path / "tokens")
        assert (ledger.rows_kept, ledger.rows_dropped, ledger.supervised_tokens) == (12, 0, 24)
        assert ledger.end_of_turn == "<|im_end|>"


class TestCallWithoutWords:
    def test_is_trained_where_the_template_writes_calls_and_dropped_elsewhere(
        self, tokenizer: HfChatTokenizer, tiny_model_dir: Path, tmp_path: Path
    ) -> None:
        examples = examples_in(
            CASES / "04-null-filled-tools" / "min-call-without-words.jsonl", tmp_path / "a"
        )
        assert trained(examples, with_template(tiny_model_dir, TOJSON)) == [
            ['<tool_call>{"name": "f", "arguments": {"city": "Kyoto"}}</tool_call><|im_end|>']
        ]
        with pytest.raises(NothingToLearnError, match="the template omits tool calls"):
            ledger_of(examples, tokenizer, tmp_path / "tokens")


class TestReasoning:
    def test_is_trained_where_the_template_shows_it_and_named_elsewhere(
        self, tokenizer: HfChatTokenizer, tiny_model_dir: Path, tmp_path: Path
    ) -> None:
        rows = [
            json.loads(line)
            for name in ("reasoning_content", "thinking")
            for line in (CASES / "06-reasoning-content" / f"{name}.jsonl").read_text().splitlines()
        ]
        examples = [
            ConversationExample(
                row=number,
                messages=tuple(
                    Message(
                        role=turn["role"],
                        content=turn["content"],
                        reasoning=turn.get("reasoning_content") or turn.get("thinking"),
                    )
                    for turn in row["messages"]
                ),
            )
            for number, row in enumerate(rows, start=1)
        ]
        shown = trained(examples, with_template(tiny_model_dir, SHOWS_REASONING))
        assert shown[0] == [
            "<think>\nTHOUGHT-A: 10 times 3 is 30 and 7 times 3 is 21; together 51.\n</think>\n\n51<|im_end|>"
        ]
        assert shown[2] == ["11<|im_end|>"]
        assert ["THOUGHT-C" in shown[3][0], "THOUGHT-D" in shown[4][0]] == [True, True]
        assert trained(examples, tokenizer)[0] == ["51<|im_end|>"]
        assert ledger_of(examples, tokenizer, tmp_path).rows_not_rendered == {"reasoning": 4}

    def test_answer_follows_the_block_that_the_prompt_opens(
        self, tiny_model_dir: Path, tmp_path: Path
    ) -> None:
        template = (CASES.parent / "data" / "templates" / "opens_think.jinja").read_text()
        opens = with_template(tiny_model_dir, template)
        examples = examples_in(CASES / "06-reasoning-content" / "inline_think.jsonl", tmp_path / "a")
        first, second = rows_as_pieces(examples, opens, max_length=1024)
        whole = "".join(piece.text for piece in first[0].pieces)
        assert whole.endswith("<think>\nTHOUGHT-E: six sevens.\n</think>\n\n42<|im_end|>")
        assert whole.count("<think>") == 1
        assert second[0].dropped == "template_changes_prompt"
        ledger = ledger_of(examples, opens, tmp_path / "tokens")
        assert ledger.rows_read == ledger.rows_kept + ledger.rows_dropped == 2


class TestVeryLongFirstRow:
    def test_is_dropped_and_never_asked(self, tokenizer: HfChatTokenizer, tmp_path: Path) -> None:
        long = {
            "instruction": "Which parcel lies in room 3? " + "In room 1 is a shelf. " * 500,
            "output": "Parcel 9.",
        }
        short = [{"instruction": f"Question {n}?", "output": f"Answer {n}."} for n in range(5)]
        path = tmp_path / "long_first.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in [long, *short]))
        examples, held = examples_in(path, tmp_path / "a"), HeldPromptCollector()
        _, ledger = build_ledger(
            examples, tokenizer, max_length=1024, loss_on="auto", directory=tmp_path / "t",
            on_whole=held.note,
        )  # fmt: skip
        assert ledger.dropped_by_reason == {"answer_beyond_max_length": 1}
        assert ledger.first_dropped[0].row == 1
        asked = held.pick(range(ledger.training_rows)).prompts
        assert [prompt.messages[-1].content for prompt in asked] == [f"Question {n}?" for n in range(5)]


class TestToolArgumentsAsText:
    def test_are_written_as_objects(self, tiny_model_dir: Path, tmp_path: Path) -> None:
        examples = examples_in(CASES / "17-tool-arguments-as-text" / "openai_tools.jsonl", tmp_path / "a")
        tojson, items = (with_template(tiny_model_dir, template) for template in (TOJSON, ITEMS))
        call, answer = trained(examples, tojson)[0]
        assert call == (
            '<tool_call>{"name": "get_weather", "arguments": {"city": "Kyoto", "days": 2}}</tool_call><|im_end|>'
        )
        assert answer == "In Kyoto: rain.<|im_end|>"
        pieces = [
            piece.text
            for texts in rows_as_pieces(examples, tojson, max_length=1024)
            for text in texts
            for piece in text.pieces
        ]
        assert not any("\\" in piece for piece in pieces)
        ledger = ledger_of(examples, items, tmp_path / "tokens")
        assert (ledger.rows_kept, ledger.rows_dropped) == (4, 0)
        assert (
            "<parameter=city>Kyoto</parameter><parameter=days>2</parameter>" in trained(examples, items)[0][0]
        )


class TestTemplateWithoutSystemRole:
    def test_rows_with_a_system_turn_are_dropped_and_not_asked(
        self, tiny_model_dir: Path, tmp_path: Path
    ) -> None:
        tokenizer = with_template(tiny_model_dir, NO_SYSTEM)
        examples = examples_in(CASES / "23-template-without-system-role" / "mixed.jsonl", tmp_path / "a")
        held = HeldPromptCollector()
        _, ledger = build_ledger(
            examples, tokenizer, max_length=1024, loss_on="auto", directory=tmp_path / "t",
            on_whole=held.note,
        )  # fmt: skip
        assert (ledger.rows_read, ledger.rows_kept) == (5, 3)
        assert ledger.dropped_by_reason == {"template_refused": 2}
        assert [row.row for row in ledger.first_dropped] == [1, 3]
        assert [pieces for pieces in trained(examples, tokenizer) if pieces] == [
            ["From nine to six.<|im_end|>"], ["Yes.<|im_end|>", "No.<|im_end|>"], ["A little.<|im_end|>"],
        ]  # fmt: skip
        asked = held.pick(range(ledger.training_rows)).prompts
        assert all(m.role != "system" for prompt in asked for m in prompt.messages)
        assert len(asked) == 3

    def test_nothing_is_left_where_every_row_has_one(self, tiny_model_dir: Path, tmp_path: Path) -> None:
        examples = examples_in(CASES / "23-template-without-system-role" / "all_system.jsonl", tmp_path / "a")
        with pytest.raises(NothingToLearnError, match=r"the template rejects the conversation \(3 rows\)"):
            ledger_of(examples, with_template(tiny_model_dir, NO_SYSTEM), tmp_path / "tokens")
