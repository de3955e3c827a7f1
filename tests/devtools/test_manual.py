"""The manual cannot lie: each kind of fault is planted in a copy of it and found."""

import shutil
from pathlib import Path

import pytest

from llmlora.devtools.checks.manual import dead_links, lonely_pages, settings_without_words, untrue_pages
from llmlora.devtools.checks.manual_reference import manual_pages

from tests.factories import REPOSITORY


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A small manual with the builder's own files: a page in both languages."""
    for name in ("mkdocs.yml", "mkdocs.ja.yml"):
        shutil.copy(REPOSITORY / name, tmp_path / name)
    shutil.copytree(REPOSITORY / "docs" / "theme", tmp_path / "docs" / "theme")
    for language in ("ja", "en"):
        folder = tmp_path / "docs" / language
        folder.mkdir()
        (folder / "index.md").write_text("# llmlora\n\n[other](other.md#part)\n", encoding="utf-8")
        (folder / "other.md").write_text("# Other\n\n## Part\n\nWords.\n", encoding="utf-8")
    return tmp_path


def plant(root: Path, words: str, page: str = "en/other.md") -> None:
    with (root / "docs" / page).open("a", encoding="utf-8") as file:
        file.write(f"\n{words}\n")


class TestUntruePages:
    def test_manual_names_nothing_that_is_gone(self) -> None:
        assert list(untrue_pages()) == []

    @pytest.mark.parametrize(
        ("words", "found"),
        [
            ("```bash\n./llmlora traim --dataset x\n```", "no command: ./llmlora traim"),
            ("```bash\n./llmlora train --ranks 4\n```", "no flag of ./llmlora train: --ranks"),
            ("Press **“Train at once”**.", "no label of the pages: Train at once"),
            ("```studio\npress: Begin everything\n```", "no label of the pages: Begin everything"),
            ("curl http://127.0.0.1:8000/api/trainings", "no address of the API: /api/trainings"),
            ("See [this](nowhere.md).", "no file: nowhere.md"),
            ("Add tutorial/datasets/level9.json.", "no file: tutorial/datasets/level9.json"),
            ("The ledger of a run.", "ledger → Data breakdown"),
            ("```studio\npres: Save\n```", "it is not clear what this line means: pres: Save"),
        ],
    )
    def test_what_is_gone_is_found(self, root: Path, words: str, found: str) -> None:
        assert list(untrue_pages(root)) == []
        plant(root, words)
        assert any(found in line for line in untrue_pages(root))

    def test_japanese_pages_are_looked_up_in_japanese(self, root: Path) -> None:
        plant(root, "「**モデル**」を開きます。", "ja/other.md")
        assert list(untrue_pages(root)) == []
        plant(root, "「**Models**」を開きます。", "ja/other.md")
        assert any("no label of the pages: Models" in line for line in untrue_pages(root))


class TestLonelyPages:
    def test_every_page_has_its_twin(self) -> None:
        assert list(lonely_pages()) == []

    def test_page_of_one_language_is_found_unless_it_says_so(self, root: Path) -> None:
        (root / "docs" / "en" / "more.md").write_text("# More\n", encoding="utf-8")
        assert list(lonely_pages(root)) == ["docs/en/more.md: docs/ja/more.md is missing"]
        (root / "docs" / "en" / "more.md").write_text("---\nonly: en\n---\n\n# More\n", encoding="utf-8")
        assert list(lonely_pages(root)) == []
        (root / "docs" / "ja" / "more.md").write_text("# もっと\n", encoding="utf-8")
        assert len(list(lonely_pages(root))) == 1


class TestReference:
    def test_every_setting_has_japanese_words(self) -> None:
        assert list(settings_without_words()) == []

    def test_pages_are_what_the_code_says(self) -> None:
        stale = [path for path, make in manual_pages().items() if path.read_text(encoding="utf-8") != make()]
        assert stale == []


@pytest.mark.slow
class TestBuilt:
    def test_links_and_anchors_that_lead_nowhere_are_found(self, root: Path) -> None:
        assert list(dead_links(root)) == []
        assert (root / "site" / "ja" / "other.html").is_file()
        plant(root, "[gone](other.md#nothing)")
        assert "nothing" in "".join(dead_links(root))
        (root / "docs" / "en" / "other.md").write_text(
            '# Other\n\n## Part\n\n--8<-- "docs/gone.md"\n', encoding="utf-8"
        )
        assert "page does not exist" in "".join(dead_links(root))
