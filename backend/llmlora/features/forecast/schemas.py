"""What is asked about forecasts; what is told of them is `contracts.forecast`."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, JsonValue, StringConstraints

from llmlora.kit.typed import Typed
from llmlora.recipes import DEFAULT


class ForecastRequest(Typed):
    """What is about to be started."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    recipe: Annotated[str, StringConstraints(min_length=1, max_length=64)] = DEFAULT.name
    config: dict[str, JsonValue] = Field(
        default_factory=dict, max_length=100, description="Settings of the recipe; see GET /api/recipes."
    )
    dataset_id: (
        Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[\w.-]+$")] | None
    ) = None
    base_model: (
        Annotated[str, StringConstraints(min_length=1, max_length=1024, pattern=r"^[^\x00]+$")] | None
    ) = Field(None, description="Id or reference; by default the bundled model.")
    device: Literal["auto", "cpu", "cuda", "mps"] = "auto"
