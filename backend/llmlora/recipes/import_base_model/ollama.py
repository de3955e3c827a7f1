"""A model that Ollama has pulled, trained on as it is: the very blob, checked against its digest."""

import os
from pathlib import Path

from llmlora.contracts.recipe import Context
from llmlora.inference.ollama.errors import OllamaBlobUnreadableError, OllamaTagMovedError
from llmlora.inference.ollama.names import parse_name
from llmlora.inference.ollama.store import OllamaStore, StoredModel
from llmlora.kit.errors import AppError
from llmlora.kit.files import sha256_of_file
from llmlora.recipes.blocks.base_model_errors import (
    ArchitectureUnsupportedError,
    GgufRefusedError,
    GgufTokenizerRefusedError,
    OllamaAdapterRefusedError,
    OllamaBaseRefusedError,
)
from llmlora.recipes.import_base_model.ollama_origins import ORIGINS
from llmlora.recipes.import_base_model.reference import Reference
from llmlora.recipes.import_base_model.sources import Origin, from_gguf
from llmlora.recipes.import_base_model.spec import STORE_VARIABLE

_UNLOADABLE = (GgufRefusedError, GgufTokenizerRefusedError, ArchitectureUnsupportedError)


def from_ollama(reference: Reference, models: Path, ctx: Context) -> Origin:
    """The weights of a tag; the reference then names their digest, for a tag can move.

    Raises:
        OllamaStoreMissingError, OllamaModelMissingError, OllamaBlobUnreadableError: the weights are not to be had.
        OllamaTagMovedError: they are not those that the reference names.
        OllamaAdapterRefusedError: the tag is itself a tuned model.
        OllamaBaseRefusedError: transformers cannot load them; says where the same model is to be had, if known.
    """
    given = os.environ.get(STORE_VARIABLE)
    stored = OllamaStore(Path(given) if given else None).find(parse_name(reference.name))
    if stored.has_adapter:
        raise OllamaAdapterRefusedError(name=stored.name)
    if reference.revision and not stored.digest.startswith(reference.revision):
        raise OllamaTagMovedError(name=stored.name, wanted=reference.revision, found=stored.short_digest)
    pinned = Reference("ollama", reference.name, stored.short_digest)
    try:
        return from_gguf(pinned, _checked(stored), models, ctx, link=True, name="model.gguf")
    except _UNLOADABLE as error:
        raise _refusal(stored, error) from error


def _checked(stored: StoredModel) -> Path:
    if sha256_of_file(stored.gguf) != stored.digest:
        raise OllamaBlobUnreadableError(
            name=stored.name,
            path=stored.gguf,
            reason_ja="中身がハッシュと合いません。取得し直してください",
            reason_en="its content is not what its digest says, pull it again",
        )
    return stored.gguf


def _refusal(stored: StoredModel, error: AppError) -> OllamaBaseRefusedError:
    origin = ORIGINS.get(str(stored.name))
    if origin is None:
        ja, en = (
            "同じモデルの safetensors を hf: か path: で指定してください。",
            "Name the same model's safetensors by hf: or path:.",
        )
    else:
        terms_ja = "、利用条件への同意が必要" if origin.is_gated else ""
        terms_en = ", gated" if origin.is_gated else ""
        ja = f"同じモデルは hf:{origin.repository} です（{origin.licence}{terms_ja}）。"
        en = f"The same model is hf:{origin.repository} ({origin.licence}{terms_en})."
    return OllamaBaseRefusedError(
        name=stored.name,
        reason_ja=error.detail("ja"),
        reason_en=error.detail("en"),
        instead_ja=ja,
        instead_en=en,
    )
