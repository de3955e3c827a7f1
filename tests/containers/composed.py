"""The services of docker-compose.yml as processes of this machine: their own commands, environments, order and health checks.

What an engine would bring is put in place of it: addresses of services are ports of loopback, volumes are directories of the
test, images are this clone's environment, its build of the pages, and the PostgreSQL and Valkey of the wheels.
"""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from llmlora.devtools.checks.compose import COMPOSE, read_services
from llmlora.engine.embedded import valkey
from llmlora.engine.embedded.postgres_files import Owner, binaries
from llmlora.engine.pages.build import built_pages
from llmlora.engine.pages.node import require_node
from llmlora.kit.net import free_port

PATIENCE_S = 240.0
VENV_BIN = Path(sys.executable).parent
# What the images themselves set (backend/Dockerfile, frontend/Dockerfile).
OF_IMAGES = {"HOME": "/tmp", "PYTHONUNBUFFERED": "1"}


class Composed:
    """Starts services with what they wait for; `end` ends them all. `variables`: what a person wrote into `.env`."""

    def __init__(self, root: Path, **variables: str) -> None:
        self.root = root
        self.api_port, self.pages_port = free_port(), free_port()
        ports = {"LLMLORA_API_PORT": str(self.api_port), "LLMLORA_PAGES_PORT": str(self.pages_port)}
        self.services = read_services(COMPOSE.read_text(encoding="utf-8"), {**ports, **variables})
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self._completed: set[str] = set()
        self._ports = {name: free_port() for name in ("5432", "6379", "8100", "11434")}
        self._programs = root / "bin"
        self._make_programs()
        for name in ("data", "secrets", "ollama", "away"):
            (root / name).mkdir()
        owner = Owner.of(root / "postgres")
        (root / "postgres").mkdir()
        owner.own(root / "postgres")
        owner.prepare(root / "secrets")  # the users of images pass through volumes only

    @property
    def api_url(self) -> str:
        """Where the API is published."""
        return f"http://127.0.0.1:{self.api_port}"

    def start(self, service: str, *, as_name: str = "") -> None:
        """Start a service behind all that it waits for, each awaited as its condition says. `as_name`: one more of it."""
        name = as_name or service
        if name in self.running:
            return
        for needed, how in self.services[service].get("depends_on", {}).items():
            if how["condition"] == "service_completed_successfully":
                self.complete(needed)
            else:
                self.start(needed)
                self.await_health(needed)
        if service == "postgres":
            self._initialise_postgres()
        self.running[name] = self._spawn(service, name)

    def complete(self, service: str) -> str:
        """Run a service that ends by itself, once; what it says. It has to end well."""
        if service in self._completed:
            return ""
        for needed, how in self.services[service].get("depends_on", {}).items():
            assert how["condition"] == "service_healthy"
            self.start(needed)
            self.await_health(needed)
        assert self._spawn(service, service).wait(PATIENCE_S) == 0, self.log(service)
        self._completed.add(service)
        return self.log(service)

    def health(self, service: str) -> subprocess.CompletedProcess[str]:
        """What a service's own health check says now."""
        kind, *test = self.services[service]["healthcheck"]["test"]
        argv = ["/bin/sh", "-c", *test] if kind == "CMD-SHELL" else test
        return self.run(service, argv)

    def run(self, service: str, argv: Sequence[str], **more: str) -> subprocess.CompletedProcess[str]:
        """A command in a service's place: with its environment and what is added to it."""
        return subprocess.run(
            self._argv(argv),
            env=self.environment(service) | more,
            cwd=self.root / "away",
            capture_output=True,
            text=True,
            check=False,
        )

    def await_health(self, service: str) -> None:
        """Wait until a service's health check is content; fails with its log."""
        deadline = time.monotonic() + PATIENCE_S
        while (done := self.health(service)).returncode != 0:
            assert self.running[service].poll() is None, self.log(service)
            assert time.monotonic() < deadline, f"{done.stdout}{done.stderr}{self.log(service)}"
            time.sleep(0.2)

    def environment(self, service: str) -> dict[str, str]:
        """A service's own environment, and nothing of ours but where the programs are."""
        given: Mapping[str, Any] = self.services[service].get("environment", {})
        path = os.pathsep.join(map(str, (self._programs, VENV_BIN, binaries()))) + ":/usr/bin:/bin"
        return {**OF_IMAGES, "PATH": path, **{name: self._here(str(value)) for name, value in given.items()}}

    def log(self, name: str) -> str:
        """What a service has said."""
        return (self.root / f"{name}.log").read_text(errors="replace")

    def end(self) -> dict[str, int]:
        """End everything, the last first; the exit statuses."""
        for process in reversed(self.running.values()):
            process.terminate()
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
        return {name: process.wait() for name, process in self.running.items()}

    def _spawn(self, service: str, name: str) -> subprocess.Popen[bytes]:
        argv, folder, identity = list(self.services[service]["command"]), self.root / "away", {}
        if service == "postgres":
            folder, identity = self.root / "postgres", Owner.of(self.root / "postgres").identity()
            argv += ["-D", str(folder / "data"), "-k", str(folder)]
        if service == "frontend":
            folder = built_pages(require_node(), lambda _ja, _en: None).folder
        with (self.root / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                self._argv(argv),
                env=self.environment(service),
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                **identity,
            )

    def _initialise_postgres(self) -> None:
        """As the image's entry point does it with its variables."""
        folder, told = self.root / "postgres", self.environment("postgres")
        identity = Owner.of(folder).identity()
        asked = {"cwd": folder, "env": {"PATH": told["PATH"], "LC_ALL": "C"}, "check": True, **identity}
        user, password = f"--username={told['POSTGRES_USER']}", f"--pwfile={told['POSTGRES_PASSWORD_FILE']}"
        made = ("initdb", "-D", "data", user, password, "--auth-host=scram-sha-256", "--encoding=UTF8")
        subprocess.run(made, stdout=subprocess.DEVNULL, **asked)
        single = ("postgres", "--single", "-D", "data", "postgres")
        create = f"CREATE DATABASE {told['POSTGRES_DB']};\n".encode()
        subprocess.run(single, input=create, stdout=subprocess.DEVNULL, **asked)

    def _argv(self, argv: Sequence[str]) -> list[str]:
        program, *arguments = (self._here(part) for part in argv)
        found = shutil.which(program, path=self.environment_path())
        assert found is not None, program
        return [found, *arguments]

    def environment_path(self) -> str:
        """Where programs are looked for."""
        return os.pathsep.join(map(str, (self._programs, VENV_BIN, binaries()))) + ":/usr/bin:/bin"

    def _make_programs(self) -> None:
        """Under the names that images have for them."""
        self._programs.mkdir()
        cli = self._programs / "valkey-cli"
        cli.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{Path(__file__).parent}/valkey_cli.py" "$@"\n')
        cli.chmod(0o755)
        (self._programs / "valkey-server").symlink_to(valkey.binary())
        (self._programs / "node").symlink_to(require_node().node)

    def _here(self, text: str) -> str:
        """A word of the file with the addresses, directories and users of this machine."""
        for name in ("postgres", "valkey", "inference", "backend", "llmlora-ollama"):
            text = re.sub(rf"(?<=[/@]){name}(?=:\d)", "127.0.0.1", text)
        text = re.sub(r"\b(5432|6379|8100|11434)\b", lambda found: str(self._ports[found[0]]), text)
        text = text.replace("0.0.0.0", "127.0.0.1")
        if text == "10001:10001":
            return f"{os.getuid()}:{os.getgid()}"
        for place, folder in (("/run/llmlora", "secrets"), ("/data", "data"), ("/ollama", "ollama")):
            text = re.sub(rf"(?<![\w/]){place}(?=/|$|\))", str(self.root / folder), text)
        return text
