"""The browser in which the flows run."""

import os
import shutil
import subprocess

from llmlora.entry.console import err
from llmlora.kit.errors import UnavailableError

VARIABLE = "CHROMIUM"
NAMES = ("chromium", "chromium-browser", "google-chrome")
# A page without Japanese letters is another page.
PACKAGES = ("chromium", "fonts-noto-cjk")


class BrowserMissingError(UnavailableError):
    """There is no Chromium, and none could be installed."""

    code = "browser_missing"
    ja = "Chromium がありません（{reason}）。インストールするか（Debian・Ubuntu: sudo apt-get install chromium fonts-noto-cjk）、環境変数 CHROMIUM に実行ファイルのパスを指定してください。"
    en = "There is no Chromium ({reason}). Install it (Debian, Ubuntu: sudo apt-get install chromium fonts-noto-cjk), or name its program in the environment variable CHROMIUM."


def find_chromium() -> str:
    """Path of a Chromium; installed first where this may be done: as root, by apt-get.

    Raises:
        BrowserMissingError: there is none, with the reason why none was installed.
    """
    return _present() or _installed()


def _present() -> str | None:
    given = os.environ.get(VARIABLE)
    if given:
        found = shutil.which(given)
        if found is None:
            raise BrowserMissingError(reason=f"{VARIABLE}={given}")
        return found
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def _installed() -> str:
    apt = shutil.which("apt-get")
    if apt is None:
        raise BrowserMissingError(reason="apt-get: –")
    if os.geteuid() != 0:
        raise BrowserMissingError(reason="root: –")
    err().print(
        f"Chromium を入れています（apt-get、1〜2 分）/ installing Chromium (apt-get, 1–2 minutes): {' '.join(PACKAGES)}",
        markup=False,
        highlight=False,
        soft_wrap=True,
    )
    done = _install(apt)
    if done.returncode != 0:  # the lists of a fresh container are empty
        subprocess.run([apt, "update"], capture_output=True, check=False)
        done = _install(apt)
    path = _present()
    if path is None:
        lines = (done.stderr + done.stdout).strip().splitlines() or ["apt-get"]
        raise BrowserMissingError(reason=lines[-1])
    return path


def _install(apt: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [apt, "install", "-y", "--no-install-recommends", *PACKAGES],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
    )
