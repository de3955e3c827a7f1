"""A tiny trained classifier of texts, as a recipe leaves one: weights, config, tokenizer, head, held rows."""

import json
import logging
from pathlib import Path

import pytest

from llmlora.contracts.prediction import HEAD_NAME, HELD_NAME, Head, HeldItems, TextItem
from llmlora.contracts.run import FileInput, RunInput, RunInputs, RunSpec
from llmlora.engine.hosts.running import Outcome
from llmlora.kit.files import sha256_of_tree
from llmlora.kit.ids import new_id

from tests.here import run_here

LABELS = ("sport", "food", "work")
WORDS = (
    "the",
    "match",
    "was",
    "won",
    "soup",
    "tastes",
    "good",
    "meeting",
    "begins",
    "late",
    "i",
    "##s",
    "café",
    "試",
    "合",
)
HELD = ("The match was won", "the SOUP tastes good", "Meeting begins late", "試合 late", "unknown words only")


def write_tokenizer(directory: Path, *, lowercase: bool = True) -> None:
    """A WordPiece tokenizer of a BERT, over a few words."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    vocabulary = {word: id_ for id_, word in enumerate(("[PAD]", "[UNK]", "[CLS]", "[SEP]", *WORDS))}
    inner = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    inner.normalizer = normalizers.BertNormalizer(lowercase=lowercase, strip_accents=False)
    inner.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    inner.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", 2), ("[SEP]", 3)],
    )
    PreTrainedTokenizerFast(
        tokenizer_object=inner,
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        model_input_names=["input_ids", "token_type_ids", "attention_mask"],
    ).save_pretrained(directory)


def write_classifier(directory: Path, *, labels: tuple[str, ...] = LABELS, seed: int = 0) -> Path:
    """Random weights that tell labels clearly apart."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification

    directory.mkdir(parents=True, exist_ok=True)
    config = BertConfig(
        vocab_size=4 + len(WORDS),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=32,
        id2label=dict(enumerate(labels)),
        label2id={label: id_ for id_, label in enumerate(labels)},
    )
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = BertForSequenceClassification(config)
        model.classifier.weight.data.normal_(std=1.0)
        model.save_pretrained(directory)
    write_tokenizer(directory)
    head = Head(task="single_label", labels=labels, max_length=16)
    (directory / HEAD_NAME).write_text(head.model_dump_json(indent=2), encoding="utf-8")
    held = HeldItems(items=tuple(TextItem(type="text", text=text) for text in HELD))
    (directory / HELD_NAME).write_text(json.dumps(held.model_dump(mode="json")), encoding="utf-8")
    return directory


@pytest.fixture(scope="session")
def classifier_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny BERT that tells three labels apart."""
    return write_classifier(tmp_path_factory.mktemp("classifier") / "model")


def run_of(recipe: str, data_dir: Path, inputs: dict[str, RunInput]) -> Outcome:
    spec = RunSpec(
        job_id=new_id("job"), epoch=1, recipe=recipe, config={}, inputs=RunInputs(**inputs), data_dir=data_dir
    )
    return run_here(spec)


def file_of(path: Path) -> FileInput:
    return FileInput(path=path, sha256=sha256_of_tree(path))


def exported(trained: Path, data_dir: Path) -> Path:
    """The directory that an export has left."""
    outcome = run_of("export_onnx", data_dir, {"model": file_of(trained)})
    assert outcome.failure is None, outcome.failure
    [made] = outcome.artifacts
    [path] = data_dir.glob(f"jobs/*/1/{made.path}")
    assert made.sha256 == sha256_of_tree(path)
    return path


@pytest.fixture(scope="session")
def onnx_dir(classifier_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    logging.disable(logging.DEBUG)  # torch traces every step of an export, and pytest keeps it all
    try:
        return exported(classifier_dir, tmp_path_factory.mktemp("exported"))
    finally:
        logging.disable(logging.NOTSET)
