"""`demo`: the main job from end to end on the first course's five questions, and the proof that it worked."""

import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from llmlora.contracts.inference import ChatMessage, ChatRequest, InferenceBackend, Sampling
from llmlora.entry.console import AsJson, err, load_settings, out, print_json, run_async
from llmlora.kit.errors import GateFailedError
from llmlora.kit.settings import Settings

if TYPE_CHECKING:
    from llmlora.contracts.recipe import RunInputs
    from llmlora.engine.process_host import EventSink
    from llmlora.features.deployments.service import Served

LEVEL_1 = Path(__file__).parents[4] / "tutorial" / "datasets" / "level1_basic.json"
BASE = "bundled:smollm2-135m-instruct"
# The first course's settings: rank 4, alpha 8, one row a step until the five answers are known by heart.
CONFIG: dict[str, Any] = {
    "rank": 4,
    "alpha": 8.0,
    "learning_rate": 2e-3,
    "schedule": "constant",
    "warmup_ratio": 0.0,
    "epochs": 8.0,
    "batch_size": 1,
}
GREEDY = Sampling(temperature=0, max_tokens=96, seed=1)


class NotTaughtError(GateFailedError):
    """An answer differs from the one that was taught."""

    code = "demo_not_taught"
    ja = "「{question}」に教えたとおりに答えません。期待: {expected} 実際: {answer}"
    en = "“{question}” is not answered as taught. Expected: {expected} Got: {answer}"


@dataclass
class Stages:
    """Seconds of each stage, in order."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        """Add the block's time to a stage."""
        started = time.monotonic()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + time.monotonic() - started


def demo(
    data_dir: Annotated[
        Path | None,
        typer.Option("--data-dir", help="Where the demo keeps its files (default: <data dir>-demo)."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Teach five Japanese answers to SmolLM2 and show that it gives them. 5 つの答えを学習させて確かめます。

    Raises:
        NotTaughtError: an answer differs from the taught one.
        GateFailedError: what is served is not what was trained.
    """
    settings = load_settings(data_dir)
    if data_dir is None:
        settings = settings.model_copy(
            update={"data_dir": settings.data_dir.with_name(f"{settings.data_dir.name}-demo")}
        )
    result = run_async(_demo(settings))
    if as_json:
        print_json(result)
    else:
        _show(result, settings)
    _refuse_failure(result)


async def _demo(settings: Settings) -> dict[str, Any]:
    from llmlora.engine.process_host import run_dir_of
    from llmlora.entry.event_view import EventView
    from llmlora.features.deployments.service import run_gates, served_adapter
    from llmlora.features.jobs.service import prepare_run, run_job

    stages = Stages()
    with EventView(err()) as view:
        inputs = await _inputs(settings, stages, view.show)
        with stages.timed("train"):
            spec = prepare_run("text_lora", CONFIG, inputs, settings.data_dir)
            trained = await run_job(spec, view.show)
        run_dir = run_dir_of(spec)
        async with AsyncExitStack() as stack:
            with stages.timed("export_and_serve"):
                serving = served_adapter(settings, run_dir, progress=view.show)
                served = await stack.enter_async_context(serving)
            pairs = _pairs(inputs)
            with stages.timed("gates"):
                gates = await run_gates(settings, served, [question for question, _ in pairs], view.show)
            with stages.timed("answer"):
                answers = [await _ask_both(served, *pair) for pair in pairs]
    artifacts = [
        {"kind": a.kind, "path": str(run_dir / a.path), "sha256": a.sha256, "size_bytes": a.size_bytes}
        for a in trained.artifacts
    ]
    artifacts += [
        {"kind": g.kind, "path": str(g.path), "sha256": g.sha256, "size_bytes": g.size_bytes}
        for g in served.artifacts
    ]
    return {
        **answers[0],
        "answers": answers,
        "gates": gates,
        "stages": [{"name": name, "seconds": round(s, 2)} for name, s in stages.seconds.items()],
        "artifacts": artifacts,
        "metrics": trained.artifacts[0].facts,
        "job_id": spec.job_id,
    }


async def _inputs(settings: Settings, stages: Stages, sink: "EventSink") -> "RunInputs":
    from llmlora.contracts.recipe import RunInputs
    from llmlora.engine.embedded.services import open_database
    from llmlora.entry.inputs import dataset_named
    from llmlora.features.models.service import as_input, ensure_base_model

    async with AsyncExitStack() as stack:
        with stages.timed("services"):
            database = await stack.enter_async_context(open_database(settings))
        with stages.timed("dataset"):
            dataset = await dataset_named(database, settings, str(LEVEL_1))
        with stages.timed("base_model"):
            row = await ensure_base_model(database, settings, BASE, sink=sink)
    return RunInputs(dataset=dataset, base_model=as_input(row, settings.data_dir))


def _pairs(inputs: "RunInputs") -> list[tuple[str, str]]:
    """Questions and taught answers, as they were stored."""
    from llmlora.data.rows import read_examples

    assert inputs.dataset is not None
    return [(e.messages[-2].content, e.messages[-1].content) for e in read_examples(inputs.dataset.path)]


async def _ask_both(served: "Served", question: str, expected: str) -> dict[str, str]:
    return {
        "question": question,
        "expected_answer": expected,
        "base_answer": await _ask(served.backend, served.endpoint.model, question, None),
        "tuned_answer": await _ask(served.backend, served.endpoint.model, question, 0),
    }


async def _ask(backend: InferenceBackend, model: str, question: str, adapter: int | None) -> str:
    messages = (ChatMessage(role="user", content=question),)
    answer = await backend.answer(
        ChatRequest(model=model, messages=messages, sampling=GREEDY, adapter=adapter)
    )
    return answer.text.strip()


def _show(result: dict[str, Any], settings: Settings) -> None:
    table = Table("質問 question", "元のモデル base", "学習後 tuned", "")
    for one in result["answers"]:
        taught = one["tuned_answer"] == one["expected_answer"]
        table.add_row(one["question"], one["base_answer"], one["tuned_answer"], "✓" if taught else "✗")
    out().print(table)
    gates = ", ".join(f"{n} {'✓' if result['gates'][n]['passed'] else '✗'}" for n in ("parity", "stop"))
    out().print(f"ゲート gates: {gates}", highlight=False)
    seconds = ", ".join(f"{stage['name']} {stage['seconds']:.1f} s" for stage in result["stages"])
    out().print(f"所要時間 time: {seconds}", highlight=False)
    for artifact in result["artifacts"]:
        out().print(f"{artifact['kind']}: {artifact['path']}", highlight=False, soft_wrap=True)
    out().print(
        f"話す / talk: ./llmlora chat --job {result['job_id']} --data-dir {settings.data_dir}",
        highlight=False,
        soft_wrap=True,
    )


def _refuse_failure(result: dict[str, Any]) -> None:
    from llmlora.features.deployments.service import raise_if_red

    raise_if_red(result["gates"])
    for one in result["answers"]:
        if one["tuned_answer"] != one["expected_answer"]:
            raise NotTaughtError(
                question=one["question"], expected=one["expected_answer"], answer=one["tuned_answer"]
            )
