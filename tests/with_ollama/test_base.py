"""A model that Ollama has pulled as a base: those very weights, or a refusal that says where else to go."""

import json
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import pytest

from llmlora.contracts.run import BaseModelInput
from llmlora.engine.hosts.running import Outcome
from llmlora.kit.files import sha256_of_file
from llmlora.recipes.import_base_model.spec import STORE_VARIABLE

from tests.plugins.base_models import as_input, import_model
from tests.with_ollama.standin.create import seed
from tests.with_ollama.standin.store import Store

pytestmark = pytest.mark.slow


@pytest.fixture
def store(tmp_path: Path, base_gguf: Path) -> Path:
    """A store with the bundled model under its name in Ollama's library."""
    root = tmp_path / "store"
    seed(Store(root), "smollm2:135m", base_gguf, {"template": None, "system": None, "parameters": None})
    return root


@pytest.fixture(autouse=True)
def store_of_ollama(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(STORE_VARIABLE, str(tmp_path / "store"))


def bring(name: str, data_dir: Path) -> Outcome:
    return import_model(f"ollama:{name}", data_dir)


def refusal(outcome: Outcome) -> Any:
    assert outcome.failure is not None
    return outcome.failure


def test_weights_are_those_of_the_blob(
    store: Path, base_gguf: Path, bundled_model: BaseModelInput, tmp_path: Path
) -> None:
    outcome = bring("smollm2:135m", tmp_path)
    assert outcome.failure is None, outcome.failure
    [artifact] = outcome.artifacts
    model, digest = as_input(artifact), sha256_of_file(base_gguf)
    assert artifact.name == f"ollama:smollm2:135m@{digest[:12]}"
    assert model.weights_digest == bundled_model.weights_digest
    assert model.tokenizer_hash == bundled_model.tokenizer_hash
    assert model.gguf is not None
    assert sha256_of_file(model.gguf) == digest
    assert artifact.facts["quantisation"] == "Q4_1"
    again = bring(f"smollm2:135m@{digest[:12]}", tmp_path)
    assert again.failure is None
    assert again.artifacts[0].facts["id"] == artifact.facts["id"]


def test_tag_that_moved_is_not_taken_for_the_old_one(store: Path, tmp_path: Path) -> None:
    failure = refusal(bring(f"smollm2:135m@{'0' * 12}", tmp_path))
    assert failure.code == "ollama_tag_moved"


def test_damaged_blob_is_refused(store: Path, base_gguf: Path, tmp_path: Path) -> None:
    blob = store / "blobs" / f"sha256-{sha256_of_file(base_gguf)}"
    content = bytearray(blob.read_bytes())
    content[-1] ^= 1
    blob.unlink()
    blob.write_bytes(content)
    failure = refusal(bring("smollm2:135m", tmp_path))
    assert failure.code == "ollama_blob_unreadable"
    assert "hf:HuggingFaceTB/SmolLM2-135M-Instruct@12fd25f" in failure.ja


def test_tuned_model_is_no_base(store: Path, tmp_path: Path) -> None:
    manifest = store / "manifests/registry.ollama.ai/library/smollm2/135m"
    known = json.loads(manifest.read_text())
    weights = next(one for one in known["layers"] if one["mediaType"].endswith(".model"))
    known["layers"].append({**weights, "mediaType": "application/vnd.ollama.image.adapter"})
    manifest.write_text(json.dumps(known))
    assert refusal(bring("smollm2:135m", tmp_path)).code == "ollama_model_has_adapter"


@pytest.mark.parametrize(
    ("name", "told"),
    [("smollm2:360m", "hf:HuggingFaceTB/SmolLM2-360M-Instruct@a10cc15"), ("strange:1b", "hf:")],
)
def test_unknown_architecture_names_the_same_model_elsewhere(
    store: Path, tmp_path: Path, name: str, told: str
) -> None:
    strange = tmp_path / "strange.gguf"
    writer = gguf.GGUFWriter(strange, "strange")
    writer.add_tensor("token_embd.weight", np.zeros((4, 4), dtype=np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    seed(Store(store), name, strange, {"template": "{{ .Prompt }}", "system": None, "parameters": None})
    failure = refusal(bring(name, tmp_path))
    assert failure.code == "ollama_base_refused"
    assert told in failure.en
    assert told in failure.ja


def test_store_out_of_reach_says_what_to_set(tmp_path: Path) -> None:
    failure = refusal(bring("smollm2:135m", tmp_path))
    assert failure.code == "ollama_store_missing"
    assert "OLLAMA_MODELS" in failure.ja
    assert "hf:HuggingFaceTB/SmolLM2-135M-Instruct@12fd25f" in failure.en
    assert "hf:" not in refusal(bring("strange:1b", tmp_path)).en
