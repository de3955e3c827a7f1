"""What the API sends as a code has words on the pages, in both languages. (Codes of the schema's enums are typed: `tsc` looks.)"""

import json
import re
from pathlib import Path
from typing import Any, get_args

import pytest

import llmlora
from llmlora.contracts.events import ArtifactKind
from llmlora.data.kinds.text.drop_reasons import DROP_REASONS
from llmlora.data.kinds.text.refusals import REFUSALS
from llmlora.data.refusals import REASONS
from llmlora.recipes.blocks.base_reference import Source

from tests.factories import REPOSITORY

SOURCE = "".join(path.read_text() for path in Path(llmlora.__file__).parent.rglob("*.py"))
REPORTS = set(re.findall(r'Report\(\s*name="(\w+)"', SOURCE))


@pytest.fixture(params=["ja", "en"])
def words(request: pytest.FixtureRequest) -> Any:
    """The words of a place such as `job.files.kinds` in one of the languages."""

    def words_at(place: str) -> dict[str, Any]:
        namespace, *keys = place.split(".")
        path = REPOSITORY / "frontend" / "messages" / request.param / f"{namespace}.json"
        found: dict[str, Any] = json.loads(path.read_text())
        for key in keys:
            found = found[key]
        return found

    return words_at


@pytest.mark.parametrize(
    ("codes", "place"),
    [
        (set(DROP_REASONS), "dataset.reasons"),
        (set(DROP_REASONS), "job.ledger.reasons"),
        (set(REASONS), "dataset.reasons"),
        (set(REFUSALS), "dataset.reasons"),
        ({*ArtifactKind, "checkpoint"}, "job.files.kinds"),
        (REPORTS, "job.events.reports"),
        (set(get_args(Source)), "models.bases.sources"),
        (set(get_args(Source)), "newTraining.base.source"),
        ({"reasoning", "tool_calls", "tools"}, "common.notRendered"),
    ],
)  # fmt: skip
def test_code_that_a_page_draws_has_words(words: Any, codes: set[str], place: str) -> None:
    known = words(place)
    assert codes
    assert codes <= set(known)
    for code in codes:
        assert known[code]
        assert "_" not in known[code] or "tool_calls" in known[code]


def test_reports_that_recipes_make_are_found() -> None:
    assert {"ledger", "gates", "seal", "pull"} <= REPORTS
