"""`python -m llmlora.data.examine ROWS.parquet`: the child that looks a data set over: repeats, contradictions, odd rows.

Comparing rows takes a core for seconds and memory for all of them, which a server has not. It reports one JSON line on
descriptor 3, an `Examined`; its parent bounds the time.
"""

import os
import sys
from itertools import islice
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from llmlora.data import soundness
from llmlora.data.importer_bounds import limit_resources
from llmlora.data.kinds.registry import family_of
from llmlora.data.rows import kind_of_rows, read_examples
from llmlora.kit.processes import EVENTS_FD, die_with_parent

MOST_LOOKED_AT = 100_000
MOST_TOLD = 5_000
"""Rows, or groups of them, of one remark: more are counted."""


class Remarked(BaseModel):
    """What is to be said of some rows. `rows`: the first of them by number, those together that belong together."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    count: int
    rows: list[list[int]]


class Examined(BaseModel):
    """A data set, or its first rows: what was found, by code of `soundness.remarkable`. `compared`: the rows among which
    near repeats were looked for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    looked_at: int
    compared: int
    found: dict[str, Remarked]


def examine(path: Path) -> Examined:
    """Look the first `MOST_LOOKED_AT` rows over.

    Raises:
        OSError: the file cannot be read.
        DataKindUnknownError: nobody knows their kind.
    """
    asked_of = family_of(kind_of_rows(path)).asked_of
    rows = [asked_of(one) for one in islice(read_examples(path), MOST_LOOKED_AT)]
    found = soundness.remarkable(rows)
    return Examined(
        looked_at=len(rows),
        compared=min(len(rows), soundness.MOST_COMPARED),
        found={code: Remarked(count=len(those), rows=those[:MOST_TOLD]) for code, those in found.items()},
    )


def main() -> None:
    """Look over the file that the first argument names."""
    die_with_parent()
    path = Path(sys.argv[1])
    limit_resources(path.stat().st_size)
    with os.fdopen(EVENTS_FD, "wb") as events:
        events.write(examine(path).model_dump_json().encode() + b"\n")


if __name__ == "__main__":
    main()
