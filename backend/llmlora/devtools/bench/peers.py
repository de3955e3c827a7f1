"""Virtual environments of peers: made from a lock with hashes, kept until the lock changes."""

import hashlib
import shutil
import subprocess
import sys
import venv
from pathlib import Path

from llmlora.kit.errors import UnavailableError

ENVIRONMENTS = Path(__file__).parents[4] / ".bench"
INSTALL_S = 1800


class PeerNotInstalledError(UnavailableError):
    """The peer's packages could not be installed."""

    code = "bench_peer_not_installed"
    ja = "比較相手のパッケージをインストールできません（{lock}）。ネットワークと次の行を確かめて、もう一度実行してください: {last}"
    en = "The packages of the peer could not be installed ({lock}). Check the network and this line, then run it again: {last}"


def python_of(lock: Path) -> Path:
    """The Python that has exactly what the lock lists; made first where it is not there.

    Raises:
        PeerNotInstalledError: pip refuses the lock, or reaches no index.
    """
    named = hashlib.sha256(lock.read_bytes() + sys.version.encode()).hexdigest()[:16]
    place = ENVIRONMENTS / named
    python = place / "bin" / "python"
    whole = place / "installed"
    if whole.is_file():
        return python
    shutil.rmtree(place, ignore_errors=True)
    venv.create(place, with_pip=True)
    command = [
        str(python),
        "-m",
        "pip",
        "install",
        "--quiet",
        "--require-hashes",
        "--no-deps",
        "-r",
        str(lock),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=INSTALL_S)
    if done.returncode != 0:
        shutil.rmtree(place, ignore_errors=True)
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        raise PeerNotInstalledError(lock=lock, last=lines[-1] if lines else "–")
    whole.touch()
    return python
