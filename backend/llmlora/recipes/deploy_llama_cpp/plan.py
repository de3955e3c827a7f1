"""How an adapter gets to llama.cpp: beside its base, both as GGUF."""

from typing import Any

from llmlora.contracts.deployment import USUAL_OUTTYPE, DeployFacts, Deploying, DeployPlan
from llmlora.contracts.plan import Plan
from llmlora.recipes.blocks.gate_settings import gates_asked
from llmlora.recipes.export_gguf.steps import adapter_export, beside_base

TRAINED_GGUF = "trained_gguf"


def plan_deployment(facts: DeployFacts) -> DeployPlan:
    """What the gates ask is left to what the training keeps beside its adapter, unless the request names it."""
    options = facts.options
    config: dict[str, Any] = {
        **gates_asked(options),
        "quantisation": TRAINED_GGUF if facts.has_gguf else USUAL_OUTTYPE,
        "context": options.context,
    }
    return DeployPlan(config, beside_base(adapter_export(options.quantization), has_gguf=facts.has_gguf))


PLAN = Plan(deploying=Deploying(plan_deployment))
