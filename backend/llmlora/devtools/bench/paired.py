"""Ours and a peer's work on the same material, in turn: what a noisy machine takes, it takes from both."""

import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from llmlora.contracts.errors import JobFailedError
from llmlora.devtools.bench.figures import Figure
from llmlora.devtools.bench.peers import python_of
from llmlora.devtools.bench.workloads import Workload
from llmlora.kit.errors import UnavailableError

SIDES = ("peer", "ours")


class Measurement(BaseModel):
    """What a program of a workload prints last. `digest`: of what came out of its work."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    value: float = Field(gt=0)
    digest: str


@dataclass(frozen=True)
class Pair:
    """One measurement of each side, one right after the other."""

    peer: float
    ours: float


class ProgramFailedError(UnavailableError):
    """A program of a workload died, or printed no measurement."""

    code = "bench_program_failed"
    ja = "計測のプログラム {program} が失敗しました。最後の行: {last}"
    en = "The measuring program {program} failed. Last line: {last}"


class UnequalWorkError(JobFailedError):
    """The two sides have not done the same work: there is nothing to compare."""

    code = "bench_unequal_work"
    ja = "「{workload}」の結果は無効です。両者の出力が一致しません（相手 {peer}、こちら {ours}）。"
    en = "The result of “{workload}” is void: the two sides' outputs differ (peer {peer}, ours {ours})."


def measure_pairs(workload: Workload, pairs: int, tell: Callable[[str], None]) -> list[Figure]:
    """Run a workload. `tell` hears of every pair. Blocking.

    Raises:
        PeerNotInstalledError: the peer's packages cannot be had.
        ProgramFailedError: a program failed.
        UnequalWorkError: the outputs differ.
    """
    lock = workload.folder / workload.peer.lock if workload.peer.lock else None
    pythons = {"ours": Path(sys.executable), "peer": python_of(lock) if lock else Path(sys.executable)}
    programs = {"ours": workload.program, "peer": workload.peer_program}
    with tempfile.TemporaryDirectory(prefix="llmlora-bench-") as folder:
        if workload.preparation is not None:
            _run(pythons["ours"], workload.preparation, folder, workload.timeout_s)

        def measured(side: str) -> Measurement:
            return _measured(pythons[side], programs[side], folder, workload.timeout_s)

        found = []
        for number in range(1, pairs + 1):
            one = {side: measured(side) for side in SIDES}
            _refuse_unequal(workload, one)
            found.append(Pair(one["peer"].value, one["ours"].value))
            tell(f"{number}/{pairs} × {workload.ratio(found[-1].ours, found[-1].peer):.2f}")
        ceiling = None
        if workload.ceiling is not None:
            ceiling = _measured(pythons["ours"], workload.ceiling, folder, workload.timeout_s).value
    return [figure_of(workload, found, ceiling)]


def figure_of(workload: Workload, pairs: Sequence[Pair], ceiling: float | None) -> Figure:
    """The median of the pairs' ratios, with the least and the largest."""
    ratios = [workload.ratio(pair.ours, pair.peer) for pair in pairs]
    peer, ours = (statistics.median(getattr(pair, side) for pair in pairs) for side in SIDES)
    unit = "s" if workload.measures == "seconds" else workload.measures
    note = f"{peer:.4g} → {ours:.4g} {unit}, {len(pairs)} pairs"
    if ceiling is not None:
        note += f", ceiling {ceiling:.4g} {unit}"
    return Figure(
        f"{workload.title.ja} / {workload.title.en}",
        f"times {workload.peer.name}",
        statistics.median(ratios),
        "×",
        least=workload.least,
        spread=(min(ratios), max(ratios)),
        note=note,
    )


def _refuse_unequal(workload: Workload, one: dict[str, Measurement]) -> None:
    if one["peer"].digest != one["ours"].digest:
        told = {side: one[side].digest[:12] for side in SIDES}
        raise UnequalWorkError(workload=workload.name, failure_code="bench_unequal_work", **told)


def _measured(python: Path, program: Path, folder: str, timeout_s: float) -> Measurement:
    lines = _run(python, program, folder, timeout_s).splitlines()
    try:
        return Measurement.model_validate(_document(lines[-1] if lines else ""))
    except ValidationError as error:
        raise ProgramFailedError(program=program, last=lines[-1] if lines else "–") from error


def _document(line: str) -> Any:
    try:
        return json.loads(line)
    except ValueError:
        return None


def _run(python: Path, program: Path, folder: str, timeout_s: float) -> str:
    command = [str(python), str(program), folder]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=timeout_s)
    except subprocess.TimeoutExpired as error:
        raise ProgramFailedError(program=program, last=f"{timeout_s:.0f} s") from error
    if done.returncode != 0:
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        raise ProgramFailedError(program=program, last=lines[-1] if lines else "–")
    return done.stdout
