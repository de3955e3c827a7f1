"""What an import needs beside its reference, and what it leaves outside its run directory."""

from pathlib import Path
from typing import TYPE_CHECKING

from llmlora.contracts.recipe import RunNeeds
from llmlora.recipes.blocks.base_reference import parse
from llmlora.recipes.import_base_model.hub_downloads import Download

if TYPE_CHECKING:
    from llmlora.recipes.import_base_model.spec import ImportBaseModelConfig


def needs(config: "ImportBaseModelConfig") -> RunNeeds:
    """The address, and the secrets, of where the model lies."""
    return RunNeeds(sources=(parse(config.reference).source,))


def discard(config: "ImportBaseModelConfig", data_dir: Path) -> None:
    """Delete what has arrived of its weights. Blocking."""
    Download(data_dir / "models", parse(config.reference)).forget()
