"""Where the manual treats an error: the page of its fault or, where there is none, its place in the list of all codes."""

import json
from functools import cache
from pathlib import Path

# Drawn from the front matter of docs/en/troubleshooting (`./llmlora check --write`).
FAULT_PAGES = Path(__file__).with_name("fault_pages.json")
_FOLDER = "troubleshooting"
_ALL_CODES = "reference/errors"


def page_of_code(code: str) -> str:
    """The page of an error's code, below the folder of a language and without its ending; a place in it behind `#`."""
    slug = _pages()["codes"].get(code)
    return f"{_FOLDER}/{slug}" if slug else f"{_ALL_CODES}#{code}"


def page_of_finding(finding: str) -> str | None:
    """The page of what the doctor has found, by the finding's id; None where no page treats it."""
    slug = _pages()["findings"].get(finding)
    return f"{_FOLDER}/{slug}" if slug else None


def address_of(page: str, language: str) -> str:
    """Where the API serves a page of the manual in `ja` or `en`."""
    return f"/manual/{language}/{_with_ending(page, '.html')}"


def source_of(page: str, language: str) -> str:
    """The file of a page, below the repository."""
    return f"docs/{language}/{_with_ending(page, '.md')}"


def _with_ending(page: str, ending: str) -> str:
    path, mark, place = page.partition("#")
    return path + ending + mark + place


@cache
def _pages() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = json.loads(FAULT_PAGES.read_text(encoding="utf-8"))
    return found
