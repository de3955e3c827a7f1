"""Texts as they are kept, for those who can only learn from texts."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from llmlora.contracts.dataset import Example
from llmlora.data.kinds.text.examples import (
    CompletionExample,
    ConversationExample,
    PreferenceExample,
    TextExample,
)
from llmlora.data.rows import read_examples


def read_texts(path: Path) -> Iterator[TextExample]:
    """All texts in order, in bounded memory; rows of another family are none.

    Raises:
        OSError: the file cannot be read.
    """
    return _texts(read_examples(path))


def _texts(examples: Iterable[Example]) -> Iterator[TextExample]:
    for one in examples:
        if isinstance(one, ConversationExample | CompletionExample | PreferenceExample):
            yield one
