"""Figures as Markdown tables: one for the pages, one for everything that moves."""

from collections.abc import Sequence
from typing import Any

from rich.cells import cell_len

from llmlora.devtools.bench.figures import CODE, NAMED, Figure
from llmlora.entry.console import out
from llmlora.entry.language import localized

OF_PAGES = (NAMED, CODE, "LCP", "CLS", "TBT")
MARKS = {True: "✓", False: "✗", None: ""}


def show(figures: Sequence[Figure], machine: dict[str, Any]) -> None:
    """Print them, with what the machine had to do besides."""
    of_pages = [one for one in figures if one.name in OF_PAGES]
    if of_pages:
        _print(_pages(of_pages))
    _print(_others([one for one in figures if one.name not in OF_PAGES]))
    before, after = (" ".join(f"{x:.1f}" for x in machine[key]) for key in ("load_before", "load_after"))
    out().print(
        f"{machine['on']}, {machine['cpus']} CPU, {localized('負荷', 'load')} {before} → {after}",
        highlight=False,
        soft_wrap=True,
    )


def _pages(figures: Sequence[Figure]) -> list[list[str]]:
    heads = {one.name: f"{one.name}{_limit(one)}" for one in figures}
    rows = [
        [
            localized("ページ", "page"),
            heads[NAMED],
            "framework + ours",
            *(heads[name] for name in OF_PAGES[1:]),
        ]
    ]
    for page in dict.fromkeys(one.subject for one in figures):
        found = {one.name: one for one in figures if one.subject == page}
        cells = [_cell(found[name]) for name in OF_PAGES]
        rows.append([page, cells[0], found[NAMED].note, *cells[1:]])
    return rows


def _others(figures: Sequence[Figure]) -> list[list[str]]:
    titles = (localized("動作", "interaction"), localized("計測", "measured"), localized("目標", "budget"))
    rows = [[titles[0], "", titles[1], titles[2], ""]]
    return rows + [[one.subject, one.name, _cell(one), _limit(one).strip(), one.note] for one in figures]


def _cell(one: Figure) -> str:
    """The value, its spread, its mark, and how many times a peer's it is."""
    beside = f"(× {one.value / one.beside:.2f})" if one.beside else ""
    spread = "–".join(map(_number, one.spread)) if one.spread else ""
    parts = (_number(one.value), one.unit, spread and f"[{spread}]", MARKS[one.passed], beside)
    return " ".join(part for part in parts if part)


def _limit(one: Figure) -> str:
    if one.least is not None:
        return f" ≥ {_number(one.least)} {one.unit}".rstrip()
    return "" if one.budget is None else f" ≤ {_number(one.budget)} {one.unit}".rstrip()


def _number(value: float) -> str:
    if value == round(value):
        return f"{value:,.0f}"
    return f"{value:,.1f}" if value >= 10 else f"{value:.3f}"


def _print(rows: Sequence[Sequence[str]]) -> None:
    """As Markdown whose columns also stand below each other in a terminal."""
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    lines = ["| " + " | ".join(_padded(row, widths)) + " |" for row in rows]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    out().print("\n".join(lines), markup=False, highlight=False, soft_wrap=True)
    out().print()


def _padded(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    return [cell + " " * (width - cell_len(cell)) for cell, width in zip(row, widths, strict=True)]
