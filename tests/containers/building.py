"""Builds what a Dockerfile describes, step by step, in plain directories: no container engine.

Every `RUN` runs in the stage's own root, as its user, in its directory, with its environment, its arguments and its cache
mounts; `COPY` sees of the clone what `.dockerignore` leaves. What is not understood is refused, never skipped:
`UnsupportedError`. The differences to an engine: no layers (a stage is built once a call, and one that a single other
stage begins with is continued in place), base images from `bases.py`, and the machine's registries from `machine.py`.
"""

import os
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from llmlora.devtools.containers.context import context_files
from llmlora.devtools.containers.dockerfile import (
    Dockerfile,
    Instruction,
    Stage,
    filled,
    json_form,
    read_dockerfile,
)

from tests.containers.bases import Base, copy_tree
from tests.containers.rooms import Mount, Room


class UnsupportedError(Exception):
    """A Dockerfile asks for something that is not done here. The text names the line."""


@dataclass
class Image:
    """A stage as far as it is built: its root, and what programs in it begin with."""

    root: Path
    env: dict[str, str]
    cwd: str = "/"
    user: str | None = None
    command: list[str] = field(default_factory=list)
    labels: dict[str, str] = field(default_factory=dict)
    volumes: list[str] = field(default_factory=list)
    arguments: dict[str, str] = field(default_factory=dict)

    def room(self, **more: object) -> Room:
        """Where the image's programs run: its environment, directory and user."""
        return Room(self.root, env={"HOME": "/root", **self.env}, cwd=self.cwd, user=self.user, **more)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Step:
    """What one instruction took."""

    line: int
    name: str
    seconds: float


@dataclass
class Build:
    """One build: `bases` gives the root of an image by its name, `store` keeps the caches, `work` gets the roots."""

    dockerfile: Dockerfile
    context: Path
    work: Path
    store: Path
    bases: Callable[[str], Base]
    arguments: Mapping[str, str] = field(default_factory=dict)
    machine_env: Mapping[str, str] = field(default_factory=dict)
    machine_mounts: tuple[Mount, ...] = ()
    steps: list[Step] = field(default_factory=list)

    def __post_init__(self) -> None:
        unknown = set(self.arguments) - set(self._declared())
        if unknown:
            raise UnsupportedError(f"{self.dockerfile.path}: no ARG {', '.join(sorted(unknown))}")
        self._built: dict[str, Image] = {}
        self._needed: list[Stage] = []
        self._files = sorted(context_files(self.context))

    def target(self, name: str = "") -> Image:
        """Build a stage (the last, if none is named) and all that it needs.

        Raises:
            UnsupportedError: an instruction, a flag or a form that is not done here.
            AssertionError: a step failed; the text ends with what it said.
        """
        self.work.mkdir(parents=True, exist_ok=True)
        stage = self.dockerfile.stage(name) if name else self.dockerfile.stages[-1]
        if stage is None:
            raise UnsupportedError(f"{self.dockerfile.path}: no stage {name}")
        self._needed = self._with_all_it_needs(stage)
        return self._stage(stage)

    def _declared(self) -> set[str]:
        inner = (one for stage in self.dockerfile.stages for one in stage.instructions if one.name == "ARG")
        return {*self.dockerfile.arguments, *(name for one in inner for name in one.declared({}))}

    def _stage(self, stage: Stage) -> Image:
        if stage.name not in self._built:
            image = self._begun(stage)
            for used in self._uses(stage):
                self._stage(used)  # before a step that copies from it, whose time is its own
            for instruction in stage.instructions:
                started = time.monotonic()
                self._do(image, instruction)
                self.steps.append(Step(instruction.line, instruction.name, time.monotonic() - started))
            self._built[stage.name] = image
        return self._built[stage.name]

    def _base_name(self, stage: Stage) -> str:
        return filled(stage.base, self._outer())

    def _outer(self) -> dict[str, str]:
        """The arguments from before the first stage, as they are given or by default."""
        declared = self.dockerfile.arguments
        return {name: self.arguments.get(name, default) for name, default in declared.items()}

    def _begun(self, stage: Stage) -> Image:
        name = self._base_name(stage)
        parent = self.dockerfile.stage(name)
        root = self.work / stage.name
        if parent is None:
            base = self.bases(name)
            root.mkdir()
            copy_tree(base.root, root)
            return Image(root, dict(base.env))
        image = self._stage(parent)
        if self._is_used_once(parent):
            image.root.rename(root)
        else:
            root.mkdir()
            copy_tree(image.root, root)
        return Image(
            root,
            dict(image.env),
            image.cwd,
            image.user,
            list(image.command),
            dict(image.labels),
            list(image.volumes),
        )

    def _is_used_once(self, parent: Stage) -> bool:
        """Whether nothing else of this build begins with it or copies from it; then it need not stay as it is."""
        return [one for stage in self._needed for one in self._uses(stage)].count(parent) == 1

    def _uses(self, stage: Stage) -> list[Stage]:
        """The stages that one begins with or copies from, each as often as it does."""
        origins = [one.flag("from") for one in stage.instructions if one.name == "COPY"]
        named = [self._base_name(stage), *(origin for origin in origins if origin)]
        return [found for name in named if (found := self.dockerfile.stage(name)) is not None]

    def _with_all_it_needs(self, stage: Stage) -> list[Stage]:
        found = [stage]
        for one in found:
            found += [used for used in self._uses(one) if used not in found]
        return found

    def _do(self, image: Image, one: Instruction) -> None:
        doing: Callable[[Image, Instruction], None] | None = getattr(self, f"_do_{one.name.lower()}", None)
        allowed = _FLAGS.get(one.name, set())
        if doing is None or any(name not in allowed for name, _ in one.flags):
            raise UnsupportedError(f"{self.dockerfile.path}:{one.line}: {one.name} {one.flags}")
        doing(image, one)

    def _do_env(self, image: Image, one: Instruction) -> None:
        image.env |= one.pairs(_variables(image))

    def _do_label(self, image: Image, one: Instruction) -> None:
        image.labels |= one.pairs(_variables(image))

    def _do_arg(self, image: Image, one: Instruction) -> None:
        for name, default in one.declared(_variables(image)).items():
            value = self.arguments.get(name, self._outer().get(name) if default is None else default)
            if value is not None:
                image.arguments[name] = value

    def _do_workdir(self, image: Image, one: Instruction) -> None:
        image.cwd = str(PurePosixPath(image.cwd) / filled(one.value, _variables(image)))
        (image.root / image.cwd.lstrip("/")).mkdir(parents=True, exist_ok=True)

    def _do_user(self, image: Image, one: Instruction) -> None:
        user = filled(one.value, _variables(image))
        if not all(part.isdigit() for part in user.split(":")):
            raise UnsupportedError(
                f"{self.dockerfile.path}:{one.line}: USER by name: orchestrators compare numbers"
            )
        image.user = None if user in ("0", "0:0") else user

    def _do_expose(self, image: Image, one: Instruction) -> None:
        """Tells people; changes nothing."""

    def _do_volume(self, image: Image, one: Instruction) -> None:
        image.volumes += one.words(_variables(image))

    def _do_cmd(self, image: Image, one: Instruction) -> None:
        listed = json_form(one.value)
        if listed is None:
            raise UnsupportedError(
                f"{self.dockerfile.path}:{one.line}: CMD that a shell runs: signals would not arrive"
            )
        image.command = listed

    def _do_run(self, image: Image, one: Instruction) -> None:
        mounts = [self._cache(one, value) for name, value in one.flags if name == "mount"]
        env = {**self.machine_env, **image.arguments, "HOME": "/root", **image.env}
        room = Room(image.root, env, image.cwd, image.user, (*self.machine_mounts, *mounts))
        listed = json_form(one.value)
        room.run(listed or ["/bin/sh", "-c", one.value], self._log(one))

    def _cache(self, one: Instruction, value: str) -> Mount:
        options = dict(part.partition("=")[::2] for part in value.split(","))
        if options.get("type") != "cache" or not set(options) <= {"type", "target", "id"}:
            raise UnsupportedError(f"{self.dockerfile.path}:{one.line}: --mount={value}")
        name = options.get("id", options["target"]).strip("/").replace("/", "_")
        place = self.store / "caches" / name
        place.mkdir(parents=True, exist_ok=True)
        return Mount(place, options["target"])

    def _log(self, one: Instruction) -> Path:
        return self.work / f"line-{one.line}.log"

    def _do_copy(self, image: Image, one: Instruction) -> None:
        *sources, target = one.words(_variables(image))
        origin = one.flag("from")
        stage = None if origin is None else self.dockerfile.stage(origin)
        if origin is not None and stage is None:
            raise UnsupportedError(f"{self.dockerfile.path}:{one.line}: COPY --from={origin}: not a stage")
        place = image.root / str(PurePosixPath(image.cwd) / target).lstrip("/")
        if not place.resolve().is_relative_to(image.root.resolve()):
            raise UnsupportedError(f"{self.dockerfile.path}:{one.line}: {target} leads out of the root")
        into = target.endswith("/") or len(sources) > 1 or target in (".", "./") or place.is_dir()
        for source in sources:
            if stage is None:
                self._copy_from_context(one, source, place, into=into)
            else:
                _copy_from_root(self._stage(stage).root / source.lstrip("/"), place, into=into)

    def _copy_from_context(self, one: Instruction, source: str, place: Path, *, into: bool) -> None:
        """As root's, with the modes and times that the files have in the clone."""
        wanted = source.removeprefix("./").rstrip("/")
        if any(letter in wanted for letter in "*?["):
            raise UnsupportedError(f"{self.dockerfile.path}:{one.line}: COPY with patterns")
        single = wanted in self._files
        below = [path for path in self._files if path.startswith(f"{wanted}/")]
        if not single and not below:
            raise AssertionError(f"{self.dockerfile.path}:{one.line}: {source} is not in the context")
        pairs = (
            [(wanted, place / Path(wanted).name if into else place)]
            if single
            else [(path, place / path.removeprefix(f"{wanted}/")) for path in below]
        )
        for path, goal in pairs:
            goal.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(self.context / path, goal, follow_symlinks=False)
            os.chown(goal, 0, 0, follow_symlinks=False)


_FLAGS = {"RUN": {"mount"}, "COPY": {"from"}}


def _variables(image: Image) -> dict[str, str]:
    return {**image.arguments, **image.env}


def _copy_from_root(source: Path, place: Path, *, into: bool) -> None:
    if source.is_dir():
        place.mkdir(parents=True, exist_ok=True)
        copy_tree(source, place)
        return
    goal = place / source.name if into else place
    goal.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(source, goal, follow_symlinks=False)


def build_of(
    dockerfile: Path, context: Path, work: Path, store: Path, bases: Callable[[str], Base], **more: object
) -> Build:
    """A build of a file."""
    return Build(read_dockerfile(dockerfile), context, work, store, bases, **more)  # type: ignore[arg-type]
