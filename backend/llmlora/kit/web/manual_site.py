"""`/manual/{ja,en}/…`: the built manual, whole from this machine, with a policy that runs only the scripts it was built with."""

import base64
import hashlib
import re
from pathlib import Path

from fastapi import FastAPI
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from llmlora.kit.errors import NotFoundError
from llmlora.kit.web.language import language_of

MANUAL_PATH = "/manual"
# Browsers hash what stands in the document; a block of data is no script.
_INLINE = re.compile(r"<script>(.*?)</script>", re.DOTALL)


class ManualMissingError(NotFoundError):
    """Nobody has built the manual here."""

    code = "manual_missing"
    ja = (
        "マニュアルがまだビルドされていません。./llmlora docs を実行してください（up は自動でビルドします）。"
    )
    en = "The manual has not been built yet. Run ./llmlora docs (`up` builds it by itself)."


class ManualPageMissingError(NotFoundError):
    """The manual has no such page."""

    code = "manual_page_missing"
    ja = "マニュアルに {path} というページはありません。/manual/ja/index.html から探してください。"
    en = "The manual has no page {path}. Look for it from /manual/en/index.html."


def install_manual(app: FastAPI, site: Path) -> None:
    """Serve what is built at `site`, now or later."""

    async def first_page(request: Request) -> RedirectResponse:
        language = language_of(request.headers)
        return RedirectResponse(f"{MANUAL_PATH}/{language}/index.html", headers={"vary": "accept-language"})

    app.add_route(MANUAL_PATH, first_page, include_in_schema=False)
    app.mount(MANUAL_PATH, _Manual(directory=site, html=True, check_dir=False), name="manual")


class _Manual(StaticFiles):
    async def get_response(self, path: str, scope: Scope) -> Response:
        """A file of the site.

        Raises:
            ManualMissingError: nothing is built.
            ManualPageMissingError: something is, and has no such page.
        """
        folder = Path(str(self.directory))
        if not (folder / ".built").is_file():
            raise ManualMissingError
        if path in (".", ""):
            return RedirectResponse(f"{MANUAL_PATH}/{language_of(Headers(scope=scope))}/index.html")
        if any(part.startswith(".") for part in Path(path).parts) or not (folder / path).exists():
            raise ManualPageMissingError(path=path[:200])
        response = await super().get_response(path, scope)
        if isinstance(response, FileResponse) and str(response.path).endswith(".html"):
            response.headers["content-security-policy"] = _policy(
                Path(response.path).read_text(encoding="utf-8")
            )
        return response


def _policy(html: str) -> str:
    hashes = " ".join(sorted({f"'sha256-{_sha256(script)}'" for script in _INLINE.findall(html)}))
    return (
        f"default-src 'none'; script-src 'self' {hashes}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def _sha256(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
