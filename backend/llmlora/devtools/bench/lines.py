"""How many lines of TypeScript the pages take: what is drawn by hand for one page, and what all share."""

import re
from collections.abc import Iterable
from pathlib import Path

from llmlora.devtools.bench.figures import Figure
from llmlora.engine.pages.build import FRONTEND

_VIEW = re.compile(r"@/views/([\w-]+)/")


def line_figures(frontend: Path = FRONTEND) -> list[Figure]:
    """Lines of every page's own folder of `src/views` and its route, and of everything over the number of pages.

    Tests and what is generated are no part of it.
    """
    source = frontend / "src"
    own: dict[str, int] = {}
    for page in sorted((source / "app").rglob("page.tsx")):
        views = sorted(set(_VIEW.findall(page.read_text())))
        if views:
            own[views[0]] = _lines([page]) + sum(
                _lines((source / "views" / view).rglob("*.ts*")) for view in views
            )
    total = _lines(source.rglob("*.ts*"))
    shared = total - sum(own.values())
    note = f"{total:,} lines, {len(own)} pages, {shared:,} of no page alone"
    return [
        *(Figure(f"TypeScript of {page}", "own lines", count, "") for page, count in own.items()),
        Figure("TypeScript", "lines a page", round(total / max(1, len(own))), "", note=note),
    ]


def _lines(files: Iterable[Path]) -> int:
    return sum(len(file.read_text().splitlines()) for file in files if _is_written(file))


def _is_written(file: Path) -> bool:
    return ".test." not in file.name and "generated" not in file.parts
