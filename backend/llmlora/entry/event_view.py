"""A run's events on the terminal: one progress bar a stage, log lines above it, the ledger as a table."""

from collections.abc import Mapping
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from llmlora.contracts.events import Event, JobEvent, LogBatch, MetricBatch, Report
from llmlora.contracts.events import Progress as ProgressEvent
from llmlora.data.kinds.registry import drop_names
from llmlora.entry.tables import WholeTable
from llmlora.recipes import RECIPES

# What recipes call the parts of their runs.
STAGES = {
    stage.name: f"{stage.title.ja} {stage.title.en}" for spec in RECIPES.values() for stage in spec.stages
}
LEDGER_WORDS = {
    "rows_read": "読み込み rows read",
    "rows_kept": "使用 used",
    "rows_truncated": "切り詰め truncated",
    "rows_end_cut": "うち応答の終わりが切れた行 answer lost its end",
    "rows_dropped": "除外 left out",
    "supervised_tokens": "学習するトークン tokens learned",
    "longest": "最長 longest",
    "end_of_turn": "終了トークン end of turn",
}

LEFT_OUT_WORDS: dict[str, str] = {code: f"{ja} {en}" for code, (ja, en) in drop_names().items()} | {
    "reasoning": "テンプレートが出力しない思考過程 reasoning omitted by the template",
    "tool_calls": "テンプレートが出力しないツール呼び出し tool calls omitted by the template",
    "tools": "テンプレートが出力しないツールの一覧 tools omitted by the template",
}


class EventView:
    """Shows events as they come; use as a context manager and hand `show` to the process host."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[note]}"),
            TimeRemainingColumn(),
            console=console,
            transient=False,
        )
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def show(self, event: Event | JobEvent) -> None:
        """Draw one event."""
        body = event.body
        if isinstance(body, ProgressEvent):
            self._progress.update(self._task(body.stage), completed=body.done, total=body.total or None)
        elif isinstance(body, MetricBatch):
            self._note(body)
        elif (
            isinstance(body, LogBatch) and body.level != "debug" and body.step is None
        ):  # the bar has its figures
            self._console.print(f"  {body.message}", markup=False, highlight=False)
        elif isinstance(body, Report) and body.name == "ledger":
            self._console.print(ledger_table(body.body))

    def _task(self, stage: str) -> TaskID:
        if stage not in self._tasks:
            for earlier in self._progress.tasks:  # a stage ends where the next begins
                self._progress.update(earlier.id, completed=earlier.total)
            self._tasks[stage] = self._progress.add_task(words_of(stage), total=None, note="")
        return self._tasks[stage]

    def _note(self, metrics: MetricBatch) -> None:
        shown = {"train/loss": "loss", "eval/loss": "eval", "train/tokens_per_s": "tok/s"}
        told = {k: f"{value:.4g}" for k, value in metrics.values.items()} | metrics.not_finite
        note = " ".join(f"{word} {told[k]}" for k, word in shown.items() if k in told)
        self._progress.update(self._task("train"), note=note)


def words_of(stage: str) -> str:
    """A stage of a progress event, of which the first word names the part of the run, as people call it."""
    name, _, rest = stage.partition(" ")
    return f"{STAGES.get(name, name)} {rest}".rstrip()


def ledger_table(ledger: Mapping[str, object]) -> WholeTable:
    """The token ledger for a person, with the reasons of dropped rows."""
    table = WholeTable(title="データの内訳 data breakdown", show_header=False)
    for key, words in LEDGER_WORDS.items():
        if ledger.get(key, 0) is not None:
            table.add_row(words, str(ledger.get(key, 0)))
    for key in ("dropped_by_reason", "rows_not_rendered"):
        counts = ledger.get(key)
        for reason, count in counts.items() if isinstance(counts, dict) else ():
            table.add_row(f"  {LEFT_OUT_WORDS.get(reason, 'その他の理由 another reason')}", str(count))
    return table
