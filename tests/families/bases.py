"""Tiny random models of each family's own class, with its tokenizer and template: all that a base model directory holds."""

import json
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.families.tokenizers import published_tokenizer

STAND_IN = "SmolLM2"
# Matrices keep the size of what goes through them (1/√hidden); embeddings lie far enough apart that a LoRA learns a few
# answers by heart although they never move.
SPREAD, EMBEDDINGS_SPREAD = 0.0625, 0.2
SHAPE: dict[str, Any] = {
    "hidden_size": 256,
    "intermediate_size": 512,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 64,
    "max_position_embeddings": 512,
    "initializer_range": SPREAD,
}


@dataclass(frozen=True)
class Base:
    """What makes a family: transformers' configuration class, its tokenizer (SmolLM2's where none is to be had), its
    template (None: the tokenizer's own) and what its configuration has beside or instead of `SHAPE`."""

    config: str
    tokenizer: str = STAND_IN
    template: str | None = None
    tied: bool = False
    settings: dict[str, Any] = field(default_factory=dict)
    rows: int | None = None
    """Embedding rows; None: as many as tokens."""
    reserved: tuple[str, ...] = ()
    """Tokens that the family's template writes and a stand-in's tokenizer lacks."""
    tokenizer_class: str | None = None
    """As `tokenizer_config.json` names it, where a converter goes by that name."""
    legacy_spaces: bool = False
    """A space before all text and behind every reserved token, and reserved tokens that take the white space behind them."""
    steps: int = 25
    """After which the answers are known by heart."""
    start: str | None = None
    end: str | None = None
    """Start and end tokens where they are not those that the tokenizer names."""


def build(base: Base, stand_in: Path, directory: Path) -> Path:
    """Write the model (seed 0) and its tokenizer into `directory`. `stand_in`: a directory with SmolLM2's tokenizer."""
    import torch
    import transformers
    from tokenizers import AddedToken, normalizers
    from transformers import AutoModelForCausalLM, AutoTokenizer

    source = stand_in if base.tokenizer == STAND_IN else published_tokenizer(base.tokenizer)
    directory.mkdir(parents=True)
    for name in ("tokenizer.json", "tokenizer_config.json", "tokenizer.model", "chat_template.jinja"):
        if (source / name).is_file():
            shutil.copyfile(source / name, directory / name)
    _set_words(directory, base)
    tokenizer = AutoTokenizer.from_pretrained(directory, local_files_only=True)
    if base.reserved:
        added = [AddedToken(t, rstrip=base.legacy_spaces, normalized=False) for t in base.reserved]
        tokenizer.add_special_tokens({"additional_special_tokens": added}, replace_extra_special_tokens=False)
    if base.legacy_spaces:
        spaces = [normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")]
        tokenizer.backend_tokenizer.normalizer = normalizers.Sequence(spaces)
        tokenizer.backend_tokenizer.pre_tokenizer = None
    if base.start is not None or base.end is not None:
        tokenizer.bos_token, tokenizer.eos_token = (
            base.start or tokenizer.bos_token,
            base.end or tokenizer.eos_token,
        )
    if base.reserved or base.start or base.end:
        tokenizer.save_pretrained(directory)
    shape = {**SHAPE, **base.settings}
    ids = {
        "bos_token_id": tokenizer.bos_token_id,
        "eos_token_id": tokenizer.eos_token_id,
        "pad_token_id": tokenizer.pad_token_id,
    }
    config = getattr(transformers, base.config)(
        vocab_size=base.rows or len(tokenizer),
        tie_word_embeddings=base.tied,
        **{k: v for k, v in shape.items() if v is not None},
        **ids,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = AutoModelForCausalLM.from_config(config, dtype=torch.float32)
        tables = {
            id(e.weight): e.weight for e in (model.get_input_embeddings(), model.get_output_embeddings())
        }
        for table in (
            tables.values()
        ):  # whole, for the row of a padding token starts as zeros, and it may end turns, too
            torch.nn.init.normal_(table, std=EMBEDDINGS_SPREAD)
    model.to(torch.bfloat16).save_pretrained(directory)
    return directory


def _set_words(directory: Path, base: Base) -> None:
    path = directory / "tokenizer_config.json"
    config = json.loads(path.read_text(encoding="utf-8"))
    if base.template is not None:
        config.pop("chat_template", None)
        (directory / "chat_template.jinja").write_text(base.template, encoding="utf-8")
    if base.tokenizer_class is not None:
        config["tokenizer_class"] = base.tokenizer_class
    path.write_text(json.dumps(config, ensure_ascii=False), encoding="utf-8")
