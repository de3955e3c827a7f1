"""`/docs`: the API's description to try out, served whole by this machine, with a policy that lets nothing else in."""

import base64
import hashlib
import re
from pathlib import Path

import fastapi_offline
from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.staticfiles import StaticFiles

DOCS_PATH = "/docs"
_FILES_PATH = f"{DOCS_PATH}/files"
# The package brings Swagger UI's own files: a machine without the internet shows the page, too.
_FILES = Path(fastapi_offline.__file__).parent / "static"
_INLINE = re.compile(r"<script>(.*?)</script>", re.DOTALL)


def install_docs(app: FastAPI) -> None:
    """Serve the page of an application that was made with `docs_url=None`."""
    page = get_swagger_ui_html(
        openapi_url="/openapi.json",
        title=app.title,
        swagger_js_url=f"{_FILES_PATH}/swagger-ui-bundle.js",
        swagger_css_url=f"{_FILES_PATH}/swagger-ui.css",
        swagger_favicon_url="data:,",
    )
    # Browsers hash what stands in the document.
    html = bytes(page.body).decode()
    hashes = " ".join(f"'sha256-{_sha256(script)}'" for script in _INLINE.findall(html))
    policy = (
        f"default-src 'none'; script-src 'self' {hashes}; style-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )

    async def docs(_: Request) -> HTMLResponse:
        return HTMLResponse(html, headers={"content-security-policy": policy})

    app.add_route(DOCS_PATH, docs, include_in_schema=False)
    app.mount(_FILES_PATH, StaticFiles(directory=_FILES), name="docs-files")


def _sha256(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
