"""What this room asks of a tokenizer. Whoever owns the model's libraries passes one in."""

from collections.abc import Sequence
from typing import Protocol

from llmlora.contracts.dataset import Message


class TemplateError(Exception):
    """The chat template refused a conversation, in its own words."""


class ChatTokenizer(Protocol):
    """Renders conversations by the model's own template and turns text into ids and back."""

    special_texts: frozenset[str]
    """Texts that stand for one reserved id each, such as `<|im_end|>`."""
    eos_text: str
    start_ids: tuple[int, ...]
    """What the tokenizer puts before plain text: the start token, or nothing."""

    def render(self, messages: Sequence[Message], *, tools: str | None, add_generation_prompt: bool) -> str:
        """The conversation as the template writes it.

        Raises:
            TemplateError: the template refuses this conversation.
        """

    def encode(self, text: str) -> list[int]:
        """Ids of the text; reserved texts become their ids, nothing is added."""

    def decode(self, ids: Sequence[int]) -> str:
        """The text of ids, reserved texts included, nothing tidied."""
