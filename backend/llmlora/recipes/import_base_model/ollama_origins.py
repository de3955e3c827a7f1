"""Which Hugging Face repository holds the same weights as a tag of Ollama's library.

A tag that is missing is not guessed at: a look-alike would train another model. Each repository is named at a commit,
the one that most public caches of it hold (`models--…/snapshots/…`, looked up in November 2026).
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class HubOrigin:
    """A repository at a commit, its licence, and whether its terms have to be accepted there first."""

    repository: str
    revision: str
    licence: str
    is_gated: bool = False

    @property
    def reference(self) -> str:
        """As the studio takes it: `hf:owner/name@commit`."""
        return f"hf:{self.repository}@{self.revision}"


ORIGINS: dict[str, HubOrigin] = {
    "smollm2:135m": HubOrigin(
        "HuggingFaceTB/SmolLM2-135M-Instruct", "12fd25f77366fa6b3b4b768ec3050bf629380bac", "apache-2.0"
    ),
    "smollm2:360m": HubOrigin(
        "HuggingFaceTB/SmolLM2-360M-Instruct", "a10cc1512eabd3dde888204e902eca88bddb4951", "apache-2.0"
    ),
    "smollm2:1.7b": HubOrigin(
        "HuggingFaceTB/SmolLM2-1.7B-Instruct", "31b70e2e869a7173562077fd711b654946d38674", "apache-2.0"
    ),
    "qwen2.5:0.5b": HubOrigin(
        "Qwen/Qwen2.5-0.5B-Instruct", "7ae557604adf67be50417f59c2c2f167def9a775", "apache-2.0"
    ),
    "qwen2.5:1.5b": HubOrigin(
        "Qwen/Qwen2.5-1.5B-Instruct", "989aa7980e4cf806f80c7fef2b1adb7bc71aa306", "apache-2.0"
    ),
    "qwen2.5:3b": HubOrigin(
        "Qwen/Qwen2.5-3B-Instruct", "aa8e72537993ba99e69dfaafa59ed015b17504d1", "qwen-research"
    ),
    "qwen2.5:7b": HubOrigin(
        "Qwen/Qwen2.5-7B-Instruct", "a09a35458c702b33eeacc393d103063234e8bc28", "apache-2.0"
    ),
    "qwen3:0.6b": HubOrigin("Qwen/Qwen3-0.6B", "c1899de289a04d12100db370d81485cdf75e47ca", "apache-2.0"),
    "qwen3:1.7b": HubOrigin("Qwen/Qwen3-1.7B", "70d244cc86ccca08cf5af4e1e306ecf908b1ad5e", "apache-2.0"),
    "qwen3:8b": HubOrigin("Qwen/Qwen3-8B", "b968826d9c46dd6066d109eabc6255188de91218", "apache-2.0"),
    "llama3.1:8b": HubOrigin(
        "meta-llama/Llama-3.1-8B-Instruct",
        "0e9e39f249a16976918f6564b8830bc894c89659",
        "llama3.1",
        is_gated=True,
    ),
    "llama3.2:1b": HubOrigin(
        "meta-llama/Llama-3.2-1B-Instruct",
        "9213176726f574b556790deb65791e0c5aa438b6",
        "llama3.2",
        is_gated=True,
    ),
    "llama3.2:3b": HubOrigin(
        "meta-llama/Llama-3.2-3B-Instruct",
        "0cb88a4f764b7a12671c53f0838cd831a0843b95",
        "llama3.2",
        is_gated=True,
    ),
    "gemma2:2b": HubOrigin(
        "google/gemma-2-2b-it", "299a8560bedf22ed1c72a8a11e7dce4a7f9f51f8", "gemma", is_gated=True
    ),
    "gemma3:270m": HubOrigin(
        "google/gemma-3-270m-it", "ac82b4e820549b854eebf28ce6dedaf9fdfa17b3", "gemma", is_gated=True
    ),
    "gemma3:1b": HubOrigin(
        "google/gemma-3-1b-it", "dcc83ea841ab6100d6b47a070329e1ba4cf78752", "gemma", is_gated=True
    ),
    "phi3.5:3.8b": HubOrigin(
        "microsoft/Phi-3.5-mini-instruct", "2fe192450127e6a83f7441aef6e3ca586c338b77", "mit"
    ),
    "tinyllama:1.1b": HubOrigin(
        "TinyLlama/TinyLlama-1.1B-Chat-v1.0", "fe8a4ea1ffedaf415f4da2f062534de366a451e6", "apache-2.0"
    ),
}
