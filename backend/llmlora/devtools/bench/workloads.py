"""Workloads of `bench/`: what is measured against what, as each folder's `workload.toml` says."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

BENCH = Path(__file__).parents[4] / "bench"
SECONDS = "seconds"

FileName = Annotated[str, StringConstraints(pattern=r"^[\w-]+\.\w+$")]


class _Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Title(_Shape):
    """What is measured, in both languages."""

    ja: str
    en: str


class Peer(_Shape):
    """Whom we are measured against. `lock`: its packages with their hashes; None: it needs none but the product's."""

    name: str
    lock: FileName | None = None
    program: FileName = "peer.py"


class Workload(_Shape):
    """One folder of `bench/`. `measures`: `seconds`, of which less is better, or a rate's unit, of which more is.

    `least`: the ratio to reach, in times as good as the peer; None: reported only.
    """

    name: str
    folder: Path
    title: Title
    peer: Peer
    measures: str = SECONDS
    pairs: int = Field(5, ge=1, le=101)
    least: float | None = Field(None, gt=0)
    timeout_s: float = Field(1800, gt=0)

    @property
    def program(self) -> Path:
        """Our side."""
        return self.folder / "ours.py"

    @property
    def peer_program(self) -> Path:
        """The other side."""
        return self.folder / self.peer.program

    @property
    def preparation(self) -> Path | None:
        """What writes the material, if something has to."""
        return _if_there(self.folder / "prepare.py")

    @property
    def ceiling(self) -> Path | None:
        """The part of the work that nobody can do without, if it is measured."""
        return _if_there(self.folder / "ceiling.py")

    def ratio(self, ours: float, peer: float) -> float:
        """How many times as good as the peer ours is."""
        return peer / ours if self.measures == SECONDS else ours / peer


@cache
def all_workloads() -> dict[str, Workload]:
    """Every folder with a `workload.toml`, by name; none where the sources are not there.

    Raises:
        pydantic.ValidationError: a file is not as it has to be.
    """
    found = sorted(BENCH.glob("*/workload.toml"))
    return {path.parent.name: _read(path) for path in found}


def _read(path: Path) -> Workload:
    told = tomllib.loads(path.read_text(encoding="utf-8"))
    return Workload.model_validate({"name": path.parent.name, "folder": path.parent, **told})


def _if_there(path: Path) -> Path | None:
    return path if path.is_file() else None
