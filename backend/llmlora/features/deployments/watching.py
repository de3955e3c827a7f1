"""Whether what was proved is still what is served: asked of each target, in its own way (`targets/`).

Nothing is written down: what is put back is what was proved again.
"""

from collections.abc import Sequence

from llmlora.features.deployments.schemas import READY, DeploymentOut, Deviation
from llmlora.features.deployments.targets import TARGETS
from llmlora.features.deployments.targets.target import ServingState


async def watch(found: Sequence[DeploymentOut], serving: ServingState) -> list[DeploymentOut]:
    """The deployments of a list as they are now: one look at each target that has a ready one among them."""
    deviations: dict[str, Deviation] = {}
    for name, target in TARGETS.items():
        if ready := [one for one in found if one.target == name and one.state == READY]:
            deviations |= await target.deviations(ready, serving)
    return [_shown(one, deviations.get(one.id)) for one in found]


async def watch_closely(one: DeploymentOut, serving: ServingState) -> DeploymentOut:
    """One deployment as it is now, with the parts that differ where they can be told."""
    [shown] = await watch([one], serving)
    if shown.deviation is None:
        return shown
    return _shown(one, await TARGETS[one.target].explain_deviation(one, shown.deviation, serving))


async def refuse_deviation(one: DeploymentOut, serving: ServingState) -> None:
    """Check before it answers that a ready deployment is what was proved.

    Raises:
        AppError: it is gone or has changed, or what serves it cannot be reached; see its target.
    """
    await TARGETS[one.target].refuse_deviation(one, serving)


def _shown(one: DeploymentOut, deviation: Deviation | None) -> DeploymentOut:
    if deviation is None:
        return one
    return one.model_copy(update={"state": deviation.state, "deviation": deviation})
