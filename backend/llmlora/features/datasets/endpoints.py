"""`/api/datasets`: add, list, look at and delete datasets."""

import asyncio
import json
from pathlib import Path as FilePath
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import FileResponse

from llmlora.data.importer_protocol import Result
from llmlora.data.kinds.registry import KnownKind, kinds
from llmlora.data.manifest import Role
from llmlora.data.media import type_of_file
from llmlora.data.row_search import Wanted
from llmlora.data.written import dumps, loads
from llmlora.features.datasets import searching, service, tokens, upload_endpoints
from llmlora.features.datasets.receiving import received_form, received_json, validated
from llmlora.features.datasets.repository import DatasetFilter
from llmlora.features.datasets.schemas import (
    DatasetAdded,
    DatasetDetail,
    DatasetList,
    DatasetPage,
    DatasetPreview,
    FindingsOut,
    FoundRowsOut,
    NewDataset,
    PreviewFields,
    PreviewRequest,
    TokenLengthsOut,
    TokenPage,
    UploadFields,
)
from llmlora.features.datasets.staging import incoming_directory
from llmlora.features.datasets.upload_endpoints import UNBOUNDED_BYTES
from llmlora.features.datasets.upload_files import refuse_full_disk
from llmlora.features.datasets.uploads import find_complete
from llmlora.features.labels.schemas import TagFilter
from llmlora.kit.web.pages import Limit, SortedAfter
from llmlora.kit.web.state import Web

ROWS_BYTES = 64 << 20
"""Largest JSON body of rows: 10,000 of them with a few KiB each."""

DatasetId = Annotated[str, Path(pattern=r"^\w{1,64}$", description="The whole id.")]
BaseModel_ = Annotated[
    str,
    Query(
        min_length=1,
        max_length=1024,
        pattern=r"^[^\x00]*$",
        description="Reference or id of a registered base model.",
    ),
]
MaxLength = Annotated[
    int | None,
    Query(ge=8, le=131_072, description="Longest row in tokens; default: 1024, at most the context."),
]
Offset = Annotated[int, Query(ge=0, le=2**53, description="Rows to skip.")]
KNOWN: dict[int | str, dict[str, Any]] = {
    200: {"model": DatasetAdded, "description": "The same bytes read the same way were here before."}
}
_KIND = {"type": "string", "enum": list(kinds())}
_FILE = {"type": "string", "format": "binary"}
_MAPPING = {"type": "string", "description": "JSON object: canonical name → column of the file."}
_ENCODING = {
    "type": "string",
    "maxLength": 64,
    "description": "Encoding of a text file, e.g. utf-8, cp932 or cp1252; wins over what is detected.",
}
_UPLOAD_FORM = {
    "type": "object",
    "required": ["file"],
    "properties": {
        "file": _FILE,
        "name": {"type": "string", "maxLength": 200},
        "kind": _KIND,
        "mapping": _MAPPING,
        "encoding": _ENCODING,
    },
}
_PREVIEW_FORM = {
    "type": "object",
    "required": ["file"],
    "properties": {"file": _FILE, "kind": _KIND, "mapping": _MAPPING, "encoding": _ENCODING},
}
_PREVIEW_JSON = {
    "type": "object",
    "required": ["upload_id"],
    "additionalProperties": False,
    "properties": {
        "upload_id": {"type": "string", "maxLength": 64},
        "kind": {"anyOf": [_KIND, {"type": "null"}]},
        "mapping": {
            "anyOf": [{"type": "object", "additionalProperties": {"type": "string"}}, {"type": "null"}]
        },
        "encoding": {"anyOf": [_ENCODING, {"type": "null"}]},
    },
}


def _body(**contents: dict[str, Any]) -> dict[str, Any]:
    media = {"form": "multipart/form-data", "json": "application/json"}
    content = {media[name]: {"schema": schema} for name, schema in contents.items()}
    return {"requestBody": {"required": True, "content": content}}


router = APIRouter()
router.include_router(upload_endpoints.protocol)
router.include_router(upload_endpoints.router)
datasets = APIRouter(prefix="/api/datasets", tags=["datasets"])


@datasets.get("")
async def list_datasets(
    web: Web,
    limit: Limit = 50,
    after: SortedAfter = None,
    kind: KnownKind | None = None,
    q: Annotated[
        str | None, Query(max_length=200, pattern=r"^[^\x00]*$", description="Part of the name.")
    ] = None,
    tag: TagFilter = None,
    sort: Annotated[
        str | None,
        Query(
            max_length=160,
            description="What to sort by, largest first with `-` in front: name, kind, format, rows, size, created, jobs. "
            "Default: -created.",
        ),
    ] = None,
) -> DatasetList:
    """The datasets, newest first, or as `sort` says."""
    return await service.page_datasets(
        web.database, DatasetFilter(kind, q, tag), sort=sort, limit=limit, after=after
    )


@datasets.post("", status_code=201, responses=KNOWN, max_body_size=ROWS_BYTES)
async def create_dataset(new: NewDataset, request: Request, response: Response, web: Web) -> DatasetAdded:
    """Make a dataset of rows that are sent as JSON; 200 where it is known already."""
    with incoming_directory(web.settings.data_dir / "uploads") as directory, refuse_full_disk(directory):
        source = directory / "rows.jsonl"
        await asyncio.to_thread(_write_lines, source, await request.body())
        added = await service.add_dataset(
            web.database,
            web.settings.data_dir,
            source,
            name=new.name,
            kind=new.kind,
            mapping=new.mapping,
            encoding="utf-8",
        )
    return _told(added, response)


@datasets.post(
    "/upload",
    status_code=201,
    responses=KNOWN,
    max_body_size=UNBOUNDED_BYTES,
    openapi_extra=_body(form=_UPLOAD_FORM),
)
async def upload_dataset(request: Request, response: Response, web: Web) -> DatasetAdded:
    """Make a dataset of a file; 200 where it is known already. Large files are better sent in pieces."""
    data_dir, limit_bytes = web.settings.data_dir, web.settings.upload_limit_bytes
    async with received_form(request, data_dir, limit_bytes=limit_bytes) as form:
        fields = validated(form.fields, UploadFields)
        added = await service.add_dataset(
            web.database,
            data_dir,
            form.path,
            original_name=form.file_name,
            name=fields.name,
            kind=fields.kind,
            mapping=fields.mapping,
            encoding=fields.encoding,
        )
    return _told(added, response)


@datasets.post(
    "/preview", max_body_size=UNBOUNDED_BYTES, openapi_extra=_body(form=_PREVIEW_FORM, json=_PREVIEW_JSON)
)
async def preview_dataset(request: Request, web: Web) -> DatasetPreview:
    """What a file, or an upload whose bytes have all arrived, would become. Nothing is saved."""
    data_dir, limit_bytes = web.settings.data_dir, web.settings.upload_limit_bytes
    if request.headers.get("content-type", "").lower().startswith("application/json"):
        asked = await received_json(request, PreviewRequest)
        path, name = await find_complete(web.database, data_dir, asked.upload_id)
        return _shown(
            await service.preview_dataset(
                path,
                original_name=name,
                kind=asked.kind,
                mapping=asked.mapping,
                encoding=asked.encoding,
            )
        )
    async with received_form(request, data_dir, limit_bytes=limit_bytes) as form:
        fields = validated(form.fields, PreviewFields)
        return _shown(
            await service.preview_dataset(
                form.path,
                original_name=form.file_name,
                kind=fields.kind,
                mapping=fields.mapping,
                encoding=fields.encoding,
            )
        )


@datasets.get("/{dataset_id}")
async def get_dataset(dataset_id: DatasetId, web: Web) -> DatasetDetail:
    """One dataset and the jobs that use it."""
    return await service.describe_dataset(web.database, web.settings.data_dir, dataset_id)


@datasets.get("/{dataset_id}/rows")
async def list_dataset_rows(
    dataset_id: DatasetId, web: Web, offset: Offset = 0, limit: Limit = 50
) -> DatasetPage:
    """Some rows of a dataset as they are trained on."""
    row = await service.find_exactly(web.database, dataset_id)
    return await service.page_rows(row, web.settings.data_dir, offset=offset, limit=limit)


@datasets.get("/{dataset_id}/search")
async def search_dataset_rows(
    dataset_id: DatasetId,
    web: Web,
    q: Annotated[
        str | None,
        Query(max_length=200, pattern=r"^[^\x00]*$", description="Words that a text of the row holds."),
    ] = None,
    part: Annotated[
        str | None, Query(max_length=64, description="Only in this column, or in turns of this role.")
    ] = None,
    shortest: Annotated[
        int | None, Query(ge=0, le=2**53, description="Characters of all texts, at least.")
    ] = None,
    longest: Annotated[
        int | None, Query(ge=0, le=2**53, description="Characters of all texts, at most.")
    ] = None,
    problem: Annotated[
        str | None, Query(max_length=64, description="Only rows that a finding of this code names.")
    ] = None,
    from_row: Annotated[
        int | None, Query(ge=1, le=2**53, description="Only rows with this number or a later one.")
    ] = None,
    offset: Offset = 0,
    limit: Limit = 50,
) -> FoundRowsOut:
    """Rows that hold some words, are so long, or were found odd. It looks for a moment: `looked_at` says how far it came,
    `next` where it goes on."""
    row = await service.find_exactly(web.database, dataset_id)
    wanted = Wanted(q or None, part or None, shortest, longest, None, from_row)
    return await searching.find_rows(
        row, web.settings.data_dir, wanted, offset=offset, limit=limit, problem=problem
    )


@datasets.get("/{dataset_id}/findings")
async def list_dataset_findings(dataset_id: DatasetId, web: Web) -> FindingsOut:
    """What `datasets validate` says of the rows: repeats, contradictions, odd rows. Looked for once, then kept."""
    row = await service.find_exactly(web.database, dataset_id)
    return await searching.examine_dataset(row, web.settings.data_dir)


@datasets.get(
    "/{dataset_id}/file",
    response_class=FileResponse,
    responses={
        200: {"content": {"application/octet-stream": {"schema": _FILE}}},
        206: {"description": "The ranges that were asked for."},
        304: {"description": "The client has these bytes already."},
        416: {"description": "The range lies outside of the file."},
    },
)
async def download_dataset_file(dataset_id: DatasetId, request: Request, web: Web) -> Response:
    """The file as it was added, byte for byte; ranges are served, its ETag is its SHA-256."""
    row = await service.find_exactly(web.database, dataset_id)
    path = service.original_path(row, web.settings.data_dir)
    etag = f'"{row.original_sha256}"'
    headers = {"etag": etag, "x-content-type-options": "nosniff", "cache-control": "private, no-cache"}
    known = [one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")]
    if etag in known or "*" in known:
        return Response(status_code=304, headers=headers)
    return FileResponse(
        path, media_type="application/octet-stream", filename=row.original_name, headers=headers
    )


@datasets.get(
    "/{dataset_id}/media/{sha256}",
    response_class=FileResponse,
    responses={200: {"content": {"application/octet-stream": {"schema": _FILE}}}},
)
async def show_dataset_media(
    dataset_id: DatasetId,
    sha256: Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")],
    web: Web,
    thumbnail: Annotated[
        bool, Query(description="A small picture of it, of at most 256 pixels a side.")
    ] = False,
) -> FileResponse:
    """A picture or sound that rows of the data set show."""
    row = await service.find_exactly(web.database, dataset_id)
    role: Role = "thumbnail" if thumbnail else "media"
    path = service.media_path(row, web.settings.data_dir, sha256, role)
    headers = {"x-content-type-options": "nosniff", "cache-control": "private, max-age=31536000, immutable"}
    return FileResponse(path, media_type=type_of_file(path.name), headers=headers)


@datasets.delete("/{dataset_id}", status_code=204)
async def remove_dataset(dataset_id: DatasetId, web: Web) -> Response:
    """Delete a dataset and its files, unless a job that is not over uses it."""
    await service.remove_dataset(web.database, web.settings.data_dir, dataset_id, exact=True)
    return Response(status_code=204)


@datasets.get("/{dataset_id}/tokens")
async def list_dataset_tokens(
    dataset_id: DatasetId,
    base_model: BaseModel_,
    web: Web,
    max_length: MaxLength = None,
    offset: Offset = 0,
    limit: Annotated[int, Query(ge=1, le=50)] = 10,
) -> TokenPage:
    """Rows as a base model would be trained on them, in pieces with and without loss."""
    return await tokens.page_tokens(
        web.database,
        web.settings.data_dir,
        dataset_id,
        base_model=base_model,
        max_length=max_length,
        offset=offset,
        limit=limit,
    )


@datasets.get("/{dataset_id}/token-lengths")
async def measure_dataset_tokens(
    dataset_id: DatasetId, base_model: BaseModel_, web: Web, max_length: MaxLength = None
) -> TokenLengthsOut:
    """How long the rows are for a base model, and the ledger a training would begin with."""
    return await tokens.measure_tokens(
        web.database, web.settings.data_dir, dataset_id, base_model=base_model, max_length=max_length
    )


router.include_router(datasets)


def _told(added: DatasetAdded, response: Response) -> DatasetAdded:
    response.headers["location"] = f"/api/datasets/{added.dataset.id}"
    response.status_code = 200 if added.already_known else 201
    return added


def _shown(result: Result) -> DatasetPreview:
    return DatasetPreview(found=result.found, counts=result.counts, examples=result.examples)


def _write_lines(target: FilePath, body: bytes) -> None:
    """The rows of a `NewDataset` as JSON lines, from its text: the numbers of a validated one have lost their digits.

    A lone surrogate is escaped, so that it arrives at the reader, which refuses its row.
    """
    with target.open("x", encoding="utf-8") as stream:
        stream.writelines(_line_of(row) + "\n" for row in loads(body)["rows"])


def _line_of(row: dict[str, Any]) -> str:
    try:
        return dumps(row)
    except (TypeError, ValueError):
        return json.dumps(row)
