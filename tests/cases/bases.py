"""Tiny random bases that a case is about, made without any network."""

import json
import shutil
from pathlib import Path
from typing import Any

from tests.plugins.base_models import TOKENIZER_FILES

CHATML = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>\\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)
TEXT = [
    "the porter keeps the keys of all rooms in a small grey box near the door",
    "which room is open on monday and which room is closed after six in the evening",
    "倉庫の鍵は受付にあります。月曜日は九時から六時まで開いています。",
]
SIZES: dict[str, Any] = {
    "hidden_size": 64,
    "intermediate_size": 64,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "max_position_embeddings": 512,
}


def own_vocabulary(directory: Path) -> Path:
    """A Llama with a byte-level vocabulary of some 400 tokens, which llama.cpp's converter has never seen."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    backend = Tokenizer(models.BPE())
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    backend.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=600,
        special_tokens=["<|endoftext|>", "<|im_start|>", "<|im_end|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    backend.train_from_iterator(TEXT * 50, trainer)
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=backend,
        bos_token="<|endoftext|>",
        eos_token="<|im_end|>",
        pad_token="<|endoftext|>",
    )
    tokenizer.chat_template = CHATML
    tokenizer.save_pretrained(directory)
    return random_model(directory, vocab_size=len(tokenizer), bos_token_id=0, eos_token_id=2, pad_token_id=0)


def with_tokenizer_of(source: Path, directory: Path, **special: str) -> Path:
    """The tokenizer files of another base; `special`: its special tokens by their keys."""
    directory.mkdir(parents=True, exist_ok=True)
    for name in TOKENIZER_FILES:
        shutil.copyfile(source / name, directory / name)
    change_json(directory / "tokenizer_config.json", **special)
    return directory


def random_model(directory: Path, architecture: str = "Llama", **sizes: Any) -> Path:
    """One layer of an architecture of transformers, beside a tokenizer."""
    import torch
    import transformers

    config = getattr(transformers, f"{architecture}Config")(**{**SIZES, **sizes})
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        getattr(transformers, f"{architecture}ForCausalLM")(config).save_pretrained(directory)
    return directory


def same_weights(source: Path, directory: Path) -> Path:
    """Another directory of the same files."""
    return Path(shutil.copytree(source, directory))


def change_json(path: Path, **changes: Any) -> None:
    """Set keys of a JSON object."""
    path.write_text(json.dumps({**json.loads(path.read_text(encoding="utf-8")), **changes}))


def add_tokens(directory: Path, *texts: str) -> None:
    """Reserved tokens behind the last one of `tokenizer.json`; nobody resizes the embeddings."""
    path = directory / "tokenizer.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    known = [*document["model"]["vocab"].values(), *(added["id"] for added in document["added_tokens"])]
    for number, text in enumerate(texts, max(known) + 1):
        flags = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
        document["added_tokens"].append({"id": number, "content": text, "special": True, **flags})
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")


def rows_of(directory: Path) -> int:
    """Rows of the embeddings."""
    return int(json.loads((directory / "config.json").read_text(encoding="utf-8"))["vocab_size"])
