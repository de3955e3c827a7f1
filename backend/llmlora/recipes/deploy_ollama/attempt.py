"""How a model is registered, and what is changed when a gate is red: one known cure at a time."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from llmlora.contracts.text import Text
from llmlora.recipes.blocks.gates import GateResult
from llmlora.recipes.blocks.go_template import LinearTemplate, NotLinearError, observe
from llmlora.recipes.blocks.tokenizer import HfChatTokenizer
from llmlora.recipes.deploy_ollama import words


@dataclass(frozen=True)
class Attempt:
    """What a registration says beside its weights. `template` None: the server guesses one from the GGUF."""

    system: str | None
    template: str | None
    stops: tuple[str, ...]


@dataclass(frozen=True)
class Cure:
    """What was changed, and why."""

    name: str
    words: Text


@dataclass(frozen=True)
class Knowledge:
    """What the training tokenizer tells about prompts and their ends. `linear` None: the template is too intricate."""

    linear: LinearTemplate | None
    end: str
    reserved: tuple[str, ...]
    start: str
    """What the base's tokenizer puts in front of every prompt."""
    leaves_start_out: bool
    """The training's prompts begin without it: only a merged model, which adds nothing, is asked as it was trained."""

    def start_of(self, *, merged: bool) -> str:
        """What the server puts in front of every prompt of the form that is registered."""
        return "" if merged and self.leaves_start_out else self.start


def learn(tokenizer: HfChatTokenizer) -> Knowledge:
    """Look at the template and the reserved texts of the tokenizer that was saved with the adapter."""
    try:
        linear = observe(tokenizer)
    except NotLinearError:
        linear = None
    return Knowledge(
        linear=linear,
        end=tokenizer.eos_text,
        reserved=tuple(sorted(tokenizer.special_texts)),
        start=tokenizer.decode(tokenizer.start_ids),
        leaves_start_out=tokenizer.leaves_start_out,
    )


def first_attempt(known: Knowledge) -> Attempt:
    """All stops, and the default system prompt: the server's own templates leave that out."""
    linear = known.linear
    marks = {known.end}
    if linear is not None:
        written = "".join(turn.before + turn.after for turn in linear.turns.values())
        marks |= {text for text in known.reserved if text in written and text != known.start}
    return Attempt(
        system=linear.default_system if linear else None, template=None, stops=tuple(sorted(marks))
    )


def next_attempt(last: Attempt, gates: Sequence[GateResult], known: Knowledge) -> tuple[Attempt, Cure] | None:
    """The first cure that fits a fault and was not tried yet; None: there is none."""
    kinds = {fault.kind for gate in gates for fault in gate.faults}
    if "prompt_ids" in kinds and last.template is None and known.linear is not None:
        template = known.linear.go(without_start=known.start)
        return replace(last, template=template), Cure(
            "template",
            words.OWN_TEMPLATE,
        )
    every = tuple(sorted({*last.stops, *known.reserved}))
    if kinds & {"no_stop", "special_text"} and every != last.stops:
        return replace(last, stops=every), Cure(
            "stops",
            words.EVERY_STOP,
        )
    return None
