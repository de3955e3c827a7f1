"""Fixtures of the replayed cases."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cases.importing import Imported


@pytest.fixture
def imported(tmp_path: Path) -> Any:
    def import_it(source: Path | list[Any] | str | bytes, name: str = "rows.jsonl") -> Imported:
        if not isinstance(source, Path):
            if isinstance(source, list):
                source = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in source)
            path = tmp_path / name
            path.write_bytes(source.encode() if isinstance(source, str) else source)
            source = path
        return Imported(source, tmp_path / f"out-{len(list(tmp_path.iterdir()))}")

    return import_it
