"""What a converter reads about a vocabulary and a tokenizer's files do not say, or not where it looks."""

import json
import shutil
from pathlib import Path
from typing import Any

from llmlora.recipes.blocks.tokenizer import HfChatTokenizer

# SentencePiece's mark of a space.
_SPACE = "▁"
PIECES_NAME = "tokenizer.model"
_CONFIG_NAME = "tokenizer_config.json"
_CLASS = "tokenizer_class"
_ADD_START = "add_bos_token"
_ADDED = "added_tokens_decoder"
# What an import says of the directory that it made, and the GGUF that was it, or a link to it.
ORIGIN_FILE, _VOCABULARY_NAME = "origin.json", "vocabulary.gguf"
_NAMING_TOKENS = ("tokenizer.json", _CONFIG_NAME, "special_tokens_map.json", "added_tokens.json")


def keep_unsaved(source: Path, target: Path) -> None:
    """Put beside the tokenizer in `target` what that of `source` has and transformers does not save again.

    The SentencePiece model: without it a converter takes the pieces for byte-level ones, or refuses the model. The GGUF
    that the base was made of, whose vocabulary no converter would find again. And the name of the tokenizer's class, by
    which Phi 4's converter knows that there is no SentencePiece model.
    """
    if own := own_vocabulary(source):
        (target / _VOCABULARY_NAME).symlink_to(own.resolve())
    if (source / PIECES_NAME).is_file():
        shutil.copyfile(source / PIECES_NAME, target / PIECES_NAME)
    config = source / _CONFIG_NAME
    named = json.loads(config.read_text(encoding="utf-8")).get(_CLASS) if config.is_file() else None
    said = json.loads((target / _CONFIG_NAME).read_text(encoding="utf-8"))
    if named and said.get(_CLASS) != named:
        text = json.dumps({**said, _CLASS: named}, ensure_ascii=False, indent=2)
        (target / _CONFIG_NAME).write_text(text, encoding="utf-8")


def own_vocabulary(directory: Path) -> Path | None:
    """The GGUF that a base, or the base of a merged model, was made of."""
    if (directory / _VOCABULARY_NAME).is_file():
        return directory / _VOCABULARY_NAME
    try:
        named = json.loads((directory / ORIGIN_FILE).read_bytes())["gguf"]
    except (OSError, ValueError, LookupError, TypeError):  # none, or a file of somebody else's by that name
        return None
    kept = directory / Path(str(named)).name
    return kept if named and kept.is_file() else None


def stage_vocabulary(directory: Path, trained: HfChatTokenizer, rows: int, work: Path) -> Path:
    """`directory`, or a copy of it by links in `work` that tells llama.cpp what only the tokenizer itself knows.

    Whether a space goes before text: llama.cpp puts one behind every reserved token unless the GGUF says otherwise;
    Mistral's tokenizer, for one, only at the very beginning: each turn would then begin with a space that no training
    saw. That no start token goes there, which a SentencePiece vocabulary is given unless it says so. Which tokens were
    added behind a SentencePiece model: transformers 5 writes them into `tokenizer.json`, where no converter looks. And
    which added tokens have none of the embeddings' `rows`: a converter fails on those.
    """
    tokenizer = trained.inner
    said = json.loads((directory / _CONFIG_NAME).read_text(encoding="utf-8"))
    puts = _puts_space_behind_reserved(tokenizer)
    rowless = {str(text) for token, text in tokenizer.added_tokens_decoder.items() if token >= rows}
    told: dict[str, Any] = {}
    if puts is not None:
        told["add_prefix_space"] = puts
    if (directory / PIECES_NAME).is_file() and _ADDED not in said:
        told[_ADDED] = _behind_pieces(tokenizer)
    if _ADD_START not in said and not trained.start_ids and not trained.writes_start:
        told[_ADD_START] = False
    changed = {} if told.items() <= said.items() else {_CONFIG_NAME: {**said, **told}}
    if rowless:
        for name in _NAMING_TOKENS:
            if (directory / name).is_file():
                document = changed.get(name) or json.loads((directory / name).read_text(encoding="utf-8"))
                changed[name] = _without(document, rowless)
    return _copied(directory, changed, work) if changed else directory


def _behind_pieces(tokenizer: Any) -> dict[str, Any]:
    pieces = tokenizer.backend_tokenizer.get_vocab_size(with_added_tokens=False)
    return {
        str(number): {"content": str(token), "special": token.special}
        for number, token in tokenizer.added_tokens_decoder.items()
        if number >= pieces
    }


def _copied(directory: Path, changed: dict[str, Any], work: Path) -> Path:
    staged = work / "staged" / directory.name
    staged.mkdir(parents=True)
    for path in directory.iterdir():
        if path.name not in changed:
            (staged / path.name).symlink_to(path.resolve())
    for name, document in changed.items():
        (staged / name).write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return staged


def _without(document: Any, texts: set[str]) -> Any:
    """A document of a tokenizer's without what names one of the texts."""
    if isinstance(document, dict):
        return {
            key: _without(value, texts)
            for key, value in document.items()
            if key not in texts and not _names(value, texts)
        }
    if isinstance(document, list):
        return [_without(value, texts) for value in document if not _names(value, texts)]
    return document


def _names(value: Any, texts: set[str]) -> bool:
    text = value.get("content") if isinstance(value, dict) else value
    return isinstance(text, str) and text in texts


def _puts_space_behind_reserved(tokenizer: Any) -> bool | None:
    """None where spaces are not SentencePiece's."""
    if tokenizer.convert_tokens_to_ids(_SPACE) in (None, tokenizer.unk_token_id):
        return None
    text = f"{tokenizer.eos_token}a"
    ids = tokenizer(text, add_special_tokens=False)["input_ids"]
    first = tokenizer.convert_ids_to_tokens(ids)[1]
    return bool(first.startswith(_SPACE))
