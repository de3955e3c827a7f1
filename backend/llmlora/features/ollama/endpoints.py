"""`/api/models`: what Ollama has. Base models and tuned ones have routes of their own."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response, status

from llmlora.features.jobs.endpoints import announce
from llmlora.features.jobs.schemas import JobOut
from llmlora.features.jobs.views import job_out
from llmlora.features.models.ollama_connection import Ollama
from llmlora.features.ollama import service
from llmlora.features.ollama.schemas import OllamaCheckOut, OllamaDetailsOut, OllamaModelsOut
from llmlora.inference.ollama.names import LONGEST
from llmlora.inference.ollama.store import OllamaStore
from llmlora.kit.web.bodies import NoBody
from llmlora.kit.web.state import Web

router = APIRouter(prefix="/api/models", tags=["ollama"])

Name = Annotated[
    str,
    Path(
        min_length=1,
        max_length=LONGEST,
        pattern=r"^[^\x00]+$",
        description="Name of an Ollama model: `smollm2:135m`, `namespace/model:tag`.",
    ),
]


@router.get("")
async def list_ollama_models(web: Web, ollama: Ollama) -> OllamaModelsOut:
    """What Ollama has; empty, with the reason, while it does not run."""
    return await service.list_models(web.database, ollama, OllamaStore(web.settings.ollama_models))


@router.post(
    "/pull/{model_name:path}", status_code=status.HTTP_202_ACCEPTED, dependencies=[Depends(NoBody())]
)
async def pull_ollama_model(web: Web, model_name: Name) -> JobOut:
    """Let Ollama get a model: a job, whose events tell how far each layer is. One that runs already is answered."""
    async with web.database.unit_of_work() as session:
        job, made = await service.start_pull(session, web.settings.data_dir, model_name)
        out = job_out(job)
    await announce(web, made)
    return out


@router.get("/check/{model_name:path}")
async def check_ollama_model(web: Web, ollama: Ollama, model_name: Name) -> OllamaCheckOut:
    """Whether Ollama has a model."""
    store = OllamaStore(web.settings.ollama_models)
    return await service.check_model(web.database, ollama, store, model_name)


@router.get("/show/{model_name:path}")
async def show_ollama_model(web: Web, ollama: Ollama, model_name: Name) -> OllamaDetailsOut:
    """Template, parameters and digests of a model."""
    return await service.show_model(web.database, ollama, model_name)


@router.delete("/{model_name:path}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_ollama_model(web: Web, ollama: Ollama, model_name: Name) -> Response:
    """Let Ollama forget a model; 409 for one that this studio has registered."""
    await service.delete_model(web.database, ollama, model_name)
    return Response(status_code=status.HTTP_204_NO_CONTENT)
