"""Settings from the environment (`LLMLORA_…`) and `.env`. Every field stands in `.env.example`."""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


def default_data_dir() -> Path:
    """Where everything is kept unless told otherwise."""
    return Path.home() / ".local" / "share" / "llmlora"


class Settings(BaseSettings):
    """What a deployment can change. The command line's `--data-dir` wins over the environment."""

    model_config = SettingsConfigDict(env_prefix="LLMLORA_", env_file=".env", extra="ignore", frozen=True)

    data_dir: Path = Field(
        default_factory=default_data_dir,
        description="Directory of datasets, models, jobs and embedded services.",
    )
    database_url: str | None = Field(
        default=None,
        description="postgresql+asyncpg://… of a PostgreSQL of your own; empty: the embedded one.",
    )
    redis_url: str | None = Field(
        default=None, description="redis://… of a Valkey or Redis of your own; empty: the embedded one."
    )
    hf_token: SecretStr | None = Field(
        default=None, description="Hugging Face token, for gated or private base models."
    )
    torch_index_url: str | None = Field(
        default=None,
        description="Package index for torch at installation (a CPU-only or another CUDA build).",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="warning", description="Least severe log line that is written to standard error."
    )
