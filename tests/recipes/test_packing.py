"""Rows that share a forward pass never see each other."""

from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional
from transformers import (
    AutoModelForCausalLM,
    GPT2Config,
    GPT2LMHeadModel,
    Lfm2Config,
    Lfm2ForCausalLM,
    MistralConfig,
    MistralForCausalLM,
)

from llmlora.data.pack import pack_best_fit
from llmlora.recipes.blocks.attention import keeps_segments_apart
from llmlora.recipes.blocks.segments import SEGMENT_ATTENTION, forward_logits, lay_end_to_end

CPU = torch.device("cpu")
SMALL: dict[str, Any] = {
    "vocab_size": 128,
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
}


def rows_of(*lengths: int, seed: int = 0) -> list[tuple[torch.Tensor, torch.Tensor]]:
    generator = torch.Generator().manual_seed(seed)
    return [(torch.randint(0, 128, (n,), generator=generator), torch.arange(n) >= n // 2) for n in lengths]


def loss_of(model: torch.nn.Module, rows: list[tuple[torch.Tensor, torch.Tensor]]) -> float:
    segments = lay_end_to_end(rows, CPU)
    with torch.no_grad():
        logits = forward_logits(model, segments).float()
    return functional.cross_entropy(logits, segments.labels, reduction="sum").item()


@pytest.fixture(scope="module")
def llama(tiny_model_dir: Path) -> torch.nn.Module:
    model = AutoModelForCausalLM.from_pretrained(tiny_model_dir, dtype=torch.float32)
    model.set_attn_implementation(SEGMENT_ATTENTION)
    return model.eval()


class TestSegments:
    def test_packed_loss_is_the_sum_of_the_rows_own_losses(self, llama: torch.nn.Module) -> None:
        rows = rows_of(9, 17, 5, 30)
        alone = sum(loss_of(llama, [row]) for row in rows)
        assert loss_of(llama, rows) == pytest.approx(alone, rel=1e-5)

    def test_order_of_packed_rows_moves_no_loss(self, llama: torch.nn.Module) -> None:
        rows = rows_of(9, 17, 5, 30)
        forwards = loss_of(llama, rows)
        assert loss_of(llama, rows[::-1]) == pytest.approx(forwards, rel=1e-5)

    def test_plain_attention_would_have_leaked(self, tiny_model_dir: Path) -> None:
        """The comparison above can fail: without segment bounds the sum differs."""
        model = AutoModelForCausalLM.from_pretrained(tiny_model_dir, dtype=torch.float32)
        model.set_attn_implementation(SEGMENT_ATTENTION)
        model.eval()
        rows = rows_of(9, 17, 5, 30)
        segments = lay_end_to_end(rows, CPU)
        with torch.no_grad():
            leaking = model(
                input_ids=segments.input_ids,
                position_ids=segments.position_ids,
                logits_to_keep=segments.predict_at,
            ).logits[0]
        leaked = functional.cross_entropy(leaking, segments.labels, reduction="sum").item()
        assert leaked != pytest.approx(loss_of(model, rows), rel=1e-5)

    def test_logits_come_only_from_supervised_positions(self, llama: torch.nn.Module) -> None:
        rows = rows_of(10, 12)
        segments = lay_end_to_end(rows, CPU)
        supervised = sum(int(mask[1:].sum()) for _, mask in rows)
        assert forward_logits(llama, segments).shape[0] == supervised == len(segments.labels)

    def test_sliding_window_reaches_no_further_when_packed(self) -> None:
        torch.manual_seed(0)
        model = MistralForCausalLM(MistralConfig(**SMALL, sliding_window=4)).eval()
        rows = rows_of(20, 11)
        model.set_attn_implementation("eager")
        with torch.no_grad():
            expected = sum(
                functional.cross_entropy(
                    model(input_ids=ids[None]).logits[0, :-1][mask[1:]], ids[1:][mask[1:]], reduction="sum"
                ).item()
                for ids, mask in rows
            )
        model.set_attn_implementation(SEGMENT_ATTENTION)
        assert loss_of(model, rows) == pytest.approx(expected, rel=1e-4)


class TestProbe:
    def test_attention_models_may_share_a_pass(self, llama: torch.nn.Module) -> None:
        assert keeps_segments_apart(llama, 128, CPU)
        gpt2 = GPT2LMHeadModel(GPT2Config(vocab_size=128, n_embd=32, n_layer=2, n_head=2)).eval()
        gpt2.set_attn_implementation(SEGMENT_ATTENTION)
        assert keeps_segments_apart(gpt2, 128, CPU)

    def test_convolutional_layers_are_found_out(self) -> None:
        torch.manual_seed(0)
        config = Lfm2Config(**SMALL, layer_types=["conv", "full_attention"], block_auto_adjust_ff_dim=False)
        model = Lfm2ForCausalLM(config).eval()
        model.set_attn_implementation(SEGMENT_ATTENTION)
        assert not keeps_segments_apart(model, 128, CPU)


class TestBestFit:
    @given(st.lists(st.integers(1, 64), max_size=200))
    def test_every_row_lies_whole_in_exactly_one_bin(self, lengths: list[int]) -> None:
        bins = pack_best_fit(lengths, 64)
        assert sorted(i for one in bins for i in one) == list(range(len(lengths)))
        assert all(sum(lengths[i] for i in one) <= 64 for one in bins)

    @given(st.lists(st.integers(1, 32), min_size=1, max_size=200))
    def test_no_two_bins_could_be_one(self, lengths: list[int]) -> None:
        filled = sorted(sum(lengths[i] for i in one) for one in pack_best_fit(lengths, 64))
        assert len(filled) < 2 or filled[0] + filled[1] > 64

    def test_row_longer_than_a_bin_is_refused(self) -> None:
        with pytest.raises(ValueError, match="65 tokens"):
            pack_best_fit([65], 64)
