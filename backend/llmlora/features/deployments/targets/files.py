"""Deployments that are served from files of the data directory: known by size, time and sha256."""

import asyncio
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar, Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from llmlora.contracts.run import EndpointInput
from llmlora.features.deployments.errors import (
    DeploymentFileChangedError,
    DeploymentFileGoneError,
    NoStandingEngineError,
)
from llmlora.features.deployments.schemas import DeploymentOut, Deviation, FilePrint
from llmlora.features.deployments.targets.target import EngineModel, ServingState, deviation_of
from llmlora.kit.errors import AppError
from llmlora.kit.files import sha256_of_file
from llmlora.kit.settings import Settings
from llmlora.tables.deployment import DeploymentRow

# A list does not read more of a file whose time alone has changed; whoever uses it does.
READ_FOR_LISTS_BYTES = 64 << 20


class ServedFiles(Protocol):
    """What a row keeps of the files that serve it. `prints`: by path, how they were when they were proved."""

    @property
    def served(self) -> tuple[str, ...]:
        """Every path that is read while it answers."""

    @property
    def prints(self) -> Mapping[str, FilePrint]:
        """By path, how the served files were when they were proved."""


class ServedFromFiles:
    """What targets have in common that serve files of the data directory, each by a program that starts when it is asked."""

    name: ClassVar[str]
    response_field: ClassVar[str]

    def files_of(self, one: DeploymentOut) -> ServedFiles | None:
        """What its row keeps of them: each target has a field of its own for that."""
        kept: ServedFiles | None = getattr(one, self.response_field)
        return kept

    def engine_endpoint(self, _settings: Settings, _model: str) -> EndpointInput:
        """Programs run for what was deployed alone.

        Raises:
            NoStandingEngineError: always.
        """
        raise NoStandingEngineError(engine=self.name)

    def sealed(self, files: dict[str, Any], _seal: dict[str, Any]) -> dict[str, Any]:
        """The files as they are."""
        return files

    async def deviations(self, found: Sequence[DeploymentOut], serving: ServingState) -> dict[str, Deviation]:
        """Files that are gone or have changed; large ones whose time alone differs are not read."""
        kept = {one.id: (one.name, self.files_of(one)) for one in found}
        return await asyncio.to_thread(file_deviations, kept, serving.data_dir)

    async def explain_deviation(
        self, _one: DeploymentOut, deviation: Deviation, _serving: ServingState
    ) -> Deviation:
        """The file is named already."""
        return deviation

    async def refuse_deviation(self, one: DeploymentOut, serving: ServingState) -> None:
        """Check that the files are those that the gates asked.

        Raises:
            DeploymentFileGoneError: one is gone.
            DeploymentFileChangedError: one has changed.
        """
        files = self.files_of(one)
        if files is not None:
            await asyncio.to_thread(refuse_other_files, one.name, files, serving.data_dir)

    async def require_reachable(self, _serving: ServingState) -> None:
        """Files can always be looked at."""
        return

    async def is_available(self, _one: DeploymentOut, _serving: ServingState) -> bool:
        """Its program starts when it is asked."""
        return True

    async def use_rejected(
        self,
        _session: AsyncSession,
        _row: DeploymentRow,
        serving: ServingState,
        *,
        one: DeploymentOut,
        replace: bool,
    ) -> None:
        """Check that the files are still those that were judged.

        Raises:
            DeploymentFileGoneError, DeploymentFileChangedError: they are not.
        """
        del replace  # names are not taken from anybody here
        await self.refuse_deviation(one, serving)

    async def forget(self, _session: AsyncSession, _row: DeploymentRow, _serving: ServingState) -> None:
        """Its files belong to their jobs and stay."""
        return

    def engine_model(self, _name: str) -> None:
        """Programs run for files of ours alone."""
        return

    async def engine_models(self, _serving: ServingState) -> list[EngineModel]:
        """Programs run for files of ours alone."""
        return []

    def merges(self, _config: Mapping[str, Any]) -> bool:
        """It serves what an export has made."""
        return False

    def renewal_config(self, _row: DeploymentRow, config: dict[str, Any]) -> dict[str, Any]:
        """As it was."""
        return config


def file_deviations(
    found: Mapping[str, tuple[str, ServedFiles | None]], data_dir: Path
) -> dict[str, Deviation]:
    """Of deployments by their ids, with their names: files that are gone or have changed; large ones whose time alone
    differs are not read. Blocking."""
    deviations = {}
    for id_, (name, files) in found.items():
        if files and (error := _file_error(name, files, data_dir, READ_FOR_LISTS_BYTES)):
            is_gone = isinstance(error, DeploymentFileGoneError)
            deviations[id_] = deviation_of("gone" if is_gone else "changed", ("file",), error)
    return deviations


def refuse_other_files(name: str, files: ServedFiles, data_dir: Path) -> None:
    """Check that the files are those that the gates asked. Blocking.

    Raises:
        DeploymentFileGoneError: one is gone.
        DeploymentFileChangedError: one has changed.
    """
    error = _file_error(name, files, data_dir, None)
    if error is not None:
        raise error


def print_of(path: Path, sha256: str | None) -> FilePrint | None:
    """How a file is now; None: there is no such file. Blocking."""
    try:
        found = path.stat()
    except OSError:
        return None
    return FilePrint(size_bytes=found.st_size, mtime_ns=found.st_mtime_ns, sha256=sha256)


def _file_error(name: str, files: ServedFiles, data_dir: Path, read_bytes: int | None) -> AppError | None:
    """The first file that is not as it was proved. `read_bytes`: no larger one is read; None: any."""
    for path in dict.fromkeys((*files.served, *files.prints)):
        if not (data_dir / path).exists():
            return DeploymentFileGoneError(name=name, file=path)
    for path, proved in files.prints.items():
        if not _is_same(data_dir / path, proved, read_bytes):
            return DeploymentFileChangedError(name=name, file=path)
    return None


def _is_same(path: Path, proved: FilePrint, read_bytes: int | None) -> bool:
    now = print_of(path, None)
    if now is None or now.size_bytes != proved.size_bytes:
        return False
    # Same size, other time: a copy, a restore, or an edit. Only the bytes can tell.
    is_touched = now.mtime_ns != proved.mtime_ns
    if not is_touched or proved.sha256 is None or (read_bytes is not None and now.size_bytes > read_bytes):
        return True
    return _digest_at(path, now.size_bytes, now.mtime_ns) == proved.sha256


@lru_cache(maxsize=4096)
def _digest_at(path: Path, _size_bytes: int, _mtime_ns: int) -> str:
    return sha256_of_file(path)
