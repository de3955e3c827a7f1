"""What the doctor asks beyond the machine: the base models' files, the database's clock, and Ollama beside us."""

import time
from pathlib import Path

from sqlalchemy import text

from llmlora.features.models.service import list_base_models
from llmlora.features.system.checks import CLOCK_CURE, Finding
from llmlora.inference.ollama.connection import OllamaStatus
from llmlora.kit.db import Database
from llmlora.tables.base_model import BaseModelRow

# Leases are given by the database's clock and shown beside ours.
DATABASE_CLOCK_TOLERANCE_S = 30.0
OLLAMA_CURE = (
    "Ollama を https://ollama.com/download から入れて起動してください（別のアドレスなら LLMLORA_OLLAMA_HOST）",
    "Install Ollama from https://ollama.com/download and start it (at another address: LLMLORA_OLLAMA_HOST)",
)
DO_WITHOUT = (
    "。Ollama を使わないなら、--no-ollama を付けてください",
    ". To do without Ollama, add --no-ollama",
)


async def models_finding(database: Database, data_dir: Path) -> Finding:
    """Whether the files of every registered base model are there, with their sizes."""
    rows = await list_base_models(database)
    gone = [(row.reference, name) for row in rows if (name := _missing_file(row, data_dir)) is not None]
    if not rows:
        told_ja, told_en = (
            "まだありません（最初の学習のときに準備します）",
            "none yet (the first training prepares one)",
        )
        return Finding("models", "ok", told_ja, told_en)
    if not gone:
        return Finding("models", "ok", f"{len(rows)} 件、ファイルあり", f"{len(rows)}, files are there")
    told = ", ".join(f"{reference} ({name})" for reference, name in gone)
    return Finding(
        "models",
        "fail",
        f"ファイルがないか、大きさが違います: {told}",
        f"files are missing or of another size: {told}",
        "ファイルを元に戻すか、./llmlora models add でもう一度登録してください",
        "Put the files back, or register it again with ./llmlora models add",
    )


async def database_clock_finding(database: Database) -> Finding:
    """Whether the database's clock and ours agree."""
    before = time.time()
    async with database.unit_of_work() as session:
        told = float(await session.scalar(text("SELECT extract(epoch FROM clock_timestamp())")) or 0.0)
    off_s = max(before - told, told - time.time(), 0.0)
    ja, en = f"このマシンとの差 {off_s:.1f} 秒", f"{off_s:.1f} s from this machine's"
    if off_s <= DATABASE_CLOCK_TOLERANCE_S:
        return Finding("database_clock", "ok", ja, en)
    return Finding("database_clock", "fail", ja, en, *CLOCK_CURE)


def ollama_finding(status: OllamaStatus, *, wanted: bool) -> Finding:
    """How Ollama is. Where it is not `wanted`, its absence is no fault."""
    if status.state == "running":
        return Finding(
            "ollama", "ok", f"{status.version}（{status.base_url}）", f"{status.version} at {status.base_url}"
        )
    if status.state == "absent" and not wanted:
        return Finding("ollama", "ok", "なし（任意）", "not there (optional)")
    ja, en = status.detail_ja or status.state, status.detail_en or status.state
    if not wanted:
        return Finding("ollama", "warn", ja, en, *OLLAMA_CURE)
    cures = [cure + without for cure, without in zip(OLLAMA_CURE, DO_WITHOUT, strict=True)]
    return Finding("ollama", "fail", ja, en, *cures)


def _missing_file(row: BaseModelRow, data_dir: Path) -> str | None:
    files: dict[str, dict[str, int]] = row.facts.get("files", {})
    for name, facts in files.items():
        try:
            if (data_dir / row.path / name).stat().st_size != facts["size_bytes"]:
                return name
        except OSError:
            return name
    return None
