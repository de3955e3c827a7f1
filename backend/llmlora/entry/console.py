"""How commands speak: results on standard output (or one JSON document), everything else on standard error."""

import asyncio
import json
import signal
import sys
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.markup import escape

from llmlora.entry.language import language, localized, words
from llmlora.kit.errors import AppError, InvalidInputError
from llmlora.kit.log import configure_logging
from llmlora.kit.manual import address_of, page_of_code, source_of
from llmlora.kit.settings import Settings, read_settings

if TYPE_CHECKING:
    from llmlora.entry.tables import Facts, Listing

T = TypeVar("T")

DataDir = Annotated[
    Path | None,
    typer.Option(
        "--data-dir",
        help=words(
            ja="データの保存場所です。省略すると LLMLORA_DATA_DIR か ~/.local/share/llmlora を使います。",
            en="Where everything is stored; default: LLMLORA_DATA_DIR, or ~/.local/share/llmlora.",
        ),
        show_default=False,
    ),
]
AsJson = Annotated[
    bool,
    typer.Option(
        "--json",
        help=words(ja="プログラム向けに JSON で出力します。", en="Print one JSON document, for programs."),
    ),
]


# What this process's command works with: where the manual is served is asked of it when an error is told.
_used: list[Settings] = []


@cache
def out() -> Console:
    """Standard output, for results. A line `faq.md:100: …` is no emoji, nor is a model's tag."""
    return Console(emoji=False)


@cache
def err() -> Console:
    """Standard error, for progress and messages."""
    return Console(stderr=True, emoji=False)


def say(ja: str, en: str) -> None:
    """One line of progress for whoever waits."""
    err().print(localized(ja, en), style="dim", markup=False, highlight=False, soft_wrap=True)


def show(shown: "str | Listing | Facts" = "") -> None:
    """A line or a table of a result, on standard output: nothing of it is cut, and a line is broken by the terminal alone."""
    if isinstance(shown, str):
        out().print(shown, markup=False, highlight=False, soft_wrap=True)
    else:
        out().print(shown, crop=False)


def warn(ja: str, en: str) -> None:
    """One line on standard error that somebody should read."""
    err().print(f"[yellow]![/] {escape(localized(ja, en))}", highlight=False, soft_wrap=True)


def confirm(ja: str, en: str) -> None:
    """Ask on standard error before something is lost.

    Raises:
        typer.Abort: the answer is no, or there is nobody to answer.
    """
    while True:
        given = typer.prompt(f"{localized(ja, en)} [y/N]", default="n", show_default=False, err=True)
        if given.strip().lower() in ("y", "yes"):
            return
        if given.strip().lower() in ("n", "no"):
            raise typer.Abort


def print_json(document: Any) -> None:
    """One JSON document on one line of standard output."""
    sys.stdout.write(json.dumps(document, ensure_ascii=False, default=str) + "\n")


def load_settings(data_dir: Path | None) -> Settings:
    """Settings with the command line's data directory, made absolute; logging follows them."""
    settings = read_settings()
    configure_logging(settings.log_level)
    found = settings.model_copy(update={"data_dir": (data_dir or settings.data_dir).expanduser().resolve()})
    _used[:] = [found]
    return found


class OptionIgnoredError(InvalidInputError):
    """Options that another one makes meaningless."""

    code = "option_ignored"
    ja = "{by} を使うときは、{options} を指定しても効果がありません。どちらかを外してください。{why_ja}"
    en = "{options} has no effect together with {by}. Leave out one or the other.{why_en}"


def refuse_ignored(by: str, options: Mapping[str, object], why: tuple[str, str] = ("", "")) -> None:
    """Check that none of these options, by the names of their parameters, was given: `by` leaves them no effect.

    Raises:
        OptionIgnoredError: names all that were; `why` says in Japanese and English what to do instead.
    """
    given = [
        f"--{name.replace('_', '-')}" for name, value in options.items() if value is not None and value != []
    ]
    if given:
        raise OptionIgnoredError(by=by, options=", ".join(given), why_ja=why[0], why_en=f" {why[1]}".rstrip())


def run_async(work: Coroutine[Any, Any, T]) -> T:
    """Run a command's coroutine to its end; Ctrl-C and SIGTERM cancel it, so that it leaves nothing running."""

    async def cancellable() -> T:
        task = asyncio.ensure_future(work)
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
        return await task

    try:
        return asyncio.run(cancellable())
    except asyncio.CancelledError as error:
        raise KeyboardInterrupt from error


@contextmanager
def on_signals(do: Callable[[], object], *numbers: signal.Signals) -> Iterator[None]:
    """Within `run_async`: what these signals do while the block runs; behind it they cancel the command again."""
    loop, work, before = asyncio.get_running_loop(), asyncio.current_task(), signal.getsignal(signal.SIGINT)
    assert work is not None
    for number in numbers:
        loop.add_signal_handler(number, do)
    try:
        yield
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)
            if number is signal.SIGINT:  # asyncio's own handler: a second one ends the command at once
                signal.signal(number, before)
            else:
                loop.add_signal_handler(number, work.cancel)


@contextmanager
def cancel_on_signals() -> Iterator[asyncio.Event]:
    """An event that SIGINT or SIGTERM sets while the block runs."""
    wanted = asyncio.Event()
    with on_signals(wanted.set, signal.SIGINT, signal.SIGTERM):
        yield wanted


def place_of(page: str) -> str:
    """Where to read a page of the manual: of the studio that runs, else the file below the repository."""
    from llmlora.engine.platform.record import running_platform

    record = running_platform(_used[-1].data_dir) if _used else None
    return source_of(page, language()) if record is None else record.url + address_of(page, language())


def report_error(error: AppError, *, as_json: bool) -> int:
    """Print an error (as JSON: in both languages) on standard error and return the exit code."""
    if as_json:
        sys.stderr.write(
            json.dumps(
                {"code": error.code, "ja": error.detail("ja"), "en": error.detail("en")}, ensure_ascii=False
            )
            + "\n"
        )
    else:
        err().print(f"[bold red]✗ {error.code}[/]", highlight=False)
        err().print(f"  {error.detail(language())}", markup=False, highlight=False, soft_wrap=True)
        # What a job failed with says more than that it failed.
        page = page_of_code(str(error.facts.get("failure_code", error.code)))
        err().print(f"  → {place_of(page)}", markup=False, highlight=False, soft_wrap=True)
    return error.exit_code
