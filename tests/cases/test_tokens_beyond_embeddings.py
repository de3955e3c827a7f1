"""Case 22: more tokens than the embeddings have rows (huggingface/tokenizers issue 1609, transformers issue 12763)."""

import shutil
from pathlib import Path

import pytest

from llmlora.contracts.events import Failure
from llmlora.contracts.states import JobState
from llmlora.data.kinds.text.examples import CompletionExample
from llmlora.data.kinds.text.names import COMPLETION
from llmlora.recipes.blocks.gguf.model import convert_model
from llmlora.recipes.blocks.gguf.reader import GgufReader

from tests.cases.bases import add_tokens, change_json, own_vocabulary, random_model, rows_of
from tests.factories import dataset_of, model_input, question, text_lora_run
from tests.here import run_here
from tests.plugins.base_models import import_model


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """Two tokens more than rows, and the template uses them."""
    directory = own_vocabulary(tmp_path / "base_two_more_tokens")
    add_tokens(directory, "<|turn|>", "<|stop|>")
    template = directory / "chat_template.jinja"
    words = template.read_text().replace("<|im_start|>", "<|turn|>").replace("<|im_end|>", "<|stop|>")
    template.write_text(words)
    change_json(directory / "tokenizer_config.json", eos_token="<|stop|>")
    return directory


@pytest.fixture
def unused(tmp_path: Path) -> Path:
    """One token more than rows, which the template leaves alone."""
    directory = own_vocabulary(tmp_path / "base_pad")
    add_tokens(directory, "<pad>")
    return directory


def told(failure: Failure | None, rows: int) -> tuple[str, str]:
    assert failure is not None
    for words in (failure.ja, failure.en):
        assert str(rows + 2) in words
        assert str(rows) in words
        assert "<|turn|>" in words
    return failure.code, failure.failure_class


class TestRefusal:
    def test_comes_when_the_model_is_added(self, base: Path, tmp_path: Path) -> None:
        outcome = import_model(f"path:{base}", tmp_path / "data")
        assert told(outcome.failure, rows_of(base)) == ("base_model_tokens_beyond_embeddings", "input")

    def test_comes_before_the_first_step_for_a_model_that_was_added_before(
        self, base: Path, tmp_path: Path
    ) -> None:
        dataset = dataset_of([question(1, "Who keeps the keys?", "The porter.")], tmp_path)
        outcome = run_here(text_lora_run(dataset, model_input(base), tmp_path / "data", max_steps=2))
        assert told(outcome.failure, rows_of(base)) == ("base_model_tokens_beyond_embeddings", "input")
        assert "ledger" not in outcome.reports

    def test_comes_where_only_the_data_use_the_token(self, unused: Path, tmp_path: Path) -> None:
        texts = [CompletionExample(row=1, completion="who <pad> keeps")]
        dataset = dataset_of(texts, tmp_path, COMPLETION)
        outcome = run_here(text_lora_run(dataset, model_input(unused), tmp_path / "data", max_steps=2))
        assert outcome.failure is not None
        assert outcome.failure.code == "base_model_tokens_beyond_embeddings"
        assert "<pad>" in outcome.failure.en


class TestTokenThatNobodyUses:
    """Gemma 3's text models have one more token than rows: the one that stands for a picture."""

    def test_model_is_taken(self, unused: Path, tmp_path: Path) -> None:
        assert import_model(f"path:{unused}", tmp_path / "data").state is JobState.COMPLETED

    def test_converter_does_not_see_it(self, tiny_model_dir: Path, tmp_path: Path) -> None:
        unused, written = tmp_path / "tiny", tmp_path / "model.gguf"
        shutil.copytree(tiny_model_dir, unused)
        add_tokens(unused, "<image_soft_token>")
        change_json(unused / "tokenizer_config.json", image_token="<image_soft_token>")
        convert_model(unused, written, outtype="f16", log=tmp_path / "log", cancelled=lambda: False)
        tokens = GgufReader(written).get_field("tokenizer.ggml.tokens").contents()
        assert len(tokens) == rows_of(unused)
        assert "<image_soft_token>" not in tokens


class TestRowsToSpare:
    def test_more_rows_than_tokens_are_usual(self, tmp_path: Path) -> None:
        directory = own_vocabulary(tmp_path / "base_padded")
        random_model(
            directory, vocab_size=rows_of(directory) + 40, bos_token_id=0, eos_token_id=2, pad_token_id=0
        )
        assert import_model(f"path:{directory}", tmp_path / "data").state is JobState.COMPLETED

    def test_tokens_that_fill_the_spare_rows_are_no_fault(self, tmp_path: Path) -> None:
        directory = own_vocabulary(tmp_path / "base_filled")
        add_tokens(directory, "<|turn|>", "<|stop|>")
        random_model(
            directory, vocab_size=rows_of(directory) + 2, bos_token_id=0, eos_token_id=2, pad_token_id=0
        )
        assert import_model(f"path:{directory}", tmp_path / "data").state is JobState.COMPLETED
