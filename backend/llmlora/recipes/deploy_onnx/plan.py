"""How a trained model gets to ONNX Runtime: exported, then asked."""

from llmlora.contracts.deployment import DeployFacts, Deploying, DeployPlan, Preparation
from llmlora.contracts.plan import Plan
from llmlora.recipes.export_onnx.spec import SPEC as EXPORT


def plan_deployment(_facts: DeployFacts) -> DeployPlan:
    """One export, whatever is asked for: nothing of a request is about models that predict."""
    return DeployPlan({}, (Preparation("onnx", EXPORT.name, {}, of_training=True),))


PLAN = Plan(deploying=Deploying(plan_deployment))
