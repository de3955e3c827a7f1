"""Variables of `.env.example` that are no settings of the backend: the pages' server and docker-compose.yml read them."""

from pydantic import BaseModel, Field


class PagesVariables(BaseModel):
    """What the server of the pages reads, by `up` or docker-compose.yml. Its own program, its own names."""

    LLMLORA_API_INNER_URL: str = Field(
        default="",
        description="Where the server of the pages itself reaches the API; empty: 127.0.0.1 at LLMLORA_API_PORT. ./llmlora up and docker-compose.yml set it.",
    )


class ComposeVariables(BaseModel):
    """What docker-compose.yml reads beside the settings."""

    COMPOSE_PROFILES: str = Field(
        default="",
        description="gpu: start a worker and an Ollama on NVIDIA GPUs. Set LLMLORA_CPU_REPLICAS=0 with it.",
    )
    LLMLORA_CPU_REPLICAS: int = Field(
        default=1,
        description="How many workers and Ollamas without a GPU are started: 0 or 1; more workers: --scale worker=N.",
    )
    LLMLORA_IMAGE_MODELS: str = Field(
        default="baked",
        description="baked: the bundled base models are part of the image; mounted: they are fetched into the volume data when they are first needed.",
    )
    LLMLORA_POSTGRES_PASSWORD: str = Field(
        default="",
        description="Password of the database; empty: one is made at the first start. It counts when the database is made: docs/en/how-to/docker.md says how to change it later.",
    )
    LLMLORA_VALKEY_PASSWORD: str = Field(
        default="", description="Password of the queue; empty: one is made at the first start."
    )
    LLMLORA_OLLAMA_PORT: int = Field(
        default=11_434, description="Port of 127.0.0.1 at which this machine reaches the container of Ollama."
    )
    LLMLORA_WORKER_MEMORY: str = Field(
        default="8g",
        description="Most memory that a worker with its trainings may take, as Docker writes it.",
    )
    LLMLORA_INFERENCE_MEMORY: str = Field(
        default="8g", description="Most memory that all models which answer in the studio may take together."
    )
    LLMLORA_OLLAMA_MEMORY: str = Field(default="8g", description="Most memory that Ollama may take.")
