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
from llmlora.entry.language import language, localized, words
from llmlora.entry.lazy import more_help
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


@more_help(
    ja="Ctrl-C を押すと応答が止まります。終了するには /exit と入力するか、Ctrl-D を押します。",
    en="Ctrl-C stops an answer. Enter /exit or press Ctrl-D to leave.",
)
def chat(
    job: Annotated[
        str | None,
        typer.Option(
            "--job",
            "-j",
            help=words(
                ja="このジョブで学習したアダプターと会話します。", en="Chat with the adapter of this job."
            ),
        ),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(
            "--model",
            "-m",
            help=words(
                ja="デプロイしたモデルの名前か番号です。", en="The name or the id of a deployed model."
            ),
        ),
    ] = None,
    base: Annotated[
        str | None,
        typer.Option(
            "--base",
            "-b",
            help=words(
                ja=f"ベースモデルだけと会話します。何も指定しないときは {BUNDLED} です。",
                en=f"Chat with a base model alone; without any of these, {BUNDLED}.",
            ),
        ),
    ] = None,
    tuned: Annotated[
        bool | None,
        typer.Option(
            "--tuned/--base-only",
            help=words(
                ja="--job のアダプターを使うか、ベースモデルだけを使うかを選びます。",
                en="Whether to use the adapter of --job, or its base model alone.",
            ),
        ),
    ] = None,
    system: Annotated[
        str | None,
        typer.Option(
            "--system",
            help=words(
                ja="会話の前に与えるシステムプロンプトです。", en="The system prompt of the conversation."
            ),
        ),
    ] = None,
    prompt: Annotated[
        str | None,
        typer.Option(
            "--prompt",
            "-p",
            help=words(ja="この質問を 1 回だけして終了します。", en="Ask this question once and exit."),
        ),
    ] = None,
    temperature: Annotated[
        float,
        typer.Option(
            "--temperature",
            "-t",
            min=0,
            max=2,
            help=words(
                ja="温度です。0 では、いつも最も確率の高いトークンを選びます。",
                en="The temperature; at 0 the most likely token is always taken.",
            ),
        ),
    ] = 0.7,
    top_p: Annotated[
        float,
        typer.Option(
            "--top-p",
            min=0.01,
            max=1,
            help=words(
                ja="トークンの候補を、確率の合計がこの値になるまでの上位に絞ります。",
                en="Choose among the most likely tokens whose probabilities add up to this.",
            ),
        ),
    ] = 0.95,
    seed: Annotated[
        int | None,
        typer.Option(
            "--seed",
            min=0,
            max=LARGEST_SEED,
            help=words(
                ja="乱数のシードです。同じ値なら、同じ応答になります。",
                en="The seed for sampling; the same one gives the same answer.",
            ),
        ),
    ] = None,
    max_tokens: Annotated[
        int,
        typer.Option(
            "--max-tokens",
            min=1,
            max=131_072,
            help=words(ja="1 つの応答の最大トークン数です。", en="The most tokens of an answer."),
        ),
    ] = 512,
    context: Annotated[
        int | None,
        typer.Option(
            "--context",
            min=64,
            max=1_048_576,
            help=words(
                ja="文脈長（トークン数）です。省略すると、モデルとメモリに合わせて決めます。",
                en="The context length in tokens; by default what suits the model and the memory.",
            ),
        ),
    ] = None,
    adapter: Annotated[str | None, typer.Option("--adapter", "-a", hidden=True)] = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Talk to a base model or a tuned one.

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
        keys = localized("/exit: 終了、Ctrl-C: 応答を止める", "/exit: leave, Ctrl-C: stop the answer")
        err().print(keys, style="dim", highlight=False)
        await _converse(talk)


async def _converse(talk: "Talk") -> None:
    """Read, answer, repeat. Ctrl-C while reading only says how to leave."""
    typed = TypedLines()
    answering: asyncio.Task[None] | None = None

    def interrupt() -> None:
        if answering is None:
            left = localized("/exit と入力すると終了します。", "Enter /exit to leave.")
            err().print(f"\n{left}", style="dim", highlight=False)
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
                err().print(f"\n{localized('（停止しました）', '(stopped)')}", style="dim", highlight=False)
            except AppError as error:
                err().print(error.detail(language()), markup=False, highlight=False, soft_wrap=True)
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
