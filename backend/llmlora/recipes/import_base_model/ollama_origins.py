"""Which Hugging Face repository holds the same weights as a tag of Ollama's library.

Only tags whose page in the library names its origin stand here. A tag that is missing is not guessed at: a look-alike
would train another model. Repositories are named at their main branch; an import pins the commit it finds.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class HubOrigin:
    """A repository, its licence, and whether its terms have to be accepted there first."""

    repository: str
    licence: str
    is_gated: bool = False


ORIGINS: dict[str, HubOrigin] = {
    "smollm2:135m": HubOrigin("HuggingFaceTB/SmolLM2-135M-Instruct", "apache-2.0"),
    "smollm2:360m": HubOrigin("HuggingFaceTB/SmolLM2-360M-Instruct", "apache-2.0"),
    "smollm2:1.7b": HubOrigin("HuggingFaceTB/SmolLM2-1.7B-Instruct", "apache-2.0"),
    "qwen2.5:0.5b": HubOrigin("Qwen/Qwen2.5-0.5B-Instruct", "apache-2.0"),
    "qwen2.5:1.5b": HubOrigin("Qwen/Qwen2.5-1.5B-Instruct", "apache-2.0"),
    "qwen2.5:3b": HubOrigin("Qwen/Qwen2.5-3B-Instruct", "qwen-research"),
    "qwen2.5:7b": HubOrigin("Qwen/Qwen2.5-7B-Instruct", "apache-2.0"),
    "qwen3:0.6b": HubOrigin("Qwen/Qwen3-0.6B", "apache-2.0"),
    "qwen3:1.7b": HubOrigin("Qwen/Qwen3-1.7B", "apache-2.0"),
    "qwen3:8b": HubOrigin("Qwen/Qwen3-8B", "apache-2.0"),
    "llama3.1:8b": HubOrigin("meta-llama/Llama-3.1-8B-Instruct", "llama3.1", is_gated=True),
    "llama3.2:1b": HubOrigin("meta-llama/Llama-3.2-1B-Instruct", "llama3.2", is_gated=True),
    "llama3.2:3b": HubOrigin("meta-llama/Llama-3.2-3B-Instruct", "llama3.2", is_gated=True),
    "gemma2:2b": HubOrigin("google/gemma-2-2b-it", "gemma", is_gated=True),
    "gemma3:270m": HubOrigin("google/gemma-3-270m-it", "gemma", is_gated=True),
    "gemma3:1b": HubOrigin("google/gemma-3-1b-it", "gemma", is_gated=True),
    "phi3.5:3.8b": HubOrigin("microsoft/Phi-3.5-mini-instruct", "mit"),
    "tinyllama:1.1b": HubOrigin("TinyLlama/TinyLlama-1.1B-Chat-v1.0", "apache-2.0"),
}
