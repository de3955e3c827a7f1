"""One accepted row of a table."""

from llmlora.contracts.dataset import Example
from llmlora.data.scalars import Scalar


class TableExample(Example):
    """What is known of a row, by column, and what is to be predicted of it. Cells are as the file writes them; None: missing."""

    features: dict[str, Scalar]
    target: bool | int | float | str
    target_name: str


def as_table_row(example: Example) -> TableExample:
    """The same, known to be one."""
    assert isinstance(example, TableExample)
    return example
