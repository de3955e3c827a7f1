"""The examples of a data set's own file."""

from collections.abc import Iterator
from pathlib import Path

from llmlora.data.kinds.text_classify.examples import LabelledExample, as_labelled
from llmlora.data.rows import read_examples


def read_labelled(path: Path) -> Iterator[LabelledExample]:
    """All rows in order, in bounded memory.

    Raises:
        OSError: the file cannot be read.
    """
    return map(as_labelled, read_examples(path))
