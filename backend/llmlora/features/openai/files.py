"""`/v1/files`: training data as OpenAI's clients upload it. A file is a dataset; the same bytes are the same file."""

from contextlib import suppress
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import FileResponse

from llmlora.data.errors import FileRefusedError
from llmlora.features.datasets import repository as datasets
from llmlora.features.datasets import service
from llmlora.features.datasets.errors import DatasetInUseError, DatasetNotFoundError
from llmlora.features.datasets.receiving import received_form
from llmlora.features.datasets.schemas import DatasetAdded, DatasetOut
from llmlora.features.datasets.upload_endpoints import UNBOUNDED_BYTES
from llmlora.features.openai import files_repository
from llmlora.features.openai.errors import ParameterUnsupportedError
from llmlora.features.openai.files_schemas import (
    AfterId,
    FileDeleted,
    FileId,
    FileObject,
    ListOf,
    dataset_id_of,
    file_id_of,
    list_of,
)
from llmlora.features.openai.fine_tuning_errors import (
    CursorUnknownError,
    FileUnknownError,
    PurposeUnsupportedError,
    RowsRefusedError,
    problem_of,
)
from llmlora.features.openai.route import OpenAIRoute
from llmlora.kit.web.state import Web, WebState
from llmlora.tables.dataset import DatasetRow

router = APIRouter(prefix="/v1/files", tags=["openai"], route_class=OpenAIRoute)

PURPOSE = "fine-tune"
_BINARY = {"type": "string", "format": "binary"}
_FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file", "purpose"],
                    "properties": {
                        "file": _BINARY,
                        "purpose": {"type": "string", "enum": [PURPOSE]},
                        "encoding": {
                            "type": "string",
                            "maxLength": 64,
                            "description": "Not OpenAI's: the encoding of a file that is not UTF-8.",
                        },
                    },
                }
            }
        },
    }
}


@router.post("", max_body_size=UNBOUNDED_BYTES, openapi_extra=_FORM)
async def create_openai_file(request: Request, web: Web) -> FileObject:
    """Upload training data, best as JSON lines of `{"messages": […]}`. A file with an unusable row is refused."""
    data_dir, limit_bytes = web.settings.data_dir, web.settings.upload_limit_bytes
    async with received_form(request, data_dir, limit_bytes=limit_bytes) as form:
        purpose = form.fields.get("purpose", "")
        if purpose != PURPOSE:
            raise PurposeUnsupportedError("purpose", given=purpose[:64])
        for name in form.fields:
            if name.startswith("expires_after"):
                raise ParameterUnsupportedError(
                    "expires_after",
                    "ファイルは削除するまで残ります。この項目を外してください。",
                    "Files stay until they are deleted. Leave this field out.",
                )
        try:
            added = await service.add_dataset(
                web.database,
                data_dir,
                form.path,
                original_name=form.file_name,
                encoding=form.fields["encoding"][:64] if "encoding" in form.fields else None,
            )
        except FileRefusedError as error:
            error.fields = (problem_of(error, "file"),)
            raise
    await _refuse_partial(web, added)
    return _file(added.dataset)


@router.get("")
async def list_openai_files(
    web: Web,
    purpose: Annotated[str | None, Query(max_length=64)] = None,
    limit: Annotated[int, Query(ge=1, le=10_000)] = 10_000,
    after: AfterId = None,
    order: files_repository.Order = "desc",
) -> ListOf[FileObject]:
    """The files, newest first unless `order` is `asc`."""
    async with web.database.unit_of_work() as session:
        seen = await datasets.get(session, dataset_id_of(after) or "") if after else None
        if after and seen is None:
            raise CursorUnknownError("after", given=after)
        rows = await files_repository.page_datasets(session, after=seen, order=order, limit=limit + 1)
        data = [_file(service.as_out(row)) for row in rows[:limit]] if purpose in (None, PURPOSE) else []
    return list_of(data, more=bool(data) and len(rows) > limit)


@router.get("/{file_id}")
async def get_openai_file(file_id: FileId, web: Web) -> FileObject:
    """One file."""
    return _file(service.as_out(await _find(web, file_id)))


@router.get(
    "/{file_id}/content",
    response_class=FileResponse,
    responses={200: {"content": {"application/octet-stream": {"schema": _BINARY}}}},
)
async def download_openai_file(file_id: FileId, web: Web) -> FileResponse:
    """The file as it was uploaded, byte for byte."""
    row = await _find(web, file_id)
    path = service.original_path(row, web.settings.data_dir)
    headers = {"x-content-type-options": "nosniff", "cache-control": "private, no-cache"}
    return FileResponse(
        path, media_type="application/octet-stream", filename=row.original_name, headers=headers
    )


@router.delete("/{file_id}")
async def remove_openai_file(file_id: FileId, web: Web) -> FileDeleted:
    """Delete a file, unless a job that is not over uses it."""
    row = await _find(web, file_id)
    with suppress(DatasetNotFoundError):  # somebody else was faster
        await service.remove_dataset(web.database, web.settings.data_dir, row.id, exact=True)
    return FileDeleted(id=file_id, object="file", deleted=True)


async def _find(web: WebState, file_id: str) -> DatasetRow:
    try:
        return await service.find_exactly(web.database, dataset_id_of(file_id) or "")
    except DatasetNotFoundError as error:
        raise FileUnknownError(id=file_id) from error


async def _refuse_partial(web: WebState, added: DatasetAdded) -> None:
    """Keep no file of which some rows would silently not be trained on."""
    counts = added.dataset.counts
    if counts.refused == 0:
        return
    if not added.already_known:
        with suppress(DatasetInUseError, DatasetNotFoundError):
            await service.remove_dataset(web.database, web.settings.data_dir, added.dataset.id, exact=True)
    first = counts.first_refused[0]
    raise RowsRefusedError(
        "file",
        read=counts.read,
        refused=counts.refused,
        row=first.row,
        first_ja=first.ja,
        first_en=first.en,
    )


def _file(dataset: DatasetOut) -> FileObject:
    refused = dataset.counts.refused
    details = f"{refused} of {dataset.counts.read} rows are not used." if refused else None
    return FileObject(
        id=file_id_of(dataset.id),
        object="file",
        bytes=dataset.original_size_bytes,
        created_at=int(dataset.created_at.timestamp()),
        expires_at=None,
        filename=dataset.original_name,
        purpose=PURPOSE,
        status="processed",
        status_details=details,
    )
