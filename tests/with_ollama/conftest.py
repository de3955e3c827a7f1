"""A stand-in for an Ollama server, one a test file (or a real one: `real.py`), and the bundled model on it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import gguf
import numpy as np
import pytest

from tests.factories import bundled_gguf
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
def plain(standin: Standin, base: str) -> str:
    """The base as a model, with whatever the server guesses."""
    return Client(standin.url).made("plain", files={"base.gguf": base})


@pytest.fixture
def make_adapter(tmp_path: Path) -> Callable[..., bytes]:
    """LoRA GGUFs for the base's first block, large enough to be heard."""

    def make(width: int = 576) -> bytes:
        path = tmp_path / "adapter.gguf"
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

    return make
