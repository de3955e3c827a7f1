"""What a running studio is examined for (`doctor --running`): nothing is started, everything is asked."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

from llmlora.engine.embedded.services import open_database
from llmlora.engine.platform.listening import require_free_ports
from llmlora.entry.commands.status import look_at_platform
from llmlora.features.datasets.validation import FileVerdict, files_in, validate_files
from llmlora.features.system.checks import START, Finding, refusal_finding, service_finding
from llmlora.features.system.outside_checks import database_clock_finding, models_finding, ollama_finding
from llmlora.inference.ollama.connection import OllamaConnection
from llmlora.inference.ollama.names import base_url_of
from llmlora.kit.errors import AppError
from llmlora.kit.settings import Settings

COURSE_DATA = Path(__file__).parents[3] / "tutorial" / "datasets"
VALIDATE = (
    "tutorial/scripts/validate_datasets.py で行を確認してください",
    "See the rows with tutorial/scripts/validate_datasets.py",
)


async def examine_running(
    settings: Settings, *, ollama_wanted: bool, data: Path = COURSE_DATA
) -> AsyncIterator[Finding]:
    """Programs, ports, services, base models, the database's clock, Ollama and the files of the courses."""
    found = await look_at_platform(settings)
    for one in _programs(found):
        yield one
    yield await _ports(settings, found)
    for service in found["services"]:
        yield service_finding(service["name"], service["kind"], running=service["running"])
    if all(service["running"] for service in found["services"]):
        async for one in _stored(settings):
            yield one
    status = await OllamaConnection(base_url_of(settings.ollama_host)).status()
    yield ollama_finding(status, wanted=ollama_wanted)
    yield await _data(data)


def _programs(found: dict[str, Any]) -> Sequence[Finding]:
    if not found["running"]:
        return [Finding("up", "fail", "動いていません", "not running", *START)]
    told = [Finding("up", "ok", found["url"], found["url"])]
    for one in found["programs"]:
        if one["healthy"]:
            told.append(Finding(one["name"], "ok", "動いています", "running"))
        else:
            logs = f"./llmlora logs {one['name']}"
            cure = (f"{logs} で理由を確認してください", f"See why with {logs}")
            told.append(Finding(one["name"], "fail", "応答がありません", "does not answer", *cure))
    return told


async def _ports(settings: Settings, found: dict[str, Any]) -> Finding:
    """Whether `up` can listen where it shall, or does."""
    if found["running"]:
        told = ", ".join(filter(None, (found["url"], found["pages_url"])))
        return Finding("ports", "ok", told, told)
    try:
        await require_free_ports(settings)
    except AppError as error:
        return refusal_finding("ports", error)
    told = ", ".join(str(port) for port in (settings.api_port, settings.pages_port) if port)
    return Finding("ports", "ok", f"空いています（{told}）", f"free ({told})")


async def _stored(settings: Settings) -> AsyncIterator[Finding]:
    try:
        async with open_database(settings) as database:
            yield await models_finding(database, settings.data_dir)
            yield await database_clock_finding(database)
    except AppError as error:
        yield refusal_finding("database", error)


async def _data(place: Path) -> Finding:
    try:
        verdicts = await validate_files(files_in([place]))
    except AppError as error:
        return refusal_finding("datasets", error)
    bad = [one for one in verdicts if not one.ok]
    rows = sum(one.rows for one in verdicts)
    if not bad:
        told = (f"{len(verdicts)} ファイル、{rows} 行", f"{len(verdicts)} files, {rows} rows")
        return Finding("datasets", "ok", *told)
    return Finding("datasets", "fail", _worst(bad, "ja"), _worst(bad, "en"), *VALIDATE)


def _worst(bad: Sequence[FileVerdict], language: str) -> str:
    return "; ".join(
        f"{Path(one.file).name}: {getattr(remark, language)}"
        for one in bad
        for remark in one.remarks
        if remark.state == "fail"
    )
