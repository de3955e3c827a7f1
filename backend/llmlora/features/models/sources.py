"""Outside places that runs read: what a run that declares one is told of its address, and of its secrets."""

import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from llmlora.features.hub.service import hub_access
from llmlora.kit.db import Database
from llmlora.kit.settings import Settings
from llmlora.recipes.import_base_model.needs import WHEEL_SOURCE
from llmlora.recipes.import_base_model.spec import (
    ENDPOINT_VARIABLE,
    INDEX_VARIABLE,
    STORE_VARIABLE,
    TOKEN_SECRET,
)

# Network settings a download needs; a run that reads only files of this machine gets none of them.
_NETWORK_VARIABLES = (
    "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY",
    "http_proxy", "https_proxy", "all_proxy", "no_proxy", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE",
)  # fmt: skip


@dataclass(frozen=True)
class SourceAccess:
    """`environment(settings, run_dir)` and `secrets(database, settings)` of one source."""

    environment: Callable[[Settings, Path], dict[str, str]]
    secrets: Callable[[Database, Settings], Awaitable[dict[str, str]]]


def source_environment(source: str, settings: Settings, run_dir: Path) -> dict[str, str]:
    """What a run that reads from a source needs to know of its address; nothing of one that needs no words."""
    access = SOURCES.get(source)
    return access.environment(settings, run_dir) if access else {}


async def source_secrets(source: str, database: Database, settings: Settings) -> dict[str, str]:
    """What only the child of a run that reads from a source may know.

    Raises:
        HubTokenUnreadableError, HubTokenMalformedError: there is a token, and it is of no use.
    """
    access = SOURCES.get(source)
    return await access.secrets(database, settings) if access else {}


def _hub_environment(settings: Settings, run_dir: Path) -> dict[str, str]:
    """What a download from the hub needs: the network, the hub's address, and a hub directory that goes with the run."""
    env = {name: os.environ[name] for name in _NETWORK_VARIABLES if name in os.environ}
    return env | {
        ENDPOINT_VARIABLE: settings.hf_endpoint,
        "HF_HUB_OFFLINE": "0",
        "HF_HOME": str(run_dir / "hub"),
    }


async def _hub_secrets(database: Database, settings: Settings) -> dict[str, str]:
    token = (await hub_access(database, settings)).token
    return {} if token is None else {TOKEN_SECRET: token}


def _store_environment(settings: Settings, _run_dir: Path) -> dict[str, str]:
    return {} if settings.ollama_models is None else {STORE_VARIABLE: str(settings.ollama_models)}


def _index_environment(_settings: Settings, _run_dir: Path) -> dict[str, str]:
    """What a file from the package index needs: the network, and where pip finds its index here."""
    names = (*_NETWORK_VARIABLES, INDEX_VARIABLE, "SSL_CERT_FILE")
    return {name: os.environ[name] for name in names if name in os.environ}


async def _no_secrets(_database: Database, _settings: Settings) -> dict[str, str]:
    return {}


SOURCES: dict[str, SourceAccess] = {
    "hf": SourceAccess(_hub_environment, _hub_secrets),
    "ollama": SourceAccess(_store_environment, _no_secrets),
    WHEEL_SOURCE: SourceAccess(_index_environment, _no_secrets),
}
"""Sources by the scheme that a reference begins with, or by what a recipe calls them."""
