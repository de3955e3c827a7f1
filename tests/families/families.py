"""The families that are tried, and what each route of each of them ends with: the table of docs/families.md."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from tests.families import templates
from tests.families.bases import STAND_IN, Base

GREEN = "green"
FORMATS = ("f16", "q8_0", "q4_K_M")
WITH_BASE = "merged"
_TITLE = """# モデルの系列 / Families of models

<!-- Drawn by tests/families: LLMLORA_WRITE_FAMILIES=1 ./llmlora test long -->

乱数の小さなモデル（隠れ層 256、2 層）に 5 つの答えを覚えさせ、llama.cpp で配信して検査（parity、stop）にかけた結果です。`./llmlora test` が
一部を、`./llmlora test long` がすべてを確かめます。

What became of tiny random models (hidden size 256, two layers) that were taught five answers, served by llama.cpp and put
through the checks (parity, stop). `./llmlora test` checks some of them, `./llmlora test long` all.

- ✓: 学習したとおりに答え、止まる / answers and stops as it was trained to
- 拒否 / refused: 学習の前に理由を示して断る / refused before the training, with the reason
- ✗: 学習の後に失敗する / fails after the training
- GGUF …: 系列の GGUF をベースモデルにした場合。アダプターを重ねたもの（f16、q8_0、q4_K_M）と、q4_K_M に結合したもの / the family's
  own GGUF as the base: with the adapter beside it, and as one model (of q4_K_M)
- 代役 / stand-in: 本物のトークナイザーが手に入らず、SmolLM2 のトークナイザーと系列風のテンプレートを使った / the family's own
  tokenizer is not available: SmolLM2's, with a template in the style of the family
"""
_HEAD = """
| 系列 / family | クラス / class | トークナイザー / tokenizer | アダプター / adapter | 結合 / merged | GGUF f16 | GGUF q8_0 | GGUF q4_K_M | GGUF 結合 / merged | 備考 / note |
|---|---|---|---|---|---|---|---|---|---|
"""


def every(outcome: str) -> Mapping[str, str]:
    """The same outcome of all routes of the family's own GGUF."""
    return MappingProxyType(dict.fromkeys((*FORMATS, WITH_BASE), outcome))


@dataclass(frozen=True)
class Family:
    """A base, and what its routes end with (`chain.told`); `quick`: `./llmlora test` runs its first route.

    The base of all other tests has byte-level BPE: a quick one has another tokenizer.
    """

    name: str
    base: Base
    adapter: str = GREEN
    merged: str = GREEN
    gguf: Mapping[str, str] = field(default_factory=lambda: every(GREEN))
    """Of the family's own GGUF as the base, by its format; `WITH_BASE`: base and adapter as one model."""
    quick: bool = False
    note: str = ""


# transformers reads no GGUF of that architecture.
_UNREAD = every("refused: base_model_gguf_architecture")
_UNSERVED = "refused: adapter_layers_unserved"
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
_LATENT = {
    "q_lora_rank": 64,
    "kv_lora_rank": 64,
    "qk_rope_head_dim": 32,
    "qk_nope_head_dim": 32,
    "num_key_value_heads": 4,
    "head_dim": None,
}
_EXPERTS = {"num_experts": 4, "num_experts_per_tok": 2}

FAMILIES: tuple[Family, ...] = (
    Family("Llama 3", Base("LlamaConfig", "Llama 3")),
    Family(
        "Llama 3.2",
        Base("LlamaConfig", "Llama 3.1", tied=True, settings={"rope_parameters": _LLAMA_3_ROPE}),
    ),
    Family(
        "Qwen 2.5",
        Base("Qwen2Config", "Qwen 3", templates.QWEN_2_5, tied=True),
    ),
    Family("Qwen 3", Base("Qwen3Config", "Qwen 3", tied=True)),
    Family(
        "Qwen 3 MoE",
        Base(
            "Qwen3MoeConfig",
            "Qwen 3",
            settings={**_EXPERTS, "moe_intermediate_size": 256, "norm_topk_prob": True},
        ),
    ),
    Family(
        "Gemma 2",
        Base(
            "Gemma2Config",
            "Mistral v3",
            templates.GEMMA_2,
            tied=True,
            reserved=("<start_of_turn>", "<end_of_turn>"),
            end="<end_of_turn>",
            settings={"query_pre_attn_scalar": 64, "sliding_window": 32},
        ),
    ),
    Family(
        "Gemma 3",
        Base(
            "Gemma3TextConfig",
            "Gemma 3",
            tied=True,
            rows=262_144,
            settings={"query_pre_attn_scalar": 64, "sliding_window": 32},
        ),
        gguf=every("refused: base_model_gguf_tokenizer"),
        note="npm のトークナイザーには SentencePiece のファイルがない（次の行） / npm's tokenizer lacks the SentencePiece file (next line)",
    ),
    Family(
        "Gemma 3 (SentencePiece)",
        Base(
            "Gemma3TextConfig",
            "Mistral v3",
            templates.GEMMA_2,
            tied=True,
            reserved=("<start_of_turn>", "<end_of_turn>"),
            end="<end_of_turn>",
            settings={"query_pre_attn_scalar": 64, "sliding_window": 32},
        ),
    ),
    Family(
        "Mistral",
        Base("MistralConfig", "Mistral v3", templates.mistral(" ")),
        quick=True,
    ),
    Family("Mistral Nemo", Base("MistralConfig", "Mistral Tekken", templates.mistral(""))),
    Family(
        "Phi 3",
        Base(
            "Phi3Config",
            "Mistral v3",
            templates.PHI_3,
            reserved=("<|endoftext|>", "<|system|>", "<|user|>", "<|assistant|>", "<|end|>"),
            end="<|endoftext|>",
            legacy_spaces=True,
            tokenizer_class="PreTrainedTokenizerFast",
            settings={"head_dim": None},
        ),
    ),
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
        gguf=_UNREAD,
    ),
    Family(
        "GLM 4",
        Base(
            "Glm4Config",
            template=templates.GLM_4,
            reserved=("[gMASK]", "<sop>", "<|system|>", "<|user|>", "<|assistant|>"),
            end="<|user|>",
        ),
        gguf=_UNREAD,
    ),
    Family(
        "gpt-oss",
        Base(
            "GptOssConfig",
            "gpt-oss",
            templates.HARMONY,
            settings={
                "num_local_experts": 4,
                "num_experts_per_tok": 2,
                "sliding_window": 32,
                "max_position_embeddings": 131_072,
            },
        ),
        gguf=_UNREAD,
    ),
    Family(
        "OLMoE",
        Base("OlmoeConfig", **_OLMO, settings={**_EXPERTS, "head_dim": None, "num_key_value_heads": 4}),
        gguf=_UNREAD,
    ),
    Family("OLMo 2", Base("Olmo2Config", **_OLMO, settings={"head_dim": None}), gguf=_UNREAD),
    Family(
        "SmolLM3",
        Base(
            "SmolLM3Config",
            template=templates.CHATML,
            tied=True,
            settings={"no_rope_layer_interval": 4, "num_hidden_layers": 4, "head_dim": None},
        ),
        gguf=_UNREAD,
    ),
    Family(
        "DeepSeek V3",
        Base(
            "DeepseekV3Config",
            "DeepSeek V3",
            settings={
                **_LATENT,
                "v_head_dim": 32,
                "n_routed_experts": 4,
                "num_experts_per_tok": 2,
                "n_group": 1,
                "topk_group": 1,
                "first_k_dense_replace": 1,
                "moe_intermediate_size": 256,
                "n_shared_experts": 1,
                "scoring_func": "sigmoid",
            },
        ),
        adapter=_UNSERVED,
        gguf=every("refused: base_model_gguf_tokenizer"),
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
        gguf=_UNREAD,
    ),
    Family(
        "LFM2",
        Base(
            "Lfm2Config",
            template=templates.LFM_2,
            tied=True,
            settings={"head_dim": None, "layer_types": ["conv", "full_attention"]},
        ),
    ),
    Family(
        "MiniCPM3",
        Base(
            "MiniCPM3Config",
            "Mistral v3",
            templates.MINICPM,
            tied=True,
            reserved=("<|im_start|>", "<|im_end|>"),
            end="<|im_end|>",
            steps=50,
            settings={**_LATENT, "v_head_dim": 64},
        ),
        adapter=_UNSERVED,
        gguf=_UNREAD,
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
    cells += [_mark(family.gguf[name]) for name in (*FORMATS, WITH_BASE)]
    return f"| {' | '.join([*cells, family.note])} |\n"


def _mark(outcome: str) -> str:
    if outcome == GREEN:
        return "✓"
    kind, _, why = outcome.partition(": ")
    return f"拒否 / refused: `{why}`" if kind == "refused" else f"✗ `{why}`"
