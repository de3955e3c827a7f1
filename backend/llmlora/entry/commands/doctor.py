"""`doctor`: what this machine has, what is missing, and the cure beside it."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from llmlora.entry.console import (
    AsJson,
    DataDir,
    load_settings,
    out,
    place_of,
    print_json,
    refuse_ignored,
    run_async,
    show,
)
from llmlora.entry.language import localized, localized_text, words
from llmlora.entry.lazy import more_help
from llmlora.kit.errors import AppError
from llmlora.kit.settings import Settings

if TYPE_CHECKING:
    from llmlora.features.system.checks import Finding

MARKS = {"ok": "[green]✓[/]", "warn": "[yellow]![/]", "fail": "[red]✗[/]"}


@more_help(ja="不合格があるときの終了コードは 5 です。", en="The exit code is 5 when a check fails.")
def doctor(
    running: Annotated[
        bool,
        typer.Option(
            "--running",
            help=words(
                ja="稼働中のスタジオを点検します。プログラム、ポート、ベースモデル、時計、Ollama、講座のデータを調べ、何も起動しません。",
                en="Check the running studio, and start nothing: programs, ports, base models, clocks, Ollama and the data of the courses.",
            ),
        ),
    ] = False,
    no_ollama: Annotated[
        bool,
        typer.Option(
            "--no-ollama",
            help=words(
                ja="--running とともに使います。Ollama がなくても不合格にしません。",
                en="With --running: do not require Ollama.",
            ),
        ),
    ] = False,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Examine this machine, or the running studio.

    Raises:
        OptionIgnoredError: --no-ollama without --running.
    """
    from llmlora.features.system.schemas import finding_out

    settings = load_settings(data_dir)
    if no_ollama and not running:
        refuse_ignored("doctor (without --running)", {"no_ollama": True})
    findings = (
        run_async(_examine_running(settings, ollama_wanted=not no_ollama))
        if running
        else list(examine(settings))
    )
    if as_json:
        print_json({"findings": [finding_out(one).model_dump(mode="json") for one in findings]})
    else:
        for one in findings:
            told = escape(localized_text(one))
            out().print(f"{MARKS[one.state]} {one.id}: {told}", highlight=False, soft_wrap=True)
            if one.cure_ja:
                show(f"    → {localized(one.cure_ja, one.cure_en)}")
            if one.page:
                show(f"    → {place_of(one.page)}")
        _say_how_many(findings)
    if any(one.state == "fail" for one in findings):
        raise typer.Exit(5)


def _say_how_many(findings: "list[Finding]") -> None:
    count, failed = len(findings), sum(one.state == "fail" for one in findings)
    mark = MARKS["fail" if failed else "ok"]
    told = (
        localized(f"{count} 項目のうち {failed} 件が不合格です。", f"{failed} of {count} checks failed.")
        if failed
        else localized(f"{count} 項目を点検しました。不合格はありません。", f"{count} checks, none failed.")
    )
    out().print(f"\n{mark} {told}", highlight=False, soft_wrap=True)


async def _examine_running(settings: Settings, *, ollama_wanted: bool) -> "list[Finding]":
    from llmlora.entry.verification import examine_running
    from llmlora.features.system.checks import examine_machine, torch_finding

    findings = [*examine_machine(settings), torch_finding()]
    return findings + [one async for one in examine_running(settings, ollama_wanted=ollama_wanted)]


def examine(settings: Settings) -> "Iterator[Finding]":
    """All findings, cheapest first."""
    from llmlora.features.system.checks import examine_machine, torch_finding

    yield from examine_machine(settings)
    yield torch_finding()
    yield from _services(settings)


def _services(settings: Settings) -> "Iterator[Finding]":
    """Start both and look; where no database exists yet, in a temporary directory."""
    from llmlora.engine.embedded.services import running_services, status_of_services
    from llmlora.features.system.checks import refusal_finding, service_finding

    async def start_and_look(of: Settings) -> "list[Finding]":
        async with running_services(of):
            found = await status_of_services(of)
            return [service_finding(one.name, one.kind, running=one.running) for one in found]

    with tempfile.TemporaryDirectory(prefix="llmlora-doctor-") as elsewhere:
        if not (settings.data_dir / "postgres" / "data").exists():
            settings = settings.model_copy(update={"data_dir": Path(elsewhere)})
        try:
            yield from run_async(start_and_look(settings))
        except AppError as error:
            yield refusal_finding("services", error)
