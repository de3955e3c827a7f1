"""Ollama's store of models on this machine, read and never written: manifests by name, blobs by digest."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from llmlora.inference.ollama.errors import (
    OllamaBlobUnreadableError,
    OllamaModelMissingError,
    OllamaStoreMissingError,
)
from llmlora.inference.ollama.names import REGISTRY, SHORT_DIGEST, ModelName

MODEL, ADAPTER = "model", "adapter"
_MEDIA = "application/vnd.ollama.image."
# Where the server of a Linux package and one of a person keep their models.
PLACES = (Path("~/.ollama/models"), Path("/usr/share/ollama/.ollama/models"))


@dataclass(frozen=True)
class StoredModel:
    """A model whose weights lie on this machine. `digest`: sha256 of `gguf`, as the manifest tells."""

    name: ModelName
    digest: str
    gguf: Path
    has_adapter: bool

    @property
    def short_digest(self) -> str:
        """What tells its weights from those of another pull."""
        return self.digest[:SHORT_DIGEST]


class OllamaStore:
    """One directory of models. `root` None: the usual places are tried."""

    def __init__(self, root: Path | None) -> None:
        self._places = [root.expanduser()] if root else [place.expanduser() for place in PLACES]

    def find(self, name: ModelName) -> StoredModel:
        """A model by its name.

        Raises:
            OllamaStoreMissingError: no store can be read here.
            OllamaModelMissingError: the store has no such model.
            OllamaBlobUnreadableError: it has no weights, or they cannot be read.
        """
        for root in self._roots():
            manifest = root / "manifests" / REGISTRY / name.namespace / name.model / name.tag
            if manifest.is_file():
                return self._model(root, name, manifest)
        raise OllamaModelMissingError(name=name)

    def _roots(self) -> list[Path]:
        found = [place for place in self._places if (place / "manifests").is_dir()]
        if not found:
            raise OllamaStoreMissingError(places=", ".join(map(str, self._places)))
        return found

    def _model(self, root: Path, name: ModelName, manifest: Path) -> StoredModel:
        try:
            layers = {layer["mediaType"].removeprefix(_MEDIA): layer for layer in _layers(manifest)}
            weights = layers[MODEL]
            digest, size = weights["digest"].removeprefix("sha256:"), int(weights["size"])
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise _unreadable(
                name, manifest, "マニフェストを読めません", "its manifest is unreadable"
            ) from error
        blob = _blob(root, digest)
        if not blob.is_file():
            raise _unreadable(name, blob, "ファイルがありません", "there is no such file")
        if blob.stat().st_size != size:
            raise _unreadable(
                name, blob, "大きさが違います。取得し直してください", "its size is wrong; pull it again"
            )
        return StoredModel(name, digest, blob, ADAPTER in layers)


def _layers(manifest: Path) -> list[dict[str, Any]]:
    layers: list[dict[str, Any]] = json.loads(manifest.read_bytes())["layers"]
    return layers


def _blob(root: Path, digest: str) -> Path:
    return root / "blobs" / f"sha256-{digest}"


def _unreadable(name: ModelName, path: Path, ja: str, en: str) -> OllamaBlobUnreadableError:
    return OllamaBlobUnreadableError(name=name, path=path, reason_ja=ja, reason_en=en)
