"""Real base models for tests: the bundled SmolLM2, imported once and kept between runs, and a tiny random Llama."""

import asyncio
import fcntl
import hashlib
import json
import shutil
from pathlib import Path

import pytest

from llmlora.contracts.events import Artifact
from llmlora.contracts.run import BaseModelInput, RunInputs, RunSpec
from llmlora.engine.hosts.running import Outcome, run_recipe
from llmlora.kit.ids import new_id

from tests.here import run_here

BUNDLED = "bundled:smollm2-135m-instruct"
TOKENIZER_FILES = ("tokenizer.json", "tokenizer_config.json", "chat_template.jinja")


def import_model(
    reference: str, data_dir: Path, env: dict[str, str] | None = None, secrets: dict[str, str] | None = None
) -> Outcome:
    """Run `import_base_model` to its end; in a child where it is given an environment of its own."""
    spec = RunSpec(
        job_id=new_id("job"),
        epoch=1,
        recipe="import_base_model",
        config={"reference": reference},
        inputs=RunInputs(),
        data_dir=data_dir,
    )
    if env is None:
        return run_here(spec)
    return asyncio.run(run_recipe(spec, lambda _event: None, extra_env=env, secrets=secrets))


def as_input(artifact: Artifact) -> BaseModelInput:
    """What a recipe would be given for an imported model."""
    facts, directory = artifact.facts, Path(artifact.path)
    return BaseModelInput(
        id=str(facts["id"]),
        reference=artifact.name,
        path=directory,
        weights_digest=str(facts["weights_digest"]),
        tokenizer_hash=str(facts["tokenizer_hash"]),
        template_hash=None if facts["template_hash"] is None else str(facts["template_hash"]),
        config_hash=str(facts["config_hash"]),
        gguf=None if facts["gguf"] is None else directory / str(facts["gguf"]),
    )


@pytest.fixture(scope="session")
def bundled_model(request: pytest.FixtureRequest) -> BaseModelInput:
    """The bundled SmolLM2-135M-Instruct, de-quantised; kept until the code that converts it changes."""
    from llmlora.recipes import blocks

    parts = (Path(blocks.__file__).parent / "gguf" / f"{name}.py" for name in ("source", "shape", "spaces"))
    code = b"".join(part.read_bytes() for part in parts)
    kept = request.config.cache.mkdir(f"base_models_{hashlib.sha256(code).hexdigest()[:12]}")
    record = kept / "bundled.json"
    with (kept / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if record.exists():
            known = BaseModelInput.model_validate_json(record.read_bytes())
            if known.path.is_dir():
                return known
        outcome = import_model(BUNDLED, kept)
        assert outcome.failure is None, outcome.failure
        known = as_input(outcome.artifacts[0])
        record.write_text(known.model_dump_json())
        return known


@pytest.fixture(scope="session")
def tiny_model_dir(bundled_model: BaseModelInput, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A two-layer Llama with random weights (seed 0), SmolLM2's tokenizer and chat template."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    vocabulary = json.loads((bundled_model.path / "config.json").read_bytes())["vocab_size"]
    directory = tmp_path_factory.mktemp("tiny_model")
    config = LlamaConfig(
        vocab_size=vocabulary,
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=2048,
        tie_word_embeddings=True,
        bos_token_id=1,
        eos_token_id=2,
        pad_token_id=2,
    )
    with torch.random.fork_rng():
        torch.manual_seed(0)
        LlamaForCausalLM(config).save_pretrained(directory)
    for name in TOKENIZER_FILES:
        shutil.copyfile(bundled_model.path / name, directory / name)
    return directory


@pytest.fixture(scope="session")
def tiny_gguf(tiny_model_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny Llama as an f16 GGUF, by llama.cpp's own converter."""
    from llmlora.recipes.blocks.gguf.converter import MODEL_SCRIPT, run_converter

    directory = tmp_path_factory.mktemp("tiny_gguf")
    target = directory / "tiny-f16.gguf"
    arguments = [tiny_model_dir, "--outfile", target, "--outtype", "f16"]
    run_converter(MODEL_SCRIPT, arguments, directory / "log", cancelled=lambda: False)
    return target


@pytest.fixture(scope="session")
def tiny_encoder_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A two-layer BERT with random weights (seed 0) and a WordPiece tokenizer that knows characters and a few words."""
    import torch
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    letters = [
        chr(code)
        for code in (*range(33, 65), *range(91, 127), *range(0x3041, 0x3097), *range(0x30A1, 0x30FB))
    ]
    kanji = list("届商品注文返金配送方法変更解約請求遅良悪壊")
    words = ["order", "refund", "late", "good", "bad", "when", "how", "broken", "thanks"]
    known = [*special, *letters, *(f"##{one}" for one in letters), *kanji, *words]
    inner = Tokenizer(models.WordPiece({one: at for at, one in enumerate(known)}, unk_token="[UNK]"))
    inner.normalizer = normalizers.BertNormalizer(lowercase=True)
    inner.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    inner.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", 2), ("[SEP]", 3)],
    )
    directory = tmp_path_factory.mktemp("tiny_encoder")
    names = dict(
        zip(("pad_token", "unk_token", "cls_token", "sep_token", "mask_token"), special, strict=True)
    )
    PreTrainedTokenizerFast(tokenizer_object=inner, model_max_length=64, **names).save_pretrained(directory)
    config = BertConfig(
        vocab_size=len(known),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        max_position_embeddings=64,
    )
    with torch.random.fork_rng():
        torch.manual_seed(0)
        BertModel(config).save_pretrained(directory)
    return directory
