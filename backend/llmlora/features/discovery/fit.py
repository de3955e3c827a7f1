"""Whether a base model fits this machine: what the recipes forecast of training and serving, in a few numbers.

No recipe is named: training is asked of the default one, serving of the one that deploys to the usual target.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from llmlora.contracts.architecture import Architecture
from llmlora.contracts.forecast import Expected, Facts, Machine, MemoryForecast, PastSpeed
from llmlora.contracts.plan import PresetFacts
from llmlora.contracts.text import Text
from llmlora.features.discovery.schemas import Fit, LighterFit, MachineOut, Need, PresetFit
from llmlora.features.forecast.lengths import unknown_lengths
from llmlora.features.recipes.schemas import Words
from llmlora.kit.machine import cpu_model
from llmlora.recipes import DEFAULT, RECIPES, forecaster_of, plan_of
from llmlora.recipes.blocks.forecast.memory import choose_place, verdict_of

EXAMPLES = 1000
EXAMPLE_TOKENS = 256
"""A question and an answer of a few sentences."""
DEVICE = "auto"


@dataclass(frozen=True)
class Subject:
    """A base model as far as it is known, and how fast earlier jobs with it were here."""

    reference: str
    architecture: Architecture
    is_registered: bool = False
    size_bytes: int | None = None
    past: Sequence[PastSpeed] = ()


def fit_of(subject: Subject, machine: Machine) -> Fit:
    """Whether it can be trained and served here. Blocking where the processor is timed."""
    presets = plan_of(DEFAULT.name).presets(PresetFacts())
    first = next((one for one in presets if one.first), None)
    usual = _expected(subject, machine, first.values if first else {})
    memory = usual.memory
    assert memory is not None  # its size is known
    speed = usual.time.tokens_per_s
    return Fit(
        verdict=memory.verdict,
        device=memory.device,
        presets=[
            PresetFit(
                name=one.name,
                title=_words(one.title),
                first=one.first,
                memory=_need(_memory(subject, machine, one.values)),
            )
            for one in presets
        ],
        lighter=None if memory.verdict == "fits" else _lighter(subject, machine, memory),
        seconds=None if speed is None else round(EXAMPLES * EXAMPLE_TOKENS / speed, 1),
        basis=usual.time.basis,
        ja=usual.time.ja,
        en=usual.time.en,
        serving=_serving(subject, machine),
    )


def machine_out(machine: Machine, disk_free_bytes: int | None) -> MachineOut:
    """The device that a training would choose, and what is free there."""
    place = choose_place(DEVICE, "auto", machine)
    return MachineOut(
        device=place.device,
        name=place.accelerator.name if place.accelerator else cpu_model(),
        free_bytes=place.free_bytes,
        total_bytes=place.total_bytes,
        disk_free_bytes=disk_free_bytes,
    )


def disk_need(needed_bytes: int, free_bytes: int | None) -> Need:
    """What is written, against the disk."""
    return Need(
        verdict=verdict_of(needed_bytes, free_bytes),
        needed_bytes=needed_bytes,
        free_bytes=free_bytes,
        total_bytes=None,
    )


def _lighter(subject: Subject, machine: Machine, usual: MemoryForecast) -> LighterFit | None:
    """The first change that fits with room to spare, else the first that fits at all where the usual settings do not."""
    tried = [(one, _memory(subject, machine, one.values)) for one in forecaster_of(DEFAULT.name).lighter]
    wanted = ("fits", "tight") if usual.verdict == "does_not_fit" else ("fits",)
    for verdict in wanted:
        for one, memory in tried:
            if memory.verdict == verdict:
                return LighterFit(title=_words(one.title), memory=_need(memory))
    return None


def _serving(subject: Subject, machine: Machine) -> Need:
    """The checks load the model once more beside the server: what both hold in the machine's memory."""
    spec = next(one for one in RECIPES.values() if one.deploys is not None and one.deploys.default)
    needed = forecaster_of(spec.name).held_bytes(subject.architecture, spec.defaults)
    free, total = machine.memory.available_bytes, machine.memory.total_bytes
    return Need(verdict=verdict_of(needed, free), needed_bytes=needed, free_bytes=free, total_bytes=total)


def _memory(subject: Subject, machine: Machine, values: Mapping[str, Any]) -> MemoryForecast:
    memory = _expected(subject, machine, values).memory
    assert memory is not None  # its size is known
    return memory


def _expected(subject: Subject, machine: Machine, values: Mapping[str, Any]) -> Expected:
    facts = Facts(
        config=DEFAULT.config.model_validate(dict(values)),
        device=DEVICE,
        machine=machine,
        base_model=subject.reference,
        is_registered=subject.is_registered,
        architecture=subject.architecture,
        tokenizer_bytes=0,
        size_bytes=subject.size_bytes,
        lengths_of=unknown_lengths,
        past=subject.past,
    )
    return forecaster_of(DEFAULT.name).expect(facts)


def _need(memory: MemoryForecast) -> Need:
    return Need(
        verdict=memory.verdict,
        needed_bytes=memory.peak_bytes,
        free_bytes=memory.free_bytes,
        total_bytes=memory.total_bytes,
    )


def _words(text: Text) -> Words:
    return Words(ja=text.ja, en=text.en)
