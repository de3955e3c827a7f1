"""Spaces of a SentencePiece vocabulary as llama.cpp treats them, which transformers' rebuilt tokenizers do not."""

from typing import Any

from tokenizers import AddedToken, Tokenizer, normalizers

from llmlora.recipes.blocks.tokenizer import HfChatTokenizer

_SPACE = "▁"
_GEMMA = "gemma"
TAKES_SPACES_NAME = "Phi-3"
# llama.cpp, src/llama-vocab.cpp: in a model so named, reserved tokens take the white space behind them, but for these.
_PHI_3, _PHI_3_KEEPS = ("phi-3", "phi3"), frozenset({"<unk>", "<s>", "<|endoftext|>"})
_CONTROL = 3


def split_like_llama_cpp(backend: Tokenizer, reader: Any) -> None:
    """Put a space at the beginning and behind every reserved token where the file says so (or says nothing), and nowhere else.

    Other kinds of vocabularies are left as they are.
    """
    if _field(reader, "tokenizer.ggml.model") != "llama":
        return
    replaced: list[Any] = [normalizers.Replace(" ", _SPACE)]
    if _field(reader, "tokenizer.ggml.add_space_prefix") is not False:
        replaced.insert(0, normalizers.Prepend(_SPACE))
    backend.normalizer = normalizers.Sequence(replaced)
    if not str(_field(reader, "general.architecture")).startswith(_GEMMA):
        backend.pre_tokenizer = None
    name = str(_field(reader, "general.name") or "").lower()
    if any(part in name for part in _PHI_3):
        _take_spaces_behind(backend, reader)


def takes_spaces_behind(trained: HfChatTokenizer) -> bool:
    """Whether reserved tokens take the white space behind them."""
    return any(token.rstrip for token in trained.inner.added_tokens_decoder.values() if token.special)


def _take_spaces_behind(backend: Tokenizer, reader: Any) -> None:
    texts, kinds = (_field(reader, f"tokenizer.ggml.{key}") for key in ("tokens", "token_type"))
    taking = [
        AddedToken(text, normalized=False, special=True, rstrip=True)
        for text, kind in zip(texts, kinds, strict=True)
        if kind == _CONTROL and text not in _PHI_3_KEEPS
    ]
    backend.add_special_tokens(taking)


def _field(reader: Any, key: str) -> Any:
    field = reader.get_field(key)
    return None if field is None else field.contents()
