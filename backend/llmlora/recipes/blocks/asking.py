"""Puts the held prompts to the reference and to a server, one after the other."""

from llmlora.contracts.events import Progress
from llmlora.contracts.inference import ChatMessage, ChatRequest, InferenceBackend, Sampling
from llmlora.contracts.recipe import Context, RunCancelledError
from llmlora.recipes.blocks.gate_settings import GateConfig
from llmlora.recipes.blocks.gates import Asked
from llmlora.recipes.blocks.parity import TOLERANCES, ReferenceAnswer, Tolerance
from llmlora.recipes.blocks.reference import Reference, answer_greedily

TOP_LOGPROBS = 20


class Examiner:
    """Asks each prompt of the reference once, however often a server is asked."""

    def __init__(self, config: GateConfig, reference: Reference, ctx: Context) -> None:
        self._config, self._reference, self._ctx = config, reference, ctx
        self._expected: dict[int, ReferenceAnswer] = {}

    async def ask(self, backend: InferenceBackend, model: str, adapter: int | None = None) -> list[Asked]:
        """What reference and server say to every prompt.

        Raises:
            RunCancelledError: SIGTERM was seen.
            AppError: the server cannot be reached or fails.
        """
        asked: list[Asked] = []
        conversations = self._config.conversations()
        gate_progress(self._ctx, 0, len(conversations))
        for number, messages in enumerate(conversations):
            if self._ctx.cancelled:
                raise RunCancelledError
            # The server is asked while the reference rests: they would fight for the cores.
            served_ids = await backend.prompt_ids(messages)
            answer = await backend.answer(
                ChatRequest(
                    model=model,
                    messages=messages,
                    sampling=Sampling(temperature=0, max_tokens=self._config.max_tokens, seed=1),
                    adapter=adapter,
                    top_logprobs=TOP_LOGPROBS,
                )
            )
            # Most often both say the same: the reference verifies what it would take many passes to find.
            expected = self._expects(number, messages, answer.text)
            asked.append(Asked(messages[-1].content, expected, served_ids, answer))
            gate_progress(self._ctx, len(asked), len(conversations))
        return asked

    def _expects(self, number: int, messages: tuple[ChatMessage, ...], served: str) -> ReferenceAnswer:
        if number not in self._expected:
            self._expected[number] = answer_greedily(
                self._reference, messages, self._config.max_tokens, guess=served
            )
        return self._expected[number]


def gate_progress(ctx: Context, done: int, total: int) -> None:
    """How many prompts both sides have answered."""
    ctx.emit(Progress(stage="gates", done=done, total=total, unit="prompts"))


def tolerance_of(config: GateConfig, quantisation: str) -> Tolerance:
    """The config's own tolerances, or those of the quantisation."""
    if config.thresholds is None:
        return TOLERANCES[quantisation]
    return Tolerance(**config.thresholds.model_dump())
