"""The head in parts: the loss and the gradients of the whole, never the logits of all."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

from llmlora.recipes.blocks.head import head_stands_alone, summed_loss
from llmlora.recipes.blocks.head_rows import CHUNK_BYTES, head_rows
from llmlora.recipes.blocks.segments import SEGMENT_ATTENTION, Segments, lay_end_to_end

SMALL: dict[str, Any] = {
    "vocab_size": 128,
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "bos_token_id": 1,
    "eos_token_id": 2,
    "pad_token_id": 0,
}
FAMILIES: dict[str, tuple[str, dict[str, Any]]] = {
    "Llama": ("LlamaConfig", {}),
    "Granite, divided": ("GraniteConfig", {"logits_scaling": 8.0}),
    "Cohere, multiplied": ("CohereConfig", {"logit_scale": 0.25}),
    "Gemma 2, capped": ("Gemma2Config", {"head_dim": 8, "final_logit_softcapping": 3.0}),
    "Gemma 3, capped": ("Gemma3TextConfig", {"head_dim": 8, "final_logit_softcapping": 3.0}),
    "OLMoE, with routers": ("OlmoeConfig", {"num_experts": 4, "num_experts_per_tok": 2}),
    "Falcon-H1, multiplied": (
        "FalconH1Config",
        {"lm_head_multiplier": 0.5, "mamba_d_ssm": 64, "mamba_n_heads": 4},
    ),
    "GPT-2, another name of the blocks": ("GPT2Config", {"n_embd": 32, "n_layer": 2, "n_head": 2}),
}
LENGTHS = (13, 29, 6)


def segments() -> Segments:
    generator = torch.Generator().manual_seed(0)
    rows = [(torch.randint(3, 128, (n,), generator=generator), torch.arange(n) >= 2) for n in LENGTHS]
    return lay_end_to_end(rows, torch.device("cpu"))


def built(family: str) -> Any:
    config, settings = FAMILIES[family]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        made = getattr(transformers, config)(**{**SMALL, **settings})
        return AutoModelForCausalLM.from_config(made, dtype=torch.float32).eval()


def loss_and_gradients(model: Any, rows: int | None) -> tuple[float, dict[str, torch.Tensor]]:
    model.zero_grad(set_to_none=True)
    loss = summed_loss(model, segments(), rows)
    loss.backward()  # type: ignore[no-untyped-call]
    return loss.item(), {n: p.grad.clone() for n, p in model.named_parameters() if p.grad is not None}


class TestParts:
    @pytest.mark.parametrize("family", FAMILIES)
    def test_loss_and_every_gradient_are_those_of_the_whole(self, family: str) -> None:
        model = built(family)
        assert head_stands_alone(model, segments())
        whole, expected = loss_and_gradients(model, None)
        for rows in (1, 7, 41):
            parts, found = loss_and_gradients(model, rows)
            assert parts == pytest.approx(whole, rel=1e-6)
            assert found.keys() == expected.keys()
            for name, gradient in expected.items():
                assert torch.allclose(found[name], gradient, rtol=1e-4, atol=1e-5 * gradient.abs().max()), (
                    name
                )

    def test_adapter_below_checkpointed_blocks_learns_the_same(self) -> None:
        model = built("Llama")
        model.set_attn_implementation(SEGMENT_ATTENTION)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(1)
            adapted = get_peft_model(
                model, LoraConfig(r=4, target_modules="all-linear", init_lora_weights=False)
            )
        model.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
        adapted.train()
        whole, expected = loss_and_gradients(adapted, None)
        parts, found = loss_and_gradients(adapted, 5)
        assert parts == pytest.approx(whole, rel=1e-6)
        assert expected
        assert all("lora_" in name for name in expected)
        for name, gradient in expected.items():
            assert torch.allclose(found[name], gradient, rtol=1e-4, atol=1e-6), name

    def test_head_never_sees_more_than_it_was_allowed(self) -> None:
        model, seen = built("Gemma 2, capped"), []
        model.lm_head.register_forward_hook(lambda _m, _a, logits: seen.append(logits.shape[1]))
        loss_and_gradients(model, 7)
        count = len(segments().labels)
        assert max(seen) == 7
        assert sum(seen) >= 2 * count  # forward, and again for the backward pass

    def test_evaluation_makes_its_logits_once(self) -> None:
        model, seen = built("Llama"), []
        model.lm_head.register_forward_hook(lambda _m, _a, logits: seen.append(logits.shape[1]))
        with torch.no_grad():
            summed_loss(model, segments(), 7)
        assert sum(seen) == len(segments().labels) + 1

    def test_blocks_answer_by_themselves_again_afterwards(self) -> None:
        model = built("Llama")
        before = model(input_ids=segments().input_ids).logits
        loss_and_gradients(model, 3)
        assert "forward" not in model.model.__dict__
        assert torch.equal(model(input_ids=segments().input_ids).logits, before)

    def test_head_that_cannot_be_asked_alone_is_told_apart(self) -> None:
        """OPT's forward reaches past its blocks for the decoder inside them."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            config = transformers.OPTConfig(**SMALL, ffn_dim=64, word_embed_proj_dim=32)
            model = AutoModelForCausalLM.from_config(config).eval()
        assert not head_stands_alone(model, segments())
        assert summed_loss(model, segments(), None).item() > 0


class TestBound:
    @pytest.mark.parametrize("vocabulary", [1_000, 49_152, 152_064, 262_144, 10**9])
    def test_chunk_stays_within_its_bytes(self, vocabulary: int) -> None:
        rows = head_rows(vocabulary)
        assert rows == 1 or rows * vocabulary * 4 <= CHUNK_BYTES < (rows + 1) * vocabulary * 4


_PEAK = """
import sys, torch
from pathlib import Path
from transformers import LlamaConfig, LlamaForCausalLM
from llmlora.recipes.blocks.head import summed_loss
from llmlora.recipes.blocks.head_rows import head_rows
from llmlora.recipes.blocks.segments import SEGMENT_ATTENTION, lay_end_to_end
vocabulary, length = int(sys.argv[1]), int(sys.argv[2])
model = LlamaForCausalLM(LlamaConfig(vocab_size=vocabulary, hidden_size=16, intermediate_size=32,
    num_hidden_layers=1, num_attention_heads=2, num_key_value_heads=2, tie_word_embeddings=True))
model.set_attn_implementation(SEGMENT_ATTENTION)
for name, parameter in model.named_parameters():
    parameter.requires_grad_("q_proj" in name)
row = torch.arange(length) % vocabulary, torch.ones(length, dtype=torch.bool)
def peak_bytes():  # of this program alone: ru_maxrss is handed down by whoever started it
    return int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) * 1024
before = peak_bytes()
summed_loss(model, lay_end_to_end([row], torch.device("cpu")), head_rows(vocabulary)).backward()
print(peak_bytes() - before)
"""


@pytest.mark.long
class TestMemory:
    def test_vocabulary_of_262_thousand_takes_chunks_not_gigabytes(self) -> None:
        """3,000 positions × 262,144 numbers are 3 GiB, and a loss at once holds three such tensors."""
        done = subprocess.run(
            [sys.executable, "-c", _PEAK, "262144", "3000"],
            capture_output=True,
            text=True,
            check=True,
            cwd=Path(__file__).parents[2] / "backend",
        )
        assert CHUNK_BYTES < int(done.stdout) < 6 * CHUNK_BYTES
