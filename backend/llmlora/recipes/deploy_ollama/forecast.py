"""What a registration with Ollama takes."""

from llmlora.contracts.architecture import Architecture
from llmlora.contracts.deployment import planned_route
from llmlora.contracts.forecast import Expected, Facts, Forecaster, Part
from llmlora.recipes.blocks.forecast.conversions import held_weights, no_data, no_time, weights_in_memory
from llmlora.recipes.blocks.forecast.storage import BYTES_OF_OUTTYPE
from llmlora.recipes.deploy_ollama.spec import DeployOllamaConfig


def expect(facts: Facts) -> Expected:
    """The model once more, to compare with; disk where it is merged."""
    config, model = facts.config, facts.architecture
    assert isinstance(config, DeployOllamaConfig)
    written = None if model is None else _merged(config, model)
    return Expected(no_data(), weights_in_memory(facts), no_time(), written)


def _merged(config: DeployOllamaConfig, model: Architecture) -> tuple[Part, ...]:
    """What a merge writes here, if it comes to one; all of it goes when the job ends. Ollama's own disk is not ours."""
    if config.route == "adapter":
        return ()
    only_ja, only_en = (
        "Ollama がアダプターを受け付けないときだけ、",
        ", only if Ollama does not accept adapters",
    )
    if planned_route(config.route, config.quantize) == "merged":
        only_ja, only_en = "", ""
    return (
        Part(
            name="checkpoint",
            size_bytes=4 * model.parameters,
            ja=f"結合したモデル（{only_ja}登録が終わるまで）",
            en=f"The merged model (until it is registered{only_en})",
        ),
        Part(
            name="gguf",
            size_bytes=round(BYTES_OF_OUTTYPE["f16"] * model.parameters),
            ja=f"その GGUF（f16、{only_ja}登録が終わるまで）",
            en=f"Its GGUF in f16 (until it is registered{only_en})",
        ),
    )


FORECAST = Forecaster(expect, held_bytes=held_weights)
