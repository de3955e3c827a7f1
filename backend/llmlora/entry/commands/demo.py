"""`demo`: the main job from end to end on the first course's five questions, and the proof that it worked."""

import time
from collections.abc import Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from llmlora.contracts.errors import GateFailedError
from llmlora.contracts.events import ARTIFACT_WORDS
from llmlora.contracts.gates import GATE_WORDS
from llmlora.contracts.inference import ChatMessage, Sampling
from llmlora.contracts.text import Text
from llmlora.entry.console import AsJson, err, load_settings, print_json, run_async, show
from llmlora.entry.language import language, localized, localized_text, words
from llmlora.entry.lazy import more_help
from llmlora.entry.tables import Listing
from llmlora.kit.settings import Settings
from llmlora.recipes import RECIPES
from llmlora.recipes.blocks.base_reference import BUNDLED

if TYPE_CHECKING:
    from llmlora.contracts.run import DatasetInput
    from llmlora.entry.workplace import Workplace
    from llmlora.features.chat.models import ChatModel
    from llmlora.features.chat.state import Engines
    from llmlora.features.jobs.schemas import JobDetail

DATASETS = Path(__file__).parents[4] / "tutorial" / "datasets"
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
OWN_STAGES = {
    "services": Text(ja="起動", en="Start"),
    "dataset": Text(ja="データの追加", en="Data set"),
    "answer": Text(ja="応答", en="Answers"),
}
"""What the demo does itself; the rest are jobs, by the names and the titles of their recipes."""
OLLAMA_TAG = "llmlora/demo:f16"
GATES = ("parity", "stop", "identity")
GREEDY = Sampling(temperature=0, max_tokens=96, seed=1)
# Untaught, a small model goes on until it is cut: so much shows it.
FIRST_WORDS = GREEDY.model_copy(update={"max_tokens": 32})


class Language(StrEnum):
    """In which language the five questions are."""

    JA = "ja"
    EN = "en"

    @property
    def dataset(self) -> Path:
        """The first course's questions and answers."""
        return DATASETS / {"ja": "level1_basic.json", "en": "level1_basic_en.json"}[self.value]


class NotTaughtError(GateFailedError):
    """An answer differs from the one that was taught."""

    code = "demo_not_taught"
    ja = "「{question}」に、学習したとおりに答えません（期待: {expected}、実際: {answer}）。もう一度実行してください。"
    en = "“{question}” is not answered as trained (expected: {expected}, got: {answer}). Run the demo again."


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


@more_help(
    ja="最初の講座と同じ 5 つの質問で、データの取り込みから学習、変換、検査、会話までを通して動かします。",
    en="With the five questions of the first course it goes all the way: import, training, conversion, checks and answers.",
)
def demo(
    data_dir: Annotated[
        Path | None,
        typer.Option(
            "--data-dir",
            help=words(
                ja="デモのファイルの保存場所です。省略すると、いつもの保存場所の名前に -demo を付けます。",
                en="Where the demo stores its files; by default the usual directory with -demo appended.",
            ),
        ),
    ] = None,
    in_ollama: Annotated[
        bool,
        typer.Option(
            "--ollama",
            help=words(
                ja=f"学習したモデルを {OLLAMA_TAG} として Ollama に登録します。",
                en=f"Register the tuned model with Ollama as {OLLAMA_TAG}.",
            ),
        ),
    ] = False,
    lang: Annotated[
        Language | None,
        typer.Option(
            "--lang",
            help=words(
                ja="質問と答えの言語です。省略すると、表示と同じ言語になります。",
                en="The language of the questions and answers; by default that of what is shown.",
            ),
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Train on five answers and prove that they are given.

    Raises:
        OllamaUnreachableError: --ollama, and none runs.
        NotTaughtError: an answer differs from the taught one.
        GateFailedError: what is served is not what was trained.
    """
    settings = load_settings(data_dir)
    if data_dir is None:
        settings = settings.model_copy(
            update={"data_dir": settings.data_dir.with_name(f"{settings.data_dir.name}-demo")}
        )
    result = run_async(_demo(settings, lang or Language(language()), in_ollama=in_ollama))
    if as_json:
        print_json(result)
    else:
        _show(result, settings)
    _refuse_untaught(result)


async def _demo(settings: Settings, lang: Language, *, in_ollama: bool) -> dict[str, Any]:
    from llmlora.entry.inputs import dataset_named
    from llmlora.entry.workplace import refuse_failed, workplace
    from llmlora.features.jobs.schemas import DeployRequest, JobCreate

    stages = Stages()
    if in_ollama:  # said before anything is trained
        await _require_ollama(settings)
    async with AsyncExitStack() as stack:
        with stages.timed("services"):
            place = await stack.enter_async_context(workplace(settings))
        with stages.timed("dataset"):
            dataset = await dataset_named(place.database, settings, str(lang.dataset))
        pairs = _pairs(dataset)
        prompts = [question for question, _ in pairs]
        deploy = DeployRequest(name="level1", prompts=prompts)
        if in_ollama:
            deploy = DeployRequest(
                target="ollama", name="level1", prompts=prompts, tag=OLLAMA_TAG, replace=True
            )
        request = JobCreate(dataset_id=dataset.id, base_model=BUNDLED, config=CONFIG, deploy=deploy)
        job_ids = await place.create(request)
        jobs = await place.run_shown(job_ids)
        _refuse_cancelled(jobs)
        refuse_failed([job for job in jobs if "gates" not in job.reports])
        _time_jobs(jobs, stages)
        report = next(job.reports["gates"] for job in jobs if "gates" in job.reports)
        refuse_red(report)  # what is rejected is not asked
        with stages.timed("answer"):
            answers = await _ask_all(place, jobs[0].id, pairs)
    return {
        **answers[0],
        "answers": answers,
        "gates": report,
        "stages": [{"name": name, "seconds": round(s, 2)} for name, s in stages.seconds.items()],
        "artifacts": [
            {"kind": a.kind, "path": str(settings.data_dir / a.path), "sha256": a.sha256, "size_bytes": a.size_bytes}
            for job in jobs for a in job.artifacts if a.kind in ("adapter", "gguf")
        ],
        "metrics": next(a.facts for a in jobs[0].artifacts if a.kind == "adapter"),
        "job_id": jobs[0].id,
    }  # fmt: skip


def _refuse_cancelled(jobs: "list[JobDetail]") -> None:
    if jobs[0].state == "cancelled":
        raise KeyboardInterrupt


def _time_jobs(jobs: "list[JobDetail]", stages: Stages) -> None:
    """Seconds of each job of the chain, from its first claim to its end."""
    for job in sorted(jobs, key=lambda job: job.created_at.timestamp()):
        if job.started_at and job.finished_at:
            stages.seconds[job.recipe] = (job.finished_at - job.started_at).total_seconds()


def _pairs(dataset: "DatasetInput") -> list[tuple[str, str]]:
    """Questions and taught answers, as they were stored."""
    from llmlora.data.kinds.text.examples import ConversationExample
    from llmlora.data.kinds.text.stored import read_texts

    talks = [one for one in read_texts(dataset.path) if isinstance(one, ConversationExample)]
    return [(one.messages[-2].content, one.messages[-1].content) for one in talks]


async def _require_ollama(settings: Settings) -> None:
    from llmlora.inference.ollama.names import base_url_of
    from llmlora.inference.ollama.server import OllamaServer

    async with OllamaServer(base_url_of(settings.ollama_host)) as server:
        err().print(f"Ollama {await server.version()} ({server.base_url})", highlight=False)


async def _ask_all(
    place: "Workplace", training_job_id: str, pairs: list[tuple[str, str]]
) -> list[dict[str, str]]:
    """Every question to the base and to the tuned model, on the server that the gates have proved."""
    from llmlora.features.chat.models import resolve_model
    from llmlora.features.chat.state import Engines
    from llmlora.features.deployments.registry import of_training_job
    from llmlora.inference.ollama.connection import OllamaConnection
    from llmlora.inference.ollama.names import base_url_of

    beside = OllamaConnection(base_url_of(place.settings.ollama_host))
    engines, data_dir = Engines(place.endpoints, beside), place.settings.data_dir
    async with place.database.unit_of_work() as session:
        deployment = await of_training_job(session, training_job_id)
        base_id, name = deployment.base_model_id, deployment.name
    assert base_id is not None  # what is ready keeps its base
    base = await resolve_model(place.database, data_dir, beside, base_id)
    tuned = await resolve_model(place.database, data_dir, beside, name)
    return [
        {
            "question": question,
            "expected_answer": expected,
            "base_answer": await _ask(engines, base, question, FIRST_WORDS),
            "tuned_answer": await _ask(engines, tuned, question, GREEDY),
        }
        for question, expected in pairs
    ]


async def _ask(engines: "Engines", model: "ChatModel", question: str, sampling: Sampling) -> str:
    from llmlora.features.chat.generation import whole_answer

    answer = await whole_answer(engines, model, [ChatMessage(role="user", content=question)], sampling)
    return answer.text.strip()


def _show(result: dict[str, Any], settings: Settings) -> None:
    table = Listing(
        localized("質問", "question"), localized("学習前", "before"), localized("学習後", "after"), ""
    )
    for one in result["answers"]:
        taught = one["tuned_answer"] == one["expected_answer"]
        table.add(one["question"], one["base_answer"], one["tuned_answer"], "✓" if taught else "✗")
    show(table)
    show(_gates_line(result["gates"]))
    for cure in result["gates"].get("cures", ()):
        show(f"  {cure['words'][language()]}")
    for stage in result["stages"]:
        title = OWN_STAGES.get(stage["name"]) or RECIPES[stage["name"]].title
        seconds = f"{stage['seconds']:.1f}"
        show(f"{localized_text(title)}: {localized(f'{seconds} 秒', f'{seconds} s')}")
    for artifact in result["artifacts"]:
        show(f"{localized(*ARTIFACT_WORDS[artifact['kind']])}: {artifact['path']}")
    call = f"./llmlora chat --job {result['job_id']} --data-dir {settings.data_dir}"
    show(localized(f"会話するには: {call}", f"To chat: {call}"))


def _gates_line(report: Mapping[str, Any]) -> str:
    told = [
        f"{localized(*GATE_WORDS[name])} {'✓' if report[name]['passed'] else '✗'}"
        for name in GATES
        if name in report
    ]
    return localized(f"検査: {'、'.join(told)}", f"Checks: {', '.join(told)}")


def refuse_red(report: Mapping[str, Any]) -> None:
    """Say on standard error what every red gate found, and what was tried.

    Raises:
        GateFailedError: a gate is red.
    """
    if not report["passed"]:
        err().print(_gates_line(report), highlight=False, soft_wrap=True)
        faults = [fault for name in GATES for fault in report.get(name, {}).get("faults", ())]
        for told in (*faults, *report.get("cures", ())):
            err().print(f"- {told['words'][language()]}", highlight=False, markup=False, soft_wrap=True)
    raise_if_red(report)


def raise_if_red(report: Mapping[str, Any]) -> None:
    """Turn a red report into an error that names the first fault.

    Raises:
        GateFailedError: a gate is red.
    """
    for gate in GATE_WORDS:
        if gate in report and not report[gate]["passed"]:
            found = report[gate]["faults"][0]["words"]
            raise GateFailedError(gate=GATE_WORDS[gate], ja_text=found["ja"], en_text=found["en"])


def _refuse_untaught(result: dict[str, Any]) -> None:
    for one in result["answers"]:
        if one["tuned_answer"] != one["expected_answer"]:
            raise NotTaughtError(
                question=one["question"], expected=one["expected_answer"], answer=one["tuned_answer"]
            )
