"""Artifacts over HTTP: files in ranges, directories as an archive that is made while it is sent."""

import io
import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Annotated, Any, cast

from fastapi import APIRouter, Header, Query
from starlette.responses import FileResponse, Response, StreamingResponse

from llmlora.features.jobs import repository, service
from llmlora.features.jobs.endpoints import JobId
from llmlora.features.jobs.schemas import ArtifactOut
from llmlora.features.jobs.views import artifact_out
from llmlora.kit.errors import NotFoundError
from llmlora.kit.web.pages import Page
from llmlora.kit.web.state import Web

router = APIRouter(prefix="/api", tags=["artifacts"])

CHUNK_BYTES = 1 << 20


class ArtifactNotFoundError(NotFoundError):
    """No artifact has that id, or its files are gone."""

    code = "artifact_not_found"
    ja = "ファイル {id} はありません。ジョブのファイルの一覧を確認してください。"
    en = "There is no artifact {id}. Check the list of artifacts of its job."


@router.get("/training/jobs/{job_id}/artifacts")
async def list_training_artifacts(
    web: Web, job_id: JobId, kind: Annotated[str | None, Query(max_length=32)] = None
) -> Page[ArtifactOut]:
    """What a job made, newest first."""
    async with web.database.unit_of_work() as session:
        await service.get_job(session, job_id)
        rows = await repository.artifacts_of(session, job_id, kind)
    return Page(data=[artifact_out(row) for row in rows], next=None)


@router.get("/artifacts/{artifact_id}")
async def get_artifact(web: Web, artifact_id: JobId) -> ArtifactOut:
    """One artifact.

    Raises:
        ArtifactNotFoundError: there is none.
    """
    async with web.database.unit_of_work() as session:
        row = await repository.find_artifact(session, artifact_id)
    if row is None:
        raise ArtifactNotFoundError(id=artifact_id)
    return artifact_out(row)


@router.get(
    "/artifacts/{artifact_id}/download",
    response_class=FileResponse,
    responses={
        200: {"content": {"application/octet-stream": {}, "application/zip": {}}},
        206: {},
        304: {},
        416: {},
    },
)
async def download_artifact(
    web: Web, artifact_id: JobId, if_none_match: Annotated[str | None, Header(max_length=1024)] = None
) -> Response:
    """A file with ranges and an ETag (its sha256); a directory as ZIP. 304 to those who have it already.

    Raises:
        ArtifactNotFoundError: there is none, or its files are gone.
    """
    async with web.database.unit_of_work() as session:
        row = await repository.find_artifact(session, artifact_id)
    if row is None:
        raise ArtifactNotFoundError(id=artifact_id)
    path = _below(web.settings.data_dir, row.path)
    if path is None:
        raise ArtifactNotFoundError(id=artifact_id)
    headers = {"etag": f'"{row.sha256}"'}
    if if_none_match is not None and row.sha256 in if_none_match:
        return Response(status_code=304, headers=headers)
    if path.is_file():
        return FileResponse(path, filename=path.name, headers=headers)
    name = f"{row.job_id}-{row.kind}.zip"
    headers |= {"content-disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(zipped(path), media_type="application/zip", headers=headers)


def zipped(directory: Path) -> Iterator[bytes]:
    """The files of a directory as a ZIP archive, piece by piece; nothing is kept in memory."""
    sink = _Pieces()
    with zipfile.ZipFile(cast(IO[bytes], sink), "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
        for path in sorted(p for p in directory.rglob("*") if p.is_file() and not p.is_symlink()):
            name = path.relative_to(directory).as_posix()
            with archive.open(name, "w", force_zip64=True) as entry, path.open("rb") as stream:
                while chunk := stream.read(CHUNK_BYTES):
                    entry.write(chunk)
                    yield sink.take()
    yield sink.take()


class _Pieces(io.RawIOBase):
    """A file that can only be written, and is emptied as it fills."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._parts.append(bytes(data))
        return len(data)

    def take(self) -> bytes:
        taken = b"".join(self._parts)
        self._parts.clear()
        return taken


def _below(root: Path, relative: str) -> Path | None:
    """The path of an artifact, if it exists and no link leads out of the data root."""
    path = root / relative
    try:
        inside = path.resolve(strict=True).is_relative_to(root.resolve())
        kind = path.stat().st_mode
    except OSError:
        return None
    return path if inside and (stat.S_ISREG(kind) or stat.S_ISDIR(kind)) else None
