"""Settings from the environment (`LLMLORA_…`) and `.env`. Every field stands in `.env.example`."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Literal, Self

from pydantic import (
    AliasChoices,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SecretsSettingsSource,
    SettingsConfigDict,
)

from llmlora.kit.errors import FieldProblem, InvalidInputError
from llmlora.kit.validation import field_problems, goes_not_together, not_taken, sentences


def default_data_dir() -> Path:
    """Where everything is kept unless told otherwise."""
    return Path.home() / ".local" / "share" / "llmlora"


class SettingsInvalidError(InvalidInputError):
    """A variable of the environment or a line of `.env` is not as it has to be."""

    code = "settings_invalid"
    ja = "環境変数または .env の設定が正しくありません。{problems_ja}"
    en = "The settings in the environment or .env are not valid. {problems_en}"


class Settings(BaseSettings):
    """What a deployment can change. The command line's `--data-dir` wins over the environment."""

    model_config = SettingsConfigDict(
        env_prefix="LLMLORA_",
        env_file=".env",
        env_file_encoding="utf-8-sig",  # Windows' editors begin a file with a mark
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
    )

    data_dir: Path = Field(
        default_factory=default_data_dir,
        description="Directory for data sets, models, jobs and embedded services.",
    )
    database_url: str | None = Field(
        default=None,
        description="postgresql+asyncpg://… of a PostgreSQL of your own; empty: the embedded one.",
    )
    redis_url: str | None = Field(
        default=None, description="redis://… of a Valkey or Redis of your own; empty: the embedded one."
    )
    api_host: str = Field(
        default="127.0.0.1",
        description="Address the API and the pages listen on (0.0.0.0: all addresses of this machine); any other than loopback needs LLMLORA_API_TOKEN.",
    )
    api_port: int = Field(default=8000, ge=1, le=65_535, description="Port of the API.")
    pages_port: int = Field(default=3000, ge=0, le=65_535, description="Port of the pages; 0: no pages.")
    api_url: str | None = Field(
        default=None,
        description="Address under which browsers reach the API; empty: the pages' host, at the API's port.",
    )
    api_token: SecretStr | None = Field(
        default=None,
        description="Secret that every request must carry (Authorization: Bearer …); browsers sign in with it once, and changing it ends their sessions.",
    )
    published_on_loopback: bool = Field(
        default=False,
        description="true: this is a container whose ports its host publishes on 127.0.0.1 only, so that it may listen on 0.0.0.0 without a token. docker-compose.yml sets it; do not set it elsewhere.",
    )
    allowed_hosts: str = Field(
        default="",
        description="Further names under which the API and the pages may be addressed, separated by commas; beyond loopback, IP addresses and this machine's own name need no entry.",
    )
    allowed_origins: str = Field(
        default="",
        description="Origins (http://name:port) of further pages that may call the API, separated by commas, such as those behind another port or proxy.",
    )
    upload_limit_bytes: int = Field(
        default=20 << 30, ge=1, description="Largest file that may be uploaded, in bytes."
    )
    hf_token: SecretStr | None = Field(
        default=None,
        validation_alias=AliasChoices("LLMLORA_HF_TOKEN", "HF_TOKEN"),
        description="Hugging Face token for gated or private base models; one that is set on the Models page takes precedence.",
    )
    hf_endpoint: str = Field(
        default="https://huggingface.co",
        validation_alias=AliasChoices("LLMLORA_HF_ENDPOINT", "HF_ENDPOINT"),
        pattern=r"^https?://[^\s/?#]+[^\s?#]*$",
        description="Address of the Hugging Face hub, or of a mirror that speaks its protocol.",
    )
    ollama_host: str = Field(
        default="http://127.0.0.1:11434",
        validation_alias=AliasChoices("LLMLORA_OLLAMA_HOST", "OLLAMA_HOST"),
        description="Address of Ollama, in any form that Ollama itself accepts. Only the features of Ollama need it.",
    )
    ollama_models: Path | None = Field(
        default=None,
        validation_alias=AliasChoices("LLMLORA_OLLAMA_MODELS", "OLLAMA_MODELS"),
        description="Directory where Ollama stores its models, to train on them; empty: its usual places.",
    )
    inference_url: str | None = Field(
        default=None,
        pattern=r"^https?://[^\s/?#@]+(/[^\s?#]*)?$",
        description="Address of an inference program that several machines or containers share (http://name:port), for the program itself and for everybody who asks it; needs LLMLORA_INFERENCE_TOKEN. Empty: the one of this machine, found by the data directory.",
    )
    inference_token: SecretStr | None = Field(
        default=None,
        description="Secret that everybody who asks the program at LLMLORA_INFERENCE_URL has to show.",
    )
    secrets_dir: Path | None = Field(
        default=None,
        description="Directory of files that are named as settings (llmlora_api_token) and hold their values, as Docker and Kubernetes hand out secrets. The environment and .env take precedence.",
    )
    webhook_urls: str = Field(
        default="",
        pattern=r"^\s*(https?://\S+(\s+https?://\S+)*)?\s*$",
        description="Addresses notified when a job ends, separated by spaces, beside those of the Notifications page. Addresses of Slack and Discord get what these services take.",
    )
    webhook_secret: SecretStr | None = Field(
        default=None,
        description="Secret with which messages to LLMLORA_WEBHOOK_URLS are signed (Standard Webhooks).",
    )
    recipes: str = Field(
        default="",
        description="Directories with recipes of your own (a folder each, with spec.py and run.py), separated by colons. Their code runs as the studio does.",
    )
    data_kinds: str = Field(
        default="",
        description="Directories with families of data kinds of your own (a folder each, with family.py), separated by colons. Their code runs as the studio does.",
    )
    lang: Literal["ja", "en"] | None = Field(
        default=None,
        description="Language of the command line, ja or en; empty: that of LC_ALL, LC_MESSAGES or LANG.",
    )
    torch_index_url: str | None = Field(
        default=None,
        description="Package index for torch at installation (for a CPU-only or another CUDA build).",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="warning", description="Lowest level of log lines that are written to standard error."
    )

    @field_validator("log_level", "lang", mode="before")
    @classmethod
    def _in_any_case(cls, value: object) -> object:
        return value.strip().lower() if isinstance(value, str) else value

    @field_validator("api_token", "hf_token", "inference_token", "webhook_secret", mode="after")
    @classmethod
    def _nothing_is_no_secret(cls, value: SecretStr | None) -> SecretStr | None:
        """An empty token would be one that everybody knows."""
        return value if value and value.get_secret_value().strip() else None

    @field_validator("inference_token", mode="after")
    @classmethod
    def _fits_a_header(cls, value: SecretStr | None) -> SecretStr | None:
        secret = value.get_secret_value() if value else ""
        if secret and not (secret.isascii() and secret.isprintable() and " " not in secret):
            raise not_taken(
                ja="ASCII の文字だけで、空白を入れずに指定してください",
                en="must be printable ASCII without spaces",
            )
        return value

    @field_validator("inference_url", mode="after")
    @classmethod
    def _without_its_last_slash(cls, value: str | None) -> str | None:
        return value and value.rstrip("/")

    @field_validator("secrets_dir", mode="after")
    @classmethod
    def _is_there(cls, value: Path | None) -> Path | None:
        if value is not None and not value.is_dir():
            raise not_taken(ja=f"ディレクトリ {value} がありません", en=f"there is no directory {value}")
        return value

    @model_validator(mode="after")
    def _address_has_a_token(self) -> Self:
        if self.inference_url and self.inference_token is None:
            raise goes_not_together(
                "inference_token",
                ja="LLMLORA_INFERENCE_URL を設定するときは、このトークンも同じ値で全員に設定してください",
                en="must be set wherever LLMLORA_INFERENCE_URL is, to the same value everywhere",
            )
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The files of `secrets_dir` come last. It is named by the environment or `.env` itself."""
        told = (env_settings, dotenv_settings)
        named = next((one["secrets_dir"] for source in told if "secrets_dir" in (one := source())), None)
        if named is None or not Path(named).is_dir():  # the field's validator says so
            return (init_settings, *told, file_secret_settings)
        return (init_settings, *told, SecretsSettingsSource(settings_cls, secrets_dir=named))


class _Directories(BaseSettings):
    """Settings that are read before the others: which of them are wrong is told by `read_settings`."""

    model_config = Settings.model_config

    recipes: str = ""
    data_kinds: str = ""


def recipe_directories() -> tuple[Path, ...]:
    """The directories of `LLMLORA_RECIPES`, absolute."""
    return _absolute(_directories().recipes)


def kind_directories() -> tuple[Path, ...]:
    """The directories of `LLMLORA_DATA_KINDS`, absolute."""
    return _absolute(_directories().data_kinds)


def _directories() -> _Directories:
    try:
        return _Directories()
    except UnicodeDecodeError:
        return _Directories.model_construct()


def _absolute(named: str) -> tuple[Path, ...]:
    return tuple(Path(one).expanduser().resolve() for one in named.split(os.pathsep) if one.strip())


def read_settings() -> Settings:
    """Settings of the environment and `.env`.

    Raises:
        SettingsInvalidError: names every variable that is wrong.
    """
    try:
        return Settings()
    except UnicodeDecodeError as error:
        words = FieldProblem("/.env", "UTF-8 で保存し直してください", "must be saved as UTF-8")
        raise SettingsInvalidError(**sentences([words])) from error
    except ValidationError as error:
        problems = [_of_variable(one) for one in field_problems(error.errors(include_url=False))]
        raise SettingsInvalidError(**sentences(problems)) from error


def _of_variable(problem: FieldProblem) -> FieldProblem:
    name = problem.pointer.strip("/")
    return replace(
        problem, pointer=f"/LLMLORA_{name.upper()}" if name in Settings.model_fields else f"/{name}"
    )
