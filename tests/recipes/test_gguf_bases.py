"""A base that came as a GGUF is the model that llama.cpp serves: its shape, its spaces, its vocabulary in a merged export."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import pytest

from llmlora.contracts.run import BaseModelInput
from llmlora.engine.hosts.running import run_dir_of
from llmlora.recipes.blocks.adapter import linear_layers
from llmlora.recipes.blocks.gguf.converter import MODEL_SCRIPT, run_converter
from llmlora.recipes.blocks.gguf.reader import GgufReader
from llmlora.recipes.blocks.gguf.scripted import Ways
from llmlora.recipes.blocks.gguf.shape import ShapeError, complete
from llmlora.recipes.blocks.gguf.spaces import split_like_llama_cpp
from llmlora.recipes.blocks.gguf.vocabulary import stage_vocabulary
from llmlora.recipes.blocks.tokenizer import load_tokenizer

from tests.cases.bases import CHATML, TEXT, random_model
from tests.factories import dataset_of, export_run, planned_export, question, text_lora_run
from tests.here import run_here
from tests.plugins.adapters import adapter_of
from tests.plugins.base_models import as_input, import_model

NORMAL, UNKNOWN, CONTROL, BYTE = 1, 2, 3, 6


def reader_of(
    path: Path,
    architecture: str = "llama",
    values: Mapping[str, Any] | None = None,
    tensors: Mapping[str, Any] | None = None,
    **general: Any,
) -> Any:
    """A GGUF of these values (of the architecture, where their names do not begin with `tokenizer.`) and float32 tensors."""
    writer = gguf.GGUFWriter(path, architecture)
    for name, value in {**general, **(values or {})}.items():
        key = (
            name
            if "." in name and name.split(".")[0] in ("tokenizer", "general")
            else f"{architecture}.{name}"
        )
        _add(writer, key, value)
    for name, numbers in (tensors or {"output_norm.weight": [1.0]}).items():
        writer.add_tensor(name, np.asarray(numbers, dtype=np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return GgufReader(path)


def _add(writer: Any, key: str, value: Any) -> None:
    if isinstance(value, bool):
        writer.add_bool(key, value)
    elif isinstance(value, int):
        writer.add_uint32(key, value)
    elif isinstance(value, float):
        writer.add_float32(key, value)
    elif isinstance(value, str):
        writer.add_string(key, value)
    else:
        writer.add_array(key, value)


class TestShape:
    @pytest.mark.parametrize(
        ("factor", "original", "width"),
        [(8.0, 8192, 128), (32.0, 8192, 64), (16.0, 8192, 128), (8.0, 128, 64)],
    )
    def test_scaled_rotary_frequencies_of_llama_3_come_back(
        self, tmp_path: Path, factor: float, original: int, width: int
    ) -> None:
        from transformers import LlamaConfig
        from transformers.modeling_rope_utils import ROPE_INIT_FUNCTIONS

        scaling = {
            "rope_type": "llama3",
            "rope_theta": 500_000.0,
            "factor": factor,
            "low_freq_factor": 1.0,
            "high_freq_factor": 4.0,
            "original_max_position_embeddings": original,
        }
        sizes = {"hidden_size": width * 4, "num_attention_heads": 4, "head_dim": width}
        told = LlamaConfig(**sizes, rope_parameters=scaling, max_position_embeddings=131_072)
        frequencies, _ = ROPE_INIT_FUNCTIONS["llama3"](told, "cpu")
        plain = 500_000.0 ** (-np.arange(0, width, 2) / width)
        reader = reader_of(
            tmp_path / "a.gguf",
            values={"rope.dimension_count": width, "attention.key_length": width},
            tensors={"rope_freqs.weight": plain / frequencies.numpy()},
        )
        read = LlamaConfig(**sizes, rope_parameters={"rope_type": "default", "rope_theta": 500_000.0})
        complete(read, reader)
        assert read.rope_parameters == pytest.approx(scaling)

    def test_frequencies_that_no_configuration_names_are_refused(self, tmp_path: Path) -> None:
        from transformers import LlamaConfig

        factors = np.linspace(1.0, 7.0, 32)
        reader = reader_of(tmp_path / "a.gguf", tensors={"rope_freqs.weight": factors})
        with pytest.raises(ShapeError, match="rope_freqs"):
            complete(LlamaConfig(hidden_size=256, num_attention_heads=4), reader)

    @pytest.mark.parametrize(
        ("kind", "architecture", "values", "wanted"),
        [
            ("Qwen3", "qwen3", {"attention.key_length": 64}, {"head_dim": 64}),
            ("Qwen3Moe", "qwen3moe", {"expert_feed_forward_length": 96}, {"moe_intermediate_size": 96}),
            ("Phi3", "phi3", {"attention.sliding_window": 32}, {"sliding_window": None}),
            ("Gemma2", "gemma2", {"attention.key_length": 64}, {"query_pre_attn_scalar": 64}),
            ("Gemma2", "gemma2", {"final_logit_softcapping": 20.0}, {"final_logit_softcapping": 20.0}),
            ("Gemma3Text", "gemma3", {"attention.sliding_window": 512}, {"sliding_window": 512}),
        ],
    )
    def test_what_the_file_says_counts(
        self, tmp_path: Path, kind: str, architecture: str, values: dict[str, Any], wanted: dict[str, Any]
    ) -> None:
        import transformers

        config = getattr(transformers, f"{kind}Config")()
        complete(config, reader_of(tmp_path / "a.gguf", architecture, values))
        assert {name: getattr(config, name) for name in wanted} == wanted

    def test_largest_gemma_scales_by_the_width_of_its_embeddings(self, tmp_path: Path) -> None:
        from transformers import Gemma2Config

        config = Gemma2Config(hidden_size=4608, num_attention_heads=32, head_dim=128, num_hidden_layers=46)
        complete(config, reader_of(tmp_path / "a.gguf", "gemma2", {"attention.key_length": 128}))
        assert config.query_pre_attn_scalar == 144

    def test_part_of_a_head_is_turned(self, tmp_path: Path) -> None:
        from transformers import Phi3Config

        config = Phi3Config(hidden_size=256, num_attention_heads=4)
        complete(config, reader_of(tmp_path / "a.gguf", "phi3", {"rope.dimension_count": 48}))
        assert config.rope_parameters["partial_rotary_factor"] == 0.75

    def test_scaling_by_its_kind(self, tmp_path: Path) -> None:
        from transformers import Gemma3TextConfig, Phi3Config, Qwen2Config

        scaled = {"rope.scaling.factor": 4.0, "rope.scaling.original_context_length": 32_768}
        qwen = Qwen2Config()
        complete(qwen, reader_of(tmp_path / "q.gguf", "qwen2", {"rope.scaling.type": "yarn", **scaled}))
        assert qwen.rope_parameters["rope_type"] == "yarn"
        assert qwen.rope_parameters["original_max_position_embeddings"] == 32_768
        gemma = Gemma3TextConfig()
        complete(gemma, reader_of(tmp_path / "g.gguf", "gemma3", {"rope.scaling.type": "linear", **scaled}))
        kinds = {layer: rope["rope_type"] for layer, rope in gemma.rope_parameters.items()}
        assert kinds == {"full_attention": "linear", "sliding_attention": "default"}
        phi = Phi3Config(max_position_embeddings=131_072)
        long, short = np.linspace(1, 40, 48), np.linspace(1, 2, 48)
        factors = {"rope_factors_long.weight": long, "rope_factors_short.weight": short}
        original = {"rope.scaling.original_context_length": 4096}
        complete(phi, reader_of(tmp_path / "p.gguf", "phi3", original, factors))
        assert phi.rope_parameters["long_factor"] == pytest.approx(long)
        assert phi.rope_parameters["short_factor"] == pytest.approx(short)
        assert phi.rope_parameters["attention_factor"] == pytest.approx(1.1902, abs=1e-4)
        with pytest.raises(ShapeError, match="spiral"):
            complete(Qwen2Config(), reader_of(tmp_path / "s.gguf", "qwen2", {"rope.scaling.type": "spiral"}))


PIECES = ("<unk>", "<s>", "</s>", "<|end|>", "<0x0A>", "▁", "a", "b", "▁a", "▁b", "ab")
KINDS = (UNKNOWN, CONTROL, CONTROL, CONTROL, BYTE, *[NORMAL] * 6)


def pieces_tokenizer() -> Any:
    """Eleven pieces as transformers' Llama tokenizer."""
    from transformers import LlamaTokenizer

    vocabulary = {text: number for number, text in enumerate(PIECES)}
    tokenizer = LlamaTokenizer(vocab=vocabulary, merges=[("▁", "a"), ("▁", "b"), ("a", "b")])
    tokenizer.add_special_tokens({"additional_special_tokens": ["<|end|>"]})
    return tokenizer


class TestSpaces:
    @pytest.mark.parametrize(
        ("values", "text", "tokens"),
        [
            ({}, "a<s>a b", ["▁a", "<s>", "▁a", "▁b"]),
            ({}, " a", ["▁", "▁a"]),
            ({"tokenizer.ggml.add_space_prefix": False}, "a<s>a b", ["a", "<s>", "a", "▁b"]),
            ({"tokenizer.ggml.add_space_prefix": False}, "a<|end|>\nb", ["a", "<|end|>", "<0x0A>", "b"]),
            ({"general.name": "Phi-3 mini", "tokenizer.ggml.add_space_prefix": False}, "a<|end|>\nb<s> b", ["a", "<|end|>", "b", "<s>", "▁b"]),
        ],
    )  # fmt: skip
    def test_are_put_as_llama_cpp_puts_them(
        self, tmp_path: Path, values: dict[str, Any], text: str, tokens: list[str]
    ) -> None:
        said = {"tokenizer.ggml.model": "llama", "tokenizer.ggml.tokens": PIECES}
        reader = reader_of(tmp_path / "a.gguf", values={**said, "tokenizer.ggml.token_type": KINDS, **values})
        backend = pieces_tokenizer().backend_tokenizer
        split_like_llama_cpp(backend, reader)
        ids = backend.encode(text, add_special_tokens=False).ids
        assert [PIECES[number] for number in ids] == tokens


def byte_level_base(directory: Path) -> dict[str, Any]:
    """A Llama with a byte-level vocabulary of its own that begins with a start token, and what its GGUF says of it."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
    from transformers import PreTrainedTokenizerFast

    backend = Tokenizer(models.BPE())
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    backend.decoder = decoders.ByteLevel()
    reserved = ["<|begin|>", "<|im_start|>", "<|im_end|>"]
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=500, special_tokens=reserved, initial_alphabet=alphabet, show_progress=False
    )
    backend.train_from_iterator(TEXT * 50, trainer)
    backend.post_processor = processors.TemplateProcessing(
        single="<|begin|> $A", pair=None, special_tokens=[("<|begin|>", 0)]
    )
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=backend, bos_token="<|begin|>", eos_token="<|im_end|>"
    )
    tokenizer.chat_template = "{{ bos_token }}" + CHATML
    tokenizer.save_pretrained(directory)
    random_model(directory, vocab_size=len(tokenizer), bos_token_id=0, eos_token_id=2, pad_token_id=2)
    vocabulary = sorted(tokenizer.get_vocab(), key=lambda text: tokenizer.get_vocab()[text])
    merges = json.loads(backend.to_str())["model"]["merges"]
    return {
        "model": "gpt2",
        "pre": "llama-bpe",
        "tokens": vocabulary,
        "token_type": [CONTROL if text in reserved else NORMAL for text in vocabulary],
        "merges": [" ".join(pair) for pair in merges],
        "bos_token_id": 0,
        "eos_token_id": 2,
        "add_bos_token": True,
    }


def pieces_base(directory: Path) -> dict[str, Any]:
    """A Llama with a SentencePiece vocabulary, and what its GGUF says of it."""
    from transformers import LlamaTokenizer

    letters = sorted(set("".join(TEXT)) - {" "}) + list("?!Wy.WhokePrst")
    pieces = ["<unk>", "<s>", "</s>", "[INST]", "[/INST]", *(f"<0x{byte:02X}>" for byte in range(256)), "▁"]
    pieces += [*list(dict.fromkeys(letters)), "▁t", "he", "▁the"]
    merges = [("▁", "t"), ("h", "e"), ("▁t", "he")]
    tokenizer = LlamaTokenizer(vocab={text: n for n, text in enumerate(pieces)}, merges=merges)
    tokenizer.add_special_tokens({"additional_special_tokens": ["[INST]", "[/INST]"]})
    tokenizer.chat_template = (
        "{{ bos_token }}{% for m in messages %}{% if m['role'] == 'user' %}[INST]{{ m['content'] }}[/INST]"
        "{% else %}{{ m['content'] + eos_token }}{% endif %}{% endfor %}"
    )
    tokenizer.save_pretrained(directory)
    random_model(directory, vocab_size=len(pieces), bos_token_id=1, eos_token_id=2, pad_token_id=2)
    return {
        "model": "llama",
        "pre": "default",
        "tokens": pieces,
        "scores": [-float(number) for number in range(len(pieces))],
        "token_type": [UNKNOWN, *[CONTROL] * 4, *[BYTE] * 256, *[NORMAL] * (len(pieces) - 261)],
        "bos_token_id": 1,
        "eos_token_id": 2,
        "add_bos_token": True,
        "add_space_prefix": False,
    }


@pytest.mark.slow
class TestMergedExport:
    @pytest.mark.parametrize("make", [byte_level_base, pieces_base], ids=["byte level", "SentencePiece"])
    def test_has_the_vocabulary_of_the_gguf_that_its_base_was(self, tmp_path: Path, make: Any) -> None:
        base = self._imported(make, tmp_path)
        data = tmp_path / "data"
        dataset = dataset_of([question(1, "Who keeps the keys?", "The porter keeps the keys.")], data)
        training = text_lora_run(dataset, base, data, max_steps=2, max_length=128)
        planned = (planned_export("merged"),)
        trained = run_here(training.model_copy(update={"followers": planned}))
        assert trained.failure is None
        adapter = adapter_of(run_dir_of(training)).as_input()
        export = export_run(base, adapter, data, target="merged")
        exported = run_here(export)
        assert exported.failure is None
        merged = self._vocabulary(run_dir_of(export) / exported.artifacts[0].path)
        assert base.gguf is not None
        assert merged == self._vocabulary(base.gguf) | {
            "tokenizer.chat_template": merged["tokenizer.chat_template"],
            "tokenizer.ggml.add_eos_token": False,
        }

    @staticmethod
    def _imported(make: Any, tmp_path: Path) -> BaseModelInput:
        directory, whole = tmp_path / "base", tmp_path / "base.gguf"
        directory.mkdir()
        said = {f"tokenizer.ggml.{key}": value for key, value in make(directory).items()}
        reader_of(tmp_path / "vocabulary.gguf", values=said)
        run_converter(
            MODEL_SCRIPT, [directory, "--outtype", "f16", "--outfile", whole], tmp_path / "log",
            cancelled=lambda: False, ways=Ways(vocabulary=tmp_path / "vocabulary.gguf"),
        )  # fmt: skip
        (tmp_path / "data").mkdir()
        return as_input(import_model(f"path:{whole}", tmp_path / "data").artifacts[0])

    @staticmethod
    def _vocabulary(path: Path) -> dict[str, Any]:
        fields = GgufReader(path).fields
        return {name: field.contents() for name, field in fields.items() if name.startswith("tokenizer.")}


class TestPieces:
    def test_tokens_behind_a_sentencepiece_model_and_no_start_are_told_to_a_converter(
        self, tmp_path: Path
    ) -> None:
        directory = tmp_path / "base"
        tokenizer = pieces_tokenizer()
        tokenizer.add_special_tokens(
            {"additional_special_tokens": ["<|turn|>"]}, replace_extra_special_tokens=False
        )
        tokenizer.chat_template = CHATML
        tokenizer.save_pretrained(directory)
        (directory / "tokenizer.model").write_bytes(b"")
        staged = stage_vocabulary(directory, load_tokenizer(directory), 100, tmp_path)
        said = json.loads((staged / "tokenizer_config.json").read_text(encoding="utf-8"))
        assert said["added_tokens_decoder"] == {str(len(PIECES)): {"content": "<|turn|>", "special": True}}
        assert said["add_bos_token"] is False


class TestRefusal:
    @pytest.mark.parametrize("architecture", ["smollm3", "granite", "gpt-oss", "olmo2"])
    def test_architecture_that_transformers_does_not_unpack_is_named(
        self, tmp_path: Path, architecture: str
    ) -> None:
        reader_of(tmp_path / "a.gguf", architecture, {"block_count": 1})
        outcome = import_model(f"path:{tmp_path / 'a.gguf'}", tmp_path / "data")
        assert outcome.failure is not None
        assert outcome.failure.code == "base_model_gguf_architecture"
        assert architecture in outcome.failure.en

    def test_numbers_that_no_parameter_takes_are_not_dropped(self, tiny_gguf: Path, tmp_path: Path) -> None:
        whole, more = GgufReader(tiny_gguf), tmp_path / "more.gguf"
        writer = gguf.GGUFWriter(more, "llama")
        for name, field in whole.fields.items():
            if not name.startswith(("GGUF.", "general.architecture")):
                writer.add_key_value(name, field.contents(), *[*field.types, None][:2])
        for tensor in whole.tensors:
            writer.add_tensor(tensor.name, tensor.data)
        writer.add_tensor("blk.0.attn_sinks.weight", np.ones(4, dtype=np.float32))
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
        outcome = import_model(f"path:{more}", tmp_path / "data")
        assert outcome.failure is not None
        assert outcome.failure.code == "base_model_gguf_unreadable"
        assert "numbers in the file" in outcome.failure.en


class TestTargets:
    def test_names_that_mean_whole_experts_are_no_linear_layers(self) -> None:
        import torch
        from transformers import AutoModelForCausalLM, DeepseekV3Config

        sizes = dict.fromkeys(("hidden_size", "intermediate_size", "moe_intermediate_size"), 16)
        ranks = {"q_lora_rank": 8, "kv_lora_rank": 8, "n_routed_experts": 4, "first_k_dense_replace": 1}
        config = DeepseekV3Config(vocab_size=64, num_hidden_layers=2, **sizes, **ranks)
        with torch.device("meta"):
            names = linear_layers(AutoModelForCausalLM.from_config(config))
        assert names == ["kv_a_proj_with_mqa", "kv_b_proj", "o_proj", "q_a_proj", "q_b_proj"]


class TestWays:
    @pytest.mark.parametrize(
        "ways", [Ways(), Ways(outline=True), Ways(vocabulary=Path("/a b.gguf")), Ways(True, Path("/v.gguf"))]
    )
    def test_options_of_a_program_are_read_back(self, ways: Ways) -> None:
        assert Ways.of([*ways.options(), "script.py", "--outline"]) == (ways, ["script.py", "--outline"])
