"""The families that are tried, and what each route of each of them ends with: the table of docs/families.md."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from tests.families import templates
from tests.families.bases import STAND_IN, Base

GREEN = "green"
FORMATS = ("f16", "q8_0", "q4_K_M")
_TITLE = """# モデルの系列 / Families of models

<!-- Drawn by tests/families: LLMLORA_WRITE_FAMILIES=1 ./llmlora test long -->

乱数の小さなモデル（隠れ層 256、2 層）に 5 つの答えを覚えさせ、llama.cpp で配信して関門（parity・stop）を通した結果です。`./llmlora test` が
一部を、`./llmlora test long` がすべてを確かめます。

What became of tiny random models (hidden size 256, two layers) that were taught five answers, served by llama.cpp and put
through the gates (parity, stop). `./llmlora test` checks some of them, `./llmlora test long` all.

- ✓: 学習したとおりに答え、止まる / answers and stops as it was trained to
- 拒否 / refused: 学習の前に理由を述べて断る / told before the training why it cannot be
- ✗: 学習の後で断られる / refused after the training
- –: まだ試していない / not tried yet
- 代役 / stand-in: 本物のトークナイザーが手に入らず、SmolLM2 のトークナイザーと系列風のテンプレートを使った / the family's own
  tokenizer was not to be had: SmolLM2's, with a template in the family's manner
"""
_HEAD = """
| 系列 / family | クラス / class | トークナイザー / tokenizer | アダプター / adapter | 結合 / merged | GGUF f16 | GGUF q8_0 | GGUF q4_K_M | 備考 / note |
|---|---|---|---|---|---|---|---|---|
"""


@dataclass(frozen=True)
class Family:
    """A base, and what its routes end with (`chain.told`); `quick`: `./llmlora test` runs its first route."""

    name: str
    base: Base
    adapter: str = GREEN
    merged: str = GREEN
    gguf: Mapping[str, str] | None = None
    """By format, of the family's own GGUF as the base; None: not tried yet."""
    quick: bool = False
    note: str = ""


def every(outcome: str) -> Mapping[str, str]:
    """The same outcome for every format of the family's own GGUF."""
    return MappingProxyType(dict.fromkeys(FORMATS, outcome))


_LLAMA_3_ROPE = {
    "rope_type": "llama3",
    "rope_theta": 500_000.0,
    "factor": 8.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 128,
}
_OLMO_MARKS = ("<|system|>", "<|user|>", "<|assistant|>")
_OLMO: dict[str, Any] = {
    "template": templates.OLMO,
    "reserved": _OLMO_MARKS,
    "start": "<|endoftext|>",
    "end": "<|endoftext|>",
}
_COHERE_MARKS = (
    "<|START_OF_TURN_TOKEN|>",
    "<|END_OF_TURN_TOKEN|>",
    "<|SYSTEM_TOKEN|>",
    "<|USER_TOKEN|>",
    "<|CHATBOT_TOKEN|>",
)
_EXPERTS = {"num_experts": 4, "num_experts_per_tok": 2}

FAMILIES: tuple[Family, ...] = (
    Family("Llama 3", Base("LlamaConfig", "Llama 3"), quick=True),
    Family(
        "Llama 3.2", Base("LlamaConfig", "Llama 3.1", tied=True, settings={"rope_parameters": _LLAMA_3_ROPE})
    ),
    Family("Qwen 2.5", Base("Qwen2Config", "Qwen 3", templates.QWEN_2_5, tied=True)),
    Family("Qwen 3", Base("Qwen3Config", "Qwen 3", tied=True)),
    Family(
        "Gemma 3",
        Base(
            "Gemma3TextConfig",
            "Gemma 3",
            tied=True,
            rows=262_144,
            settings={"query_pre_attn_scalar": 64, "sliding_window": 32},
        ),
    ),
    Family("Mistral", Base("MistralConfig", "Mistral v3", templates.mistral(" ")), quick=True),
    Family(
        "Phi 4",
        Base(
            "Phi3Config",
            template=templates.PHI_4,
            tied=True,
            reserved=("<|im_sep|>",),
            tokenizer_class="GPT2Tokenizer",
            settings={"head_dim": None, "partial_rotary_factor": 0.75},
        ),
    ),
    Family(
        "Granite",
        Base(
            "GraniteConfig",
            template=templates.GRANITE,
            tied=True,
            reserved=("<|start_of_role|>", "<|end_of_role|>", "<|end_of_text|>"),
            end="<|end_of_text|>",
            settings={
                "head_dim": None,
                "embedding_multiplier": 12.0,
                "attention_multiplier": 0.0156,
                "residual_multiplier": 0.22,
                "logits_scaling": 8.0,
            },
        ),
    ),
    Family(
        "OLMoE",
        Base("OlmoeConfig", **_OLMO, settings={**_EXPERTS, "head_dim": None, "num_key_value_heads": 4}),
    ),
    Family("OLMo 2", Base("Olmo2Config", **_OLMO, settings={"head_dim": None})),
    Family(
        "SmolLM3",
        Base(
            "SmolLM3Config",
            template=templates.CHATML,
            tied=True,
            settings={"no_rope_layer_interval": 4, "num_hidden_layers": 4, "head_dim": None},
        ),
    ),
    Family(
        "Command-R",
        Base(
            "CohereConfig",
            template=templates.COMMAND_R,
            tied=True,
            reserved=_COHERE_MARKS,
            end="<|END_OF_TURN_TOKEN|>",
            settings={"head_dim": None, "logit_scale": 1.0},
        ),
    ),
)


def table() -> str:
    """docs/families.md."""
    return _TITLE + _HEAD + "".join(map(_row, FAMILIES))


def _row(family: Family) -> str:
    base = family.base
    words = "代役 / stand-in" if base.tokenizer == STAND_IN else base.tokenizer
    cells = [
        family.name,
        f"`{base.config.removesuffix('Config')}`",
        words,
        _mark(family.adapter),
        _mark(family.merged),
    ]
    cells += [_mark(family.gguf[name]) if family.gguf else "–" for name in FORMATS]
    return f"| {' | '.join([*cells, family.note])} |\n"


def _mark(outcome: str) -> str:
    if outcome == GREEN:
        return "✓"
    kind, _, why = outcome.partition(": ")
    return f"拒否 / refused: `{why}`" if kind == "refused" else f"✗ `{why}`"
