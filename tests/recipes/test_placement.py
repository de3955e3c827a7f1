"""How many threads a run takes: no more than clearly win."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
import torch

from llmlora.recipes.blocks.placement import TUNING_S, Placement, tune_threads


@dataclass
class Work:
    """A pass that takes so many seconds on so many threads; now and then something disturbs one."""

    seconds: dict[int, float]
    disturbed: set[int] = field(default_factory=set)
    passes: int = 0
    tried: list[int] = field(default_factory=list)
    now_s: float = 0.0

    def __call__(self) -> None:
        self.passes += 1
        self.tried.append(torch.get_num_threads())
        self.now_s += self.seconds[torch.get_num_threads()] + (0.15 if self.passes in self.disturbed else 0)


@pytest.fixture(autouse=True)
def threads_as_before() -> Iterator[None]:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def tuned(work: Work, threads: int, *, budget_s: float = TUNING_S) -> int:
    torch.set_num_threads(threads)
    placement = tune_threads(
        Placement(torch.device("cpu"), "fp32", threads), work, budget_s=budget_s, clock_s=lambda: work.now_s
    )
    assert torch.get_num_threads() == placement.threads
    return placement.threads


class TestThreads:
    def test_one_is_enough_where_a_second_gains_little(self) -> None:
        assert tuned(Work({1: 0.055, 2: 0.05}), 2) == 1

    def test_all_are_taken_where_they_clearly_win(self) -> None:
        assert tuned(Work({1: 0.2, 2: 0.1, 4: 0.05}), 4) == 4

    def test_half_are_taken_where_the_rest_gains_little(self) -> None:
        assert tuned(Work({1: 0.15, 3: 0.055, 6: 0.05}), 6) == 3

    @pytest.mark.parametrize("disturbed", [2, 3, 4, 5])
    def test_one_disturbed_pass_decides_nothing(self, disturbed: int) -> None:
        assert tuned(Work({1: 0.05, 2: 0.05}, {disturbed}), 2) == 1
        assert tuned(Work({1: 0.1, 2: 0.05}, {disturbed}), 2) == 2

    def test_pass_that_takes_long_is_not_tried_on_fewer(self) -> None:
        work = Work({1: 9.0, 2: 9.0, 4: 0.1})
        assert tuned(work, 4, budget_s=0.05) == 4
        assert work.tried == [4]

    def test_search_ends_before_the_slowest_where_time_is_up(self) -> None:
        work = Work({1: 9.0, 2: 0.3, 4: 0.1})
        assert tuned(work, 4, budget_s=0.2) == 4
        assert work.tried == [4, 4, 2]

    def test_one_thread_is_not_timed(self) -> None:
        work = Work({1: 9.0})
        assert tuned(work, 1) == 1
        assert work.tried == []
