"""The files that make a service of `up`: a systemd unit, a launchd property list. Pure text; nothing is written here."""

import plistlib
from dataclasses import dataclass
from pathlib import Path

from llmlora.entry.commands.down import TIMEOUT_S

DOCUMENTATION = "docs/en/how-to/always-on.md"
RESTART_S = 10


@dataclass(frozen=True)
class Service:
    """What is to run. `door`: the `llmlora` of the checkout; `bash`: what runs it; `user`: whose it is, where the manager
    of the whole machine keeps it, else None; `path`: where programs are looked for."""

    name: str
    door: Path
    data_dir: Path
    bash: Path
    path: str
    user: str | None = None

    @property
    def argv(self) -> list[str]:
        """The command. `up` is told nothing else: its settings are those of the environment and of the checkout's `.env`."""
        return [str(self.bash), str(self.door), "up", "--data-dir", str(self.data_dir)]

    @property
    def label(self) -> str:
        """As launchd calls it."""
        return f"io.llmlora.{self.name}"


def systemd_unit(service: Service) -> str:
    """A unit as systemd.service(5) describes them. The first start takes minutes: it installs packages and builds the pages.

    `mixed`: `up` alone is told to end, and ends all others in order, trainings with a checkpoint; what is left after it is
    killed. One training that takes too much memory is no reason to stop everything (`OOMPolicy`).
    """
    is_system = service.user is not None
    lines = [
        "[Unit]",
        "Description=llmlora: train, serve and chat on this machine",
        f"Documentation=file:{_specifiers((service.door.parent / DOCUMENTATION).as_uri().removeprefix('file:'))}",
        *(["Wants=network-online.target", "After=network-online.target"] if is_system else []),
        "StartLimitIntervalSec=600",
        "StartLimitBurst=5",
        "",
        "[Service]",
        "Type=notify",
        "NotifyAccess=main",
        "ExecStart=" + " ".join(map(_argument, service.argv)),
        f"WorkingDirectory={_specifiers(str(service.door.parent))}",
        f"Environment={_quoted(f'PATH={service.path}')}",
        *([f"User={service.user}"] if is_system else []),
        "TimeoutStartSec=infinity",
        f"TimeoutStopSec={TIMEOUT_S:.0f}",
        "KillMode=mixed",
        "OOMPolicy=continue",
        "Restart=on-failure",
        f"RestartSec={RESTART_S}",
        "SuccessExitStatus=130",
        "NoNewPrivileges=true",
        "StandardOutput=journal",
        "StandardError=journal",
        f"SyslogIdentifier={service.name}",
        "",
        "[Install]",
        f"WantedBy={'multi-user' if is_system else 'default'}.target",
    ]
    return "\n".join(lines) + "\n"


def launchd_plist(service: Service) -> bytes:
    """A property list as launchd.plist(5) describes them. SIGTERM, then `ExitTimeOut` seconds; begun again where it fails."""
    log = str(service.data_dir / "logs" / "up.log")
    told = {
        "Label": service.label,
        "ProgramArguments": service.argv,
        "WorkingDirectory": str(service.door.parent),
        "EnvironmentVariables": {"PATH": service.path},
        "RunAtLoad": True,
        "KeepAlive": {"SuccessfulExit": False},
        "ThrottleInterval": RESTART_S,
        "ExitTimeOut": round(TIMEOUT_S),
        "ProcessType": "Standard",
        "StandardOutPath": log,
        "StandardErrorPath": log,
    }
    if service.user is not None:
        told["UserName"] = service.user
    return plistlib.dumps(told, sort_keys=False)


def _specifiers(text: str) -> str:
    """For a value that is read to the end of its line: `%` begins a specifier there."""
    return text.replace("%", "%%")


def _quoted(text: str) -> str:
    """One word in quotes, with the escapes of systemd.syntax(7)."""
    escaped = "".join(_escape(letter) for letter in text)
    return f'"{_specifiers(escaped)}"'


def _argument(text: str) -> str:
    """One word of a command line, where `$` begins a variable, too."""
    return _quoted(text).replace("$", "$$")


def _escape(letter: str) -> str:
    if letter in '"\\':
        return f"\\{letter}"
    return f"\\x{ord(letter):02x}" if letter < " " or letter == "\x7f" else letter
