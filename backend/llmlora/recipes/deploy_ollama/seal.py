"""The seal: what a registered model is made of, by digest. It travels inside the tag, as a second licence text."""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from llmlora.contracts.run import BaseModelInput
from llmlora.inference.ollama.server import ModelDetails
from llmlora.recipes.blocks.lineage import TRAINING_ARGS
from llmlora.recipes.deploy_ollama.spec import DeployOllamaConfig

MARK = "llmlora seal"


@dataclass(frozen=True)
class Seal:
    """Digests are sha256, in hexadecimal. None: the adapter was made by another tool, which does not tell."""

    name: str
    route: str
    """`adapter` or `merged`: what was registered, whatever was asked for."""
    quantize: str
    base_reference: str
    base_weights_digest: str
    base_gguf_sha256: str | None
    tokenizer_hash: str
    template_hash: str | None
    adapter_sha256: str
    gguf_sha256: str
    training_job_id: str | None
    dataset_id: str | None
    dataset_sha256: str | None
    config_sha256: str | None

    def document(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)

    def text(self) -> str:
        """What is kept with the tag; the same for the same model."""
        return f"{MARK}\n{json.dumps(self.document(), sort_keys=True)}"


def seal_of(
    config: DeployOllamaConfig,
    base: BaseModelInput,
    adapter_dir: Path,
    *,
    route: str,
    adapter_sha256: str,
    gguf_sha256: str,
    base_gguf_sha256: str | None,
) -> Seal:
    """Everything a registered model is made of."""
    trained = _training_arguments(adapter_dir)
    settings = trained.get("config")
    return Seal(
        name=config.name,
        route=route,
        quantize=config.quantize,
        base_reference=base.reference,
        base_weights_digest=base.weights_digest,
        base_gguf_sha256=base_gguf_sha256,
        tokenizer_hash=base.tokenizer_hash,
        template_hash=base.template_hash,
        adapter_sha256=adapter_sha256,
        gguf_sha256=gguf_sha256,
        training_job_id=trained.get("job_id"),
        dataset_id=trained.get("dataset_id"),
        dataset_sha256=trained.get("dataset_sha256"),
        config_sha256=None if settings is None else _digest(settings),
    )


def sealed_adapter(details: ModelDetails) -> str | None:
    """`adapter_sha256` of the seal inside a tag; None: it carries none."""
    _, found, rest = details.licence.partition(f"{MARK}\n")
    try:
        digest = json.JSONDecoder().raw_decode(rest)[0].get("adapter_sha256") if found else None
    except (ValueError, AttributeError):
        return None
    return None if digest is None else str(digest)


def _training_arguments(adapter_dir: Path) -> dict[str, Any]:
    path = adapter_dir / TRAINING_ARGS
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return found


def _digest(document: Any) -> str:
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()
