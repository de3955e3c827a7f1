"""The manual's page on Python runs as it is written, in both languages; a tiny model stands in for the bundled one."""

import re
from pathlib import Path

import pytest

from tests.factories import REPOSITORY

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
BUNDLED = "bundled:smollm2-135m-instruct"


@pytest.mark.parametrize("language", ["ja", pytest.param("en", marks=pytest.mark.long)])
def test_the_page_runs_from_top_to_bottom(
    language: str,
    platform_url: str,
    tiny_model_dir: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    page = (REPOSITORY / "docs" / language / "how-to" / "use-from-python.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```", page, flags=re.MULTILINE | re.DOTALL)
    assert len(blocks) == 5
    monkeypatch.setenv("LLMLORA_URL", platform_url)
    monkeypatch.setenv("LLMLORA_LANG", language)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tutorial").symlink_to(REPOSITORY / "tutorial")
    names: dict[str, object] = {}
    for block in blocks:
        exec(compile(block.replace(BUNDLED, f"path:{tiny_model_dir}"), page[:40], "exec"), names)
    assert {path.name for path in tmp_path.iterdir()} == {"tutorial", "adapter.zip", "curves.png"}
    assert "dataset_not_found" in capsys.readouterr().out
