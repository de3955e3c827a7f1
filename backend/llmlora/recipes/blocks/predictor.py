"""A trained model that predicts, as it was trained: transformers, the tokenizer and the head that were saved with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from pydantic import ValidationError
from torch import Tensor
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from llmlora.contracts.prediction import HELD_NAME, Head, HeldItems, TextItem
from llmlora.data.predictor_files import TOKENIZER_NAME, PredictorFileMissingError, read_head
from llmlora.recipes.blocks.model_files import inspect_directory
from llmlora.recipes.blocks.predictor_errors import (
    HeadLostError,
    LabelOrderError,
    ModelNotOfTextsError,
    TokenizerUnusableError,
)

# What transformers calls classes that nobody has named.
_UNNAMED = "LABEL_"


@dataclass(frozen=True)
class Predictor:
    """A model of texts in float32 on the CPU."""

    model: Any
    tokenizer: Any
    head: Head
    held: tuple[TextItem, ...]

    @property
    def input_names(self) -> tuple[str, ...]:
        """What of a tokenized text the model reads, in its own order."""
        return tuple(self.tokenizer.model_input_names)

    def encode(self, items: Sequence[TextItem]) -> dict[str, Tensor]:
        """As in training: cut at the head's length, padded to the longest. Each (items, tokens)."""
        texts = [one.text for one in items]
        limits = {"truncation": True, "max_length": self.head.max_length}
        read: dict[str, Tensor] = dict(self.tokenizer(texts, padding=True, return_tensors="pt", **limits))
        return {name: read[name] for name in self.input_names}

    def logits(self, items: Sequence[TextItem]) -> Tensor:
        """(items, labels)."""
        with torch.no_grad():
            found: Tensor = self.model(**self.encode(items)).logits
        return found


def load_predictor(directory: Path) -> Predictor:
    """What a training has left, whole.

    Raises:
        ModelNotOfTextsError: it reads something else.
        InvalidInputError: the directory holds what must not be loaded; see `model_files.inspect_directory`.
        PredictorFileMissingError: head or held rows are not there.
        HeadLostError: tensors of the model are not in the files.
        LabelOrderError: the model names its classes otherwise than its head does.
        TokenizerUnusableError: its tokenizer cannot be taken along.
    """
    head = read_head(directory)
    if head.input != "text":
        raise ModelNotOfTextsError(path=directory)
    inspect_directory(directory)
    model, told = AutoModelForSequenceClassification.from_pretrained(
        directory, dtype=torch.float32, local_files_only=True, output_loading_info=True
    )
    lost = sorted({*told["missing_keys"], *(one[0] for one in told["mismatched_keys"])})
    if lost:
        raise HeadLostError(names=", ".join(lost[:5]), path=directory)
    _refuse_other_labels(model.config, head, directory)
    tokenizer = AutoTokenizer.from_pretrained(directory, local_files_only=True)
    if not getattr(tokenizer, "is_fast", False) or tokenizer.pad_token_id is None:
        raise TokenizerUnusableError(path=directory)
    return Predictor(model.eval(), tokenizer, head, _held(directory))


def write_tokenizer(predictor: Predictor, directory: Path, *, length: int | None = None) -> None:
    """`tokenizer.json`, which cuts and pads by itself as the training did: a runner needs nothing else. `length`: to which
    every row is cut and padded; None: to the longest of those that are asked together."""
    inner = predictor.tokenizer.backend_tokenizer
    inner.enable_truncation(length or predictor.head.max_length)
    inner.enable_padding(
        direction=predictor.tokenizer.padding_side,
        length=length,
        pad_id=predictor.tokenizer.pad_token_id,
        pad_type_id=predictor.tokenizer.pad_token_type_id,
        pad_token=predictor.tokenizer.pad_token,
    )
    inner.save(str(directory / TOKENIZER_NAME))


def _refuse_other_labels(config: Any, head: Head, directory: Path) -> None:
    named = tuple(str(config.id2label[id_]) for id_ in sorted(config.id2label))
    is_named = not all(label.startswith(_UNNAMED) for label in named)
    if len(named) != len(head.labels) or (is_named and named != head.labels):
        raise LabelOrderError(path=directory, model=", ".join(named[:20]), head=", ".join(head.labels[:20]))


def _held(directory: Path) -> tuple[TextItem, ...]:
    path = directory / HELD_NAME
    try:
        items = HeldItems.model_validate_json(path.read_bytes()).items
    except OSError as error:
        raise PredictorFileMissingError(path=path, reason=error.strerror) from error
    except ValidationError as error:
        raise PredictorFileMissingError(path=path, reason=str(error.errors()[0]["msg"])) from error
    return tuple(one for one in items if isinstance(one, TextItem))
