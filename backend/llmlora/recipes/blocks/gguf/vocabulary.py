"""What a converter reads about a vocabulary and a tokenizer's files do not say, or not where it looks."""

import json
import shutil
from pathlib import Path
from typing import Any

# SentencePiece's mark of a space.
_SPACE = "▁"
PIECES_NAME = "tokenizer.model"
_CONFIG_NAME = "tokenizer_config.json"


def keep_pieces(source: Path, target: Path) -> None:
    """Put the SentencePiece model of `source`, which transformers does not save again, beside the tokenizer in `target`.

    Without it a converter takes the pieces for byte-level ones, or refuses the model.
    """
    if (source / PIECES_NAME).is_file():
        shutil.copyfile(source / PIECES_NAME, target / PIECES_NAME)


def stage_vocabulary(directory: Path, tokenizer: Any, work: Path) -> Path:
    """`directory`, or a copy of it by links in `work` that tells llama.cpp whether a space goes before text.

    llama.cpp puts one behind every reserved token unless the GGUF says otherwise; Mistral's tokenizer, for one, only
    at the very beginning: each turn would then begin with a space that no training saw.
    """
    said = json.loads((directory / _CONFIG_NAME).read_text(encoding="utf-8"))
    puts = _puts_space_behind_reserved(tokenizer)
    if puts is None or said.get("add_prefix_space") is puts:
        return directory
    staged = work / "staged" / directory.name
    staged.mkdir(parents=True)
    for path in directory.iterdir():
        if path.name != _CONFIG_NAME:
            (staged / path.name).symlink_to(path.resolve())
    (staged / _CONFIG_NAME).write_text(json.dumps({**said, "add_prefix_space": puts}), encoding="utf-8")
    return staged


def _puts_space_behind_reserved(tokenizer: Any) -> bool | None:
    """None where spaces are not SentencePiece's."""
    if tokenizer.convert_tokens_to_ids(_SPACE) in (None, tokenizer.unk_token_id):
        return None
    text = f"{tokenizer.eos_token}a"
    ids = tokenizer(text, add_special_tokens=False)["input_ids"]
    first = tokenizer.convert_ids_to_tokens(ids)[1]
    return bool(first.startswith(_SPACE))
