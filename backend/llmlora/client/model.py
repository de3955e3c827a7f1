"""What models of the API have in common."""

from pydantic import BaseModel, ConfigDict


class Model(BaseModel):
    """A part of a request or an answer. A newer platform may say more than this client knows: that is kept."""

    model_config = ConfigDict(
        extra="allow", frozen=True, populate_by_name=True, protected_namespaces=(), defer_build=True
    )
