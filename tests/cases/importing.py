"""What the replayed cases of the import share."""

from pathlib import Path
from typing import Any

from llmlora.contracts.dataset import Example, Message
from llmlora.data.importer import import_file
from llmlora.data.importer_protocol import Request, Result
from llmlora.data.rows import read_examples

HERE = Path(__file__).parent


def case(pattern: str) -> Path:
    (found,) = HERE.glob(pattern)
    return found


class Imported:
    """A file's result and its rows as they are stored."""

    def __init__(self, source: Path, directory: Path) -> None:
        directory.mkdir()
        request = Request(source=source, directory=directory, kind=None, mapping={})
        self.result: Result = import_file(request, lambda _message: None)
        self.rows: list[Example] = list(read_examples(directory / "rows.parquet"))

    @property
    def refused(self) -> list[tuple[int, str | None, str]]:
        return [(one.row, one.column, one.reason) for one in self.result.counts.first_refused]

    @property
    def answers(self) -> list[str]:
        return [row.messages[-1].content for row in self.rows]

    @property
    def ignored(self) -> list[str]:
        return self.result.found.ignored_columns


def talk(*answers: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A row of questions and these assistant turns."""
    turns = []
    for answer in answers:
        turns += [{"role": "user", "content": "q"}, {"role": "assistant", **answer}]
    return {"messages": turns, **more}


def assistants(example: Example) -> list[Message]:
    return [m for m in example.messages if m.role == "assistant"]
