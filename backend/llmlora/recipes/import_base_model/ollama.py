"""A model that Ollama has pulled, trained on as it is: the very blob, checked against its digest."""

import os
from pathlib import Path

from llmlora.contracts.run import Context
from llmlora.inference.ollama.errors import OllamaBlobUnreadableError, OllamaTagMovedError, OllamaWeightsError
from llmlora.inference.ollama.names import ModelName, parse_name
from llmlora.inference.ollama.store import OllamaStore, StoredModel
from llmlora.kit.files import sha256_of_file
from llmlora.recipes.blocks.base_model_errors import (
    ArchitectureUnsupportedError,
    GgufArchitectureRefusedError,
    GgufRefusedError,
    GgufTokenizerRefusedError,
    OllamaAdapterRefusedError,
    OllamaBaseRefusedError,
)
from llmlora.recipes.blocks.base_reference import Reference
from llmlora.recipes.import_base_model.ollama_origins import ORIGINS
from llmlora.recipes.import_base_model.progress import byte_counter
from llmlora.recipes.import_base_model.sources import Origin, from_gguf
from llmlora.recipes.import_base_model.spec import STORE_VARIABLE

_UNLOADABLE = (
    GgufArchitectureRefusedError,
    GgufRefusedError,
    GgufTokenizerRefusedError,
    ArchitectureUnsupportedError,
)


def from_ollama(reference: Reference, models: Path, ctx: Context) -> Origin:
    """The weights of a tag; the reference then names their digest, for a tag can move.

    Raises:
        OllamaStoreMissingError, OllamaModelMissingError, OllamaBlobUnreadableError: the weights are not to be had.
        OllamaTagMovedError: they are not those that the reference names.
        OllamaAdapterRefusedError: the tag is itself a tuned model.
        OllamaBaseRefusedError: transformers cannot load them; says where the same model is to be had, if known.
    """
    name = parse_name(reference.name)
    try:
        return _from_store(name, reference, models, ctx)
    except OllamaWeightsError as error:
        raise type(error)(**error.facts | _instead(name)) from error
    except _UNLOADABLE as error:
        usual = {
            "instead_ja": "同じモデルの safetensors を hf: か path: で指定してください。",
            "instead_en": " Specify the safetensors of the same model with hf: or path:.",
        }
        raise OllamaBaseRefusedError(
            name=name, reason_ja=error.detail("ja"), reason_en=error.detail("en"), **usual | _instead(name)
        ) from error


def _from_store(name: ModelName, reference: Reference, models: Path, ctx: Context) -> Origin:
    given = os.environ.get(STORE_VARIABLE)
    stored = OllamaStore(Path(given) if given else None).find(name)
    if stored.has_adapter:
        raise OllamaAdapterRefusedError(name=stored.name)
    if reference.revision and not stored.digest.startswith(reference.revision):
        raise OllamaTagMovedError(name=stored.name, wanted=reference.revision, found=stored.short_digest)
    pinned = Reference("ollama", reference.name, stored.short_digest)
    _refuse_broken(stored, ctx)
    return from_gguf(pinned, stored.gguf, models, ctx, link=True, name="model.gguf", sha256=stored.digest)


def _refuse_broken(stored: StoredModel, ctx: Context) -> None:
    size = stored.gguf.stat().st_size
    if sha256_of_file(stored.gguf, byte_counter(ctx, "hash", size)) != stored.digest:
        raise OllamaBlobUnreadableError(
            name=stored.name,
            path=stored.gguf,
            reason_ja="内容がハッシュと合いません。取得し直してください",
            reason_en="its content does not match its digest; pull it again",
        )


def _instead(name: ModelName) -> dict[str, str]:
    origin = ORIGINS.get(str(name))
    if origin is None:
        return {}
    terms_ja = "、利用条件への同意が必要" if origin.is_gated else ""
    terms_en = ", gated" if origin.is_gated else ""
    return {
        "instead_ja": f"同じモデルは {origin.reference} です（{origin.licence}{terms_ja}）。",
        "instead_en": f" The same model is {origin.reference} ({origin.licence}{terms_en}).",
    }
