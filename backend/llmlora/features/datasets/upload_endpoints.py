"""`/api/datasets/uploads`: files in pieces, by tus 1.0.0; `finish` makes a dataset of one."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response

from llmlora.features.datasets import tus, uploads
from llmlora.features.datasets.receiving import announced_bytes
from llmlora.features.datasets.schemas import DatasetAdded, FinishUpload, UploadOut
from llmlora.kit.web.problems import PROBLEMS
from llmlora.kit.web.state import Web

UNBOUNDED_BYTES = 1 << 62
"""For routes that bound their body themselves, by a setting that is known only when they run."""

UploadId = Annotated[str, Path(pattern=r"^\w{1,64}$")]
_PIECE = {
    "parameters": [
        {
            "name": "Upload-Offset",
            "in": "header",
            "required": True,
            "schema": {"type": "integer", "minimum": 0},
        },
        {"name": "Upload-Checksum", "in": "header", "required": False, "schema": {"type": "string"}},
    ],
    "requestBody": {
        "required": True,
        "content": {tus.PIECE_TYPE: {"schema": {"type": "string", "format": "binary"}}},
    },
}
_CREATION = {
    "parameters": [
        {
            "name": "Upload-Length",
            "in": "header",
            "required": True,
            "schema": {"type": "integer", "minimum": 0},
        },
        {"name": "Upload-Metadata", "in": "header", "required": False, "schema": {"type": "string"}},
    ]
}

_BUSY: dict[int | str, dict[str, Any]] = {
    423: {"description": "Another request is working on this upload.", "content": PROBLEMS[409]["content"]}
}
_REFUSALS: dict[int | str, dict[str, Any]] = {
    412: {"description": "Another version of the protocol.", "content": PROBLEMS[409]["content"]},
    **_BUSY,
}
_DAMAGED: dict[int | str, dict[str, Any]] = {
    tus.CHECKSUM_MISMATCH: {
        "description": "The piece does not have its checksum.",
        "content": PROBLEMS[409]["content"],
    }
}

protocol = APIRouter(
    prefix="/api/datasets/uploads", tags=["datasets"], route_class=tus.TusRoute, responses=_REFUSALS
)
router = APIRouter(prefix="/api/datasets/uploads", tags=["datasets"])


@protocol.options("", status_code=204)
async def describe_uploads(web: Web) -> Response:
    """What this server knows of the upload protocol."""
    return Response(status_code=204, headers=tus.capabilities(web.settings.upload_limit_bytes))


@protocol.post("", status_code=201, openapi_extra=_CREATION)
async def create_upload(request: Request, response: Response, web: Web) -> UploadOut:
    """Begin an upload. `Upload-Metadata` may name `filename` and the `sha256` of the whole, in base64."""
    announced = tus.parse_metadata(request)
    upload = await uploads.create_upload(
        web.database,
        web.settings.data_dir,
        size_bytes=tus.parse_count(request, "Upload-Length"),
        limit_bytes=web.settings.upload_limit_bytes,
        file_name=announced.file_name,
        sha256=announced.sha256,
        metadata=announced.metadata,
    )
    response.headers["location"] = f"/api/datasets/uploads/{upload.id}"
    response.headers["upload-offset"] = "0"
    return upload


@protocol.head("/{upload_id}", status_code=200)
async def show_upload_offset(upload_id: UploadId, web: Web) -> Response:
    """How far an upload has come, in `Upload-Offset`."""
    upload, metadata = await uploads.get_upload(web.database, web.settings.data_dir, upload_id)
    headers = {
        "upload-offset": str(upload.offset_bytes),
        "upload-length": str(upload.size_bytes),
        "cache-control": "no-store",
    }
    return Response(headers=headers | ({"upload-metadata": metadata} if metadata else {}))


@protocol.patch(
    "/{upload_id}", status_code=204, responses=_DAMAGED, max_body_size=UNBOUNDED_BYTES, openapi_extra=_PIECE
)
async def continue_upload(upload_id: UploadId, request: Request, web: Web) -> Response:
    """Append bytes from `Upload-Offset` on. What arrived before a broken connection is kept."""
    tus.require_piece(request)
    offset = await uploads.continue_upload(
        web.database,
        web.settings.data_dir,
        upload_id,
        offset=tus.parse_count(request, "Upload-Offset"),
        announced_bytes=announced_bytes(request),
        chunks=request.stream(),
        checksum=tus.parse_checksum(request),
    )
    return Response(status_code=204, headers={"upload-offset": str(offset)})


@protocol.delete("/{upload_id}", status_code=204)
async def remove_upload(upload_id: UploadId, web: Web) -> Response:
    """Give an upload up; its bytes are gone at once."""
    await uploads.remove_upload(web.database, web.settings.data_dir, upload_id)
    return Response(status_code=204)


@router.post("/{upload_id}/finish", status_code=201, responses={200: {"model": DatasetAdded}, **_BUSY})
async def finish_upload(
    upload_id: UploadId, order: FinishUpload, response: Response, web: Web
) -> DatasetAdded:
    """Make a dataset of an upload whose bytes have all arrived; 200 where that dataset is known already."""
    added = await uploads.finish_upload(web.database, web.settings.data_dir, upload_id, order)
    response.headers["location"] = f"/api/datasets/{added.dataset.id}"
    response.status_code = 200 if added.already_known else 201
    return added
