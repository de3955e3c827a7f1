"""A stand-in for an Ollama server, one a test file (or a real one: `real.py`), and the bundled model on it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import gguf
import numpy as np
import pytest

from tests.factories import bundled_gguf
from tests.with_ollama.abilities import Abilities, abilities_of
from tests.with_ollama.asking import PIECE_BYTES, Client
from tests.with_ollama.real import RealServer, real_server
from tests.with_ollama.standin.process import Standin, running_standin


@pytest.fixture(scope="session")
def base_gguf() -> Path:
    return bundled_gguf()


@pytest.fixture(scope="module")
def standin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standin | RealServer]:
    real = real_server()
    if real is not None:
        yield real
        return
    with running_standin(
        tmp_path_factory.mktemp("standin"), pull_piece_bytes=PIECE_BYTES, pull_delay_s=0.02
    ) as one:
        yield one


@pytest.fixture
def client(standin: Standin) -> Iterator[Client]:
    """A client; the faults of a test end with it."""
    yield Client(standin.url)
    standin.heal()


@pytest.fixture(scope="module")
def base(standin: Standin, base_gguf: Path) -> str:
    """The base's blob on the server."""
    return Client(standin.url).upload(base_gguf.read_bytes())


@pytest.fixture(scope="module")
def plain(standin: Standin, base: str, request: pytest.FixtureRequest) -> str:
    """The base as a model, with whatever the server guesses. A real server serves all files at once."""
    file = request.module.__name__.rpartition("_")[2]
    return Client(standin.url).made(f"plain-{file}", files={"base.gguf": base})


@pytest.fixture(scope="module")
def wide(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """An f16 GGUF of two tensors."""
    path = tmp_path_factory.mktemp("wide") / "wide.gguf"
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_F16)
    writer.add_token_list(["a", "b"])
    weights = np.random.default_rng(0).normal(size=(64, 256)).astype(np.float16)
    writer.add_tensor("token_embd.weight", weights)
    writer.add_tensor("output_norm.weight", np.ones(256, np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path.read_bytes()


@pytest.fixture(scope="module")
def abilities(
    standin: Standin, base: str, wide: bytes, tmp_path_factory: pytest.TempPathFactory
) -> Abilities:
    """What the server does, as it was when the file's first test asked."""
    adapter = lora(tmp_path_factory.mktemp("abilities") / "adapter.gguf")
    return abilities_of(Client(standin.url), base=base, f16=wide, adapter=adapter)


def lora(path: Path, width: int = 576) -> bytes:
    """A LoRA GGUF for the base's first block, large enough to be heard."""
    rng = np.random.default_rng(0)
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_type("adapter")
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", 64.0)
    name = "blk.0.ffn_down.weight"
    writer.add_tensor(f"{name}.lora_a", rng.normal(size=(4, 1536)).astype(np.float32))
    writer.add_tensor(f"{name}.lora_b", rng.normal(size=(width, 4)).astype(np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path.read_bytes()


@pytest.fixture
def make_adapter(tmp_path: Path) -> Callable[..., bytes]:
    """LoRA GGUFs of any width."""
    return lambda width=576: lora(tmp_path / "adapter.gguf", width)
