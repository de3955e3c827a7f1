"""`/api/courses`: the courses to read, their files, and how far a learner is."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import FileResponse, Response

from llmlora.features.courses import service
from llmlora.features.courses.schemas import CourseOut, CourseProgress, CourseTextOut, Language
from llmlora.kit.files import sha256_of_file
from llmlora.kit.web.language import language_of
from llmlora.kit.web.pages import Page
from llmlora.kit.web.state import Web

router = APIRouter(prefix="/api/courses", tags=["courses"])

Level = Annotated[int, Path(ge=1, le=9, description="1 for those who begin.")]
GoalName = Annotated[str, Path(max_length=64, pattern=r"^[a-z][a-z0-9-]*$", description="Name of a goal.")]
FileName = Annotated[str, Path(max_length=128, pattern=r"^[\w.-]+$", description="Name of a file.")]
In = Annotated[Language | None, Query(description="Else as the client prefers.")]
_TYPES = {".webp": "image/webp"}
_FILE = {"type": "string", "format": "binary"}


@router.get("")
async def list_courses(web: Web, request: Request, language: In = None) -> Page[CourseOut]:
    """All courses, on one page. What is seen done is kept."""
    async with web.database.unit_of_work() as session:
        found = await service.list_courses(session, language or language_of(request.headers))
    return Page(data=found, next=None)


@router.get("/{level}")
async def get_course(web: Web, request: Request, level: Level, language: In = None) -> CourseTextOut:
    """A course to read, in Markdown."""
    async with web.database.unit_of_work() as session:
        return await service.get_course(session, level, language or language_of(request.headers))


@router.get("/{level}/progress")
async def get_course_progress(web: Web, level: Level) -> CourseProgress:
    """How it stands with each goal. What is seen done is kept, and stays done when its data is deleted."""
    async with web.database.unit_of_work() as session:
        return await service.progress_of(session, level)


@router.put("/{level}/ticks/{goal}")
async def tick_course_goal(web: Web, level: Level, goal: GoalName) -> CourseProgress:
    """Say that something is done which nobody sees."""
    async with web.database.unit_of_work() as session:
        await service.tick(session, level, goal)
        return await service.progress_of(session, level)


@router.delete("/{level}/ticks/{goal}")
async def untick_course_goal(web: Web, level: Level, goal: GoalName) -> CourseProgress:
    """Take that back."""
    async with web.database.unit_of_work() as session:
        await service.untick(session, level, goal)
        return await service.progress_of(session, level)


@router.get(
    "/{level}/files/{name}",
    response_class=FileResponse,
    responses={
        200: {"content": {"image/webp": {"schema": _FILE}, "application/octet-stream": {"schema": _FILE}}},
        206: {"description": "The ranges that were asked for."},
        304: {"description": "The client has these bytes already."},
        416: {"description": "The range lies outside of the file."},
    },
)
async def download_course_file(request: Request, level: Level, name: FileName) -> Response:
    """A picture or a data file of a course; its ETag is its SHA-256."""
    path = service.file_of(level, name)
    etag = f'"{sha256_of_file(path)}"'
    headers = {"etag": etag, "cache-control": "private, no-cache"}
    known = [one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")]
    if etag in known or "*" in known:
        return Response(status_code=304, headers=headers)
    type_ = _TYPES.get(path.suffix)
    # Pictures are drawn by pages; data is saved.
    named = None if type_ else path.name
    return FileResponse(path, media_type=type_ or "application/octet-stream", filename=named, headers=headers)
