"""Every error's link leads somewhere, and the pages of faults name what exists."""

import shutil
from pathlib import Path

import pytest

from llmlora.devtools.checks.blanks import readable
from llmlora.devtools.checks.error_leaves import error_entries
from llmlora.devtools.checks.fault_pages import DOCS, LANGUAGES, fault_pages
from llmlora.devtools.checks.troubleshooting import codes_without_anchor, faults_between, faults_of_page
from llmlora.kit.manual import address_of, page_of_code, page_of_finding, source_of


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    """A copy of the pages, to spoil."""
    for language in LANGUAGES:
        for folder in ("troubleshooting", "reference"):
            shutil.copytree(DOCS / language / folder, tmp_path / language / folder)
    return tmp_path


def spoil(docs: Path, page: str, old: str, new: str) -> None:
    path = docs / page
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def faults_of(docs: Path, language: str, slug: str) -> list[str]:
    (page,) = (one for one in fault_pages(language, docs) if one.slug == slug)
    return [line.split(": ", 1)[1] for line in faults_of_page(page)]


class TestEveryCode:
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_leads_to_a_file_and_to_a_heading_in_it(self, language: str) -> None:
        texts: dict[str, str] = {}
        for one in error_entries():
            name, _, anchor = source_of(page_of_code(one.code), language).partition("#")
            text = texts.setdefault(name, (DOCS.parent / name).read_text(encoding="utf-8"))
            assert not anchor or f"\n### `{anchor}`\n" in text, one.code

    def test_that_a_reference_does_not_have_is_found(self, docs: Path) -> None:
        path = docs / "ja" / "reference" / "errors.md"
        path.write_text(path.read_text(encoding="utf-8").replace("### `disk_full`", "###"), encoding="utf-8")
        assert list(codes_without_anchor(docs)) == ["ja/reference/errors.md: no heading for disk_full"]

    def test_of_a_shared_code_has_the_words_of_all(self) -> None:
        (full,) = (one for one in error_entries() if one.code == "disk_full")
        assert (full.status, full.exit_code) == (503, 5)
        assert len(full.words) > 1

    def test_of_a_failed_job_is_among_them(self) -> None:
        (lost,) = (one for one in error_entries() if one.code == "lease_lapsed")
        assert lost.status is None

    def test_and_of_a_bare_status(self) -> None:
        assert {"unauthenticated", "internal_error"} <= {one.code for one in error_entries()}


class TestPages:
    def test_agree_with_each_other(self) -> None:
        assert faults_between(DOCS) == []

    def test_code_that_does_not_exist_is_refused(self, docs: Path) -> None:
        spoil(docs, "en/troubleshooting/disk-full.md", "- disk_full\n", "- disc_full\n")
        assert faults_of(docs, "en", "disk-full") == ["no such code: disc_full"]
        assert faults_between(docs) == ["troubleshooting/disk-full.md: codes differ between ja and en"]

    def test_finding_that_the_doctor_does_not_make_is_refused(self, docs: Path) -> None:
        spoil(docs, "ja/troubleshooting/disk-full.md", "findings:\n  - disk\n", "findings:\n  - disc\n")
        assert faults_of(docs, "ja", "disk-full") == ["no such finding of the doctor: disc"]

    def test_page_without_codes_says_why(self, docs: Path) -> None:
        spoil(docs, "ja/troubleshooting/forgetting.md", "no_codes: ", "other: ")
        assert faults_of(docs, "ja", "forgetting") == ["no codes, and no no_codes that says why"]

    def test_page_that_only_one_language_has_is_found(self, docs: Path) -> None:
        (docs / "ja" / "troubleshooting" / "forgetting.md").unlink()
        assert faults_between(docs) == ["troubleshooting/forgetting.md: only in en"]

    def test_page_that_the_list_of_all_does_not_have_is_found(self, docs: Path) -> None:
        spoil(docs, "en/troubleshooting/index.md", "(forgetting.md)", "(disk-full.md)")
        assert faults_between(docs) == ["en/troubleshooting/index.md: no link to forgetting.md"]

    def test_commands_labels_and_settings_are_looked_up(self, docs: Path) -> None:
        page = "en/troubleshooting/forgetting.md"
        spoil(docs, page, "--measure-forgetting", "--measure-loss")
        spoil(docs, page, "**“Rank”**", "**“Rung”**")
        spoil(docs, page, "It is an adapter", "Set `LLMLORA_FORGET` and `forget_less`")
        assert faults_of(docs, "en", "forgetting") == [
            "31: no setting, code or finding: forget_less",
            "31: no such setting: LLMLORA_FORGET",
            "no label of the pages: Rung",
            "no flag of ./llmlora train: --measure-loss",
        ]

    def test_parts_stand_in_their_order(self, docs: Path) -> None:
        spoil(docs, "ja/troubleshooting/forgetting.md", "## 直す", "## 対処")
        (found,) = faults_of(docs, "ja", "forgetting")
        assert "対処" in found

    def test_words_are_those_of_the_glossary(self, docs: Path) -> None:
        spoil(docs, "ja/troubleshooting/forgetting.md", "新しいデータだけ", "新しいデータセットだけ")
        assert faults_of(docs, "ja", "forgetting") == ["データセット → データ"]

    def test_code_leads_to_one_page(self, docs: Path) -> None:
        for language in LANGUAGES:
            page = f"{language}/troubleshooting/port-in-use.md"
            spoil(docs, page, "- port_taken", "- disk_full\n  - port_taken")
        assert "en/troubleshooting/port-in-use.md: disk_full leads to disk-full, too" in faults_between(docs)


class TestAddresses:
    def test_code_that_a_page_treats_leads_straight_to_it(self) -> None:
        page = page_of_code("disk_full")
        assert address_of(page, "ja") == "/manual/ja/troubleshooting/disk-full.html"
        assert source_of(page, "en") == "docs/en/troubleshooting/disk-full.md"

    def test_other_codes_lead_to_their_place_among_all(self) -> None:
        page = page_of_code("chat_question_replaced")
        assert address_of(page, "en") == "/manual/en/reference/errors.html#chat_question_replaced"

    def test_finding_of_the_doctor_leads_to_its_page(self) -> None:
        assert page_of_finding("clock") == "troubleshooting/clock-and-locale"
        assert page_of_finding("python") is None


def test_blanks_are_named_in_both_languages() -> None:
    assert [readable("{size_bytes}", language) for language in LANGUAGES] == [
        "全体のバイト数",
        "size (bytes)",
    ]
    assert readable("{timeout_s:.0f}", "en") == "timeout (seconds)"
    assert readable("{reason_ja}", "ja") == readable("{reason}", "ja") == "理由"


@pytest.mark.long
def test_sources_tell_every_error_that_is_loaded() -> None:
    import importlib
    import pkgutil

    import llmlora
    from llmlora.kit.errors import AppError
    from llmlora.kit.sent_errors import loaded_errors

    for module in pkgutil.walk_packages(llmlora.__path__, "llmlora."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    ours = (one for one in loaded_errors() if one.__module__.startswith("llmlora."))
    loaded = {one.code: one for one in ours if "code" in vars(one) and one.ja != AppError.ja}
    known = {one.code: one for one in error_entries()}
    assert loaded.keys() <= known.keys()
    assert all((one.ja, one.en) in known[code].words for code, one in loaded.items())
