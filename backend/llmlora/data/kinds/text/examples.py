"""One accepted row of each kind of text."""

from llmlora.contracts.dataset import Example, Message


class ConversationExample(Example):
    """Turns, of which those of the assistant are learned. `tools`: JSON text of what the assistant may call."""

    messages: tuple[Message, ...]
    tools: str | None = None


class CompletionExample(Example):
    """A text that goes on. `prompt`: what it goes on from, where the source had one (None: plain text)."""

    prompt: str | None = None
    completion: str


class PreferenceExample(Example):
    """Turns and two answers to them, of which one is preferred."""

    messages: tuple[Message, ...]
    chosen: str
    rejected: str


TextExample = ConversationExample | CompletionExample | PreferenceExample


def as_text(example: Example) -> TextExample:
    """The same, known to be a text."""
    assert isinstance(example, TextExample)
    return example
