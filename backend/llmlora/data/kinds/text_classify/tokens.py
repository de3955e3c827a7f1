"""How an encoder reads a text with labels, estimated."""

from llmlora.contracts.dataset import Example
from llmlora.data.kinds.text_classify.examples import as_labelled
from llmlora.data.token_estimates import tokens_of

FRAME_TOKENS = 2
"""What an encoder puts before and behind a text."""


class LabelledTokens:
    """`Tokens`: all of a text is read, and one loss is taken of it."""

    def estimated(self, example: Example, tokens_per_other: float) -> tuple[int, int]:
        """By characters."""
        return tokens_of(as_labelled(example).text, tokens_per_other) + FRAME_TOKENS, 1
