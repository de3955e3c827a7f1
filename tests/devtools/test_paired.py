"""The harness of `bench NAME`: pairs in turn, void results, peers with packages of their own."""

import re
from pathlib import Path

import pytest

from llmlora.devtools.bench.figures import Figure
from llmlora.devtools.bench.paired import (
    Pair,
    ProgramFailedError,
    UnequalWorkError,
    figure_of,
    measure_pairs,
)
from llmlora.devtools.bench.peers import PeerNotInstalledError, python_of
from llmlora.devtools.bench.table import show
from llmlora.devtools.bench.workloads import Peer, Title, Workload, all_workloads

SAYS = "import json, sys; print(json.dumps({{'value': {value}, 'digest': {digest!r}}}))"
NOTES_ITS_TURN = "from pathlib import Path; p = Path(sys.argv[1]) / 'turns'; p.open('a').write({turn!r});"


def workload(folder: Path, **told: object) -> Workload:
    facts = {"title": Title(ja="数え上げ", en="counting"), "peer": Peer(name="the other"), **told}
    return Workload.model_validate({"name": "counting", "folder": folder, **facts})


def write(folder: Path, name: str, value: float, digest: str = "same", more: str = "") -> None:
    (folder / name).write_text("import sys;" + more + SAYS.format(value=value, digest=digest))


def heard() -> list[str]:
    return []


class TestPairs:
    def test_sides_take_turns_on_material_that_was_prepared_once(self, tmp_path: Path) -> None:
        seen = tmp_path / "turns-seen"
        keep = f"(Path({str(seen)!r})).write_text(p.read_text());"
        write(tmp_path, "prepare.py", 1, more=NOTES_ITS_TURN.format(turn="-"))
        write(tmp_path, "peer.py", 3, more=NOTES_ITS_TURN.format(turn="P"))
        write(tmp_path, "ours.py", 2, more=NOTES_ITS_TURN.format(turn="o") + keep)
        lines = heard()
        [figure] = measure_pairs(workload(tmp_path, least=1.2), 3, lines.append)
        assert seen.read_text() == "-PoPoPo"
        assert (figure.value, figure.spread, figure.passed) == (1.5, (1.5, 1.5), True)
        assert lines == ["1/3 × 1.50", "2/3 × 1.50", "3/3 × 1.50"]

    def test_ceiling_stands_beside_both(self, tmp_path: Path) -> None:
        for name, value in (("peer.py", 3), ("ours.py", 2), ("ceiling.py", 0.5)):
            write(tmp_path, name, value)
        [figure] = measure_pairs(workload(tmp_path), 1, heard().append)
        assert "3 → 2 s, 1 pairs, ceiling 0.5 s" in figure.note

    def test_work_that_differs_is_void(self, tmp_path: Path) -> None:
        write(tmp_path, "peer.py", 3, digest="a" * 64)
        write(tmp_path, "ours.py", 2, digest="b" * 64)
        with pytest.raises(UnequalWorkError, match="aaaaaaaaaaaa"):
            measure_pairs(workload(tmp_path), 1, heard().append)

    @pytest.mark.parametrize(
        ("program", "last"),
        [
            ("raise SystemExit('no such file')", "no such file"),
            ("print('ready')", "ready"),
            ('print(\'{"value": 0, "digest": ""}\')', "value"),
            ("pass", "–"),
        ],
    )
    def test_program_that_measures_nothing_is_named_with_its_last_line(
        self, tmp_path: Path, program: str, last: str
    ) -> None:
        write(tmp_path, "ours.py", 2)
        (tmp_path / "peer.py").write_text(program)
        with pytest.raises(ProgramFailedError, match=re.escape(last)) as told:
            measure_pairs(workload(tmp_path), 1, heard().append)
        assert "peer.py" in str(told.value)

    def test_program_that_does_not_end_is_ended(self, tmp_path: Path) -> None:
        (tmp_path / "peer.py").write_text("import time; time.sleep(600)")
        with pytest.raises(ProgramFailedError, match="1 s"):
            measure_pairs(workload(tmp_path, timeout_s=1), 1, heard().append)


class TestFigure:
    @pytest.mark.parametrize(("measures", "times"), [("seconds", 0.5), ("tokens/s", 2.0)])
    def test_less_time_and_a_higher_rate_are_better(
        self, tmp_path: Path, measures: str, times: float
    ) -> None:
        figure = figure_of(workload(tmp_path, measures=measures, least=1), [Pair(peer=2, ours=4)], None)
        assert (figure.value, figure.passed) == (times, times >= 1)

    def test_one_slow_moment_moves_the_spread_and_not_the_median(self, tmp_path: Path) -> None:
        pairs = [Pair(2, 1)] * 4 + [Pair(2, 8)]
        figure = figure_of(workload(tmp_path), pairs, None)
        assert (figure.value, figure.spread, figure.passed) == (2, (0.25, 2), None)

    def test_table_shows_median_spread_and_what_is_to_reach(self, capsys: pytest.CaptureFixture[str]) -> None:
        one = Figure("counting", "times the other", 1.5, "×", least=1.2, spread=(1.25, 2.0), note="5 pairs")
        machine = {"load_before": (0, 0, 0), "load_after": (0, 0, 0), "on": "here", "cpus": 2}
        show([one], machine)
        assert "1.500 × [1.250–2] ✓ | ≥ 1.200 ×" in capsys.readouterr().out


@pytest.mark.slow
class TestPeers:
    def test_lock_without_hashes_is_refused_and_leaves_nothing(self, tmp_path: Path) -> None:
        lock = tmp_path / "peer.lock"
        lock.write_text(f"pip==26.0  # {tmp_path}\n")
        with pytest.raises(PeerNotInstalledError, match=r"peer\.lock"):
            python_of(lock)

    def test_empty_lock_is_an_environment_of_its_own_and_is_found_again(self, tmp_path: Path) -> None:
        lock = tmp_path / "peer.lock"
        lock.write_text("")
        python = python_of(lock)
        write(tmp_path, "ours.py", 2)
        (tmp_path / "peer.py").write_text("import numpy")
        with pytest.raises(ProgramFailedError, match="No module named 'numpy'"):
            measure_pairs(workload(tmp_path, peer=Peer(name="bare", lock="peer.lock")), 1, heard().append)
        assert python_of(lock) == python


class TestWorkloads:
    def test_every_folder_has_its_programs_and_its_lock(self) -> None:
        assert all_workloads()
        for one in all_workloads().values():
            assert one.program.is_file()
            assert one.peer_program.is_file()
            assert one.peer.lock is None or "--hash=sha256:" in (one.folder / one.peer.lock).read_text()
