"""Whether a repository could be brought in, by its listing and its config alone. Loads no learning library."""

import ast
import importlib.metadata
import importlib.util
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from llmlora.kit.errors import AppError
from llmlora.recipes.blocks.base_model_errors import ArchitectureUnsupportedError
from llmlora.recipes.blocks.model_files import refuse_by_names, refuse_settings

_TABLE = "MODEL_FOR_CAUSAL_LM_MAPPING_NAMES"


def refusal(reference: str, files: Sequence[str], config: Mapping[str, Any] | None) -> AppError | None:
    """What an import would end with before it has fetched any weights; None where nothing speaks against it so far.

    `files`: the repository's, none where they are not known; `config`: its `config.json`, or the part that is known.
    """
    try:
        if files:
            refuse_by_names(reference, tuple(files))
        if config is not None:
            refuse_settings(reference, config)
            _refuse_unsupported(config)
    except AppError as error:
        return error
    return None


def _refuse_unsupported(config: Mapping[str, Any]) -> None:
    known, architectures = causal_language_models(), config.get("architectures") or []
    if not known or not (architectures or config.get("model_type")):
        return
    accepted = known.get(str(config.get("model_type")), frozenset())
    if not accepted or (architectures and accepted.isdisjoint(architectures)):
        raise ArchitectureUnsupportedError(
            architecture=(architectures or [config.get("model_type")])[0],
            version=importlib.metadata.version("transformers"),
        )


@cache
def causal_language_models() -> Mapping[str, frozenset[str]]:
    """Classes of causal language models by `model_type`, as the source of the installed transformers lists them: importing
    it would take torch. Empty where it is not found."""
    found = importlib.util.find_spec("transformers")
    if found is None or found.origin is None:
        return {}
    source = Path(found.origin).parent / "models" / "auto" / "modeling_auto.py"
    body = ast.parse(source.read_text(encoding="utf-8")).body
    table = next((node.value for node in body if isinstance(node, ast.Assign) and _is_table(node)), None)
    if not isinstance(table, ast.Call) or not table.args:
        return {}
    pairs = ast.literal_eval(table.args[0])
    return {name: frozenset([classes] if isinstance(classes, str) else classes) for name, classes in pairs}


def _is_table(node: ast.Assign) -> bool:
    return any(isinstance(target, ast.Name) and target.id == _TABLE for target in node.targets)
