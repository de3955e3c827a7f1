"""One accepted row."""

from llmlora.contracts.dataset import Example


class LabelledExample(Example):
    """A text and its classes, as they are written: one, or several (or none) where a row may have several."""

    text: str
    labels: tuple[str, ...]


def as_labelled(example: Example) -> LabelledExample:
    """The same, known to be one."""
    assert isinstance(example, LabelledExample)
    return example
