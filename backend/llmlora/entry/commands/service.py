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

from llmlora.entry.console import DataDir, err, load_settings
from llmlora.entry.console import show as tell
from llmlora.entry.language import localized, words
from llmlora.entry.service_units import Service, launchd_plist, systemd_unit
from llmlora.kit.errors import InvalidInputError, NotFoundError, UnavailableError
from llmlora.kit.settings import default_data_dir

app = typer.Typer(no_args_is_help=True)

REPOSITORY = Path(__file__).parents[4]
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
Manager = Literal["systemd", "launchd"]
Name = Annotated[
    str, typer.Option("--name", help=words(ja="サービスの名前です。", en="The name of the service."))
]
System = Annotated[
    bool,
    typer.Option(
        "--system",
        help=words(
            ja="マシン全体のサービスにします（管理者の権限が必要です）。省略時は、利用者のサービスです。",
            en="A service of the whole machine, from its start (needs root). Default: one of the user.",
        ),
    ),
]
ManagerOption = Annotated[
    Manager | None,
    typer.Option(
        "--manager",
        help=words(
            ja="サービスを管理する仕組みです。省略時は、macOS では launchd、ほかでは systemd です。",
            en="What manages services. Default: launchd on macOS, else systemd.",
        ),
        show_default=False,
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


@app.command(
    help=words(
        ja="install が書き込むファイルの中身を表示します。", en="Print the file that install would write."
    )
)
def show(
    data_dir: DataDir = None, name: Name = "llmlora", system: System = False, manager: ManagerOption = None
) -> None:
    """The file on standard output, its place on standard error."""
    place = _place(data_dir, name, manager, system=system)
    err().print(str(place.path), highlight=False, soft_wrap=True)
    sys.stdout.write(place.text.decode())


@app.command(
    help=words(
        ja="このリポジトリとデータディレクトリのためのファイルを書き込み、サービスを起動します。",
        en="Write the file for this checkout and data directory, and start the service.",
    )
)
def install(
    data_dir: DataDir = None, name: Name = "llmlora", system: System = False, manager: ManagerOption = None
) -> None:
    """Write the file, and have the manager begin.

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
    tell(localized(f"登録しました: {place.path}", f"Installed: {place.path}"))
    _run_all(place, place.begin)
    if place.begin[0][0] == "systemctl":
        user = "" if system else "--user "
        tell(localized("ログ: ", "Logs: ") + f"journalctl {user}-u {name} -f")
    if not system and place.begin[0][0] == "systemctl":
        told = localized("ログアウトした後も動かすには: ", "To keep it running after you log out: ")
        tell(told + f"loginctl enable-linger {getpass.getuser()}")


@app.command(
    help=words(
        ja="サービスを停止し、登録したファイルを消します。データは残ります。",
        en="Stop the service and remove its file. Data stays.",
    )
)
def uninstall(
    data_dir: DataDir = None, name: Name = "llmlora", system: System = False, manager: ManagerOption = None
) -> None:
    """Have the manager end, and remove the file.

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
    tell(localized(f"登録を消しました: {place.path}", f"Removed: {place.path}"))


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
        manager = commands[0][0]
        tell(
            localized(
                f"{manager} がありません。次を実行してください: {told}",
                f"{manager} is not on this machine. Run this: {told}",
            )
        )
        return
    for command in commands:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            reason = done.stderr.strip() or done.stdout.strip() or f"status {done.returncode}"
            raise ServiceManagerError(command=" ".join(command), reason=reason, path=place.path)
