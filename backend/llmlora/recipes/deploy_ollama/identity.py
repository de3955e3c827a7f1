"""The identity gate: what Ollama has registered is made of the very files that were sent."""

from llmlora.inference.ollama.identity import settings_digest
from llmlora.inference.ollama.server import ModelDetails
from llmlora.recipes.blocks.gates import Fault, GateResult
from llmlora.recipes.deploy_ollama import words
from llmlora.recipes.deploy_ollama.seal import Seal, sealed_adapter


def judge_identity(
    details: ModelDetails, seal: Seal, *, shared_with: str | None = None, tag_digest: str | None = None
) -> GateResult:
    """Digests of weights and adapter as the server tells them, and the seal inside the tag.

    A server may rewrite a model file while it registers it; then its digest says nothing, and parity has to. A layer that
    is shared with a tag (`shared_with`) is not rewritten. `tag_digest` (of the manifest) and `settings_digest` are kept: by
    them a later change is seen, and said.
    """
    faults: list[Fault] = []
    model, adapters = details.model_digest, details.adapter_digests
    sent = seal.gguf_sha256 if seal.route == "merged" else seal.base_gguf_sha256
    if seal.route == "adapter" and model is not None and adapters != (seal.gguf_sha256,):
        faults.append(_fault("adapter", seal.gguf_sha256, ", ".join(adapters) or "–", seal.name))
    if shared_with is not None and model is not None and model != sent:
        faults.append(_fault("base", sent or "–", model, seal.name))
    if sealed_adapter(details) not in (None, seal.adapter_sha256):
        faults.append(_fault("seal", seal.adapter_sha256, sealed_adapter(details) or "–", seal.name))
    numbers = {
        "model_digest": model,
        "adapter_digests": list(adapters),
        "sent_digest": sent,
        "rewritten": model is not None and seal.quantize == "none" and model != sent,
        "sealed": sealed_adapter(details) == seal.adapter_sha256,
        "shared_with": shared_with,
        "tag_digest": tag_digest,
        "settings_digest": settings_digest(details),
    }
    return GateResult("identity", tuple(faults), numbers)


def _fault(kind: str, expected: str, served: str, name: str) -> Fault:
    said = words.NOT_AS_SENT.filled(
        name=name, part=words.PARTS[kind], sent=expected[:12], registered=served[:12]
    )
    return Fault(kind, name, None, expected, served, None, None, said)
