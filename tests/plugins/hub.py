"""A stand-in for the Hugging Face hub on loopback, as the installed `huggingface_hub` is used to it.

Two servers, for the hub is two origins: one answers for repositories (`/api/models/…`, `/<repo>/resolve/…`), the other
holds large files under signed addresses, takes ranges and refuses whoever shows it a token.
"""

import gzip
import hashlib
import json
import threading
import time
from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlencode, urlsplit

import pytest

PIECE_BYTES = 65_536
LARGE = (".safetensors", ".bin", ".gguf", ".model")
Files = dict[str, bytes]


@dataclass
class Repository:
    """Its commits, the newest last, and who may read it. The rest says how its large files are sent."""

    name: str
    licence: str | None = None
    commits: dict[str, Files] = field(default_factory=dict)
    gated: bool = False
    private: bool = False
    disabled: bool = False
    granted: set[str] = field(default_factory=set)
    """Tokens that may read it, where it is gated or private."""
    has_hashes: bool = True
    """Mirrors list names alone."""
    pause_s: float = 0.0
    """Between two pieces."""
    cuts: list[int] = field(default_factory=list)
    """Each ends one transfer after so many bytes, as a broken line does."""
    silences: list[int] = field(default_factory=list)
    """Each lets one transfer stand still after so many bytes."""
    ignores_ranges: bool = False
    swapped: dict[str, bytes] = field(default_factory=dict)
    """Sent in place of what is listed."""
    claimed: dict[str, int] = field(default_factory=dict)
    """Listed sizes that are not those of the files."""
    told: dict[str, Any] = field(default_factory=dict)
    """What the search tells of it beside what it reads in the files: `downloads`, `pipeline_tag`, …"""

    @property
    def commit(self) -> str:
        """What `main` means."""
        return next(reversed(self.commits))


@dataclass
class Fault:
    """An answer that stands in for the proper one, `times` times, where the address holds `part`."""

    part: str
    status: int
    headers: dict[str, str] = field(default_factory=dict)
    times: int = 1


class FakeHub:
    """A hub that knows some repositories and answers for the rest as the real one does."""

    def __init__(self, home: Path) -> None:
        self.asked: list[str] = []
        self.ranges: list[str] = []
        self.tokens: set[str] = set()
        self.accepted: set[str] | None = None
        """Tokens that are valid; None: all are."""
        self.moved: dict[str, str] = {}
        self.faults: list[Fault] = []
        self.sending = threading.Event()
        self.over = threading.Event()
        self.repositories: dict[str, Repository] = {}
        self._servers = [self._serve(_HubHandler), self._serve(_StoreHandler)]
        self.url, self.store_url = (f"http://127.0.0.1:{one.server_address[1]}" for one in self._servers)
        self.env = {"HF_ENDPOINT": self.url, "HF_HUB_OFFLINE": "0", "HF_HOME": str(home)}

    def _serve(self, kind: "type[_Handler]") -> ThreadingHTTPServer:
        handler = type(kind.__name__, (kind,), {"owner": self})
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        return server

    def close(self) -> None:
        self.over.set()
        for server in self._servers:
            server.shutdown()
            server.server_close()

    def serve(self, repo: str, directory: Path, readme: str = "") -> Repository:
        """A commit with these files becomes `main`."""
        files = {
            p.relative_to(directory).as_posix(): p.read_bytes() for p in directory.rglob("*") if p.is_file()
        }
        if readme:
            files["README.md"] = readme.encode()
        return self.commit(repo, files)

    def commit(self, repo: str, files: Files) -> Repository:
        known = self.repositories.setdefault(repo, Repository(repo))
        readme = files.get("README.md", b"").decode()
        known.licence = readme.partition("license: ")[2].partition("\n")[0] or None
        tree = json.dumps({name: git_sha1(content) for name, content in sorted(files.items())})
        number = hashlib.sha1(f"{repo} {len(known.commits)} {tree}".encode()).hexdigest()
        known.commits[number] = files
        return known

    def serve_text(self, repo: str, files: dict[str, str]) -> Repository:
        return self.commit(repo, {name: text.encode() for name, text in files.items()})

    def gate(self, repo: str, directory: Path) -> Repository:
        known = self.serve(repo, directory)
        known.gated = True
        return known

    def fetched(self, name: str) -> int:
        """How often the bytes of a file were asked for."""
        return sum(path.endswith(f"/{name}") and "/resolve/" in path for path in self.asked)


class _Handler(BaseHTTPRequestHandler):
    owner: FakeHub
    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    @abstractmethod
    def _answer(self) -> None:
        """Say what this origin says to the path that is asked for."""

    def token(self) -> str | None:
        return (self.headers.get("Authorization") or "").removeprefix("Bearer ") or None

    def respond(self, status: int, headers: dict[str, str], content: bytes = b"") -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(content)

    def refuse(self, status: int, code: str, message: str) -> None:
        headers = {"X-Error-Message": message, "Content-Type": "application/json"}
        content = json.dumps({"error": message}).encode()
        self.respond(status, headers | ({"X-Error-Code": code} if code else {}), content)

    def faulted(self, path: str) -> bool:
        for fault in self.owner.faults:
            if fault.times > 0 and fault.part in path:
                fault.times -= 1
                self.respond(fault.status, fault.headers)
                return True
        return False


class _HubHandler(_Handler):
    """Repositories: who may see them, what is in them, and where their files are."""

    def _answer(self) -> None:
        split = urlsplit(self.path)
        path = unquote(split.path)
        self.owner.asked.append(path)
        if (authorization := self.headers.get("Authorization")) is not None:
            self.owner.tokens.add(authorization)
        if self.faulted(unquote(self.path)):
            return
        for old, new in self.owner.moved.items():
            if f"/{old}" in path:
                self.respond(307, {"Location": self.path.replace(old, new)})
                return
        parts = path.strip("/").split("/")
        if parts[:3] == ["api", "resolve-cache", "models"]:
            self._small(self.owner.repositories["/".join(parts[3:5])], parts[5], "/".join(parts[6:]))
        elif parts == ["api", "models"]:
            self._search(parse_qs(split.query))
        elif parts[:2] == ["api", "models"]:
            self._api("/".join(parts[2:4]), parts[4:], parse_qs(split.query))
        elif len(parts) > 4 and parts[2] == "resolve":
            self._resolve("/".join(parts[:2]), unquote(parts[3]), "/".join(parts[4:]))
        else:
            self.refuse(404, "", "Not Found")

    def _readable(self, repo: str, *, file: str | None = None) -> Repository | None:
        """The repository, where it may be read; else the refusal is sent. Gated ones are listed for everybody."""
        token, hub = self.token(), self.owner
        known = hub.repositories.get(repo)
        if token is not None and hub.accepted is not None and token not in hub.accepted:
            self.refuse(401, "", "Invalid credentials in Authorization header")
        elif known is None or (known.private and token not in known.granted):
            if token is None:
                self.refuse(401, "RepoNotFound", "Invalid username or password.")
            else:
                self.refuse(404, "RepoNotFound", "Repository not found")
        elif known.disabled:
            self.refuse(403, "", "Access to this resource is disabled.")
        elif known.gated and file is not None and token not in known.granted:
            status, why = (
                (401, "You must be authenticated") if token is None else (403, "You are not in the list")
            )
            self.refuse(status, "GatedRepo", f"Access to model {repo} is restricted. {why}.")
        else:
            return known
        return None

    def _api(self, repo: str, rest: list[str], query: dict[str, list[str]]) -> None:
        known = self._readable(repo)
        if known is None:
            return
        revision = unquote("/".join(rest[1:])) if rest else "main"
        commit = known.commit if revision == "main" else revision
        if commit not in known.commits:
            self.refuse(404, "RevisionNotFound", f"Invalid rev id: {revision}")
        elif rest[:1] == ["tree"]:
            self._json(
                [{"type": "file", "path": n, **_facts(c, n)} for n, c in known.commits[commit].items()]
            )
        else:
            self._json(self._info(known, commit, with_blobs="blobs" in query and known.has_hashes))

    def _search(self, query: dict[str, list[str]]) -> None:
        """As the hub lists models: by a part of the name, by tags, task, size and gate, in pages behind a cursor."""
        if (
            self.token() is not None
            and self.owner.accepted is not None
            and self.token() not in self.owner.accepted
        ):
            self.refuse(401, "", "Invalid credentials in Authorization header")
            return
        one = {name: values[0] for name, values in query.items()}
        if not one.get("cursor", "0").isdecimal():
            self.refuse(400, "", "Invalid cursor")
            return
        found = [known for known in self.owner.repositories.values() if not known.private]
        entries = [
            entry for known in found if _is_asked(entry := _entry(known), one, query.get("filter", []))
        ]
        entries.sort(
            key=lambda entry: str(entry.get(one.get("sort", "downloads"), "")).zfill(20), reverse=True
        )
        start, limit = int(one.get("cursor", 0)), int(one.get("limit", 20))
        headers = {"Content-Type": "application/json"}
        if start + limit < len(entries):
            following = urlencode({**query, "cursor": [str(start + limit)]}, doseq=True)
            headers["Link"] = f'<{self.owner.url}/api/models?{following}>; rel="next"'
        self.respond(200, headers, json.dumps(entries[start : start + limit]).encode())

    def _info(self, known: Repository, commit: str, *, with_blobs: bool) -> dict[str, Any]:
        siblings = [
            {"rfilename": name} | (_sibling_facts(content, name) if with_blobs else {})
            for name, content in known.commits[commit].items()
        ]
        for one in siblings:
            if one["rfilename"] in known.claimed:
                one["size"] = one["lfs"]["size"] = known.claimed[one["rfilename"]]
        card = {"license": known.licence} if known.licence else {}
        return {"id": known.name, "modelId": known.name, "sha": commit, "siblings": siblings, "cardData": card, "tags": [],
                "private": known.private, "gated": "manual" if known.gated else False, "downloads": 0, "likes": 0}  # fmt: skip

    def _resolve(self, repo: str, revision: str, name: str) -> None:
        known = self._readable(repo, file=name)
        if known is None:
            return
        commit = known.commit if revision == "main" else revision
        if commit not in known.commits:
            self.refuse(404, "RevisionNotFound", f"Invalid rev id: {revision}")
            return
        content = known.commits[commit].get(name)
        if content is None:
            self.refuse(404, "EntryNotFound", "Entry not found")
            return
        head = {"X-Repo-Commit": commit}
        if not name.endswith(LARGE):
            location = f"/api/resolve-cache/models/{repo}/{commit}/{quote(name)}"
            self.respond(307, head | {"Location": location, "ETag": f'"{git_sha1(content)}"'})
            return
        digest = hashlib.sha256(content).hexdigest()
        location = (
            f"{self.owner.store_url}/{digest}?repo={repo}&commit={commit}&name={quote(name)}&Signature=s3cr3t"
        )
        large = {"X-Linked-Size": str(len(content)), "X-Linked-Etag": f'"{digest}"'}
        self.respond(302, head | large | {"Location": location})

    def _small(self, known: Repository, commit: str, name: str) -> None:
        content = known.swapped.get(name, known.commits[commit][name])
        head = {"X-Repo-Commit": commit, "ETag": f'"{git_sha1(known.commits[commit][name])}"'}
        if "gzip" in self.headers.get("Accept-Encoding", "") and self.command == "GET":
            self.respond(200, head | {"Content-Encoding": "gzip"}, gzip.compress(content))
        else:
            self.respond(200, head, content)

    def _json(self, document: Any) -> None:
        self.respond(200, {"Content-Type": "application/json"}, json.dumps(document).encode())


class _StoreHandler(_Handler):
    """Large files, for whoever has their signed address."""

    def _answer(self) -> None:
        split = urlsplit(self.path)
        query = parse_qs(split.query)
        if self.headers.get("Authorization") is not None:
            self.refuse(400, "", "Only one auth mechanism allowed")
            return
        if query.get("Signature") != ["s3cr3t"]:
            self.refuse(403, "", "Access denied")
            return
        known = self.owner.repositories[query["repo"][0]]
        name = query["name"][0]
        if not self.faulted(f"/store/{name}"):
            content = known.swapped.get(name, known.commits[query["commit"][0]][name])
            self._send(known, content)

    def _send(self, known: Repository, content: bytes) -> None:
        asked = self.headers.get("Range")
        start = 0
        if asked is not None:
            self.owner.ranges.append(asked)
            start = int(asked.removeprefix("bytes=").rstrip("-"))
        if start >= len(content) and asked is not None:
            self.respond(416, {"Content-Range": f"bytes */{len(content)}"})
            return
        if known.ignores_ranges:
            start = 0
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(content) - start))
        self.send_header("ETag", f'"{hashlib.sha256(content).hexdigest()}"')
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.end_headers()
        if self.command == "GET":
            self._pour(known, content[start:])

    def _pour(self, known: Repository, content: bytes) -> None:
        cut = known.cuts.pop(0) if known.cuts else None
        silent = known.silences.pop(0) if known.silences else None
        stop = min(len(content), *(at for at in (cut, silent) if at is not None), len(content))
        for start in range(0, stop, PIECE_BYTES):
            try:
                self.wfile.write(content[start : min(start + PIECE_BYTES, stop)])
            except OSError:
                return
            self.owner.sending.set()
            time.sleep(known.pause_s)
        if silent is not None:
            self.owner.over.wait(60)
        if stop < len(content):
            self.close_connection = True


def _entry(known: Repository) -> dict[str, Any]:
    """A repository as the search tells it, with what every `expand` brings."""
    files = known.commits[known.commit]
    config = json.loads(files.get("config.json", b"null"))
    languages = known.told.get("languages", [])
    tags = [*languages, *([f"license:{known.licence}"] if known.licence else [])]
    weights = known.told.get("weights", {})
    if any(name.endswith(".safetensors") for name in files):
        tags.append("safetensors")
    entry: dict[str, Any] = {
        "id": known.name, "sha": known.commit, "gated": "manual" if known.gated else False, "tags": tags,
        "cardData": {"license": known.licence, "language": languages}, "siblings": [{"rfilename": n} for n in files],
        "downloads": 0, "likes": 0, "lastModified": "2026-01-02T03:04:05.000Z", "pipeline_tag": "text-generation",
        "safetensors": {"parameters": weights, "total": sum(weights.values())} if weights else None,
    }  # fmt: skip
    if config is not None:
        entry["config"] = {name: config[name] for name in ("architectures", "model_type") if name in config}
    return entry | {name: value for name, value in known.told.items() if name in entry}


def _is_asked(entry: dict[str, Any], one: dict[str, str], filters: list[str]) -> bool:
    most = one.get("num_parameters", "").removeprefix("max:").removesuffix("B")
    total = (entry["safetensors"] or {}).get("total", 0)
    return (
        one.get("search", "").lower() in entry["id"].lower()
        and all(tag in entry["tags"] for tag in filters)
        and one.get("pipeline_tag", entry["pipeline_tag"]) == entry["pipeline_tag"]
        and one.get("gated", str(bool(entry["gated"])).lower()) == str(bool(entry["gated"])).lower()
        and (not most or total <= float(most) * 1e9)
    )


def git_sha1(content: bytes) -> str:
    """What git calls these bytes."""
    return hashlib.sha1(f"blob {len(content)}\0".encode() + content).hexdigest()


def _facts(content: bytes, name: str) -> dict[str, Any]:
    facts: dict[str, Any] = {"size": len(content), "oid": git_sha1(content)}
    if name.endswith(LARGE):
        digest = hashlib.sha256(content).hexdigest()
        facts["lfs"] = {"oid": digest, "size": len(content), "pointerSize": 135}
    return facts


def _sibling_facts(content: bytes, name: str) -> dict[str, Any]:
    facts: dict[str, Any] = {"size": len(content), "blobId": git_sha1(content)}
    if name.endswith(LARGE):
        digest = hashlib.sha256(content).hexdigest()
        # A file in large file storage: git itself holds a pointer.
        facts |= {
            "blobId": git_sha1(digest.encode()),
            "lfs": {"sha256": digest, "size": len(content), "pointerSize": 135},
        }
    return facts


def serve_tiny_base(hub: FakeHub, name: str, tokenizer: Path, **told: Any) -> None:
    """A two-layer Llama of random weights in a hub, with the tokenizer of a model that is here; made without torch."""
    import numpy as np
    from safetensors.numpy import save

    config = {
        "architectures": ["LlamaForCausalLM"], "model_type": "llama", "vocab_size": 49152, "hidden_size": 32,
        "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
        "max_position_embeddings": 2048, "rms_norm_eps": 1e-5, "tie_word_embeddings": True, "torch_dtype": "float16",
        "bos_token_id": 1, "eos_token_id": 2,
    }  # fmt: skip
    block = {
        "self_attn.q_proj": (32, 32), "self_attn.k_proj": (16, 32), "self_attn.v_proj": (16, 32),
        "self_attn.o_proj": (32, 32), "mlp.gate_proj": (64, 32), "mlp.up_proj": (64, 32), "mlp.down_proj": (32, 64),
        "input_layernorm": (32,), "post_attention_layernorm": (32,),
    }  # fmt: skip
    shapes = {
        f"model.layers.{layer}.{part}.weight": shape for layer in range(2) for part, shape in block.items()
    }
    shapes |= {"model.embed_tokens.weight": (49152, 32), "model.norm.weight": (32,)}
    random = np.random.default_rng(0)
    weights = {key: random.normal(0, 0.02, shape).astype(np.float16) for key, shape in shapes.items()}
    papers = ("tokenizer.json", "tokenizer_config.json", "chat_template.jinja", "special_tokens_map.json")
    files = {paper: (tokenizer / paper).read_bytes() for paper in papers if (tokenizer / paper).is_file()}
    files |= {
        "config.json": json.dumps(config).encode(),
        "model.safetensors": save(weights, {"format": "pt"}),
        "README.md": b"license: mit\n",
    }
    known = hub.commit(name, files)
    known.told = {"weights": {"F16": sum(one.size for one in weights.values())}, **told}


@pytest.fixture
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeHub]:
    """A hub of its own for the test."""
    running = FakeHub(tmp_path_factory.mktemp("hub_home"))
    yield running
    running.close()
