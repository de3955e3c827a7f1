"""Puts the held prompts to the reference and to a server, one after the other."""

import torch

from llmlora.contracts.events import Progress
from llmlora.contracts.inference import ChatMessage, ChatRequest, InferenceBackend, Prompt, Sampling
from llmlora.contracts.run import Context, RunCancelledError
from llmlora.data.held import USUAL_TOKENS, HeldPrompts, read_held_prompts
from llmlora.data.tokenizer import TemplateError
from llmlora.kit.errors import InvalidInputError
from llmlora.recipes.blocks.gate_settings import GateConfig
from llmlora.recipes.blocks.gates import Asked
from llmlora.recipes.blocks.parity import TOLERANCES, ReferenceAnswer, Tolerance, wider
from llmlora.recipes.blocks.reference import ReferenceModel, answer_greedily, prompt_ids

TOP_LOGPROBS = 20
# Asked beside the held ones where an engine names no token ids: their alternatives are whole characters, which can be
# compared, and a shuffled adapter answers them otherwise. Cut short: the first tokens say most, and cost least.
PROBES = tuple(
    Prompt(messages=(ChatMessage(role="user", content=text),))
    for text in ("Hello! Who are you?", "Name three colours.", "Write one sentence about the sea.")
)
PROBE_TOKENS = 12

# Asked where a config names no prompts and the adapter was trained before any were kept beside it.
GENERAL_PROMPTS = tuple(
    Prompt(messages=(ChatMessage(role="user", content=text),))
    for text in ("こんにちは。", "What can you do?", "1 から 5 まで数えてください。")
)
NO_HELD_PROMPTS = "学習時に保存された質問がないため、一般的な質問で検査します / no prompts were saved with the adapter, so general questions are used"


class NoPromptLeftError(InvalidInputError):
    """Not one held prompt can be put to both sides."""

    code = "no_held_prompt_left"
    ja = "検査用の質問 {count} 件は、どれも使えません（最後の理由: {reason_ja}）。チャットテンプレートが受け付け、文脈長に収まる質問を prompts に指定してください。"
    en = "None of the {count} prompts for the checks can be used (last reason: {reason_en}). In prompts, give questions that the chat template accepts and that fit into the context."


class Examiner:
    """Asks each prompt of the reference once, however often a server is asked."""

    def __init__(self, config: GateConfig, reference: ReferenceModel, ctx: Context) -> None:
        self._config, self._reference, self._ctx = config, reference, ctx
        self._expected: dict[int, ReferenceAnswer] = {}
        held = held_prompts_of(config, ctx)
        self._prompts = held.prompts
        self._max_tokens = config.max_tokens or held.answer_tokens
        if self._prompts == GENERAL_PROMPTS:
            ctx.log(NO_HELD_PROMPTS)

    async def ask(self, backend: InferenceBackend, model: str, adapter: int | None = None) -> list[Asked]:
        """What reference and server say to every prompt, and to the probes where the engine names no token ids.

        A prompt that a side refuses is left out, with a line in the log.

        Raises:
            RunCancelledError: SIGTERM was seen.
            NoPromptLeftError: every prompt is refused.
            AppError: the server cannot be reached or fails.
        """
        asked: list[Asked] = []
        every = [(prompt, self._max_tokens) for prompt in self._prompts]
        if not backend.tells_token_ids:
            every += [(probe, PROBE_TOKENS) for probe in PROBES]
        left_out, refused = 0, ("", "")
        gate_progress(self._ctx, 0, len(every))
        for number, (prompt, max_tokens) in enumerate(every):
            if self._ctx.cancelled:
                raise RunCancelledError
            try:
                asked.append(await self._ask(number, prompt, max_tokens, backend, model, adapter))
            except TemplateError as error:
                refused = (str(error), str(error))
            except InvalidInputError as error:
                refused = (error.detail("ja"), error.detail("en"))
            else:
                gate_progress(self._ctx, number + 1, len(every))
                continue
            self._ctx.log(
                f"検査用の質問 {number + 1} を除きます: {refused[0]} / prompt {number + 1} of the checks is left out: {refused[1]}",
                level="warning",
            )
            left_out += number < len(self._prompts)
        if left_out == len(self._prompts):
            raise NoPromptLeftError(count=left_out, reason_ja=refused[0], reason_en=refused[1])
        gate_progress(self._ctx, len(every), len(every))
        return asked

    async def _ask(
        self,
        number: int,
        prompt: Prompt,
        max_tokens: int,
        backend: InferenceBackend,
        model: str,
        adapter: int | None,
    ) -> Asked:
        messages, tools = prompt.messages, prompt.tools
        # What training's own template refuses, no server is asked.
        prompt_ids(self._reference, messages, tools)
        # The server is asked while the reference rests: they would fight for the cores.
        served_ids = await backend.prompt_ids(messages, tools)
        answer = await backend.answer(
            ChatRequest(
                model=model,
                messages=messages,
                tools=tools,
                sampling=Sampling(temperature=0, max_tokens=max_tokens, seed=1),
                adapter=adapter,
                top_logprobs=TOP_LOGPROBS,
            )
        )
        # Most often both say the same: the reference verifies what it would take many passes to find.
        if number not in self._expected:
            self._expected[number] = answer_greedily(
                self._reference, messages, max_tokens, tools=tools, guess=answer.text
            )
        return Asked(messages[-1].content, self._expected[number], served_ids, answer)


def held_prompts_of(config: GateConfig, ctx: Context) -> HeldPrompts:
    """The config's own prompts; else those that the training kept beside its adapter, or a few of everybody's."""
    inputs = ctx.spec.inputs
    kept = read_held_prompts(inputs.file("adapter").path) if "adapter" in inputs else None
    if given := config.given_prompts():
        return HeldPrompts(prompts=given, answer_tokens=kept.answer_tokens if kept else USUAL_TOKENS)
    return kept or HeldPrompts(prompts=GENERAL_PROMPTS)


def gate_progress(ctx: Context, done: int, total: int) -> None:
    """How many prompts both sides have answered."""
    ctx.emit(Progress(stage="gates", done=done, total=total, unit="prompts"))


def tolerance_of(config: GateConfig, quantisation: str, reference: ReferenceModel) -> Tolerance:
    """The config's own tolerances, or those of the quantisation; not below what the reference's own precision rounds."""
    if config.thresholds is not None:
        return Tolerance(**config.thresholds.model_dump())
    served = TOLERANCES[quantisation]
    return wider(served, TOLERANCES["bf16"]) if reference.dtype == torch.bfloat16 else served
