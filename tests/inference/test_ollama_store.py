"""Ollama's store is read as it lies on the disk, and never trusted."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from llmlora.inference.ollama.errors import (
    OllamaBlobUnreadableError,
    OllamaModelMissingError,
    OllamaStoreMissingError,
)
from llmlora.inference.ollama.names import parse_name
from llmlora.inference.ollama.store import OllamaStore

WEIGHTS = b"GGUF weights"
TAG = "smollm2:135m"


def put_layer(root: Path, kind: str, content: bytes) -> dict[str, Any]:
    digest = hashlib.sha256(content).hexdigest()
    (root / "blobs").mkdir(parents=True, exist_ok=True)
    (root / "blobs" / f"sha256-{digest}").write_bytes(content)
    return {
        "mediaType": f"application/vnd.ollama.image.{kind}",
        "digest": f"sha256:{digest}",
        "size": len(content),
    }


def put_manifest(root: Path, layers: list[dict[str, Any]], path: str = "library/smollm2/135m") -> Path:
    manifest = root / "manifests" / "registry.ollama.ai" / path
    manifest.parent.mkdir(parents=True, exist_ok=True)
    manifest.write_text(json.dumps({"schemaVersion": 2, "layers": layers}))
    return manifest


def test_a_model_is_found_with_its_blob(tmp_path: Path) -> None:
    licence = put_layer(tmp_path, "license", b"Apache License")
    put_manifest(tmp_path, [licence, put_layer(tmp_path, "model", WEIGHTS)])
    found = OllamaStore(tmp_path).find(parse_name(TAG))
    assert found.gguf.read_bytes() == WEIGHTS
    assert found.digest == hashlib.sha256(WEIGHTS).hexdigest()
    assert not found.has_adapter


def test_an_adapter_beside_the_weights_is_seen(tmp_path: Path) -> None:
    layers = [put_layer(tmp_path, "model", WEIGHTS), put_layer(tmp_path, "adapter", b"lora")]
    put_manifest(tmp_path, layers, "llmlora/faq/f16")
    assert OllamaStore(tmp_path).find(parse_name("llmlora/faq:f16")).has_adapter


def test_what_is_not_there_is_told_apart(tmp_path: Path) -> None:
    with pytest.raises(OllamaStoreMissingError) as lost:
        OllamaStore(tmp_path / "nowhere").find(parse_name(TAG))
    assert "OLLAMA_MODELS" in lost.value.detail("ja")
    put_manifest(tmp_path, [put_layer(tmp_path, "model", WEIGHTS)])
    with pytest.raises(OllamaModelMissingError):
        OllamaStore(tmp_path).find(parse_name("other:1b"))


@pytest.mark.parametrize("fault", ["no weights", "no blob", "cut off", "no JSON", "no digest"])
def test_weights_that_cannot_be_used_are_refused_by_name(tmp_path: Path, fault: str) -> None:
    layer = put_layer(tmp_path, "model", WEIGHTS)
    manifest = put_manifest(tmp_path, [layer])
    blob = tmp_path / "blobs" / layer["digest"].replace(":", "-")
    match fault:
        case "no weights":
            put_manifest(tmp_path, [put_layer(tmp_path, "template", b"{{ .Prompt }}")])
        case "no blob":
            blob.unlink()
        case "cut off":
            blob.write_bytes(WEIGHTS[:-1])
        case "no JSON":
            manifest.write_bytes(b"{")
        case "no digest":
            put_manifest(tmp_path, [{"mediaType": layer["mediaType"], "size": 1}])
    with pytest.raises(OllamaBlobUnreadableError) as refused:
        OllamaStore(tmp_path).find(parse_name(TAG))
    assert TAG in refused.value.detail("en")
