"""A base model in numbers, read from its `config.json` without loading it."""

import json
from collections.abc import Mapping
from pathlib import Path

from llmlora.contracts.architecture import Architecture
from llmlora.recipes.blocks.forecast.architecture import from_config
from llmlora.tables.base_model import BaseModelRow


def architecture_of(row: BaseModelRow, data_dir: Path) -> Architecture | None:
    """The numbers of an imported model; None when its `config.json` does not tell them."""
    return architecture_at(data_dir / row.path, row.parameters, row.facts.get("linear_layers"))


def architecture_at(
    directory: Path, parameters: int = 0, linear_layers: Mapping[str, int] | None = None
) -> Architecture | None:
    """The numbers of a model in a directory; None when its `config.json` does not tell them."""
    try:
        config = json.loads((directory / "config.json").read_bytes())
        return from_config(config, parameters, linear_layers)
    except (OSError, ValueError, KeyError, TypeError, ZeroDivisionError):
        return None
