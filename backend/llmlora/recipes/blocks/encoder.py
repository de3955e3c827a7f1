"""Encoders of texts with a head that tells classes: loaded, adapted by LoRA, asked, saved whole."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from torch import Tensor, nn
from transformers import AutoConfig, AutoModelForSequenceClassification, AutoTokenizer

from llmlora.kit.errors import InvalidInputError
from llmlora.recipes.blocks.adapter import UnknownTargetError
from llmlora.recipes.blocks.base_model import ENCODERS, POOLERS
from llmlora.recipes.blocks.base_model_errors import WeightsDoNotFitError

ASKED_AT_ONCE = 16
_WHERE: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
_POSITIONS_BEHIND_PADDING = frozenset({"roberta", "camembert", "xlm-roberta", "xlm-roberta-xl", "mpnet"})


class NoEncoderError(InvalidInputError):
    """The model is of another sort."""

    code = "base_model_no_encoder"
    ja = "ベースモデルの種類 {model_type} では、文章の分類を学習できません。BERT 系のエンコーダーを選んでください（例: {example}）。"
    en = "A base model of the type {model_type} cannot learn to classify texts here. Choose an encoder of the BERT family, for example {example}."


@dataclass(frozen=True)
class HeadedEncoder:
    """An encoder with its head, in float32. `head`: names of the modules that are not the encoder's own, or that its files
    lack: they begin at random and learn in any case."""

    model: Any
    head: tuple[str, ...]


def load_vocabulary(path: Path, *, example: str) -> tuple[Any, int | None]:
    """The tokenizer of an encoder, and how many tokens the model reads at most. `example`: what to choose instead.

    Raises:
        NoEncoderError: it is no encoder of texts.
    """
    described = AutoConfig.from_pretrained(path, **_WHERE)
    if described.model_type not in ENCODERS:
        raise NoEncoderError(model_type=described.model_type, example=example)
    context: int | None = getattr(described, "max_position_embeddings", None)
    if context and described.model_type in _POSITIONS_BEHIND_PADDING:
        context -= 2
    return AutoTokenizer.from_pretrained(path, **_WHERE), context


def load_headed(path: Path, labels: Sequence[str], *, several: bool) -> HeadedEncoder:
    """The encoder of a directory with a new head, whose outputs are named by `labels`. Draws the head by torch's seed.

    Raises:
        WeightsDoNotFitError: a tensor of the encoder is missing or of another shape than the config says.
    """
    names = dict(enumerate(labels))
    model, info = AutoModelForSequenceClassification.from_pretrained(
        path,
        dtype=torch.float32,
        use_safetensors=True,
        num_labels=len(labels),
        id2label=names,
        label2id={label: at for at, label in names.items()},
        problem_type="multi_label_classification" if several else "single_label_classification",
        ignore_mismatched_sizes=True,  # of a head that was there before; those of the encoder are refused below
        output_loading_info=True,
        **_WHERE,
    )
    prefix = f"{model.base_model_prefix}."
    wrong = {str(key[0] if isinstance(key, tuple) else key) for key in info["mismatched_keys"]}
    absent = {str(key) for key in info["missing_keys"]}
    own = {key for key in wrong | absent if key.startswith(prefix)}
    if lost := sorted(key for key in own if key in wrong or not POOLERS & set(key.split("."))):
        raise WeightsDoNotFitError(
            reason=(f"{lost[0]} など {len(lost)} 個がない", f"no {lost[0]}, {len(lost)} in all")
        )
    new = {key.rpartition(".")[0] for key in absent}
    head = [
        name
        for name, module in model.named_modules()
        if next(module.parameters(recurse=False), None) is not None
        and (name in new or not f"{name}.".startswith(prefix))
    ]
    return HeadedEncoder(model, tuple(head))


def adapted(
    encoder: HeadedEncoder,
    *,
    rank: int,
    alpha: float,
    dropout: float,
    target_modules: Sequence[str] | None,
    rslora: bool,
    dora: bool,
) -> PeftModel:
    """Freeze the encoder, put LoRA on its linear layers, and let the head learn and be saved whole.

    Raises:
        UnknownTargetError: a named target does not exist.
    """
    head = set(encoder.head)
    layers = {
        name: name.rpartition(".")[2]
        for name, module in encoder.model.named_modules()
        if isinstance(module, nn.Linear) and name not in head
    }
    known = sorted(set(layers.values()))
    wanted = set(target_modules or known)
    if unknown := sorted(wanted - set(known)):
        raise UnknownTargetError(unknown=", ".join(unknown), known=", ".join(known))
    config = LoraConfig(
        r=rank,
        lora_alpha=int(alpha) if float(alpha).is_integer() else alpha,
        lora_dropout=dropout,
        target_modules=[name for name, short in layers.items() if short in wanted],
        modules_to_save=list(encoder.head),
        use_rslora=rslora,
        use_dora=dora,
    )
    found = get_peft_model(encoder.model, config)
    assert isinstance(found, PeftModel)
    return found


def padded(rows: Sequence[Sequence[int]], pad_id: int, device: torch.device) -> dict[str, Tensor]:
    """`input_ids` and `attention_mask`, each (rows, longest) int64."""
    longest = max(map(len, rows))
    ids = torch.full((len(rows), longest), pad_id, dtype=torch.int64)
    mask = torch.zeros((len(rows), longest), dtype=torch.int64)
    for at, row in enumerate(rows):
        ids[at, : len(row)] = torch.tensor(row, dtype=torch.int64)
        mask[at, : len(row)] = 1
    return {"input_ids": ids.to(device), "attention_mask": mask.to(device)}


@torch.no_grad()
def logits_of(model: Any, tokenizer: Any, texts: Sequence[str], max_length: int) -> Tensor:
    """(texts, labels) float32 on the CPU, in the order of the texts."""
    found = []
    for at in range(0, len(texts), ASKED_AT_ONCE):
        asked = list(texts[at : at + ASKED_AT_ONCE])
        rows = tokenizer(asked, truncation=True, max_length=max_length)["input_ids"]
        found.append(model(**padded(rows, tokenizer.pad_token_id or 0, model.device)).logits.float().cpu())
    return torch.cat(found)
