"""Whether what was proved is still what is served: asked of each target, in its own way (`targets/`).

Nothing is written down: what is put back is what was proved again.
"""

from collections.abc import Sequence

from llmlora.features.deployments.schemas import READY, DeploymentOut, Deviation
from llmlora.features.deployments.targets import TARGETS
from llmlora.features.deployments.targets.target import Outside


async def watch(found: Sequence[DeploymentOut], outside: Outside) -> list[DeploymentOut]:
    """The deployments of a list as they are now: one look at each target that has a ready one among them."""
    deviations: dict[str, Deviation] = {}
    for name, target in TARGETS.items():
        if ready := [one for one in found if one.target == name and one.state == READY]:
            deviations |= await target.deviations(ready, outside)
    return [_shown(one, deviations.get(one.id)) for one in found]


async def watch_closely(one: DeploymentOut, outside: Outside) -> DeploymentOut:
    """One deployment as it is now, with the parts that differ where they can be told."""
    [shown] = await watch([one], outside)
    if shown.deviation is None:
        return shown
    return _shown(one, await TARGETS[one.target].closely(one, shown.deviation, outside))


async def refuse_deviation(one: DeploymentOut, outside: Outside) -> None:
    """Check before it answers that a ready deployment is what was proved.

    Raises:
        AppError: it is gone or has changed, or what serves it cannot be reached; see its target.
    """
    await TARGETS[one.target].refuse_deviation(one, outside)


def _shown(one: DeploymentOut, deviation: Deviation | None) -> DeploymentOut:
    if deviation is None:
        return one
    return one.model_copy(update={"state": deviation.state, "deviation": deviation})
