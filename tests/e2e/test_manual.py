"""The built manual as a reader has it: opened from the disk in a browser, and where the addresses of errors lead."""

import re
from pathlib import Path

import pytest

from llmlora.devtools.browser import find_chromium
from llmlora.devtools.checks.error_leaves import error_entries
from llmlora.engine.manual.build import built_manual
from llmlora.engine.pages.build import install_packages
from llmlora.engine.pages.node import require_node
from llmlora.kit.manual import address_of, page_of_code

from tests.e2e.browser import Studio, walk

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def site() -> Path:
    return built_manual(lambda _ja, _en: None)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_link_of_every_error_leads_to_its_place(site: Path, language: str) -> None:
    known = sorted({one.code for one in error_entries() if not one.is_of_developers})
    assert len(known) > 300
    lost = []
    for code in known:
        path, _, place = address_of(page_of_code(code), language).removeprefix("/manual/").partition("#")
        page = site / path
        if not page.is_file() or (
            place and not re.search(rf'id="?{re.escape(place)}"?[\s>]', page.read_text(encoding="utf-8"))
        ):
            lost.append(code)
    assert lost == []


def test_manual_opens_from_the_disk(site: Path, tmp_path: Path) -> None:
    node = require_node()
    install_packages(node, lambda _ja, _en: None)
    nowhere = Studio(tmp_path, "", "", find_chromium(), node.node)
    done = walk(nowhere, "flows/manual.flow.ts", tmp_path / "pictures", SITE=str(site))
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
