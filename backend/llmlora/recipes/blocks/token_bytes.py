"""The bytes each token stands for. A token can be half a character, so text is not enough to compare by.

Knows the two families of fast tokenizers: byte-level BPE (GPT-2's table) and SentencePiece-like with byte fall-back.
"""

import json
import re
from functools import cache
from typing import Any

_BYTE_TOKEN = re.compile(r"<0x([0-9A-Fa-f]{2})>")


class TokenBytes:
    """Looks tokens up in a fast tokenizer. Special tokens have no bytes: engines do not print them."""

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        self._special = set(tokenizer.all_special_ids) | {
            i for i, token in tokenizer.added_tokens_decoder.items() if token.special
        }
        self._added = {i: str(token) for i, token in tokenizer.added_tokens_decoder.items()}
        self._byte_level = '"ByteLevel"' in json.dumps(
            json.loads(tokenizer.backend_tokenizer.to_str())["decoder"]
        )

    def of(self, token: int) -> bytes:
        """The bytes of one token; empty for special tokens and for ids without a token."""
        if token in self._special:
            return b""
        if token in self._added:
            return self._added[token].encode()
        text = self._tokenizer.convert_ids_to_tokens(token)
        if text is None:
            return b""
        if self._byte_level:
            return bytes(_byte_of_character()[c] for c in text)
        if found := _BYTE_TOKEN.fullmatch(text):
            return bytes([int(found.group(1), 16)])
        return str(text).replace("\u2581", " ").encode()


@cache
def _byte_of_character() -> dict[str, int]:
    """Inverse of GPT-2's `bytes_to_unicode`: printable bytes stand for themselves, the rest for U+0100 onwards."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    hidden = [b for b in range(256) if b not in printable]
    return {chr(b): b for b in printable} | {chr(256 + n): b for n, b in enumerate(hidden)}
