"""Deployment targets: a file and a line here each. Everything that differs between them is asked of them, by this registry alone."""

from collections.abc import Iterable

from pydantic import BaseModel

from llmlora.features.deployments.targets.llama_cpp import LlamaCppTarget
from llmlora.features.deployments.targets.ollama import OllamaTarget
from llmlora.features.deployments.targets.onnx import OnnxTarget
from llmlora.features.deployments.targets.target import DeploymentTarget

_ALL: Iterable[DeploymentTarget] = (LlamaCppTarget(), OllamaTarget(), OnnxTarget())
TARGETS: dict[str, DeploymentTarget] = {target.name: target for target in _ALL}

BASES = LlamaCppTarget.name
"""The target whose engine answers for base models alone."""


def target_of(served: BaseModel) -> DeploymentTarget:
    """The target whose rows keep such a thing."""
    return next(target for target in TARGETS.values() if isinstance(served, target.served))
