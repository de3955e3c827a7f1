"""`chat`: talk to a base model or a tuned one in the terminal. Ctrl-C stops the answer, `/exit` the program."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from llmlora.contracts.inference import ChatDelta, ChatMessage, Sampling
from llmlora.entry.console import (
    AsJson,
    DataDir,
    err,
    load_settings,
    on_signals,
    out,
    print_json,
    refuse_ignored,
    run_async,
)
from llmlora.entry.inputs import job_id_named, shaped
from llmlora.entry.typed_lines import TypedLines
from llmlora.features.chat.schemas import LARGEST_SEED, SamplingIn
from llmlora.kit.errors import AppError, InvalidInputError
from llmlora.kit.settings import Settings
from llmlora.recipes.blocks.base_reference import BUNDLED

if TYPE_CHECKING:
    from llmlora.entry.workplace import Workplace
    from llmlora.features.chat.models import ChatModel
    from llmlora.features.chat.state import Engines
    from llmlora.features.jobs.schemas import JobDetail
    from llmlora.tables.base_model import BaseModelRow

EXIT_WORDS = frozenset({"/exit", "/quit"})
# f16 keeps a float32 adapter's figures to four digits at half the size.
OUTTYPE = "f16"
AS_CHECKED = (
    "デプロイしたモデルは、検査したときの設定のまま使います。変えるには --job か --base を使ってください。",
    "A deployed model is used as it was checked. To change that, use --job or --base.",
)
# Room for an answer behind a prompt that is as long as a trained row.
ANSWER_TOKENS = 512


class TwoModelsError(InvalidInputError):
    """More than one model to talk to."""

    code = "two_models"
    ja = "{options} は同時に使えません。どれか 1 つを指定してください（ジョブと名前のあるモデルには、学習に使ったベースモデルが付いています）。"
    en = "{options} cannot be combined. Give only one of them (a job or a named model comes with the base it was trained on)."


class NothingTunedError(InvalidInputError):
    """`--tuned` without an adapter."""

    code = "nothing_tuned"
    ja = "--tuned を使うには、--job で学習のジョブを指定してください。"
    en = "--tuned needs --job. Give the id of a training."


@dataclass(frozen=True)
class Wanted:
    """Which model to talk to: at most one of the first three. `context`: tokens of one conversation, None: as usual."""

    job: str | None
    name: str | None
    base: str | None
    is_tuned: bool
    context: int | None


def chat(
    job: Annotated[
        str | None, typer.Option("--job", "-j", help="Chat with the adapter of this job. ジョブ番号。")
    ] = None,
    model: Annotated[
        str | None,
        typer.Option("--model", "-m", help="Name or id of a deployed model. デプロイしたモデルの名前。"),
    ] = None,
    base: Annotated[
        str | None,
        typer.Option("--base", "-b", help=f"Base model alone; default: {BUNDLED}. ベースモデルだけ。"),
    ] = None,
    tuned: Annotated[
        bool | None,
        typer.Option("--tuned/--base-only", help="With or without the adapter. アダプターを使うかどうか。"),
    ] = None,
    system: Annotated[
        str | None, typer.Option("--system", help="System prompt. システムプロンプト。")
    ] = None,
    prompt: Annotated[
        str | None,
        typer.Option("--prompt", "-p", help="Ask this question once and exit. 1 回だけ質問します。"),
    ] = None,
    temperature: Annotated[
        float,
        typer.Option("--temperature", "-t", min=0, max=2, help="0: always the most likely token. 温度。"),
    ] = 0.7,
    top_p: Annotated[
        float, typer.Option("--top-p", min=0.01, max=1, help="Nucleus sampling. 候補を絞る割合。")
    ] = 0.95,
    seed: Annotated[
        int | None, typer.Option("--seed", min=0, max=LARGEST_SEED, help="Seed for sampling. 乱数のシード。")
    ] = None,
    max_tokens: Annotated[
        int,
        typer.Option(
            "--max-tokens", min=1, max=131_072, help="Maximum tokens of an answer. 応答の最大トークン数。"
        ),
    ] = 512,
    context: Annotated[
        int | None,
        typer.Option("--context", min=64, max=1_048_576, help="Context length in tokens. 文脈長。"),
    ] = None,
    adapter: Annotated[str | None, typer.Option("--adapter", "-a", hidden=True)] = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Chat with a model. モデルと会話します。

    Ctrl-C stops an answer; /exit or Ctrl-D ends.

    Raises:
        TwoModelsError: several models were named.
        NothingTunedError: --tuned without a job.
        JobIdNeededError: a directory was given.
    """
    named = {"--job": job or adapter, "--model": model, "--base": base}
    given = [option for option, value in named.items() if value]
    if len(given) > 1:
        raise TwoModelsError(options=", ".join(given))
    if model:
        refuse_ignored("--model", {"context": context, "base-only": tuned is False or None}, AS_CHECKED)
    if tuned and not named["--job"]:
        raise NothingTunedError
    job = job_id_named(job or adapter or "") if named["--job"] else None
    sampling = shaped(
        SamplingIn, temperature=temperature, top_p=top_p, seed=seed, max_tokens=max_tokens
    ).as_sampling()
    wanted = Wanted(job, model, base, tuned is not False, context)
    run_async(_chat(load_settings(data_dir), wanted, system, prompt, sampling, as_json=as_json))


async def _chat(
    settings: Settings,
    wanted: Wanted,
    system: str | None,
    prompt: str | None,
    sampling: Sampling,
    *,
    as_json: bool,
) -> None:
    async with _opened(settings, wanted) as (engines, model):
        talk = Talk(engines, model, sampling, as_json=as_json)
        if system:
            talk.messages.append(ChatMessage(role="system", content=system))
        if prompt is not None:
            await talk.answer(prompt)
            return
        err().print("/exit: 終了 exit   Ctrl-C: 応答を止める stop the answer", style="dim", highlight=False)
        await _converse(talk)


@asynccontextmanager
async def _opened(settings: Settings, wanted: Wanted) -> "AsyncIterator[tuple[Engines, ChatModel]]":
    """The model, ready to be asked; what is missing for it (an import, an export) is made by jobs before."""
    from llmlora.entry.workplace import workplace
    from llmlora.features.chat.models import resolve_model
    from llmlora.features.chat.state import Engines
    from llmlora.inference.ollama.names import base_url_of
    from llmlora.inference.ollama.neighbour import Neighbour

    async with workplace(settings) as place:
        engines = Engines(place.endpoints, Neighbour(base_url_of(settings.ollama_host)))
        if wanted.name is not None:
            model = await resolve_model(place.database, settings.data_dir, engines.ollama, wanted.name)
        elif wanted.job is not None:
            model = await _trained_model(place, wanted.job, wanted)
        else:
            model = await _base_model(place, wanted)
        async with engines.serving(model):  # a server that does not start is told before anybody writes
            pass
        yield engines, model


async def _base_model(place: "Workplace", wanted: Wanted) -> "ChatModel":
    from llmlora.engine.serving.spec import LlamaCppSpec
    from llmlora.entry.inputs import base_model_named
    from llmlora.features.chat.models import ChatModel
    from llmlora.features.deployments.targets import BASES

    base = await base_model_named(place, wanted.base or BUNDLED)
    n_ctx = await _context(place, base, wanted.context, None)
    spec = LlamaCppSpec(
        gguf=await _base_gguf(place, base), n_ctx=n_ctx, tokenizer=place.settings.data_dir / base.path
    )
    return ChatModel(base.reference, BASES, spec)


async def _trained_model(place: "Workplace", job_id: str, wanted: Wanted) -> "ChatModel":
    """A training's adapter beside its base, with the template it was trained with; nothing is deployed or checked.

    Raises:
        JobNotFoundError, AdapterNotFoundError: there is no such job, or it has left no adapter.
        InvalidInputError: the context is beyond the model or the machine.
        AppError: the base is not what it was, or an export fails.
    """
    from llmlora.engine.serving.spec import AdapterFile, LlamaCppSpec
    from llmlora.entry.inputs import base_model_named, gguf_made
    from llmlora.features.chat.models import ChatModel
    from llmlora.features.deployments.errors import AdapterNotFoundError
    from llmlora.features.deployments.targets import BASES

    job, data_dir = await place.detail(job_id), place.settings.data_dir
    adapter = next((data_dir / one.path for one in job.artifacts if one.kind == "adapter"), None)
    if adapter is None or not adapter.is_dir() or job.inputs.base_model is None:
        raise AdapterNotFoundError(job_id=job_id)
    base = await base_model_named(place, job.inputs.base_model)
    n_ctx = await _context(place, base, wanted.context, job)
    made, _ = await gguf_made(place, training_job_id=job_id, config={"target": "adapter", "outtype": OUTTYPE})
    spec = LlamaCppSpec(
        gguf=await _base_gguf(place, base),
        adapters=(AdapterFile(name="tuned", path=data_dir / made.path, sha256=made.sha256),),
        n_ctx=n_ctx,
        tokenizer=adapter,
    )
    return ChatModel(job_id, BASES, spec, 0 if wanted.is_tuned else None)


async def _base_gguf(place: "Workplace", base: "BaseModelRow") -> Path:
    """What llama.cpp serves a base from: the file it came as, or an export of it."""
    from llmlora.entry.inputs import gguf_made

    if base.gguf_path is not None:
        return place.settings.data_dir / base.gguf_path
    made, _ = await gguf_made(place, base_model=base.id, config={"target": "base", "outtype": OUTTYPE})
    return place.settings.data_dir / made.path


async def _context(
    place: "Workplace", base: "BaseModelRow", asked: int | None, training: "JobDetail | None"
) -> int:
    """Tokens of one conversation: what was asked for, else what the training's rows (or a base alone) need.

    Raises:
        InvalidInputError: what was asked for is beyond the model or the machine.
    """
    from llmlora.features.forecast.architecture import architecture_of
    from llmlora.kit.machine import memory_now
    from llmlora.recipes.blocks.forecast.context import base_context, default_context, refuse_context

    model = await asyncio.to_thread(architecture_of, base, place.settings.data_dir)
    memory, limit = memory_now(), base.context_length
    if asked is not None:
        refuse_context(asked, limit=limit, model=model, total_bytes=memory.total_bytes)
        return asked
    if training is None:
        return base_context(limit)
    longest = training.config.get("max_length")
    return default_context(
        max_length=longest if isinstance(longest, int) else None,
        answer_tokens=ANSWER_TOKENS,
        limit=limit,
        model=model,
        free_bytes=memory.available_bytes,
    )


async def _converse(talk: "Talk") -> None:
    """Read, answer, repeat. Ctrl-C while reading only says how to leave."""
    typed = TypedLines()
    answering: asyncio.Task[None] | None = None

    def interrupt() -> None:
        if answering is None:
            err().print("\n/exit で終了 / to exit", style="dim", highlight=False)
        else:
            answering.cancel()

    with on_signals(interrupt, signal.SIGINT):
        while (line := await typed.next()) is not None:
            question = line.strip()
            if question in EXIT_WORDS:
                return
            if not question:
                continue
            answering = asyncio.create_task(talk.answer(question))
            try:
                await answering
            except asyncio.CancelledError:
                err().print("\n（停止 stopped）", style="dim", highlight=False)
            except AppError as error:
                err().print(f"{error.detail('ja')}\n{error.detail('en')}", markup=False, highlight=False)
            answering = None


class Talk:
    """One conversation. A stopped answer leaves no trace in it."""

    def __init__(self, engines: "Engines", model: "ChatModel", sampling: Sampling, *, as_json: bool) -> None:
        self.messages: list[ChatMessage] = []
        self._engines, self._model, self._sampling = engines, model, sampling
        self._as_json = as_json

    async def answer(self, question: str) -> None:
        """Stream the answer to the terminal (or print one JSON document) and remember both turns.

        Raises:
            AppError: the server refuses the conversation or cannot be reached.
        """
        from llmlora.features.chat.generation import stream_answer

        asked = ChatMessage(role="user", content=question)
        text, last = "", ChatDelta()
        answer = stream_answer(self._engines, self._model, (*self.messages, asked), self._sampling)
        async with aclosing(answer) as deltas:
            async for delta in deltas:
                text, last = text + delta.text, delta
                if delta.text and not self._as_json:
                    out().print(delta.text, end="", markup=False, highlight=False, soft_wrap=True)
        self.messages += [asked, ChatMessage(role="assistant", content=text)]
        if self._as_json:
            print_json({"question": question, "answer": text, **last.model_dump(exclude={"text"})})
        else:
            out().print()
