"""How a text model reads texts, and what a training would make of them."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from llmlora.contracts.dataset import Example
from llmlora.data.kinds.text import looks
from llmlora.data.kinds.text.drop_reasons import DROP_REASONS
from llmlora.data.kinds.text.examples import as_text

if TYPE_CHECKING:
    from llmlora.data.token_previews import TokenLengths, TokenRow
    from llmlora.data.tokenizer import ChatTokenizer


class TextTokens:
    """`Tokens` of all kinds of texts."""

    def estimated(self, example: Example, tokens_per_other: float) -> tuple[int, int]:
        """By characters."""
        return looks.estimated_tokens(as_text(example), tokens_per_other)


class TextPreviews:
    """`TokenPreviews` of the kinds that have a ledger."""

    drop_names: Mapping[str, tuple[str, str]] = {
        code: (told.ja, told.en) for code, told in DROP_REASONS.items()
    }

    def rows(
        self, examples: Iterable[Example], tokenizer: "ChatTokenizer", *, max_length: int
    ) -> "list[list[TokenRow]]":
        """As the ledger would count them."""
        from llmlora.data.kinds.text.previewer import rows_as_pieces

        return rows_as_pieces(map(as_text, examples), tokenizer, max_length=max_length)

    def lengths(
        self, examples: Iterable[Example], tokenizer: "ChatTokenizer", *, max_length: int, directory: Path
    ) -> "TokenLengths":
        """By a ledger."""
        from llmlora.data.kinds.text.previewer import measure_lengths

        texts = map(as_text, examples)
        return measure_lengths(texts, tokenizer, max_length=max_length, directory=directory)
