"""The few endpoints of the Hugging Face hub that a download needs, spoken on loopback."""

import hashlib
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

COMMIT = "0123456789abcdef0123456789abcdef01234567"
PIECE_BYTES = 65_536


@dataclass
class Repository:
    files: dict[str, bytes]
    licence: str | None
    gated: bool = False
    stalls: bool = False


class FakeHub:
    """A server that knows some repositories and answers for the rest as the hub does."""

    def __init__(self, home: Path) -> None:
        self.commit = COMMIT
        self.asked: list[str] = []
        self.tokens: set[str] = set()
        self.stalled = threading.Event()
        self.repositories: dict[str, Repository] = {}
        hub = self

        class Handler(_Handler):
            owner = hub

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.env = {
            "HF_ENDPOINT": f"http://127.0.0.1:{self.server.server_address[1]}",
            "HF_HUB_OFFLINE": "0",
            "HF_HOME": str(home),
            "HF_HUB_DISABLE_XET": "1",
        }

    def serve(self, repo: str, directory: Path, readme: str = "", *, stalls: bool = False) -> None:
        files = {
            p.relative_to(directory).as_posix(): p.read_bytes() for p in directory.rglob("*") if p.is_file()
        }
        if readme:
            files["README.md"] = readme.encode()
        licence = readme.partition("license: ")[2].partition("\n")[0] or None
        self.repositories[repo] = Repository(files, licence, stalls=stalls)

    def gate(self, repo: str, directory: Path) -> None:
        self.serve(repo, directory)
        self.repositories[repo].gated = True


class _Handler(BaseHTTPRequestHandler):
    owner: FakeHub
    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        self._route(body=False)

    def do_GET(self) -> None:
        self._route(body=True)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def _route(self, *, body: bool) -> None:
        path = unquote(urlsplit(self.path).path)
        self.owner.asked.append(path)
        if token := self.headers.get("Authorization"):
            self.owner.tokens.add(token)
        parts = path.strip("/").split("/")
        if parts[:2] == ["api", "models"]:
            self._api("/".join(parts[2:4]), parts[4:])
        else:
            self._file("/".join(parts[:2]), "/".join(parts[4:]), body=body)

    def _api(self, repo: str, rest: list[str]) -> None:
        known = self.owner.repositories.get(repo)
        if repo == "owner/broken":
            self._refuse(500, "", "Internal Error")
        elif repo == "owner/private":
            self._refuse(401, "", "Invalid username or password.")
        elif repo == "owner/badtoken":
            self._refuse(401, "", "Invalid credentials in Authorization header")
        elif known is None:
            self._refuse(404, "RepoNotFound", "Repository not found")
        elif rest[:1] == ["revision"] and rest[1] not in ("main", self.owner.commit):
            self._refuse(404, "RevisionNotFound", "Invalid rev id")
        elif rest[:1] == ["tree"]:
            self._json(
                [{"type": "file", "path": n, "size": len(c), "oid": _oid(c)} for n, c in known.files.items()]
            )
        else:
            self._json(self._info(repo, known))

    def _info(self, repo: str, known: Repository) -> dict[str, Any]:
        siblings = [{"rfilename": n, "size": len(c), "blobId": _oid(c)} for n, c in known.files.items()]
        card = {"license": known.licence} if known.licence else {}
        return {"id": repo, "modelId": repo, "sha": self.owner.commit, "siblings": siblings, "cardData": card, "tags": [],
                "private": False, "gated": "manual" if known.gated else False, "downloads": 0, "likes": 0}  # fmt: skip

    def _file(self, repo: str, name: str, *, body: bool) -> None:
        known = self.owner.repositories.get(repo)
        if known is None or name not in known.files:
            self._refuse(404, "EntryNotFound", "Entry not found")
            return
        if known.gated:
            self._refuse(403, "GatedRepo", "Access to this repository is restricted.")
            return
        content = known.files[name]
        self.send_response(200)
        self.send_header("ETag", f'"{_oid(content)}"')
        self.send_header("X-Repo-Commit", self.owner.commit)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if body:
            self._send(content, slowly=known.stalls and name.endswith(".safetensors"))

    def _send(self, content: bytes, *, slowly: bool) -> None:
        for start in range(0, len(content), PIECE_BYTES):
            try:
                self.wfile.write(content[start : start + PIECE_BYTES])
            except OSError:
                return
            if slowly:
                self.owner.stalled.set()
                time.sleep(0.5)

    def _refuse(self, status: int, code: str, message: str) -> None:
        self.send_response(status)
        if code:
            self.send_header("X-Error-Code", code)
        self.send_header("X-Error-Message", message)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _json(self, document: Any) -> None:
        content = json.dumps(document).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def _oid(content: bytes) -> str:
    return hashlib.sha1(content).hexdigest()


@pytest.fixture
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeHub]:
    """A hub of its own for the test."""
    running = FakeHub(tmp_path_factory.mktemp("hub_home"))
    yield running
    running.server.shutdown()
