"""A recipe and a kind of data that nobody here knows, on the pages: not a line of TypeScript tells of them."""

import io
import json
import zipfile
from pathlib import Path

import httpx
import pytest

from tests.conformance.test_data_kinds import png
from tests.e2e.browser import Studio, running_studio, walk

pytestmark = pytest.mark.slow
FOREIGN = Path(__file__).parents[1] / "conformance"


def photos() -> bytes:
    """Three rows, each a photo and its colour."""
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as file:
        rows = [{"photo": f"{colour}.png", "colour": colour} for colour in ("red", "green", "blue")]
        file.writestr("rows.jsonl", "\n".join(map(json.dumps, rows)))
        for row in rows:
            file.writestr(row["photo"], png(row["colour"]))
    return kept.getvalue()


def dataset_in(studio: Studio) -> str:
    sent = {"file": ("photos.zip", photos())}
    added = httpx.post(f"{studio.api_url}/api/datasets/upload", files=sent, timeout=60)
    return str(added.raise_for_status().json()["dataset"]["id"])


@pytest.mark.long
def test_flow_of_a_foreign_recipe_reaches_its_end(tmp_path: Path) -> None:
    foreign = {
        "LLMLORA_RECIPES": str(FOREIGN / "recipes"),
        "LLMLORA_DATA_KINDS": str(FOREIGN / "kinds"),
    }
    pictures = tmp_path / "pictures"
    with running_studio(tmp_path / "studio" / "data", **foreign) as studio:
        done = walk(studio, "flows/recipes.flow.ts", pictures, DATASET=dataset_in(studio))
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}\n{pictures}"
