"""Files of examples judged before anybody trains on them: read as an import reads them, then looked at row by row."""

import re
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict

from llmlora.data import soundness
from llmlora.data.importer_protocol import Request, Result
from llmlora.data.kinds.registry import family_of, reason_name
from llmlora.data.manifest import ROWS_FILE
from llmlora.data.rows import read_examples
from llmlora.data.soundness import Asked
from llmlora.features.datasets.errors import NothingToValidateError
from llmlora.features.datasets.importing import run_importer
from llmlora.kit.errors import AppError
from llmlora.kit.isolate import isolated

SUFFIXES = frozenset({".json", ".jsonl", ".csv", ".tsv", ".parquet"})
NO_DATASETS = frozenset({"sources.json"})
"""Beside the courses' data: from which page each row was checked."""
ROWS_SHOWN = 5
_HELD = re.compile(r"_held_?out$")


class Remark(BaseModel):
    """What is to be known about a file. `fail`: training on it would go wrong; `warn`: look at it. `rows`: in the file, from 1."""

    model_config = ConfigDict(frozen=True)

    code: str
    state: Literal["warn", "fail"]
    rows: list[list[int]]
    ja: str
    en: str
    cure_ja: str
    cure_en: str


class FileVerdict(BaseModel):
    """One file. `kind`, `format` and `encoding` are null where it could not be read."""

    model_config = ConfigDict(frozen=True)

    file: str
    ok: bool
    kind: str | None
    format: str | None
    encoding: str | None
    rows: int
    shortest: int
    median: int
    longest: int
    held_out: str | None
    """The file of held-out questions that it was compared with; null where there is none, or it cannot be read."""
    remarks: list[Remark]


class _Words(NamedTuple):
    """What was found (`{n}`: how many, `{rows}`: which), and what to do."""

    state: Literal["warn", "fail"]
    ja: str
    en: str
    cure_ja: str
    cure_en: str


class _Read(NamedTuple):
    result: Result
    rows: list[Asked]


_WORDS = {
    "refused_rows": _Words(
        "fail", "{n} 行を読めません（{rows} 行目）", "Rows that cannot be read: {n} (row {rows})",
        "その行を直すか取り除いてください（{reasons}）", "Correct or remove them ({reasons})",
    ),
    "empty_answer": _Words(
        "fail", "応答が空の行が {n} 件あります（{rows} 行目）", "Empty answers: {n} (row {rows})",
        "応答を書くか、その行を取り除いてください", "Write the answers, or remove the rows",
    ),
    "lost_characters": _Words(
        "fail", "文字化けした行が {n} 件あります（{rows} 行目）", "Rows with lost characters: {n} (row {rows})",
        "元のファイルを正しい文字コードで保存し直してください（UTF-8 を推奨）",
        "Save the original again in the correct encoding (UTF-8 is recommended)",
    ),
    "repeated": _Words(
        "fail", "同じ行が {n} 組あります（{rows} 行目）", "Pairs of identical rows: {n} (rows {rows})",
        "片方を取り除いてください。繰り返した行ほど強く覚えます", "Remove one of each: repeated rows are learned more strongly",
    ),
    "contradiction": _Words(
        "fail", "同じ質問に違う応答が {n} 組あります（{rows} 行目）", "Questions with different answers: {n} (rows {rows})",
        "どちらか 1 つにそろえてください", "Keep one answer to each",
    ),
    "nearly_repeated": _Words(
        "warn", "ほとんど同じ行が {n} 組あります（{rows} 行目）", "Pairs of nearly identical rows: {n} (rows {rows})",
        "意図した言い換えか確認してください", "Check that they are intended paraphrases",
    ),
    "near_left_out": _Words(
        "warn", "ほとんど同じ行は、最初の {limit} 行の中だけで探しました", "Nearly identical rows were looked for only among the first {limit} rows",
        "残りも調べるには、{limit} 行以下のファイルに分けてください", "To examine the rest too, split the file into files of at most {limit} rows",
    ),
    "held_out_leak": _Words(
        "fail", "評価用の質問と同じ質問が {n} 組あります（学習データと評価用の {rows} 行目）",
        "Held-out questions that are trained on: {n} (rows of the data and of the held-out file: {rows})",
        "どちらかから取り除いてください。覚えた答えでは、学べたかどうかを測れません",
        "Remove them from one of the files: a memorized answer does not show what was learned",
    ),
    "held_out_near": _Words(
        "warn", "評価用の質問とほとんど同じ質問が {n} 組あります（{rows} 行目）",
        "Held-out questions nearly identical to those of the data: {n} (rows {rows})",
        "評価用の質問を、もっと違う言い方にしてください", "Put the held-out questions in other words",
    ),
    "overlong": _Words(
        "warn", "ほかよりずっと長い行が {n} 件あります（{rows} 行目）", "Rows far longer than the others: {n} (row {rows})",
        "分けるか短くしてください。最大長を超えた応答は学習されません", "Split or shorten them: what is beyond the max length is not learned",
    ),
    "one_sided": _Words(
        "warn", "応答の {percent} % が「{label}」です", "{percent} % of the answers are “{label}”",
        "ほかのラベルの行を増やしてください", "Add rows of the other labels",
    ),
    "held_out_unreadable": _Words(
        "warn", "評価用のファイル {name} と比べていません", "The held-out file {name} was not compared",
        "{reason}", "{reason}",
    ),
    "held_out_empty": _Words(
        "fail", "評価用の質問がありません", "There is no held-out question",
        "評価用のファイルに質問を書いてください", "Write questions into the held-out file",
    ),
}  # fmt: skip


def files_in(places: Sequence[Path]) -> list[Path]:
    """The files of examples that are meant: of a directory all, but those that tell where its rows come from.

    Raises:
        NothingToValidateError: there is none.
    """
    found: list[Path] = []
    for place in places:
        if place.is_dir():
            names = (path for path in sorted(place.iterdir()) if path.suffix.lower() in SUFFIXES)
            found += [path for path in names if path.is_file() and path.name not in NO_DATASETS]
        else:
            found.append(place)
    if not found:
        raise NothingToValidateError(place=", ".join(map(str, places)))
    return found


async def validate_files(files: Sequence[Path]) -> list[FileVerdict]:
    """Judge each file; one with held-out questions in its folder, in `NAME_heldout.*`, against these too.

    `NAME` is the file's own, or what stands before its `_chat`. Only the given files have verdicts.
    """
    held_of = {path: _held_out_of(path, files) for path in files}
    wanted = dict.fromkeys([*files, *(held for held in held_of.values() if held is not None)])
    read = {path: await _read(path) for path in wanted}
    verdicts = []
    for path, held_path in held_of.items():
        found = read[path]
        if isinstance(found, AppError):
            verdicts.append(_unreadable(path, found))
        elif held_path is None:
            verdicts.append(_verdict(path, found))
        elif isinstance(held := read[held_path], AppError):
            verdicts.append(_verdict(path, found, known=[_not_compared(held_path, held)]))
        else:
            verdicts.append(_verdict(path, found, held_path, held.rows))
    return verdicts


async def _read(path: Path) -> _Read | AppError:
    with tempfile.TemporaryDirectory(prefix="llmlora-validate-") as scratch:
        directory = Path(scratch)
        request = Request(source=path.resolve(), directory=directory, kind=None, mapping={})
        try:
            result = await run_importer(request, shown_name=path.name)
        except AppError as error:
            return error
        assert result is not None
        asked_of = family_of(result.found.kind).asked_of
        rows = [asked_of(one) for one in read_examples(directory / ROWS_FILE)]
        return _Read(result, rows)


def _held_out_of(path: Path, files: Sequence[Path]) -> Path | None:
    """The held-out file of the longest name that this one's begins with; a given one before another of that name."""
    if _HELD.search(path.stem):
        return None
    given = [one for one in files if one.parent == path.parent]
    names: dict[str, Path] = {}
    for one in (*given, *_beside(path)):
        if _HELD.search(one.stem):
            names.setdefault(_HELD.sub("", one.stem), one)
    fitting = [name for name in names if path.stem in (name, f"{name}_chat")]
    return names[max(fitting, key=len)] if fitting else None


def _beside(path: Path) -> list[Path]:
    """Files of examples in the same folder; none where it cannot be listed."""
    try:
        return sorted(
            one for one in path.parent.iterdir() if one.suffix.lower() in SUFFIXES and one.is_file()
        )
    except OSError:
        return []


def _verdict(
    path: Path,
    read: _Read,
    held_path: Path | None = None,
    held: Sequence[Asked] = (),
    known: Sequence[Remark] = (),
) -> FileVerdict:
    rows, found = read.rows, read.result.found
    remarks = [*_remarks_of_reading(read.result), *known]
    is_held = bool(_HELD.search(path.stem))
    pairs = {"held_out_leak": soundness.leaks(rows, held), "held_out_near": soundness.near_leaks(rows, held)}
    remarks += [remark(code, found) for code, found in soundness.remarkable(rows).items()]
    remarks += [remark(code, [list(pair) for pair in found]) for code, found in pairs.items() if found]
    if max(len(rows), len(held)) > soundness.MOST_COMPARED:
        remarks.append(remark("near_left_out", [], {"limit": f"{soundness.MOST_COMPARED:,}"}))
    label = soundness.one_sided_label(rows)
    if label is not None and not is_held:
        remarks.append(remark("one_sided", [], {"label": label[0], "percent": round(100 * label[1])}))
    if is_held and not rows:
        remarks.append(remark("held_out_empty", []))
    size = soundness.lengths(rows)
    return FileVerdict(
        file=str(path),
        ok=all(one.state != "fail" for one in remarks),
        kind=found.kind,
        format=found.format,
        encoding=found.encoding,
        rows=len(rows),
        shortest=size.shortest,
        median=size.median,
        longest=size.longest,
        held_out=None if held_path is None else str(held_path),
        remarks=remarks,
    )


def _remarks_of_reading(result: Result) -> list[Remark]:
    counts = result.counts
    if not counts.refused:
        return []
    rows = [[one.row] for one in counts.first_refused]
    by_reason = counts.refused_by_reason.items()
    ja = "、".join(f"{reason_name(reason)[0]} {count} 行" for reason, count in by_reason)
    en = ", ".join(f"{reason_name(reason)[1]} {count}" for reason, count in by_reason)
    return [remark("refused_rows", rows, {"n": counts.refused, "reasons": (ja, en)})]


def _not_compared(held_path: Path, error: AppError) -> Remark:
    reason = (error.detail("ja"), error.detail("en"))
    return remark("held_out_unreadable", [], {"name": held_path.name, "reason": reason})


def remark(
    code: str, rows: list[list[int]], facts: Mapping[str, str | int | tuple[str, str]] | None = None
) -> Remark:
    """A remark whose words tell `facts` too; a pair of words is Japanese and English."""
    words = _WORDS[code]
    shown = ", ".join("–".join(map(str, pair)) for pair in rows[:ROWS_SHOWN])
    more = " …" if len(rows) > ROWS_SHOWN else ""
    told = {"n": len(rows), "rows": shown + more, **(facts or {})}
    ja, en = (
        {
            name: fact[at] if isinstance(fact, tuple) else isolated(fact) if isinstance(fact, str) else fact
            for name, fact in told.items()
        }
        for at in (0, 1)
    )
    return Remark(
        code=code,
        state=words.state,
        rows=rows,
        ja=words.ja.format(**ja),
        en=words.en.format(**en),
        cure_ja=words.cure_ja.format(**ja),
        cure_en=words.cure_en.format(**en),
    )


def _unreadable(path: Path, error: AppError) -> FileVerdict:
    remark = Remark(
        code=error.code,
        state="fail",
        rows=[],
        ja="読めません",
        en="cannot be read",
        cure_ja=error.detail("ja"),
        cure_en=error.detail("en"),
    )
    return FileVerdict(
        file=str(path), ok=False, kind=None, format=None, encoding=None, rows=0, shortest=0, median=0, longest=0,
        held_out=None, remarks=[remark],
    )  # fmt: skip
