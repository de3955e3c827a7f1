"""Programs in a directory that is their root, as a container runs them: own mounts, own processes, a user, an environment.

Needs root on Linux with `unshare`, `chroot` and `setpriv` (util-linux, coreutils). All mounts belong to the program's own
namespace and go with it; the only traces are the empty files and directories that were mounted on, which are taken away.
"""

import os
import shlex
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

NEEDED = ("unshare", "chroot", "setpriv", "mount", "ip")


def missing(*more: str) -> str:
    """Why no program can be run in a root of its own on this machine (with `more` programs); empty where it can."""
    if os.name != "posix" or os.geteuid() != 0:
        return "needs root, to change the root directory"
    path = f"{os.environ['PATH']}:/usr/sbin:/sbin"
    absent = [name for name in (*NEEDED, *more) if shutil.which(name, path=path) is None]
    if absent:
        return f"needs {', '.join(absent)}"
    tried = subprocess.run(
        ["unshare", "--mount", "--pid", "--fork", "true"], capture_output=True, check=False
    )
    return "" if tried.returncode == 0 else f"unshare: {tried.stderr.decode().strip()}"


@dataclass(frozen=True)
class Mount:
    """A file or directory of the machine at a place in the root."""

    source: Path
    target: str
    read_only: bool = False


@dataclass(frozen=True)
class Room:
    """A root and how programs run in it.

    `user`: `uid:gid`; None: root with all its capabilities, as steps of a build have them; else the program has none, and
    gains none. `read_only`: the root is, with an empty file system on /tmp. `offline`: nothing but loopback, its own.
    """

    root: Path
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: str = "/"
    user: str | None = None
    mounts: tuple[Mount, ...] = ()
    read_only: bool = False
    offline: bool = False

    def with_env(self, **more: str) -> "Room":
        """The same room, with more variables."""
        return replace(self, env={**self.env, **more})

    @contextmanager
    def started(self, argv: Sequence[str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
        """A program that is killed, with all that it has started, when the block ends. Its output goes to `log`."""
        with self._mount_points(), log.open("ab") as stream:
            process = subprocess.Popen(
                self._command(argv), stdin=subprocess.DEVNULL, stdout=stream, stderr=stream, env=_PLAIN
            )
            try:
                yield process
            finally:
                process.kill()  # unshare's --kill-child ends the first process of the namespace, the kernel all others
                process.wait()

    def run(self, argv: Sequence[str], log: Path, timeout_s: float = 3600) -> None:
        """A program to its end.

        Raises:
            AssertionError: it failed, or took too long; the text ends with the last lines of the log.
        """
        with self.started(argv, log) as process:
            try:
                status = process.wait(timeout_s)
            except subprocess.TimeoutExpired:
                status = -1
        if status != 0:
            last = log.read_text(errors="replace").splitlines()[-40:]
            raise AssertionError("\n".join([f"exit {status}: {shlex.join(argv)}", *last]))

    def _command(self, argv: Sequence[str]) -> list[str]:
        apart = ["unshare", "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child"]
        if self.offline:
            apart.append("--net")
        return [*apart, "--", "/bin/sh", "-ec", "\n".join(self._preparation()), "sh", *argv]

    def _preparation(self) -> Iterator[str]:
        """The shell that mounts, changes the root and becomes the program (`"$@"`)."""
        root = shlex.quote(str(self.root))
        if self.offline:
            yield "ip link set lo up"
        yield f"mount --bind {root} {root}"
        if self.read_only:
            yield f"mount -o remount,bind,ro {root}"
            yield f"mount -t tmpfs -o mode=1777 tmp {root}/tmp"
        yield f"mount -t proc proc {root}/proc"
        yield f"mount --rbind /dev {root}/dev"
        yield f"mount --rbind /sys {root}/sys"
        for one in self.mounts:
            place = shlex.quote(f"{self.root}{one.target}")
            yield f"mount --bind {shlex.quote(str(one.source))} {place}"
            if one.read_only:
                yield f"mount -o remount,bind,ro {place}"
        inside = 'cd "$0" && exec "$@"'
        environment = shlex.join(f"{name}={value}" for name, value in self.env.items())
        user = ""
        if self.user is not None:
            uid, _, gid = self.user.partition(":")
            user = (
                f"setpriv --reuid={uid} --regid={gid or uid} --clear-groups --no-new-privs --bounding-set=-all "
                "--inh-caps=-all -- "
            )
        shell = f"env -i {environment} /bin/sh -c {shlex.quote(inside)} {shlex.quote(self.cwd)}"
        yield f'exec chroot {root} {user}{shell} "$@"'

    @contextmanager
    def _mount_points(self) -> Iterator[None]:
        """Something to mount on where there is nothing, until the program has ended."""
        made: list[Path] = []
        for one in self.mounts:
            place = Path(f"{self.root}{one.target}")
            made += [parent for parent in reversed(place.parents) if not parent.exists()]
            if not place.exists():
                made.append(place)
            if one.source.is_dir():
                place.mkdir(parents=True, exist_ok=True)
            else:
                place.parent.mkdir(parents=True, exist_ok=True)
                place.touch()
        try:
            yield
        finally:
            for place in reversed(made):
                _remove_empty(place)


_PLAIN = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}


def _remove_empty(place: Path) -> None:
    """What a step has put into a directory that was mounted on stays, as it does in an image."""
    if place.is_dir():
        if not any(place.iterdir()):
            place.rmdir()
    elif place.exists() and place.stat().st_size == 0:
        place.unlink()
