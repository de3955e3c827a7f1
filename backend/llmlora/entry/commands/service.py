"""`service install|uninstall|show`: `up` as a service of this machine, by systemd or launchd."""

import getpass
import os
import pwd
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import typer

from llmlora.entry.console import DataDir, err, load_settings, out
from llmlora.entry.service_units import Service, launchd_plist, systemd_unit
from llmlora.kit.errors import InvalidInputError, NotFoundError, UnavailableError
from llmlora.kit.settings import default_data_dir

app = typer.Typer(no_args_is_help=True, help="Keep `up` running as a service. 常に動かします。")

REPOSITORY = Path(__file__).parents[4]
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
Manager = Literal["systemd", "launchd"]
Name = Annotated[str, typer.Option("--name", help="Name of the service. サービスの名前。")]
System = Annotated[
    bool,
    typer.Option(
        "--system",
        help="Of the whole machine, from its start (needs root); default: of the user. マシン全体のサービスにします。",
    ),
]
ManagerOption = Annotated[
    Manager | None,
    typer.Option(
        "--manager", help="Default: launchd on macOS, else systemd. サービス管理の種類。", show_default=False
    ),
]


class ServiceNameError(InvalidInputError):
    """The name would be no name of a service."""

    code = "service_name_invalid"
    ja = "サービスの名前 {name} は使えません。小文字の英数字とハイフンで付けてください（例: llmlora）。"
    en = "{name} cannot be the name of a service. Use lower-case letters, digits and hyphens, e.g. llmlora."


class ServiceUnknownError(NotFoundError):
    """There is no such file."""

    code = "service_not_found"
    ja = "{path} がありません。--name、--system、--manager が登録したときと同じか確認してください。"
    en = "{path} does not exist. Check that --name, --system and --manager are those of the installation."


class ServiceNotWritableError(UnavailableError):
    """The file cannot be written or removed."""

    code = "service_not_writable"
    ja = "{path} を変更できません（{reason}）。--system には管理者の権限（sudo）が必要です。"
    en = "{path} cannot be changed ({reason}). --system needs the rights of the administrator (sudo)."


class ServiceManagerError(UnavailableError):
    """The service manager refused a command."""

    code = "service_manager_failed"
    ja = "{command} が失敗しました（{reason}）。ファイルは {path} にあります。原因を直して、同じコマンドを実行してください。"
    en = "{command} failed ({reason}). The file is {path}. Remove the cause and run that command again."


@dataclass(frozen=True)
class Place:
    """Where a manager keeps the file, and what has it begin and end the service."""

    path: Path
    text: bytes
    begin: tuple[tuple[str, ...], ...]
    end: tuple[tuple[str, ...], ...]
    after_removal: tuple[tuple[str, ...], ...] = ()


@app.command()
def show(
    data_dir: DataDir = None, name: Name = "llmlora", system: System = False, manager: ManagerOption = None
) -> None:
    """Print the file that `install` would write. 登録するファイルの中身を表示します。"""
    place = _place(data_dir, name, manager, system=system)
    err().print(str(place.path), highlight=False, soft_wrap=True)
    sys.stdout.write(place.text.decode())


@app.command()
def install(
    data_dir: DataDir = None, name: Name = "llmlora", system: System = False, manager: ManagerOption = None
) -> None:
    """Write the file for this checkout and data directory, and start the service. 登録して起動します。

    Raises:
        ServiceNameError: the name cannot be used.
        ServiceNotWritableError: the file cannot be written.
        ServiceManagerError: the service manager refused.
    """
    place = _place(data_dir, name, manager, system=system)
    try:
        place.path.parent.mkdir(parents=True, exist_ok=True)
        place.path.write_bytes(place.text)
    except OSError as error:
        raise ServiceNotWritableError(path=place.path, reason=error.strerror or error) from error
    out().print(f"登録しました / installed: {place.path}", highlight=False, soft_wrap=True)
    _run_all(place, place.begin)
    if place.begin[0][0] == "systemctl":
        user = "" if system else "--user "
        out().print(f"ログ / logs: journalctl {user}-u {name} -f", highlight=False, soft_wrap=True)
    if not system and place.begin[0][0] == "systemctl":
        out().print(
            "ログアウト後も動かすには / to keep it running after you log out: "
            f"loginctl enable-linger {getpass.getuser()}",
            highlight=False,
            soft_wrap=True,
        )


@app.command()
def uninstall(
    data_dir: DataDir = None, name: Name = "llmlora", system: System = False, manager: ManagerOption = None
) -> None:
    """Stop the service and remove its file; data stays. 停止して登録を消します。データは残ります。

    Raises:
        ServiceUnknownError: there is no such file.
        ServiceNotWritableError: the file cannot be removed.
        ServiceManagerError: the service manager refused.
    """
    place = _place(data_dir, name, manager, system=system)
    if not place.path.exists():
        raise ServiceUnknownError(path=place.path)
    _run_all(place, place.end)
    try:
        place.path.unlink()
    except OSError as error:
        raise ServiceNotWritableError(path=place.path, reason=error.strerror or error) from error
    _run_all(place, place.after_removal)
    out().print(f"登録を消しました / removed: {place.path}", highlight=False, soft_wrap=True)


def _place(data_dir: Path | None, name: str, manager: Manager | None, *, system: bool) -> Place:
    """The file, where it goes, and the commands around it.

    Raises:
        ServiceNameError: the name cannot be used.
    """
    if not NAME.fullmatch(name):
        raise ServiceNameError(name=name)
    owner = os.environ.get("SUDO_USER") or getpass.getuser()
    home = Path(pwd.getpwnam(owner).pw_dir) if system else Path.home()
    kept = load_settings(data_dir).data_dir
    if system and kept == default_data_dir().resolve():  # of whom it belongs to, not of root
        kept = home / ".local" / "share" / "llmlora"
    service = Service(
        name=name,
        door=REPOSITORY / "llmlora",
        data_dir=kept,
        bash=Path(shutil.which("bash") or "/bin/bash"),
        path=os.environ.get("PATH", os.defpath),
        user=owner if system else None,
    )
    if (manager or ("launchd" if sys.platform == "darwin" else "systemd")) == "launchd":
        return _of_launchd(service, home)
    return _of_systemd(service, home)


def _of_systemd(service: Service, home: Path) -> Place:
    is_system = service.user is not None
    folder = Path("/etc/systemd/system") if is_system else home / ".config" / "systemd" / "user"
    systemctl = ("systemctl",) if is_system else ("systemctl", "--user")
    unit = f"{service.name}.service"
    reload = (*systemctl, "daemon-reload")
    return Place(
        folder / unit,
        systemd_unit(service).encode(),
        # Not waited for: the first start installs packages and builds the pages.
        begin=(reload, (*systemctl, "enable", unit), (*systemctl, "restart", "--no-block", unit)),
        end=((*systemctl, "disable", "--now", unit),),
        after_removal=(reload,),
    )


def _of_launchd(service: Service, home: Path) -> Place:
    is_system = service.user is not None
    folder = Path("/Library/LaunchDaemons") if is_system else home / "Library" / "LaunchAgents"
    domain = "system" if is_system else f"gui/{os.getuid()}"
    path = folder / f"{service.label}.plist"
    return Place(
        path,
        launchd_plist(service),
        begin=(("launchctl", "bootstrap", domain, str(path)),),
        end=(("launchctl", "bootout", f"{domain}/{service.label}"),),
    )


def _run_all(place: Place, commands: tuple[tuple[str, ...], ...]) -> None:
    """Run what the manager is to do; where it is not on this machine, say what to run.

    Raises:
        ServiceManagerError: one of them failed; the rest is not run.
    """
    if commands and shutil.which(commands[0][0]) is None:
        told = " && ".join(" ".join(command) for command in commands)
        out().print(
            f"{commands[0][0]} がありません。次を実行してください / is not here; run: {told}",
            highlight=False,
            soft_wrap=True,
        )
        return
    for command in commands:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            reason = done.stderr.strip() or done.stdout.strip() or f"status {done.returncode}"
            raise ServiceManagerError(command=" ".join(command), reason=reason, path=place.path)
