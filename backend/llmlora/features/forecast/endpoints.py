"""`/api/training/forecast`: memory, time and disk of a job that is not started yet."""

from fastapi import APIRouter

from llmlora.contracts.forecast import Forecast
from llmlora.features.forecast import service
from llmlora.features.forecast.schemas import ForecastRequest
from llmlora.kit.web.state import Web

router = APIRouter(prefix="/api/training/forecast", tags=["training"])


@router.post("")
async def forecast_training_job(body: ForecastRequest, web: Web) -> Forecast:
    """What a job would take; nothing is stored or started."""
    return await service.forecast(web.database, web.settings, body)
