"""The pages of docs/{ja,en}/troubleshooting: what their front matter says they treat."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from llmlora.devtools.checks.texts import REPOSITORY

DOCS = REPOSITORY / "docs"
LANGUAGES = ("ja", "en")
INDEX = "index"
_MARK = "---\n"


@dataclass(frozen=True)
class FaultPage:
    """One page in one language. `codes`: errors that lead to it; `findings`: lines of the doctor that do."""

    path: Path
    language: str
    front: dict[str, Any]
    body: str
    first_line: int
    """Of the body, in the file."""

    @property
    def slug(self) -> str:
        """Its name, the same in both languages and for ever."""
        return self.path.stem

    @property
    def title(self) -> str:
        """Its first heading."""
        return next((line[2:].strip() for line in self.body.splitlines() if line.startswith("# ")), "")

    def listed(self, key: str) -> list[str]:
        """A list of the front matter; empty where there is none."""
        return [str(one) for one in self.front.get(key) or []]


def fault_pages(language: str, docs: Path = DOCS) -> list[FaultPage]:
    """Every page of a fault in one language, by name; the list of them all is none."""
    paths = sorted((docs / language / "troubleshooting").glob("*.md"))
    return [_read(path, language) for path in paths if path.stem != INDEX]


def fault_pages_map() -> str:
    """kit/fault_pages.json: which page treats which code and which finding of the doctor."""
    found: dict[str, dict[str, str]] = {"codes": {}, "findings": {}}
    for page in fault_pages("en"):
        for key, of in found.items():
            of.update(dict.fromkeys(page.listed(key), page.slug))
    return json.dumps(found, indent=1, sort_keys=True) + "\n"


def _read(path: Path, language: str) -> FaultPage:
    text = path.read_text(encoding="utf-8")
    if not text.startswith(_MARK):
        return FaultPage(path, language, {}, text, 1)
    front, _, body = text.removeprefix(_MARK).partition("\n" + _MARK)
    found = yaml.safe_load(front)
    return FaultPage(path, language, found if isinstance(found, dict) else {}, body, front.count("\n") + 4)
