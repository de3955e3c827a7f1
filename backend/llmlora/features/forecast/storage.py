"""What a job leaves on disk, against what is free."""

from collections.abc import Sequence
from pathlib import Path

from llmlora.contracts.forecast import DiskForecast, Part
from llmlora.kit.machine import disk_of
from llmlora.recipes.blocks.forecast.memory import verdict_of

TOKENIZER_FILES = (
    "tokenizer.json",
    "tokenizer_config.json",
    "chat_template.jinja",
    "special_tokens_map.json",
)


def forecast_disk(parts: Sequence[Part] | None, data_dir: Path) -> DiskForecast:
    """The sum against what is free; None: nothing can be said about the size."""
    disk = disk_of(data_dir)
    free = disk.free_bytes if disk else None
    if parts is None:
        return DiskForecast(size_bytes=None, free_bytes=free, verdict="unknown", parts=[])
    total = sum(part.size_bytes for part in parts)
    return DiskForecast(size_bytes=total, free_bytes=free, verdict=verdict_of(total, free), parts=list(parts))


def tokenizer_bytes_of(directory: Path) -> int:
    """Size of the tokenizer that an adapter carries along."""
    files = (directory / name for name in TOKENIZER_FILES)
    return sum(file.stat().st_size for file in files if file.is_file())
