"""Tiny bases with other templates, ends and starts: a random Llama in two layers with SmolLM2's vocabulary."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import gguf
import numpy as np

CHATML = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
# Case 23's: refuses system turns and two of the same in a row, says `model`, trims.
NO_SYSTEM = (
    "{% if messages[0]['role'] == 'system' %}{{ raise_exception('this model takes no system turn') }}{% endif %}"
    "{% for message in messages %}"
    "{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('turns have to alternate') }}{% endif %}"
    "{% set who = 'model' if message['role'] == 'assistant' else message['role'] %}"
    "{{ '<|im_start|>' + who + '\n' + (message['content'] | trim) + '<|im_end|>\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>model\n' }}{% endif %}"
)
WIDTH, INNER, LAYERS, HEADS, KV_HEADS = 128, 256, 2, 4, 2
CONTEXT = 2048


def tokenizer_files(source: Path, out: Path, *, template: str | None, eos: str = "<|im_end|>") -> Path:
    """SmolLM2's tokenizer with another template (None: with none) and end of text."""
    out.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source / "tokenizer.json", out / "tokenizer.json")
    config = json.loads((source / "tokenizer_config.json").read_text(encoding="utf-8"))
    config.pop("chat_template", None)
    (out / "tokenizer_config.json").write_text(json.dumps(config | {"eos_token": eos}), encoding="utf-8")
    if template is not None:
        (out / "chat_template.jinja").write_text(template, encoding="utf-8")
    return out


def random_llama(out: Path, *, vocabulary: int, eos_id: int) -> Path:
    """Random weights, wide enough apart to learn a few answers by heart."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    config = LlamaConfig(
        vocab_size=vocabulary,
        hidden_size=WIDTH,
        intermediate_size=INNER,
        num_hidden_layers=LAYERS,
        num_attention_heads=HEADS,
        num_key_value_heads=KV_HEADS,
        max_position_embeddings=CONTEXT,
        initializer_range=0.2,
        tie_word_embeddings=True,
        bos_token_id=0,
        eos_token_id=eos_id,
        pad_token_id=eos_id,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = LlamaForCausalLM(config)
        # transformers leaves the padding token's row at zero: no lesson could teach that end.
        with torch.no_grad():
            model.get_input_embeddings().weight[eos_id].normal_(0, config.initializer_range)
        model.save_pretrained(out)
    return out


def random_gguf(
    path: Path,
    tokenizer: Path,
    *,
    template: str | None,
    adds_start: bool,
    renamed: Mapping[int, str] | None = None,
) -> Path:
    """A GGUF of random weights with a tokenizer's vocabulary; `renamed` ids become reserved tokens of that name."""
    document = json.loads((tokenizer / "tokenizer.json").read_text(encoding="utf-8"))
    tokens = sorted(document["model"]["vocab"], key=document["model"]["vocab"].__getitem__)
    reserved = {token["id"]: token["content"] for token in document["added_tokens"]} | dict(renamed or {})
    tokens = [reserved.get(i, token) for i, token in enumerate(tokens)]
    merges = [pair if isinstance(pair, str) else " ".join(pair) for pair in document["model"]["merges"]]
    writer = _writer(path, len(tokens))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    writer.add_token_list(tokens)
    kinds = (gguf.TokenType.NORMAL, gguf.TokenType.CONTROL)
    writer.add_token_types([kinds[i in reserved] for i in range(len(tokens))])
    writer.add_token_merges(merges)
    writer.add_bos_token_id(0)
    writer.add_eos_token_id(2)
    writer.add_add_bos_token(adds_start)
    if template is not None:
        writer.add_chat_template(template)
    return _with_weights(writer, path, len(tokens))


def sentencepiece_gguf(path: Path) -> Path:
    """A GGUF with a vocabulary of bytes, as SentencePiece's models come: no word about a start token means that one is added."""
    tokens = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256)), "▁", *"abcdefgh"]
    kinds = {0: gguf.TokenType.UNKNOWN, 1: gguf.TokenType.CONTROL, 2: gguf.TokenType.CONTROL}
    types = [
        kinds.get(i, gguf.TokenType.BYTE if i < 259 else gguf.TokenType.NORMAL) for i in range(len(tokens))
    ]
    writer = _writer(path, len(tokens))
    writer.add_tokenizer_model("llama")
    writer.add_token_list(tokens)
    writer.add_token_scores([0.0] * len(tokens))
    writer.add_token_types(types)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    return _with_weights(writer, path, len(tokens))


def _writer(path: Path, vocabulary: int) -> Any:
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(INNER)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KV_HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_rope_freq_base(10000.0)
    writer.add_vocab_size(vocabulary)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_F16)
    return writer


def _with_weights(writer: Any, path: Path, vocabulary: int) -> Path:
    random = np.random.default_rng(0)
    keys = WIDTH * KV_HEADS // HEADS

    def matrix(name: str, out: int, into: int) -> None:
        writer.add_tensor(
            f"{name}.weight", (random.standard_normal((out, into), dtype=np.float32) * 0.2).astype(np.float16)
        )

    matrix("token_embd", vocabulary, WIDTH)
    for layer in (f"blk.{i}" for i in range(LAYERS)):
        for norm in ("attn_norm", "ffn_norm"):
            writer.add_tensor(f"{layer}.{norm}.weight", np.ones(WIDTH, dtype=np.float32))
        for name, out, into in (
            ("attn_q", WIDTH, WIDTH), ("attn_k", keys, WIDTH), ("attn_v", keys, WIDTH), ("attn_output", WIDTH, WIDTH),
            ("ffn_gate", INNER, WIDTH), ("ffn_up", INNER, WIDTH), ("ffn_down", WIDTH, INNER),
        ):  # fmt: skip
            matrix(f"{layer}.{name}", out, into)
    writer.add_tensor("output_norm.weight", np.ones(WIDTH, dtype=np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path
