"""What a training has left, as modules that Core ML can express: fixed rows of ids in, logits out, no branch that depends on data.

Masks are given to transformers as they are added to the scores, (rows, 1, queries, keys): it then builds none itself.
"""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from transformers import AutoTokenizer

from llmlora.contracts.prediction import HEAD_NAME
from llmlora.contracts.run import BaseModelInput
from llmlora.data.predictor_files import TOKENIZER_NAME
from llmlora.recipes.blocks.base_model import load_causal_lm
from llmlora.recipes.blocks.gguf.merge import merge_adapter
from llmlora.recipes.blocks.lineage import refuse_foreign_adapter
from llmlora.recipes.blocks.predictor import load_predictor, write_tokenizer
from llmlora.recipes.export_coreml.errors import CoremlLengthError

USUAL_LENGTH = 128
"""Of a language model's rows: every token costs a pass over all of them."""
# What a masked score gets added: its share vanishes, and two of them still fit into float16.
MASKED = -1e4
SENTENCES = (
    "How can I return an item?",
    "注文した商品がまだ届きません。いつ届きますか。",
    "The invoice from last month is wrong. Send a new one, and tell me whether I have to pay the old one first.",
)
TOKENIZER_FILES = (
    TOKENIZER_NAME,
    "tokenizer_config.json",
    "special_tokens_map.json",
    "chat_template.jinja",
)


@dataclass(frozen=True)
class Convertible:
    """A trained model as it is to be exported.

    `module`: (1, length) ids and (1, length) marks of the tokens that count, both int32 → (1, outputs) float32; `rows`: ids
    that it is compared with, each of at most `length`; `expected`: (rows, outputs), by the model as it was trained;
    `labels`: what the outputs of a model that predicts mean; `files`: what lies beside the package.
    """

    module: nn.Module
    length: int
    rows: tuple[tuple[int, ...], ...]
    expected: Tensor
    labels: tuple[str, ...]
    architecture: str
    pad_id: int
    write_files: Callable[[Path], None]


class EncoderModule(nn.Module):
    """A model that predicts, from ids to logits."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """(1, length) each → (1, labels)."""
        length = input_ids.shape[1]
        hidden = (1.0 - attention_mask.to(torch.float32)) * MASKED
        added = hidden[:, None, None, :].expand(-1, -1, length, -1)
        logits: Tensor = self.model(input_ids=input_ids, attention_mask=added).logits
        return logits


class GeneratorModule(nn.Module):
    """A language model, from ids to the logits of what follows the last token that counts."""

    later: Tensor
    positions: Tensor

    def __init__(self, model: nn.Module, length: int) -> None:
        super().__init__()
        self.model = model
        later = torch.full((length, length), MASKED).triu(1)
        self.later: Tensor
        self.register_buffer("later", later[None, None], persistent=False)
        self.register_buffer("positions", torch.arange(length)[None], persistent=False)

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """(1, length) each → (1, vocabulary)."""
        padding = (1.0 - attention_mask.to(torch.float32))[:, None, None, :] * MASKED
        last = attention_mask.sum(dim=1) - 1
        found: Tensor = self.model(
            input_ids=input_ids,
            attention_mask=padding + self.later,
            position_ids=self.positions,
            use_cache=False,
            logits_to_keep=last.to(torch.int64),
        ).logits
        return found[:, 0]


def load_encoder(directory: Path, length: int | None) -> Convertible:
    """A model that predicts, with the rows that its training has kept.

    Raises:
        CoremlLengthError: its rows would be longer than it was trained to read.
        InvalidInputError: it cannot be loaded as it was trained, see `blocks.predictor.load_predictor`.
    """
    predictor = load_predictor(directory)
    longest = predictor.head.max_length
    used = _fitting(length, longest, longest)
    rows = [
        tuple(predictor.tokenizer(one.text, truncation=True, max_length=used)["input_ids"])
        for one in predictor.held[:8]
    ]
    rows.append(_full(rows, used))
    expected = _logits(predictor.model, rows)
    predictor.model.set_attn_implementation("eager")

    def write_files(target: Path) -> None:
        write_tokenizer(predictor, target, length=used)
        shutil.copyfile(directory / HEAD_NAME, target / HEAD_NAME)

    return Convertible(
        EncoderModule(predictor.model).eval(),
        used,
        tuple(rows),
        expected,
        predictor.head.labels,
        type(predictor.model).__name__,
        predictor.tokenizer.pad_token_id,
        write_files,
    )


def load_generator(adapter: Path, base: BaseModelInput, merged: Path, length: int | None) -> Convertible:
    """A language model: the adapter merged into its base, which is written to `merged`.

    Raises:
        CoremlLengthError: its rows would be longer than it can read.
        ForeignAdapterError: the adapter was trained on other weights.
        ValueError: the merge gives values that are not finite.
    """
    refuse_foreign_adapter(adapter, base)
    merge_adapter(base.path, adapter, merged)
    model = load_causal_lm(merged, dtype=torch.float32)
    tokenizer = AutoTokenizer.from_pretrained(merged, local_files_only=True, trust_remote_code=False)
    used = _fitting(length, _longest_of(model.config), USUAL_LENGTH)
    rows = [tuple(tokenizer(one)["input_ids"][:used]) for one in SENTENCES]
    rows.append(_full(rows, used))
    expected = torch.stack([_next(model, one) for one in rows])
    model.set_attn_implementation("eager")

    def write_files(target: Path) -> None:
        for name in TOKENIZER_FILES:
            if (merged / name).is_file():
                shutil.copyfile(merged / name, target / name)

    return Convertible(
        GeneratorModule(model, used).eval(),
        used,
        tuple(rows),
        expected,
        (),
        type(model).__name__,
        tokenizer.pad_token_id or 0,
        write_files,
    )


def padded(row: Sequence[int], length: int, pad_id: int) -> tuple[Tensor, Tensor]:
    """(1, length) ids and (1, length) marks, int32, as a package takes them."""
    ids = [*row, *[pad_id] * (length - len(row))]
    marks = [1] * len(row) + [0] * (length - len(row))
    return torch.tensor([ids], dtype=torch.int32), torch.tensor([marks], dtype=torch.int32)


def _fitting(asked: int | None, longest: int, usual: int) -> int:
    if asked is not None and asked > longest:
        raise CoremlLengthError(length=asked, longest=longest)
    return asked or min(usual, longest)


def _full(rows: Sequence[tuple[int, ...]], length: int) -> tuple[int, ...]:
    """A row as long as there can be: what only long rows meet is seen, too."""
    ids = [one for row in rows for one in row]
    return tuple((ids * -(-length // len(ids)))[:length])


def _longest_of(config: Any) -> int:
    """Rows within which every family attends to all that came before; windows begin to slide beyond."""
    text = config.get_text_config()
    limits = (getattr(text, name, None) for name in ("max_position_embeddings", "sliding_window"))
    return min((int(one) for one in limits if one), default=USUAL_LENGTH)


@torch.no_grad()
def _logits(model: Any, rows: Sequence[tuple[int, ...]]) -> Tensor:
    """(rows, labels): each alone, unpadded, as transformers does it."""
    return torch.cat([model(input_ids=torch.tensor([row])).logits for row in rows])


@torch.no_grad()
def _next(model: Any, row: tuple[int, ...]) -> Tensor:
    """(vocabulary,): of what follows."""
    found: Tensor = model(input_ids=torch.tensor([row]), use_cache=False, logits_to_keep=1).logits
    return found[0, -1]
