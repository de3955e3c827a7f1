"""The model as it was trained: transformers + PEFT, the training template of `final_model`.

In float32; a model that is stored in bfloat16 as it is stored, where the device multiplies that or twice the memory is
not free (`place_reference`).

Costs two forward passes per prompt where the answer was guessed (the second for the base model's log-probabilities), and
one more per token that was not.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from peft import PeftModel
from torch import Tensor
from transformers import AutoConfig

from llmlora.contracts.dataset import Message
from llmlora.contracts.inference import ChatMessage
from llmlora.contracts.run import Resources
from llmlora.recipes.blocks.base_model import load_causal_lm
from llmlora.recipes.blocks.memory import SHARE_OF_FREE
from llmlora.recipes.blocks.parity import ReferenceAnswer, ReferenceToken
from llmlora.recipes.blocks.placement import Placement, choose_placement
from llmlora.recipes.blocks.token_bytes import TokenBytes
from llmlora.recipes.blocks.tokenizer import HfChatTokenizer, load_tokenizer

TOP = 20


@dataclass(frozen=True)
class ReferenceModel:
    """Base model with the adapter on it, and the tokenizer that was saved with the adapter."""

    model: Any
    tokenizer: HfChatTokenizer
    token_bytes: TokenBytes
    device: torch.device
    dtype: torch.dtype = torch.float32
    """Of the base's weights."""

    @property
    def end_id(self) -> int:
        """The token that ends a turn: `eos_token` of the saved tokenizer."""
        return int(self.tokenizer.inner.eos_token_id)

    @property
    def special_texts(self) -> frozenset[str]:
        """Texts that must never show in an answer."""
        return self.tokenizer.special_texts

    def decode(self, ids: tuple[int, ...]) -> str:
        """Text of ids, reserved texts included."""
        return self.tokenizer.decode(ids)


def place_reference(resources: Resources, base_dir: Path) -> Placement:
    """Where a reference of the base at `base_dir` computes, and in which precision.

    Raises:
        DeviceUnavailableError: the device asked for is missing.
    """
    placement = choose_placement(resources, "fp32")
    if (
        AutoConfig.from_pretrained(base_dir, local_files_only=True, trust_remote_code=False).dtype
        != torch.bfloat16
    ):
        return placement
    stored_bytes = sum(path.stat().st_size for path in base_dir.glob("*.safetensors"))
    too_large = 2 * stored_bytes > SHARE_OF_FREE * placement.free_bytes()
    return replace(placement, precision="bf16") if too_large or placement.multiplies_bf16() else placement


def load_reference(
    base_dir: Path, adapter_dir: Path, device: torch.device, dtype: torch.dtype = torch.float32
) -> ReferenceModel:
    """Load both, the adapter in float32. Only safetensors are read and no code of the model's.

    Raises:
        WeightsDoNotFitError: the base's weights are not those of its config.
        OSError: a file is missing.
    """
    base = load_causal_lm(base_dir, dtype=dtype)
    model = PeftModel.from_pretrained(base, str(adapter_dir), autocast_adapter_dtype=True)
    tokenizer = load_tokenizer(adapter_dir)
    return ReferenceModel(model.to(device).eval(), tokenizer, TokenBytes(tokenizer.inner), device, dtype)


def prompt_ids(
    reference: ReferenceModel, messages: tuple[ChatMessage, ...], tools: str | None = None
) -> tuple[int, ...]:
    """Ids of the prompt as it was rendered in training.

    Raises:
        TemplateError: the template refuses the conversation.
    """
    return rendered_ids(reference.tokenizer, messages, tools)


def rendered_ids(
    tokenizer: HfChatTokenizer, messages: tuple[ChatMessage, ...], tools: str | None = None
) -> tuple[int, ...]:
    """Ids of a prompt as the training writes it: the template's text, and nothing added.

    Raises:
        TemplateError: the template refuses the conversation.
    """
    turns = [Message(**m.model_dump()) for m in messages]
    return tuple(tokenizer.encode(tokenizer.render(turns, tools=tools, add_generation_prompt=True)))


@torch.inference_mode()
def answer_greedily(
    reference: ReferenceModel,
    messages: tuple[ChatMessage, ...],
    max_tokens: int,
    *,
    tools: str | None = None,
    guess: str = "",
) -> ReferenceAnswer:
    """The greedy answer with log-probabilities of the trained model, and of the base model for the same tokens.

    `guess` is what the answer may be. It never changes the answer, but is read in one pass as far as it is right: the
    verification of speculative decoding (Leviathan et al., 2023, arXiv:2211.17192) at temperature 0.
    """
    prompt = prompt_ids(reference, messages, tools)
    guessed = [*reference.tokenizer.encode(guess), reference.end_id] if guess else []
    rows = _verify(reference, prompt, guessed[: max_tokens - 1])
    answer = [int(row.argmax()) for row in rows]
    ids, cache = torch.tensor([[*prompt, *answer]], device=reference.device), None
    while len(answer) < max_tokens and answer[-1] != reference.end_id:
        out = reference.model(input_ids=ids, past_key_values=cache, use_cache=True, logits_to_keep=1)
        cache = out.past_key_values
        rows.append(torch.log_softmax(out.logits[0, -1].float(), dim=-1))
        answer.append(int(rows[-1].argmax()))
        ids = torch.tensor([[answer[-1]]], device=reference.device)
    base = _base_logprobs(reference, prompt, answer)
    tokens = tuple(
        _token(reference, token, row, lp) for token, row, lp in zip(answer, rows, base, strict=True)
    )
    return ReferenceAnswer(prompt, tokens, stopped=answer[-1] == reference.end_id)


def _verify(reference: ReferenceModel, prompt: tuple[int, ...], guessed: list[int]) -> list[Tensor]:
    """Log-probabilities, (V,) float32 each, of the greedy answer's tokens as far as `guessed` is right, and of one more."""
    ids = torch.tensor([[*prompt, *guessed]], device=reference.device)
    logits = reference.model(input_ids=ids, use_cache=False, logits_to_keep=len(guessed) + 1).logits[0]
    rows = torch.log_softmax(logits.float(), dim=-1)  # (T, V) float32
    chosen = rows.argmax(dim=-1).tolist()
    right = next((i for i, token in enumerate(guessed) if token != chosen[i]), len(guessed))
    ended = right > 0 and guessed[right - 1] == reference.end_id
    return list(rows[: right if ended else right + 1])


def _base_logprobs(reference: ReferenceModel, prompt: tuple[int, ...], answer: list[int]) -> list[float]:
    """Teacher-forced log-probabilities of `answer` with the adapter switched off."""
    ids = torch.tensor([[*prompt, *answer[:-1]]], device=reference.device)
    with reference.model.disable_adapter():
        logits = reference.model(input_ids=ids, use_cache=False, logits_to_keep=len(answer)).logits[0]
    logprobs = torch.log_softmax(logits.float(), dim=-1)  # (T, V) float32
    picked = logprobs.gather(1, torch.tensor(answer, device=reference.device)[:, None])
    return [float(x) for x in picked[:, 0]]


def _token(reference: ReferenceModel, token: int, row: Tensor, base_logprob: float) -> ReferenceToken:
    """`row`: (V,) float32 log-probabilities."""
    values, indices = row.topk(TOP)
    top = tuple(
        (int(i), reference.token_bytes.of(int(i)), float(v)) for i, v in zip(indices, values, strict=True)
    )
    text = b"" if token == reference.end_id else reference.token_bytes.of(token)
    return ReferenceToken(token, text, float(row[token]), base_logprob, top)
