"""A run's events on the terminal: one progress bar a stage, log lines above it, the ledger as a table."""

from collections.abc import Mapping
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from llmlora.contracts.events import Event, JobEvent, LogBatch, MetricBatch, Report
from llmlora.contracts.events import Progress as ProgressEvent
from llmlora.contracts.text import Text
from llmlora.data.kinds.registry import drop_names
from llmlora.entry.language import localized, localized_text
from llmlora.entry.progress_words import log_words, stage_words
from llmlora.entry.tables import Facts

LEDGER_WORDS = {
    "rows_read": Text(ja="読み込んだ行", en="rows read"),
    "rows_kept": Text(ja="使用", en="used"),
    "rows_truncated": Text(ja="切り詰め", en="truncated"),
    "rows_end_cut": Text(ja="うち応答の終わりが切れた行", en="of them without their end"),
    "rows_dropped": Text(ja="除外", en="left out"),
    "supervised_tokens": Text(ja="学習するトークン", en="tokens learned"),
    "longest": Text(ja="最長", en="longest"),
    "end_of_turn": Text(ja="終了トークン", en="end of turn"),
}

LEFT_OUT_WORDS: dict[str, Text] = {code: Text(ja=ja, en=en) for code, (ja, en) in drop_names().items()} | {
    "reasoning": Text(ja="テンプレートが出力しない思考過程", en="reasoning omitted by the template"),
    "tool_calls": Text(ja="テンプレートが出力しないツール呼び出し", en="tool calls omitted by the template"),
    "tools": Text(ja="テンプレートが出力しないツールの一覧", en="tools omitted by the template"),
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
            self._console.print(f"  {log_words(body.message)}", markup=False, highlight=False)
        elif isinstance(body, Report) and body.name == "ledger":
            self._console.print(ledger_table(body.body), crop=False)

    def _task(self, stage: str) -> TaskID:
        if stage not in self._tasks:
            for earlier in self._progress.tasks:  # a stage ends where the next begins
                self._progress.update(earlier.id, completed=earlier.total)
            self._tasks[stage] = self._progress.add_task(stage_words(stage), total=None, note="")
        return self._tasks[stage]

    def _note(self, metrics: MetricBatch) -> None:
        shown = {"train/loss": "loss", "eval/loss": "eval", "train/tokens_per_s": "tok/s"}
        told = {k: f"{value:.4g}" for k, value in metrics.values.items()} | metrics.not_finite
        note = " ".join(f"{word} {told[k]}" for k, word in shown.items() if k in told)
        self._progress.update(self._task("train"), note=note)


def ledger_table(ledger: Mapping[str, object]) -> Facts:
    """The token ledger for a person, with the reasons of dropped rows."""
    facts = Facts(localized("データの内訳", "Data breakdown"))
    for key, words in LEDGER_WORDS.items():
        if ledger.get(key, 0) is not None:
            facts.add(localized_text(words), str(ledger.get(key, 0)))
    another = Text(ja="その他の理由", en="another reason")
    for key in ("dropped_by_reason", "rows_not_rendered"):
        counts = ledger.get(key)
        for reason, count in counts.items() if isinstance(counts, dict) else ():
            facts.add(f"  {localized_text(LEFT_OUT_WORDS.get(reason, another))}", str(count))
    return facts
