"""What a person should know of a table before they train: its columns, its target, what gives the answer away."""

from pydantic import JsonValue

from llmlora.contracts.dataset import Example
from llmlora.data.class_names import class_names
from llmlora.data.kinds.table.examples import as_table_row
from llmlora.data.kinds.table.tally import TableTally

MOST_LISTED = 1000
"""Columns, classes and pairs of rows that are named one by one."""


class TableSummary:
    """`Summary`."""

    def __init__(self) -> None:
        self._tally = TableTally()

    def note(self, example: Example) -> None:
        """Count one row."""
        self._tally.note(as_table_row(example))

    def facts(self) -> dict[str, JsonValue]:
        """`columns` with type, rows without a value, and values told apart; `target`, its type and the `task` it asks for;
        `left_out`: columns that nothing is learned from and why; `classes` with their rows where it is a classification;
        `contradictions`: pairs of rows with the same cells and another target, the first of them; `repeats`: with the same."""
        tally = self._tally
        is_classification = tally.task == "classification"
        names = class_names(tally.classes) if is_classification else ()
        columns = tally.columns()
        return {
            "target": tally.target_name,
            "target_type": tally.target.type,
            "task": tally.task,
            "columns": [
                {"name": one.name, "type": one.type, "missing": one.missing, "distinct": one.distinct}
                for one in columns[:MOST_LISTED]
            ],
            "column_count": len(columns),
            "left_out": [
                {"column": one.column, "reason": one.reason} for one in tally.remarks()[:MOST_LISTED]
            ],
            "classes": [{"name": name, "rows": tally.classes[name]} for name in names[:MOST_LISTED]],
            "class_count": len(names),
            "single_example": sum(tally.classes[name] == 1 for name in names),
            "repeats": tally.repeats,
            "contradiction_count": len(tally.contradictions),
            "contradictions": [list(pair) for pair in tally.contradictions[:MOST_LISTED]],
        }
