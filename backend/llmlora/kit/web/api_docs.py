"""`/docs`: the API's description to try out, with a policy that lets nothing else in."""

import base64
import hashlib
import re

from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from starlette.requests import Request
from starlette.responses import HTMLResponse

DOCS_PATH = "/docs"
# Swagger UI is no part of the studio: browsers fetch it where FastAPI says.
_CDN = "https://cdn.jsdelivr.net"
_INLINE = re.compile(r"<script>(.*?)</script>", re.DOTALL)


def install_docs(app: FastAPI) -> None:
    """Serve the page of an application that was made with `docs_url=None`."""
    # Browsers hash what stands in the document; the icon of another site is left out.
    page = get_swagger_ui_html(openapi_url="/openapi.json", title=app.title, swagger_favicon_url="data:,")
    html = bytes(page.body).decode()
    hashes = " ".join(f"'sha256-{_sha256(script)}'" for script in _INLINE.findall(html))
    policy = (
        f"default-src 'none'; script-src {_CDN} {hashes}; style-src {_CDN}; img-src 'self' data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )

    async def docs(_: Request) -> HTMLResponse:
        return HTMLResponse(html, headers={"content-security-policy": policy})

    app.add_route(DOCS_PATH, docs, include_in_schema=False)


def _sha256(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
