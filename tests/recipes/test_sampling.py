"""The sampler is made again of the trials at each ask: the same trials and the same seed give the same points."""

import random
from pathlib import Path
from typing import Any

import pytest

from llmlora.contracts.sweep import (
    Answer,
    Ask,
    Dimension,
    Objective,
    Space,
    TrialOutcome,
    Tried,
    hash_of,
    points_of,
)
from llmlora.features.sweeps.choosing import random_point, run_sampler
from llmlora.recipes.blocks.search import sampling
from llmlora.recipes.blocks.search.cma_state import STATE

HEIGHT = Objective(metric="hill/height", direction="minimize")
PLAIN: Space = {name: Dimension(type="float", low=-5, high=5) for name in "xy"}
RICH: Space = {
    **PLAIN,
    "layers": Dimension(type="int", low=2, high=8, step=2),
    "way": Dimension(type="categorical", choices=["straight", "curved", None, 1, True]),
    "rate": Dimension(type="float", low=1e-5, high=1, log=True, when={"way": "curved"}),
}


def height(point: dict[str, Any]) -> float:
    return float((point["x"] - 1) ** 2 + (point["y"] + 2) ** 2)


def tried(
    space: Space, count: int, outcome: TrialOutcome = TrialOutcome.COMPLETE, first: int = 0
) -> list[Tried]:
    chance = random.Random(first)
    points = [random_point(space, chance) for _ in range(count)]
    values = outcome is TrialOutcome.COMPLETE
    return [
        Tried(number=at, outcome=outcome, point=one, values=[height(one)] if values else None)
        for at, one in enumerate(points, first)
    ]


def asking(sampler: Any, space: Space, known: list[Tried], count: int = 1) -> Ask:
    first = len(known)
    numbers = list(range(first, first + count))
    return Ask(
        sweep_id="s", sampler=sampler, space=space, objectives=[HEIGHT], seed=7, numbers=numbers, tried=known
    )


def is_within(space: Space, point: dict[str, Any]) -> bool:
    active = {name for name, one in space.items() if one.is_active(point)}
    listed = [one for name, one in space.items() if name in active and one.type == "categorical"]
    numbers = [(one, point[name]) for name, one in space.items() if name in active and one not in listed]
    return active == point.keys() and all(
        one.bounds[0] <= value <= one.bounds[1] and (one.type == "float" or isinstance(value, int))
        for one, value in numbers
    )


class TestAsk:
    @pytest.mark.parametrize("sampler", ["tpe", "cmaes", "random"])
    def test_same_rows_give_the_same_points_and_others_than_before(self, sampler: str) -> None:
        known = [
            *tried(RICH, 12), *tried(RICH, 2, TrialOutcome.PRUNED, 12), *tried(RICH, 1, TrialOutcome.FAILED, 14),
            *tried(RICH, 2, TrialOutcome.RUNNING, 15),
        ]  # fmt: skip
        wanted = asking(sampler, RICH, known, count=3)
        once, again = sampling.ask(wanted), sampling.ask(Ask.model_validate_json(wanted.model_dump_json()))
        assert once.points == again.points
        assert [one.number for one in once.points] == [17, 18, 19]
        assert all(is_within(RICH, one.point) for one in once.points)
        assert len({hash_of(one.point) for one in (*once.points, *known)}) == 20

    @pytest.mark.parametrize(("sampler", "most"), [("tpe", 0.3), ("cmaes", 1.0)])
    def test_it_finds_the_valley(self, sampler: str, most: float) -> None:
        known: list[Tried] = []
        while len(known) < 40:
            answer = Answer.model_validate_json(
                sampling.ask(asking(sampler, PLAIN, known, count=2)).model_dump_json()
            )
            known += [
                Tried(
                    number=one.number, outcome=TrialOutcome.COMPLETE, point=one.point, values=[height(one.point)],
                    attrs=one.attrs,
                )
                for one in answer.points
            ]  # fmt: skip
        assert min(height(one.point) for one in known) < most
        assert any(STATE in one.attrs for one in known) == (sampler == "cmaes")
        assert "pickle" not in str([one.attrs for one in known])

    def test_of_few_points_each_is_given_once_and_then_none(self) -> None:
        few: Space = {"layers": Dimension(type="int", low=1, high=3), "way": Dimension(type="categorical", choices=[1, True])}  # fmt: skip
        found = sampling.ask(asking("tpe", few, [], count=9)).points
        assert {hash_of(one.point) for one in found} == {hash_of(one) for one in points_of(few)}
        assert len(found) == 6

    def test_several_objectives_are_searched_at_once(self) -> None:
        known = [
            one.model_copy(update={"values": [height(one.point), one.point["x"]]}) for one in tried(RICH, 15)
        ]
        both = [HEIGHT, Objective(metric="hill/cost", direction="maximize")]
        wanted = asking("tpe", RICH, known).model_copy(update={"objectives": both})
        assert len(sampling.ask(wanted).points) == 1
        first, second = sampling.importance(wanted).importance
        assert max(first, key=first.__getitem__) in "xy"
        assert max(second, key=second.__getitem__) == "x"

    def test_what_matters_is_told(self) -> None:
        (shares,) = sampling.importance(asking("tpe", RICH, tried(RICH, 60))).importance
        assert shares["x"] + shares["y"] > 0.6
        assert sampling.importance(asking("tpe", RICH, tried(RICH, 2))).importance == [{}]


@pytest.mark.anyio
@pytest.mark.slow
class TestProcess:
    async def test_gaussian_process_answers_from_its_own(self, tmp_path: Path) -> None:
        answer = await run_sampler(asking("gp", PLAIN, tried(PLAIN, 12), count=2))
        assert [one.number for one in answer.points] == [12, 13]
        assert all(is_within(PLAIN, one.point) for one in answer.points)
