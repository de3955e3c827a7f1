"""Ollama's store on disk: `manifests/<host>/<namespace>/<model>/<tag>` and `blobs/sha256-<hex>`.

A manifest or blob that has its name is whole: both are written aside and renamed.
"""

import hashlib
import json
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from tests.with_ollama.standin.names import ModelName

MANIFEST_TYPE = "application/vnd.docker.distribution.manifest.v2+json"
CONFIG_TYPE = "application/vnd.docker.container.image.v1+json"
Kind = Literal["model", "template", "system", "params", "adapter", "license"]
_DIGEST = re.compile(r"sha256[:-][0-9a-f]{64}")


class DigestError(ValueError):
    """Not a digest, or not the digest of the bytes."""


@dataclass(frozen=True)
class Layer:
    """One blob of a model; `status` is what `create` says about it, `origin` the file or model it came from."""

    media_type: str
    digest: str
    size: int
    status: str = ""
    origin: str = ""

    @property
    def kind(self) -> str:
        """The last part of its media type: "model", "template"…"""
        return self.media_type.rpartition(".")[2]


@dataclass(frozen=True)
class Manifest:
    """What makes up a model."""

    config: Layer
    layers: tuple[Layer, ...]

    def of_kind(self, kind: Kind) -> tuple[Layer, ...]:
        """Its layers of one kind, in their order."""
        return tuple(layer for layer in self.layers if layer.kind == kind)

    @property
    def size(self) -> int:
        """Bytes of all its blobs."""
        return self.config.size + sum(layer.size for layer in self.layers)


class Store:
    """A directory that a real Ollama could serve."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.blobs = root / "blobs"
        self.manifests = root / "manifests"
        self.blobs.mkdir(parents=True, exist_ok=True)
        self.manifests.mkdir(exist_ok=True)

    def blob(self, digest: str) -> Path:
        """Where the blob of a digest lies, or would lie.

        Raises:
            DigestError: it is no digest.
        """
        if not _DIGEST.fullmatch(digest):
            raise DigestError("invalid digest format")
        return self.blobs / digest.replace(":", "-")

    def aside(self) -> Path:
        """A new file's path in the blobs' directory, to be filled and then renamed."""
        return self.blobs / f"sha256-{secrets.token_hex(8)}"

    def layer(self, kind: Kind, content: bytes | str) -> Layer:
        """Store text as a layer."""
        data = content.encode() if isinstance(content, str) else content
        return self._stored(f"application/vnd.ollama.image.{kind}", data)

    def config(self, document: dict[str, Any]) -> Layer:
        """Store a model's facts."""
        return self._stored(CONFIG_TYPE, json.dumps(document).encode())

    def layer_of_file(self, kind: Kind, path: Path) -> Layer:
        """Move a file in as a layer."""
        size, digest = path.stat().st_size, digest_of(path)
        status = self._status(digest)
        path.replace(self.blob(digest))
        return Layer(f"application/vnd.ollama.image.{kind}", digest, size, status)

    def text(self, layer: Layer) -> str:
        """The content of a layer that is text."""
        return self.blob(layer.digest).read_text(encoding="utf-8")

    def find(self, name: ModelName) -> ModelName:
        """The stored name that differs in letter case only, else the name itself."""
        return next((known for known in self.names() if known.short.lower() == name.short.lower()), name)

    def read(self, name: ModelName) -> Manifest | None:
        """A model's manifest; None where there is no such model."""
        path = self.manifests / name.path
        if not path.is_file():
            return None
        document = json.loads(path.read_bytes())
        return Manifest(_layer(document["config"]), tuple(map(_layer, document["layers"])))

    def write(self, name: ModelName, manifest: Manifest) -> None:
        """Put a model under a name; blobs that only its former manifest used are deleted."""
        former = self.read(name)
        document = {
            "schemaVersion": 2,
            "mediaType": MANIFEST_TYPE,
            "config": _as_json(manifest.config),
            "layers": [_as_json(layer) for layer in manifest.layers],
        }
        path = self.manifests / name.path
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = self.aside()
        aside.write_bytes(json.dumps(document).encode())
        aside.replace(path)
        if former is not None:
            self._prune(former)

    def delete(self, name: ModelName) -> bool:
        """Take a model away, with the blobs that no other uses; whether it was there."""
        manifest = self.read(name)
        if manifest is None:
            return False
        (self.manifests / name.path).unlink()
        self._prune(manifest)
        return True

    def forget_orphans(self) -> None:
        """Delete blobs that no manifest names, as a server does when it starts."""
        used = {digest for name in self.names() for digest in _digests(self.read(name))}
        for path in self.blobs.glob("sha256-*"):
            if not path.name.endswith("-partial") and path.name.replace("-", ":") not in used:
                path.unlink()

    def names(self) -> list[ModelName]:
        """All models, the newest first."""
        paths = [path for path in self.manifests.glob("*/*/*/*") if path.is_file()]
        paths.sort(key=lambda path: path.stat().st_mtime, reverse=True)
        return [ModelName(*path.relative_to(self.manifests).parts) for path in paths]

    def _stored(self, media_type: str, data: bytes) -> Layer:
        digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
        status = self._status(digest)
        if not self.blob(digest).exists():
            aside = self.aside()
            aside.write_bytes(data)
            aside.replace(self.blob(digest))
        return Layer(media_type, digest, len(data), status)

    def _status(self, digest: str) -> str:
        known = self.blob(digest).exists()
        return f"{'using existing' if known else 'creating new'} layer {digest}"

    def _prune(self, manifest: Manifest) -> None:
        used = {digest for name in self.names() for digest in _digests(self.read(name))}
        for digest in set(_digests(manifest)) - used:
            self.blob(digest).unlink(missing_ok=True)


def digest_of(path: Path) -> str:
    """`sha256:<hex>` of a file."""
    with path.open("rb") as stream:
        return f"sha256:{hashlib.file_digest(stream, 'sha256').hexdigest()}"


def _digests(manifest: Manifest | None) -> Iterable[str]:
    return () if manifest is None else [manifest.config.digest, *(layer.digest for layer in manifest.layers)]


def _layer(document: dict[str, Any]) -> Layer:
    digest = document["digest"]
    status = f"using existing layer {digest}"
    return Layer(document["mediaType"], digest, document["size"], status, document.get("from", ""))


def _as_json(layer: Layer) -> dict[str, Any]:
    document = {"mediaType": layer.media_type, "digest": layer.digest, "size": layer.size}
    return document | ({"from": layer.origin} if layer.origin else {})
