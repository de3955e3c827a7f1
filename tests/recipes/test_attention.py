"""A model is trained with the attention that it has: segments where they are proved to be the same, else its own."""

from typing import Any

import pytest
import torch
import transformers
from torch.nn import functional
from torch.utils._python_dispatch import TorchDispatchMode
from transformers import AutoModelForCausalLM

from llmlora.recipes.blocks.attention import choose_attention, probe_length
from llmlora.recipes.blocks.segments import (
    SEGMENT_ATTENTION,
    attend_by_segment,
    forward_logits,
    lay_end_to_end,
)

CPU = torch.device("cpu")
REACH = 8
LENGTHS = (30, 11, 24)
SMALL: dict[str, Any] = {
    "vocab_size": 128,
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 128,
    "bos_token_id": 1,
    "eos_token_id": 2,
    "pad_token_id": 0,
}
EXPERTS = {"num_experts": 8, "num_experts_per_tok": 2}
MLA = {
    "kv_lora_rank": 8,
    "q_lora_rank": 8,
    "qk_nope_head_dim": 8,
    "qk_rope_head_dim": 8,
    "v_head_dim": 8,
    "head_dim": 8,
    "num_key_value_heads": 4,
    "n_routed_experts": 4,
    "num_experts_per_tok": 2,
    "n_group": 1,
    "topk_group": 1,
    "moe_intermediate_size": 16,
    "first_k_dense_replace": 1,
}
LONGROPE = {
    "rope_type": "longrope",
    "short_factor": [1.0] * 4,
    "long_factor": [4.0] * 4,
    "rope_theta": 10_000.0,
    "original_max_position_embeddings": 16,
}
PLAIN: dict[str, tuple[str, dict[str, Any]]] = {
    "Llama": ("LlamaConfig", {}),
    "OLMoE": ("OlmoeConfig", {**EXPERTS, "clip_qkv": 1.0}),
    "Qwen 3 MoE": ("Qwen3MoeConfig", {**EXPERTS, "moe_intermediate_size": 16, "head_dim": 8}),
    "Mistral": ("MistralConfig", {"sliding_window": REACH}),
    "Gemma 3": ("Gemma3TextConfig", {"head_dim": 8, "sliding_window": REACH}),
    "GPT-2": ("GPT2Config", {"n_embd": 32, "n_layer": 2, "n_head": 2}),
    "GPT-Neo": (
        "GPTNeoConfig",
        {
            "num_layers": 2,
            "num_heads": 4,
            "attention_types": [[["global", "local"], 1]],
            "window_size": REACH,
        },
    ),
}
PECULIAR: dict[str, tuple[str, dict[str, Any], str]] = {
    "sinks": (
        "GptOssConfig",
        {"num_local_experts": 4, "num_experts_per_tok": 2, "head_dim": 8, "sliding_window": REACH},
        "s_aux",
    ),
    "soft-capped scores": ("Gemma2Config", {"head_dim": 8, "sliding_window": REACH}, "softcap"),
    "chunks": (
        "Llama4TextConfig",
        {
            "head_dim": 8,
            "attention_chunk_size": REACH,
            "num_local_experts": 4,
            "intermediate_size_mlp": 64,
            "no_rope_layers": [1, 0],
        },
        "differ from its own attention",
    ),
    "sparse masks": (
        "DeepseekV32Config",
        {**MLA, "index_topk": 4, "index_n_heads": 2, "index_head_dim": 8},
        "does not work with segments",
    ),
    "biased scores": ("FalconConfig", {"alibi": True}, "mixes the rows"),
    "convolutions": (
        "Lfm2Config",
        {"layer_types": ["conv", "full_attention"], "block_auto_adjust_ff_dim": False},
        "mixes the rows",
    ),
    "positions scaled by the longest row": (
        "Phi3Config",
        {"rope_parameters": LONGROPE, "original_max_position_embeddings": 16},
        "mixes the rows",
    ),
}


def built(config: str, settings: dict[str, Any], dtype: torch.dtype = torch.float32) -> Any:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        made = getattr(transformers, config)(**{**SMALL, **settings})
        return AutoModelForCausalLM.from_config(made, dtype=dtype).eval()


def rows() -> list[tuple[torch.Tensor, torch.Tensor]]:
    generator = torch.Generator().manual_seed(3)
    return [(torch.randint(3, 128, (n,), generator=generator), torch.arange(n) >= n // 2) for n in LENGTHS]


@torch.no_grad()
def native_loss(model: Any) -> float:
    """By the model's own code, each row alone."""
    total = 0.0
    for ids, mask in rows():
        logits = model(input_ids=ids[None], use_cache=False).logits[0, :-1].float()
        total += functional.cross_entropy(logits[mask[1:]], ids[1:][mask[1:]], reduction="sum").item()
    return total


@torch.no_grad()
def trained_loss(model: Any, *, joined: bool) -> float:
    """As a training takes it."""
    passes = [rows()] if joined else [[row] for row in rows()]
    total = 0.0
    for batch in passes:
        segments = lay_end_to_end(batch, CPU)
        logits = forward_logits(model, segments).float()
        total += functional.cross_entropy(logits, segments.labels, reduction="sum").item()
    return total


class TestChoice:
    @pytest.mark.parametrize("family", PLAIN)
    def test_rows_of_plain_models_share_a_pass_and_lose_what_they_lose_alone(self, family: str) -> None:
        model = built(*PLAIN[family])
        expected = native_loss(model)
        chosen = choose_attention(model, CPU, max(LENGTHS))
        assert (chosen.joined, chosen.reason) == (True, None)
        assert trained_loss(model, joined=True) == pytest.approx(expected, rel=1e-5)

    @pytest.mark.parametrize("peculiarity", PECULIAR)
    def test_what_segments_do_not_do_is_left_to_the_model(self, peculiarity: str) -> None:
        config, settings, reason = PECULIAR[peculiarity]
        model = built(config, settings)
        native, expected = model.config._attn_implementation, native_loss(model)
        chosen = choose_attention(model, CPU, max(LENGTHS))
        assert not chosen.joined
        assert reason in str(chosen.reason)
        assert model.config._attn_implementation == native
        assert trained_loss(model, joined=False) == pytest.approx(expected, rel=1e-5)

    @pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
    def test_chunk_matters_only_to_rows_that_cross_it(self, dtype: torch.dtype) -> None:
        config, settings, _ = PECULIAR["chunks"]
        settings = {**settings, "attention_chunk_size": 64}
        assert choose_attention(built(config, settings, dtype), CPU, 64).joined
        assert not choose_attention(built(config, settings, dtype), CPU, 66).joined

    def test_model_stays_in_training_mode_and_gets_no_gradient(self) -> None:
        model = built(*PLAIN["Mistral"]).train()
        choose_attention(model, CPU, 30)
        assert model.training
        assert all(parameter.grad is None for parameter in model.parameters())
        assert not any(module._forward_hooks for module in model.modules())


@pytest.mark.long
class TestAtSize:
    """Layers as wide as the families' own, in the precisions that are trained: rounding is no difference, and sinks,
    caps and windows are found among it."""

    @pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
    @pytest.mark.parametrize(
        ("config", "settings", "joined"),
        [
            pytest.param(
                "OlmoeConfig",
                {
                    "hidden_size": 2048,
                    "intermediate_size": 1024,
                    "num_attention_heads": 16,
                    "num_key_value_heads": 16,
                    "num_experts": 64,
                    "num_experts_per_tok": 8,
                },
                True,
                id="OLMoE",
            ),
            pytest.param(
                "GptOssConfig",
                {
                    "hidden_size": 2880,
                    "intermediate_size": 720,
                    "num_attention_heads": 64,
                    "num_key_value_heads": 8,
                    "num_local_experts": 4,
                },
                False,
                id="gpt-oss",
            ),
            pytest.param(
                "Gemma2Config",
                {"hidden_size": 2304, "num_attention_heads": 8, "num_key_value_heads": 4},
                False,
                id="Gemma 2",
            ),
            pytest.param(
                "Gemma3TextConfig",
                {
                    "hidden_size": 1152,
                    "intermediate_size": 6912,
                    "num_key_value_heads": 1,
                    "num_hidden_layers": 6,
                    "sliding_window": 512,
                },
                True,
                id="Gemma 3",
            ),
        ],
    )
    def test_only_what_differs_is_refused(
        self, config: str, settings: dict[str, Any], joined: bool, dtype: torch.dtype
    ) -> None:
        settings = {"intermediate_size": 4096, "max_position_embeddings": 4096, **settings}
        chosen = choose_attention(built(config, settings, dtype), CPU, 1024)
        assert chosen.joined == joined, chosen.reason

    def test_window_of_thousands_that_is_not_handed_on_is_found_in_bfloat16(self) -> None:
        config, settings, _ = PECULIAR["chunks"]
        wide = {"attention_chunk_size": 2048, "hidden_size": 512, "head_dim": 64, "num_attention_heads": 8}
        model = built(config, {**settings, **wide, "max_position_embeddings": 8192}, torch.bfloat16)
        assert not choose_attention(model, CPU, 4096).joined


class TestProbe:
    def test_reaches_that_the_rows_do_not_cross_cost_nothing(self) -> None:
        config = {"sliding_window": 4096, "rope_parameters": {"original_max_position_embeddings": 2048}}
        assert [probe_length(config, longest) for longest in (5, 1024, 3000, 9000)] == [5, 12, 2056, 4104]

    def test_flags_and_absent_windows_are_no_reach(self) -> None:
        assert probe_length({"use_sliding_window": True, "sliding_window": None}, 100) == 12


class Largest(TorchDispatchMode):
    """The most bytes that one tensor of a block took."""

    size_bytes = 0

    def __torch_dispatch__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        made = function(*args, **(kwargs or {}))
        for one in made if isinstance(made, tuple | list) else (made,):
            if isinstance(one, torch.Tensor):
                self.size_bytes = max(self.size_bytes, one.untyped_storage().nbytes())
        return made


class TestWindow:
    @pytest.mark.parametrize(("length", "window"), [(20, 7), (1300, 600), (1024, 512), (40, 39)])
    def test_blocks_of_a_window_are_the_whole_of_it(self, length: int, window: int) -> None:
        generator = torch.Generator().manual_seed(0)
        q, k, v = (torch.randn(1, 2, length, 8, generator=generator) for _ in range(3))
        at = torch.arange(length)
        distance = at[:, None] - at[None, :]
        expected = functional.scaled_dot_product_attention(
            q, k, v, attn_mask=(distance >= 0) & (distance < window)
        )
        found, _ = attend_by_segment(torch.nn.Module(), q, k, v, None, sliding_window=window)
        assert torch.allclose(found, expected.transpose(1, 2), atol=1e-6)

    def test_second_segments_window_does_not_reach_into_the_first(self) -> None:
        generator = torch.Generator().manual_seed(0)
        q, k, v = (torch.randn(1, 2, 50, 8, generator=generator) for _ in range(3))
        bounds = torch.tensor([0, 30, 50], dtype=torch.int32)
        joined, _ = attend_by_segment(
            torch.nn.Module(), q, k, v, None, sliding_window=6, cu_seq_lens_q=bounds
        )
        alone, _ = attend_by_segment(
            torch.nn.Module(), q[:, :, 30:], k[:, :, 30:], v[:, :, 30:], None, sliding_window=6
        )
        assert torch.allclose(joined[:, 30:], alone, atol=1e-6)

    def test_mask_does_not_grow_with_the_row(self) -> None:
        q = torch.zeros(1, 1, 8192, 8)
        with Largest() as largest:
            attend_by_segment(torch.nn.Module(), q, q, q, None, sliding_window=256)
        assert largest.size_bytes < q.shape[2] ** 2 // 64  # a mask of the row has that many bytes 64 times


class TestNames:
    def test_implementation_is_registered_under_its_name(self) -> None:
        assert transformers.AttentionInterface()[SEGMENT_ATTENTION] is attend_by_segment
