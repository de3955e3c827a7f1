"""What of a data set is really trained, in tokens, as a family counted it.

Guarantee: rows read = rows kept + rows dropped; every dropped row has a reason.
"""

from pydantic import BaseModel, ConfigDict


class DroppedRow(BaseModel):
    """A row that is not trained on, and why."""

    model_config = ConfigDict(frozen=True)

    row: int
    reason: str


class Ledger(BaseModel):
    """Counts of one tokenization. Lengths in tokens, after truncation."""

    model_config = ConfigDict(frozen=True)

    rows_read: int
    rows_kept: int
    rows_truncated: int
    rows_dropped: int
    dropped_by_reason: dict[str, int]
    first_dropped: list[DroppedRow]
    training_rows: int
    """Rows of the token table; more than `rows_kept` where a template rewrites history."""
    tokens: int
    supervised_tokens: int
    longest: int
    longest_before_truncation: int
    length_quantiles: dict[str, float]
    max_length: int
    end_of_turn: str | None
    """The token that ends most rows."""
    ends_of_turn: dict[str, int]
    """How many trained turns each end-of-turn token ends; a turn that calls a tool may have one of its own."""
    rows_end_cut: int
    """Rows among `rows_truncated` whose last trained answer is cut short: its end is not trained."""
    rows_not_rendered: dict[str, int]
    """Kept rows that hold `reasoning`, `tool_calls` or `tools` which the template leaves out."""
