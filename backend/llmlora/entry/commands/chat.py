"""`chat`: talk to a base model or a tuned one in the terminal. Ctrl-C stops the answer, `/exit` the program."""

import asyncio
import signal
from contextlib import aclosing
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
from llmlora.entry.inputs import job_id_named, job_id_needed, shaped
from llmlora.entry.typed_lines import TypedLines
from llmlora.features.chat.schemas import LARGEST_SEED, SamplingIn
from llmlora.kit.errors import AppError, InvalidInputError
from llmlora.kit.settings import Settings
from llmlora.recipes.blocks.base_reference import BUNDLED

if TYPE_CHECKING:
    from llmlora.entry.chat_models import Wanted
    from llmlora.features.chat.models import ChatModel
    from llmlora.features.chat.state import Engines

EXIT_WORDS = frozenset({"/exit", "/quit"})
AS_CHECKED = (
    "デプロイしたモデルは、検査したときの設定のまま使います。変えるには --job か --base を使ってください。",
    "A deployed model is used as it was checked. To change that, use --job or --base.",
)


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
    if adapter:
        raise job_id_needed(adapter)
    named = {"--job": job, "--model": model, "--base": base}
    given = [option for option, value in named.items() if value]
    if len(given) > 1:
        raise TwoModelsError(options=", ".join(given))
    if model:
        refuse_ignored("--model", {"context": context, "base-only": tuned is False or None}, AS_CHECKED)
    if tuned and not job:
        raise NothingTunedError
    job = job_id_named(job) if job else None
    sampling = shaped(
        SamplingIn, temperature=temperature, top_p=top_p, seed=seed, max_tokens=max_tokens
    ).as_sampling()
    from llmlora.entry.chat_models import Wanted

    wanted = Wanted(job, model, base, tuned is not False, context)
    run_async(_chat(load_settings(data_dir), wanted, system, prompt, sampling, as_json=as_json))


async def _chat(
    settings: Settings,
    wanted: "Wanted",
    system: str | None,
    prompt: str | None,
    sampling: Sampling,
    *,
    as_json: bool,
) -> None:
    from llmlora.entry.chat_models import opened_model

    async with opened_model(settings, wanted) as (engines, model):
        talk = Talk(engines, model, sampling, as_json=as_json)
        if system:
            talk.messages.append(ChatMessage(role="system", content=system))
        if prompt is not None:
            await talk.answer(prompt)
            return
        err().print("/exit: 終了 exit   Ctrl-C: 応答を止める stop the answer", style="dim", highlight=False)
        await _converse(talk)


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
