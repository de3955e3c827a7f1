"""`/api/errors/{code}`: an address that leads from an error's code to its page of the manual."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import RedirectResponse
from starlette import status

from llmlora.kit.manual import address_of, page_of_code
from llmlora.kit.web.language import Language, language_of

router = APIRouter(tags=["system"])

_Code = Annotated[
    str,
    Path(
        pattern="^[a-z][a-z0-9_]*$", max_length=80, description="The `code` of a problem or of a failed job."
    ),
]


@router.get(
    "/api/errors/{code}",
    status_code=status.HTTP_307_TEMPORARY_REDIRECT,
    response_class=RedirectResponse,
    responses={307: {"description": "The page is at `Location`."}},
)
async def open_error_page(
    request: Request,
    code: _Code,
    language: Annotated[
        Language | None, Query(description="Default: what `Accept-Language` prefers.")
    ] = None,
) -> RedirectResponse:
    """Lead to what the manual says of an error; a code that it does not know, to the list of all."""
    address = address_of(page_of_code(code), language or language_of(request.headers))
    return RedirectResponse(address, headers={"vary": "accept-language"})
