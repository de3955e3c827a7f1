"""One family through the product's own recipes: import, training, export, llama.cpp, gates."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from llmlora.contracts.events import Failure
from llmlora.contracts.run import BaseModelInput, RunInputs, RunSpec
from llmlora.engine.hosts.running import Outcome, run_dir_of
from llmlora.engine.serving.llama_cpp import AdapterFile, LlamaCppSpec, llama_cpp_server
from llmlora.kit.errors import AppError
from llmlora.kit.ids import new_id
from llmlora.recipes import RECIPES

from tests.factories import dataset_of, planned_export, question, text_lora_run
from tests.here import run_here
from tests.plugins.adapters import TrainedAdapter, adapter_of
from tests.plugins.base_models import as_input, import_model

LESSONS = (
    ("What is LoRA?", "A small change of the weights, learned beside a frozen model."),
    ("日本の首都はどこですか。", "東京です。"),
    ("12 + 30 = ?", "12 + 30 = 42"),
    ("Say hello in Python.", 'print("Hello, world!")'),
    ("今日の気分は？", "とても元気です 😊"),
)
TRAINING: dict[str, Any] = {
    "rank": 32,
    "learning_rate": 0.01,
    "batch_size": 5,
    "max_length": 256,
    "schedule": "linear",
    "precision": "fp32",
    "checkpoint_interval": 1000,
}


class ChainError(Exception):
    """A step was refused or failed."""

    def __init__(self, step: str, failure: Failure | None) -> None:
        self.step = step
        self.failure = failure
        super().__init__(f"{step}: {failure.code}: {failure.en}" if failure else step)


@dataclass
class Workshop:
    """Where one base's chain runs. `quantisation`: of the weights that are served, as the gates call it; `steps`: of the
    training."""

    directory: Path
    base: BaseModelInput
    quantisation: str
    steps: int = 25

    @property
    def data_dir(self) -> Path:
        """All that is made."""
        return self.directory / "data"


BY_ADAPTER, BY_MERGED, BY_BOTH = ("adapter", "base"), ("merged",), ("adapter", "base", "merged")


def import_base(path: Path, directory: Path, *, steps: int = 25) -> Workshop:
    """Register a model directory or a GGUF as the product does.

    Raises:
        ChainError: refused.
    """
    outcome = import_model(f"path:{path}", directory / "data")
    _require("import", outcome)
    base = as_input(outcome.artifacts[0])
    return Workshop(directory, base, "f16" if base.gguf is None else "trained_gguf", steps)


def train(shop: Workshop, *targets: str) -> TrainedAdapter:
    """Teach the five answers; what the routes will export, `targets`, is rehearsed before it.

    Raises:
        ChainError: refused.
    """
    examples = [question(i, asked, said) for i, (asked, said) in enumerate(LESSONS, 1)]
    shop.data_dir.mkdir(parents=True, exist_ok=True)
    settings = {**TRAINING, "max_steps": shop.steps}
    spec = text_lora_run(dataset_of(examples, shop.data_dir), shop.base, shop.data_dir, **settings)
    exports = tuple(planned_export(target) for target in targets)
    _require("training", run_here(spec.model_copy(update={"followers": exports})))
    return adapter_of(run_dir_of(spec))


def export(shop: Workshop, adapter: TrainedAdapter | None, target: str, outtype: str = "f16") -> Path:
    """The GGUF of `target`.

    Raises:
        ChainError: refused, or the converter failed.
    """
    inputs = RunInputs(
        base_model=shop.base, adapter=None if target == "base" or adapter is None else adapter.as_input()
    )
    spec = _run("export_gguf", {"target": target, "outtype": outtype}, inputs, shop.data_dir)
    outcome = run_here(spec)
    _require(f"export {target}", outcome)
    return run_dir_of(spec) / outcome.artifacts[0].path


def by_adapter(shop: Workshop, adapter: TrainedAdapter) -> str:
    """The base and the adapter beside it, as deployments are served: what the gates say."""
    gguf = shop.base.gguf or export(shop, adapter, "base")
    return _gates(shop, adapter, gguf, export(shop, adapter, "adapter"))


def by_merged(shop: Workshop, adapter: TrainedAdapter) -> str:
    """The merged model with the template in its own file: what the gates say."""
    return _gates(shop, adapter, export(shop, adapter, "merged"), None)


def told(route: Callable[[], str]) -> str:
    """What a route ends with: `green`, `red: FAULTS`, `refused: CODE` before the training, `failed: STEP, CODE` behind it."""
    try:
        return route()
    except ChainError as error:
        early = error.step in ("import", "training")
        code = error.failure.code if error.failure else "cancelled"
        return f"refused: {code}" if early else f"failed: {error.step}, {code}"
    except AppError as error:
        return f"failed: serving, {error.code}"


def _gates(shop: Workshop, adapter: TrainedAdapter, gguf: Path, lora: Path | None) -> str:
    """Serve and ask all five questions: by an adapter as deployments do, a merged model as a stranger would.

    Raises:
        AppError: the server does not start.
        ChainError: the gates could not be run to a verdict.
    """
    adapters = () if lora is None else (AdapterFile(name="tuned", path=lora),)
    ours = {} if lora is None else {"tokenizer": adapter.directory, "chat_template": adapter.template}
    served = LlamaCppSpec(gguf=gguf, adapters=adapters, n_ctx=512, threads=1, **ours)

    async def scenario() -> Outcome:
        async with llama_cpp_server(served, shop.directory / "server") as server:
            inputs = RunInputs(base_model=shop.base, adapter=adapter.as_input(), endpoint=server.endpoint)
            questions = [asked for asked, _ in LESSONS]
            config = {"prompts": questions, "max_tokens": 64, "quantisation": shop.quantisation}
            return await asyncio.to_thread(run_here, _run("deploy_llama_cpp", config, inputs, shop.data_dir))

    outcome = asyncio.run(scenario())
    if "gates" not in outcome.reports:
        raise ChainError("gates", outcome.failure)
    parity, stop = outcome.reports["gates"]["parity"], outcome.reports["gates"]["stop"]
    faults = [fault["kind"] for fault in parity["faults"] + stop["faults"]]
    if stop["reference_stops"] != len(LESSONS):
        faults.append(f"{stop['reference_stops']} of {len(LESSONS)} answers end")
    return f"red: {', '.join(sorted(set(faults)))}" if faults else "green"


def _run(recipe: str, config: dict[str, Any], inputs: RunInputs, data_dir: Path) -> RunSpec:
    whole = RECIPES[recipe].config.model_validate(config).model_dump(mode="json")
    return RunSpec(
        job_id=new_id("job"), epoch=1, recipe=recipe, config=whole, inputs=inputs, data_dir=data_dir
    )


def _require(step: str, outcome: Outcome) -> None:
    if outcome.failure is not None:
        raise ChainError(step, outcome.failure)
