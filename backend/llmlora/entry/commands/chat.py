"""`chat`: talk to a base model or a tuned one in the terminal. Ctrl-C stops the answer, `/exit` the program."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from llmlora.contracts.inference import ChatDelta, ChatMessage, ChatRequest, InferenceBackend, Sampling
from llmlora.entry.console import AsJson, DataDir, err, load_settings, out, print_json, run_async
from llmlora.entry.inputs import shaped
from llmlora.features.chat.schemas import LARGEST_SEED, SamplingIn
from llmlora.kit.errors import AppError, InvalidInputError
from llmlora.kit.settings import Settings

if TYPE_CHECKING:
    from llmlora.features.deployments.service import Served

BUNDLED = "bundled:smollm2-135m-instruct"
EXIT_WORDS = frozenset({"/exit", "/quit"})


class JobAndAdapterError(InvalidInputError):
    """Two sources for one adapter."""

    code = "job_and_adapter"
    ja = "--job と --adapter は同時に使えません。どちらか一方を指定してください。"
    en = "--job and --adapter cannot be combined. Give only one of them."


class NothingTunedError(InvalidInputError):
    """`--tuned` without an adapter."""

    code = "nothing_tuned"
    ja = "--tuned を使うには、--job か --adapter を指定してください。"
    en = "--tuned needs --job or --adapter. Give one of them."


def chat(
    job: Annotated[
        str | None, typer.Option("--job", "-j", help="Chat with the adapter of this job. ジョブ番号。")
    ] = None,
    adapter: Annotated[
        str | None, typer.Option("--adapter", "-a", help="A final_model directory. アダプターのフォルダー。")
    ] = None,
    base: Annotated[
        str | None,
        typer.Option(
            "--base", "-b", help=f"Base model; default without a job or an adapter: {BUNDLED}. ベースモデル。"
        ),
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
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Chat with a model. モデルと会話します。

    Ctrl-C stops an answer; /exit or Ctrl-D ends.

    Raises:
        JobAndAdapterError: both --job and --adapter were given.
        NothingTunedError: --tuned, and neither of them.
    """
    if job and adapter:
        raise JobAndAdapterError
    if tuned and not (job or adapter):
        raise NothingTunedError
    sampling = shaped(
        SamplingIn, temperature=temperature, top_p=top_p, seed=seed, max_tokens=max_tokens
    ).as_sampling()
    serving = _open(load_settings(data_dir), job or adapter, base, context)
    run_async(_chat(serving, tuned is not False, system, prompt, sampling, as_json=as_json))


async def _chat(
    serving: AbstractAsyncContextManager["Served"],
    tuned: bool,
    system: str | None,
    prompt: str | None,
    sampling: Sampling,
    *,
    as_json: bool,
) -> None:
    async with serving as served:
        index = served.endpoint.adapter_index if tuned else None
        talk = Talk(served.backend, served.endpoint.model, index, sampling, as_json=as_json)
        if system:
            talk.messages.append(ChatMessage(role="system", content=system))
        if prompt is not None:
            await talk.answer(prompt)
            return
        err().print("/exit: 終了 exit   Ctrl-C: 応答を止める stop the answer", style="dim", highlight=False)
        await _converse(talk)


@asynccontextmanager
async def _open(
    settings: Settings, adapter: str | None, base: str | None, context: int | None
) -> AsyncIterator["Served"]:
    from llmlora.engine.embedded.services import open_database
    from llmlora.entry.event_view import EventView
    from llmlora.entry.inputs import base_model_named
    from llmlora.features.deployments.adapters import find_adapter
    from llmlora.features.deployments.service import served_adapter, served_base

    async with AsyncExitStack() as stack:
        with EventView(err()) as view:
            chosen = None
            if base is not None or adapter is None:
                async with open_database(settings) as database:
                    chosen = await base_model_named(database, settings, base or BUNDLED, view.show)
            if adapter is None:
                assert chosen is not None
                serving = served_base(settings, chosen, progress=view.show, n_ctx=context)
            else:
                found = find_adapter(adapter, settings.data_dir, chosen)
                serving = served_adapter(settings, found, progress=view.show, n_ctx=context)
            served = await stack.enter_async_context(serving)
        yield served


async def _converse(talk: "Talk") -> None:
    """Read, answer, repeat. Ctrl-C while reading only says how to leave."""
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGINT, _say_how_to_leave)
    while (line := await asyncio.to_thread(_read_line)) is not None:
        question = line.strip()
        if question in EXIT_WORDS:
            return
        if not question:
            continue
        answering = asyncio.create_task(talk.answer(question))
        loop.add_signal_handler(signal.SIGINT, answering.cancel)
        try:
            await answering
        except asyncio.CancelledError:
            err().print("\n（停止 stopped）", style="dim", highlight=False)
        except AppError as error:
            err().print(f"{error.detail('ja')}\n{error.detail('en')}", markup=False, highlight=False)
        loop.add_signal_handler(signal.SIGINT, _say_how_to_leave)


def _say_how_to_leave() -> None:
    err().print("\n/exit で終了 / to exit", style="dim", highlight=False)


def _read_line() -> str | None:
    """A line of standard input; None at its end."""
    try:
        return input("> ") if sys.stdin.isatty() else input()
    except EOFError:
        return None


class Talk:
    """One conversation. A stopped answer leaves no trace in it."""

    def __init__(
        self,
        backend: InferenceBackend,
        model: str,
        adapter: int | None,
        sampling: Sampling,
        *,
        as_json: bool,
    ) -> None:
        self.messages: list[ChatMessage] = []
        self._backend = backend
        self._model = model
        self._adapter = adapter
        self._sampling = sampling
        self._as_json = as_json

    async def answer(self, question: str) -> None:
        """Stream the answer to the terminal (or print one JSON document) and remember both turns.

        Raises:
            AppError: the server refuses the conversation or cannot be reached.
        """
        asked = ChatMessage(role="user", content=question)
        request = ChatRequest(
            model=self._model,
            messages=(*self.messages, asked),
            sampling=self._sampling,
            adapter=self._adapter,
        )
        text, last = "", ChatDelta()
        async for delta in self._backend.stream(request):
            text, last = text + delta.text, delta
            if delta.text and not self._as_json:
                out().print(delta.text, end="", markup=False, highlight=False, soft_wrap=True)
        self.messages += [asked, ChatMessage(role="assistant", content=text)]
        if self._as_json:
            print_json({"question": question, "answer": text, **last.model_dump(exclude={"text"})})
        else:
            out().print()
