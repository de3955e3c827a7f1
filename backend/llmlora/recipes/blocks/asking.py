"""Puts the held prompts to the reference and to a server, one after the other."""

from llmlora.contracts.events import Progress
from llmlora.contracts.inference import ChatMessage, ChatRequest, InferenceBackend, Sampling
from llmlora.contracts.recipe import Context, RunCancelledError
from llmlora.recipes.blocks.gate_settings import GateConfig
from llmlora.recipes.blocks.gates import Asked
from llmlora.recipes.blocks.parity import TOLERANCES, ReferenceAnswer, Tolerance
from llmlora.recipes.blocks.reference import Reference, answer_greedily

TOP_LOGPROBS = 20
# Asked beside the held ones where an engine names no token ids: their alternatives are whole characters, which can be
# compared, and a shuffled adapter answers them otherwise. Cut short: the first tokens say most, and cost least.
PROBES = ("Hello! Who are you?", "Name three colours.", "Write one sentence about the sea.")
PROBE_TOKENS = 12


class Examiner:
    """Asks each prompt of the reference once, however often a server is asked."""

    def __init__(self, config: GateConfig, reference: Reference, ctx: Context) -> None:
        self._config, self._reference, self._ctx = config, reference, ctx
        self._expected: dict[int, ReferenceAnswer] = {}

    async def ask(self, backend: InferenceBackend, model: str, adapter: int | None = None) -> list[Asked]:
        """What reference and server say to every prompt, and to the probes where the engine names no token ids.

        Raises:
            RunCancelledError: SIGTERM was seen.
            AppError: the server cannot be reached or fails.
        """
        asked: list[Asked] = []
        every = [(messages, self._config.max_tokens) for messages in self._config.conversations()]
        if not backend.tells_token_ids:
            every += [((ChatMessage(role="user", content=probe),), PROBE_TOKENS) for probe in PROBES]
        gate_progress(self._ctx, 0, len(every))
        for number, (messages, max_tokens) in enumerate(every):
            if self._ctx.cancelled:
                raise RunCancelledError
            # The server is asked while the reference rests: they would fight for the cores.
            served_ids = await backend.prompt_ids(messages)
            answer = await backend.answer(
                ChatRequest(
                    model=model,
                    messages=messages,
                    sampling=Sampling(temperature=0, max_tokens=max_tokens, seed=1),
                    adapter=adapter,
                    top_logprobs=TOP_LOGPROBS,
                )
            )
            # Most often both say the same: the reference verifies what it would take many passes to find.
            if number not in self._expected:
                self._expected[number] = answer_greedily(
                    self._reference, messages, max_tokens, guess=answer.text
                )
            asked.append(Asked(messages[-1].content, self._expected[number], served_ids, answer))
            gate_progress(self._ctx, len(asked), len(every))
        return asked


def gate_progress(ctx: Context, done: int, total: int) -> None:
    """How many prompts both sides have answered."""
    ctx.emit(Progress(stage="gates", done=done, total=total, unit="prompts"))


def tolerance_of(config: GateConfig, quantisation: str) -> Tolerance:
    """The config's own tolerances, or those of the quantisation."""
    if config.thresholds is None:
        return TOLERANCES[quantisation]
    return Tolerance(**config.thresholds.model_dump())
