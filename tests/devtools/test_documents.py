"""What a newcomer reads first is short, is there in both languages, and names nothing that is gone."""

import re
from pathlib import Path

import pytest
import yaml

REPOSITORY = Path(__file__).parents[2]
FIRST = [
    REPOSITORY / name
    for name in ("README.md", "README.ja.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")
]
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")
JAPANESE = re.compile(r"[ぁ-んァ-ヶ]")


def below(path: Path) -> str:
    return path.relative_to(REPOSITORY).as_posix()


@pytest.mark.parametrize("path", FIRST, ids=below)
def test_links_lead_somewhere(path: Path) -> None:
    linked = LINK.findall(path.read_text(encoding="utf-8"))
    assert [one for one in linked if not (path.parent / one).exists()] == []


@pytest.mark.parametrize(("name", "other"), [("README.md", "README.ja.md"), ("README.ja.md", "README.md")])
def test_readme_is_short_and_speaks_one_language(name: str, other: str) -> None:
    text = (REPOSITORY / name).read_text(encoding="utf-8")
    prose = re.sub(r"```.*?```", "", text, flags=re.DOTALL).replace("[日本語]", "")
    assert len(text.splitlines()) <= 80
    assert f"]({other})" in text
    assert (JAPANESE.search(prose) is not None) is (name == "README.ja.md")
    assert "./llmlora up" in text
    assert "./llmlora demo" in text


def test_readmes_lead_to_the_same() -> None:
    def places(name: str) -> list[str]:
        found = LINK.findall((REPOSITORY / name).read_text(encoding="utf-8"))
        return sorted(
            re.sub(r"docs/(en|ja)/|(?<=docs/cli)\.ja(?=\.md)|\.en(?=\.md)|README(\.ja)?\.md", "", one)
            for one in found
        )

    assert places("README.md") == places("README.ja.md")


@pytest.mark.parametrize("page", ["tour.md", "reference/promises.md", *(
    f"how-to/{one}.md" for one in ("always-on", "apple-silicon", "develop-without-docker")
)])  # fmt: skip
def test_pages_stand_in_both_languages_with_the_same_parts(page: str) -> None:
    english, japanese = (
        (REPOSITORY / "docs" / one / page).read_text(encoding="utf-8") for one in ("en", "ja")
    )
    for part in (r"^#+ ", r"^\|", r"^```"):
        assert len(re.findall(part, english, re.MULTILINE)) == len(
            re.findall(part, japanese, re.MULTILINE)
        ), part


def test_promised_tests_are_there() -> None:
    for language in ("en", "ja"):
        text = (REPOSITORY / "docs" / language / "reference" / "promises.md").read_text(encoding="utf-8")
        named = [
            one
            for row in re.findall(r"^\|.*\| (`.*) \|$", text, re.MULTILINE)
            for one in re.findall(r"`([^`]+)`", row)
        ]
        assert len(named) > 50
        assert [one for one in named if not (REPOSITORY / one).exists()] == []


@pytest.mark.parametrize(
    "path", sorted((REPOSITORY / ".github" / "ISSUE_TEMPLATE").glob("*.yml")), ids=lambda one: one.name
)
def test_issue_templates_are_forms(path: Path) -> None:
    form = yaml.safe_load(path.read_text(encoding="utf-8"))
    if path.name == "config.yml":
        assert all(link.keys() == {"name", "url", "about"} for link in form["contact_links"])
        return
    assert {"name", "description", "body"} <= form.keys()
    for field in form["body"]:
        assert field["type"] in {"textarea", "input", "dropdown", "checkboxes", "markdown"}
        assert field["attributes"]["label"]
