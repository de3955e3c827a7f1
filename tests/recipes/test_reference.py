"""What a gate compares with: the trained model, in the precision that its weights have and its device can hold."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM

from llmlora.contracts.inference import ChatMessage
from llmlora.contracts.run import Resources
from llmlora.recipes.blocks.adapter import add_adapter, save_adapter
from llmlora.recipes.blocks.asking import tolerance_of
from llmlora.recipes.blocks.gate_settings import GateConfig
from llmlora.recipes.blocks.parity import TOLERANCES
from llmlora.recipes.blocks.reference import ReferenceModel, answer_greedily, load_reference, place_reference

from tests.plugins.base_models import TOKENIZER_FILES

CPU = Resources(device="cpu", threads=1)
ASKED = (ChatMessage(role="user", content="What is the capital of France?"),)


@pytest.fixture(scope="module")
def halved(tiny_model_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny Llama, stored in bfloat16."""
    directory = tmp_path_factory.mktemp("halved")
    model = AutoModelForCausalLM.from_pretrained(tiny_model_dir, dtype=torch.bfloat16)
    model.save_pretrained(directory)
    for name in TOKENIZER_FILES:
        shutil.copyfile(tiny_model_dir / name, directory / name)
    return directory


@pytest.fixture(scope="module")
def adapter(halved: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("adapter")
    model = AutoModelForCausalLM.from_pretrained(halved, dtype=torch.float32)
    adapted = add_adapter(model, rank=4, alpha=8, dropout=0, target_modules=None, rslora=False, dora=False)
    save_adapter(adapted, directory)
    for name in TOKENIZER_FILES:
        shutil.copyfile(halved / name, directory / name)
    return directory


@pytest.fixture(scope="module")
def reference(halved: Path, adapter: Path) -> ReferenceModel:
    return load_reference(halved, adapter, torch.device("cpu"))


class TestPrecision:
    def test_model_in_float32_is_compared_in_float32(self, tiny_model_dir: Path) -> None:
        assert place_reference(CPU, tiny_model_dir).precision == "fp32"

    def test_model_in_bfloat16_is_loaded_so_where_the_processor_multiplies_it(self, halved: Path) -> None:
        placed = place_reference(CPU, halved)
        assert placed.precision == ("bf16" if placed.multiplies_bf16() else "fp32")

    def test_model_that_would_not_fit_in_float32_is_loaded_as_it_is_stored(self, tmp_path: Path) -> None:
        (tmp_path / "config.json").write_text(json.dumps({"model_type": "llama", "dtype": "bfloat16"}))
        with (tmp_path / "model.safetensors").open("wb") as stream:
            stream.truncate(1 << 40)  # a hole: it takes no disk
        assert place_reference(CPU, tmp_path).precision == "bf16"

    def test_reference_in_bfloat16_is_as_near_as_its_tolerance_says(
        self, halved: Path, adapter: Path
    ) -> None:
        references = [
            load_reference(halved, adapter, torch.device("cpu"), dtype)
            for dtype in (torch.float32, torch.bfloat16)
        ]
        assert [next(one.model.parameters()).dtype for one in references] == [torch.float32, torch.bfloat16]
        whole, half = (answer_greedily(one, ASKED, 1).tokens[0] for one in references)
        known = {number: logprob for number, _, logprob in half.top}
        shared = [abs(known[number] - logprob) for number, _, logprob in whole.top if number in known]
        assert shared
        assert max(shared) <= TOLERANCES["bf16"].largest


class TestTolerance:
    @pytest.mark.parametrize(
        ("dtype", "served", "expected"),
        [
            (torch.float32, "f16", "f16"),
            (torch.bfloat16, "f16", "bf16"),
            (torch.bfloat16, "q8_0", "q8_0"),
            (torch.bfloat16, "q4", "q4"),
        ],
    )
    def test_reference_is_not_trusted_beyond_its_precision(
        self, reference: ReferenceModel, dtype: torch.dtype, served: str, expected: str
    ) -> None:
        assert tolerance_of(GateConfig(), served, replace(reference, dtype=dtype)) == TOLERANCES[expected]
