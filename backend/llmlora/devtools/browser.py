"""The browsers in which the flows run."""

import os
import shutil
import subprocess
from dataclasses import dataclass

from llmlora.entry.console import say
from llmlora.kit.errors import UnavailableError


@dataclass(frozen=True)
class Browser:
    """One that Debian has: what its program is called, and what names another program in the environment."""

    name: str
    variable: str
    programs: tuple[str, ...]
    package: str

    @property
    def packages(self) -> tuple[str, ...]:
        """What apt-get installs. A page without Japanese letters is another page."""
        return (self.package, "fonts-noto-cjk")


CHROMIUM = Browser("Chromium", "CHROMIUM", ("chromium", "chromium-browser", "google-chrome"), "chromium")
FIREFOX = Browser("Firefox", "FIREFOX", ("firefox-esr", "firefox"), "firefox-esr")


class BrowserMissingError(UnavailableError):
    """There is no such browser, and none could be installed."""

    code = "browser_missing"
    ja = "{name} がありません（{reason}）。インストールするか（Debian・Ubuntu: sudo apt-get install {packages}）、環境変数 {variable} に実行ファイルのパスを指定してください。"
    en = "{name} was not found ({reason}). Install it (Debian, Ubuntu: sudo apt-get install {packages}), or set the environment variable {variable} to its path."


def find_chromium() -> str:
    """Path of a Chromium; installed first where this may be done: as root, by apt-get.

    Raises:
        BrowserMissingError: there is none, with the reason why none was installed.
    """
    return find_browser(CHROMIUM)


def find_browser(browser: Browser) -> str:
    """Path of its program; installed first where this may be done: as root, by apt-get.

    Raises:
        BrowserMissingError: there is none, with the reason why none was installed.
    """
    return _present(browser) or _installed(browser)


def _present(browser: Browser) -> str | None:
    given = os.environ.get(browser.variable)
    if given:
        found = shutil.which(given)
        if found is None:
            raise _missing(browser, f"{browser.variable}={given}")
        return found
    return next((path for name in browser.programs if (path := shutil.which(name))), None)


def _installed(browser: Browser) -> str:
    apt = shutil.which("apt-get")
    if apt is None:
        raise _missing(browser, "apt-get: –")
    if os.geteuid() != 0:
        raise _missing(browser, "root: –")
    packages = " ".join(browser.packages)
    say(
        f"{browser.name} をインストールしています（apt-get、1〜2 分）: {packages}",
        f"installing {browser.name} (apt-get, 1–2 minutes): {packages}",
    )
    done = _install(apt, browser)
    if done.returncode != 0:  # the lists of a fresh container are empty
        subprocess.run([apt, "update"], capture_output=True, check=False)
        done = _install(apt, browser)
    path = _present(browser)
    if path is None:
        lines = (done.stderr + done.stdout).strip().splitlines() or ["apt-get"]
        raise _missing(browser, lines[-1])
    return path


def _install(apt: str, browser: Browser) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [apt, "install", "-y", "--no-install-recommends", *browser.packages],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
    )


def _missing(browser: Browser, reason: str) -> BrowserMissingError:
    return BrowserMissingError(
        name=browser.name,
        reason=reason,
        packages=" ".join(browser.packages),
        variable=browser.variable,
    )
