"""docker-compose.yml: valid, closed, and told of in .env.example. Each rule says what to change and where.

No engine is needed. Where one is installed, its own `docker compose config` reads the file, too.
"""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import jsonschema_rs
import yaml
from dotenv import dotenv_values

from llmlora import __version__
from llmlora.devtools.checks.interpolation import NotInterpolatedError, interpolated, uses

REPOSITORY = Path(__file__).parents[4]
COMPOSE, EXAMPLE = REPOSITORY / "docker-compose.yml", REPOSITORY / ".env.example"
SCHEMA = Path(__file__).parent / "vendor" / "compose-spec.json"
ENGINE_TIMEOUT_S = 60
# In its place a service says why it needs what the others do without.
WHY_ROOT, WHY_NO_HEALTHCHECK = "x-why-root", "x-why-no-healthcheck"
_DEFAULT = re.compile(r"^# (\w+)=(.*)$", re.MULTILINE)
_OURS = re.compile(r"^llmlora-\w+:(?P<version>[\d.]+)(-\w+)?$")

Service = Mapping[str, Any]


def compose_problem() -> str:
    """Everything that is wrong with the file of this repository; empty when nothing is."""
    told = problems(COMPOSE.read_text(encoding="utf-8"), EXAMPLE.read_text(encoding="utf-8"))
    return "\n".join([*told, *_engine_refuses()])


def read_services(text: str, variables: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """The services of a compose file by their names, filled in.

    Raises:
        NotInterpolatedError: a variable is missing.
        yaml.YAMLError: it is no YAML.
    """
    services: dict[str, dict[str, Any]] = interpolated(yaml.safe_load(text), variables)["services"]
    return services


def example_variables(example: str) -> dict[str, str]:
    """The defaults that `.env.example` names in its comments."""
    return dict(_DEFAULT.findall(example))


def problems(text: str, example: str) -> list[str]:
    """What is wrong with a compose file beside its `.env.example`, a line each."""
    try:
        written = yaml.safe_load(text)
        # As somebody has it who copied the example and changed nothing.
        filled = interpolated(written, {k: v or "" for k, v in dotenv_values(stream=_lines(example)).items()})
    except (yaml.YAMLError, NotInterpolatedError) as error:
        return [f"docker-compose.yml: {error}"]
    found = [*_against_the_schema(filled), *_variables(written, example)]
    if found:
        return found
    services: dict[str, Service] = filled["services"]
    for name, service in services.items():
        rules = (
            _order(service, services),
            _doors(service),
            _rights(service),
            _health(service),
            _images(service),
            _size(service),
        )
        found += [f"services.{name}: {one}" for rule in rules for one in rule]
    return found


def _lines(text: str) -> Any:
    from io import StringIO

    return StringIO(text)


def _against_the_schema(document: Any) -> Iterator[str]:
    schema = jsonschema_rs.validator_for(json.loads(SCHEMA.read_text(encoding="utf-8")))
    for error in schema.iter_errors(document):
        yield f"{'.'.join(str(part) for part in error.instance_path)}: {error.message}"


def _variables(written: Any, example: str) -> Iterator[str]:
    """Each is in the example, and what the file takes without it is what the example says."""
    told = example_variables(example)
    for use in sorted(set(uses(written)), key=lambda one: (one.variable, one.default or "")):
        if use.variable not in told:
            yield f"{use.variable} is not in .env.example (devtools/checks/container_variables.py)"
        elif use.default and use.default != told[use.variable]:
            yield f"{use.variable} is {use.default} without a .env, and {told[use.variable]} in .env.example"


def _order(service: Service, services: Mapping[str, Service]) -> Iterator[str]:
    for name, how in service.get("depends_on", {}).items():
        if name not in services:
            yield f"depends_on names {name}, which is no service"
        elif how["condition"] == "service_healthy" and "healthcheck" not in services[name]:
            yield f"waits until {name} is healthy, which has no healthcheck"
        elif how["condition"] == "service_completed_successfully" and services[name].get("restart") != "no":
            yield f'waits until {name} has completed, which is restarted (restart: "no")'


def _doors(service: Service) -> Iterator[str]:
    for port in service.get("ports", []):
        host = (
            port.get("host_ip", "")
            if isinstance(port, dict)
            else str(port).rpartition(":")[0].rpartition(":")[0]
        )
        if host not in ("127.0.0.1", "[::1]"):
            yield f"publishes {port} beyond 127.0.0.1"
    for name in ("network_mode", "pid", "ipc", "userns_mode"):
        if service.get(name) == "host":
            yield f"{name} is the host's"
    for volume in service.get("volumes", []):
        if "docker.sock" in str(volume):
            yield "has the engine's socket"


def _rights(service: Service) -> Iterator[str]:
    if service.get("privileged"):
        yield "is privileged"
    if not service.get("read_only"):
        yield "has a root that can be written (read_only: true, tmpfs)"
    if "no-new-privileges:true" not in service.get("security_opt", []):
        yield "may gain privileges (security_opt: no-new-privileges:true)"
    if service.get("cap_drop") != ["ALL"]:
        yield "keeps capabilities (cap_drop: [ALL])"
    user = str(service.get("user", "root")).partition(":")[0]
    if (user in ("0", "root") or service.get("cap_add")) and WHY_ROOT not in service:
        yield f"runs as root or with more capabilities (user, cap_add), and does not say why ({WHY_ROOT})"


def _health(service: Service) -> Iterator[str]:
    if not service.get("healthcheck", {}).get("test") and WHY_NO_HEALTHCHECK not in service:
        yield f"has no healthcheck, and does not say why ({WHY_NO_HEALTHCHECK})"


def _images(service: Service) -> Iterator[str]:
    image = str(service.get("image", ""))
    tag = image.rpartition("/")[2].partition(":")[2]
    if not re.search(r"\d", tag) or tag.startswith("latest"):
        yield f"has no pinned tag (image: {image})"
    elif (ours := _OURS.match(image)) and ours["version"] != __version__:
        yield f"is of another version than the code ({image}, {__version__})"


def _size(service: Service) -> Iterator[str]:
    deploy = service.get("deploy", {})
    limits = deploy.get("resources", {}).get("limits", {})
    yield from (
        f"has no limit of {name} (deploy.resources.limits)"
        for name in ("memory", "pids")
        if name not in limits
    )
    if "entry.worker" in " ".join(service.get("command", [])):
        yield from (
            f"{name} stands in the way of --scale" for name in ("container_name", "ports") if name in service
        )


def _engine_refuses() -> Iterator[str]:
    """What docker compose itself says, where it is installed; every profile."""
    for command in (["docker", "compose"], ["docker-compose"]):
        if shutil.which(command[0]) is None or _says(command, "version", "--short").startswith(
            ("docker:", "1.", "!")
        ):
            continue
        asked = ("--env-file", str(EXAMPLE), "--file", str(COMPOSE), "--profile", "*", "config", "--quiet")
        said = _says(command, *asked)
        yield from (f"{' '.join(command)}: {line}" for line in said.splitlines() if line)
        return


def _says(command: list[str], *arguments: str) -> str:
    """What a program that ends well says; what one says that does not, after a `!`."""
    done = subprocess.run(
        [*command, *arguments], capture_output=True, text=True, check=False, timeout=ENGINE_TIMEOUT_S
    )
    said = (done.stdout + done.stderr).strip()
    return said if done.returncode == 0 else f"! {said}"
