"""No generic code knows a recipe, a target or a data kind by its name: read in the source, and shown by a recipe of a stranger."""

import ast
import asyncio
import json
import re
import sys
import textwrap
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from llmlora import recipes
from llmlora.contracts.events import JobEvent
from llmlora.data.kinds.registry import kinds
from llmlora.engine.embedded.services import ServiceUrls
from llmlora.engine.hosts.process import RECIPE_PROGRAM, executed
from llmlora.entry.worker import WorkerSetup, work
from llmlora.features.deployments.schemas import DeploymentOut
from llmlora.features.deployments.targets import TARGETS, target_of
from llmlora.features.recipes.configs import find_recipe
from llmlora.features.recipes.errors import RecipeNotFoundError
from llmlora.kit.db import Database
from llmlora.kit.settings import Settings
from llmlora.recipes.external import ExternalRecipeError

from tests.factories import LEVEL_1
from tests.fakes.work import assert_gapless, events_of, until_over
from tests.features.chat_door import Nowhere, client_of, running_app
from tests.features.jobs.conftest import dataset_id
from tests.features.jobs.door import JOBS, created

__all__ = ["dataset_id"]

HOUSE = Path(recipes.__file__).parent.parent
NAMED = re.compile(r"text_lora|deploy_ollama|deploy_llama_cpp|export_gguf")


def generic_files() -> list[Path]:
    """Every file of the product but the rooms of recipes and of families of data."""
    own = (HOUSE / "recipes", HOUSE / "data" / "kinds")
    return [path for path in sorted(HOUSE.rglob("*.py")) if not any(map(path.is_relative_to, own))]


def written_texts(source: str) -> set[str]:
    """Every text of a module's code."""
    return {
        node.value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def compared_names(source: str) -> set[str]:
    """The texts, and the members of enumerations, that a module compares something with."""
    found: list[ast.expr] = []
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Compare():
                found += [node.left, *node.comparators]
            case ast.MatchValue():
                found.append(node.value)
            case ast.Call(func=ast.Attribute(attr="startswith" | "endswith")):
                found += node.args
    parts = [part for one in found for part in _parts(one)]
    texts = {one.value for one in parts if isinstance(one, ast.Constant) and isinstance(one.value, str)}
    members = {ast.unparse(one) for one in parts if isinstance(one, ast.Attribute)}
    return texts | members


def _parts(one: ast.expr) -> list[ast.expr]:
    """What stands in a container that something is looked up in, else the expression itself."""
    match one:
        case ast.Tuple() | ast.List() | ast.Set():
            return one.elts
        case ast.Call(func=ast.Name(id="frozenset" | "set" | "tuple"), args=[inner]):
            return _parts(inner)
        case _:
            return [one]


class TestSource:
    def test_names_no_recipe(self) -> None:
        naming = {
            path.relative_to(HOUSE).as_posix()
            for path in generic_files()
            if NAMED.search(path.read_text(encoding="utf-8"))
        }
        assert naming == set()

    def test_writes_no_name_of_a_recipe(self) -> None:
        writing = {
            path.relative_to(HOUSE).as_posix()
            for path in generic_files()
            if written_texts(path.read_text(encoding="utf-8")) & recipes.BUILT_IN
        }
        assert writing == set()

    def test_compares_nothing_with_a_name(self) -> None:
        names = {*recipes.BUILT_IN, *TARGETS, *kinds()}
        comparing = {
            path.relative_to(HOUSE).as_posix(): sorted(found)
            for path in generic_files()
            if (found := compared_names(path.read_text(encoding="utf-8")) & names)
        }
        assert comparing == {}

    @pytest.mark.parametrize(
        "source",
        [
            'if recipe == "text_lora": pass',
            'if "text_lora" != recipe: pass',
            'if recipe in ("a", "text_lora"): pass',
            'if recipe in {"text_lora"}: pass',
            'if recipe in frozenset({"text_lora"}): pass',
            'match recipe:\n    case "text_lora" | "b": pass',
            'x = 1 if recipe == "text_lora" else 2',
            'recipe.startswith("text_lora")',
        ],
    )
    def test_comparison_is_seen_however_it_is_written(self, source: str) -> None:
        assert "text_lora" in compared_names(source)

    def test_looking_up_and_declaring_are_no_comparisons(self) -> None:
        assert compared_names('TABLE = {"text_lora": 1}\nfind("text_lora")\nname = "text_lora"') == set()


class TestTargets:
    def test_each_that_a_recipe_deploys_to_is_served_and_the_other_way_round(self) -> None:
        declared = {spec.deploys.name: spec.deploys for spec in recipes.RECIPES.values() if spec.deploys}
        assert set(declared) == set(TARGETS)
        for name, target in TARGETS.items():
            assert target.name == name
            assert target.owns_names is declared[name].has_tags
            assert target.response_field in DeploymentOut.model_fields

    def test_what_a_row_keeps_tells_its_target(self) -> None:
        for target in TARGETS.values():
            assert target_of(target.served.model_construct()) is target

    def test_names_in_answers_are_those_of_the_registry(self) -> None:
        shown = DeploymentOut.model_json_schema()["properties"]["target"]
        assert shown["enum"] == list(TARGETS)


NAME = "letter_count"
SPEC = """
from llmlora.contracts.events import ArtifactKind
from llmlora.contracts.recipe import Accepts, Metric, RecipeConfig, RecipeSpec, Stage, setting
from llmlora.contracts.text import Text


class LetterCountConfig(RecipeConfig):
    letter: str = setting("a", min_length=1, max_length=1, ja="数える文字。", en="The letter to count.")


SPEC = RecipeSpec(
    name="letter_count",
    title=Text(ja="文字の数", en="Letters"),
    summary=Text(ja="文字を数えます。", en="Counts a letter."),
    config=LetterCountConfig,
    family="letters",
    inputs={
        "dataset": Accepts(
            title=Text(ja="データ", en="Data set"), dataset_kinds=frozenset({"text.instruction"})
        ),
        "earlier": Accepts(
            title=Text(ja="前の結果", en="Earlier count"), artifacts=frozenset({ArtifactKind.REPORT}), required=False
        ),
    },
    artifacts=(ArtifactKind.REPORT,),
    metrics=(Metric("letters/found", Text(ja="見つかった文字", en="Letters found"), chart="letters", better="up"),),
    stages=(Stage("count", Text(ja="数えています", en="Counting")),),
)
"""
RUN = """
import json

from llmlora.contracts.events import ArtifactKind, MetricBatch, Progress, Report
from llmlora.contracts.run import Context

from llmlora.recipes.letter_count.spec import LetterCountConfig


def run(config: LetterCountConfig, ctx: Context) -> None:
    rows = ctx.spec.inputs.dataset().rows
    for row in range(1, rows + 1):
        ctx.emit(Progress(stage="count", done=row, total=rows, unit="rows"))
        ctx.emit(MetricBatch(step=row, values={"letters/found": row * 2.0}))
    inputs = ctx.spec.inputs
    known = json.loads(inputs.file("earlier").path.read_text()) if "earlier" in inputs else {}
    path = ctx.run_dir / "letters.json"
    path.write_text(json.dumps({**known, config.letter: rows * 2}))
    ctx.emit(Report(name="letters", body={"letter": config.letter, "found": rows * 2}))
    ctx.publish(ArtifactKind.REPORT, "letters.json", path, {"letter": config.letter})
"""


def written(directory: Path, name: str = NAME, spec: str = SPEC, run: str | None = RUN) -> Path:
    """A recipe's folder in a directory of recipes; that directory."""
    folder = directory / name
    folder.mkdir(parents=True)
    (folder / "spec.py").write_text(textwrap.dedent(spec), encoding="utf-8")
    if run is not None:
        (folder / "run.py").write_text(textwrap.dedent(run), encoding="utf-8")
    return directory


@pytest.fixture
def stranger(tmp_path: Path) -> Iterator[Path]:
    """A recipe that this house has never heard of, by the door that everybody may use: the directory."""
    directory = written(tmp_path / "recipes")
    recipes.add_recipes(directory)
    yield directory
    forget(directory)


def forget(directory: Path) -> None:
    recipes.RECIPES.pop(NAME, None)
    recipes.EXTERNAL_DIRECTORIES.remove(directory)
    recipes.__path__.remove(str(directory))
    for module in [name for name in sys.modules if name.startswith(f"llmlora.recipes.{NAME}")]:
        del sys.modules[module]


@pytest.fixture
async def client(
    settings: Settings, services: ServiceUrls, stranger: Path
) -> AsyncIterator[httpx.AsyncClient]:
    async with running_app(settings, services, None) as app, client_of(app) as opened:
        yield opened


async def worked_off(
    settings: Settings, urls: ServiceUrls, database: Database, job_id: str
) -> list[JobEvent]:
    """The events of a job that a worker of the product has taken, and run in a child of its own."""
    stop = asyncio.Event()
    setup = WorkerSetup(host=executed(RECIPE_PROGRAM))
    working = asyncio.create_task(
        work(settings, urls, Nowhere(), stop, only=frozenset({job_id}), setup=setup)
    )
    try:
        await until_over(database, job_id, timeout_s=120)
    finally:
        stop.set()
        await working
    return await events_of(database, job_id)


class TestStranger:
    pytestmark = pytest.mark.anyio

    async def test_runs_through_api_queue_and_events(
        self,
        client: httpx.AsyncClient,
        settings: Settings,
        services: ServiceUrls,
        database: Database,
        dataset_id: str,
    ) -> None:
        declared = (await client.get(f"/api/recipes/{NAME}")).json()
        assert declared["title"] == {"ja": "文字の数", "en": "Letters"}
        assert [one["name"] for one in declared["metrics"]] == ["letters/found"]
        body = {"recipe": NAME, "dataset_id": dataset_id, "config": {"letter": "e"}}
        job = await created(client, body)

        events = await worked_off(settings, services, database, job["id"])

        shown = (await client.get(f"{JOBS}/{job['id']}")).json()
        assert (shown["state"], shown["failure"]) == ("completed", None)
        rows = len(json.loads(LEVEL_1.read_bytes())) + 1
        assert_gapless(events)
        stages = {event.body.stage for event in events if event.body.type == "progress"}
        assert stages == {"count"}
        reports = [event.body.body for event in events if event.body.type == "report"]
        assert reports == [{"letter": "e", "found": rows * 2}]
        [artifact] = (await client.get(f"{JOBS}/{job['id']}/artifacts")).json()["data"]
        assert (artifact["kind"], artifact["name"], artifact["facts"]) == (
            "report", "letters.json", {"letter": "e"},
        )  # fmt: skip
        downloaded = await client.get(f"/api/artifacts/{artifact['id']}/download")
        assert downloaded.json() == {"e": rows * 2}
        drawn = (await client.get(f"{JOBS}/{job['id']}/metrics")).json()
        assert "letters/found" in str(drawn)

        again = {**body, "config": {"letter": "o"}, "inputs": {"earlier": job["id"]}}
        second = await created(client, again)
        await worked_off(settings, services, database, second["id"])
        [artifact] = (await client.get(f"{JOBS}/{second['id']}/artifacts")).json()["data"]
        downloaded = await client.get(f"/api/artifacts/{artifact['id']}/download")
        assert downloaded.json() == {"e": rows * 2, "o": rows * 2}

    async def test_settings_and_data_are_checked_at_the_door(
        self, client: httpx.AsyncClient, dataset_id: str
    ) -> None:
        asked: dict[str, Any] = {"recipe": NAME, "dataset_id": dataset_id, "config": {"letter": "ab"}}
        refused = await client.post(JOBS, json=asked)
        assert (refused.status_code, refused.json()["code"]) == (422, "config_invalid")
        assert refused.json()["errors"][0]["pointer"] == "/config/letter"
        refused = await client.post(JOBS, json={"recipe": NAME, "config": {}})
        assert (refused.status_code, refused.json()["code"]) == (422, "job_input_missing")


class TestDoor:
    @pytest.mark.parametrize(
        ("name", "spec", "run", "reason"),
        [
            ("text_lora", SPEC, RUN, "cannot have this name"),
            ("blocks", SPEC, RUN, "cannot have this name"),
            ("context", SPEC, RUN, "cannot have this name"),
            ("two words", SPEC, RUN, "cannot have this name"),
            (NAME, SPEC, None, "run.py is missing"),
            (NAME, "SPEC = 1", RUN, "must be a RecipeSpec"),
            (NAME, SPEC.replace('"letter_count"', '"another"'), RUN, "name of its folder"),
            (NAME, "import no_such_package", RUN, "no_such_package"),
            (NAME, "1 / 0", RUN, "division by zero"),
        ],
    )
    def test_what_is_no_recipe_is_refused_and_leaves_nothing(
        self, tmp_path: Path, name: str, spec: str, run: str | None, reason: str
    ) -> None:
        before, path = dict(recipes.RECIPES), list(recipes.__path__)
        with pytest.raises(ExternalRecipeError, match=re.escape(reason)) as caught:
            recipes.add_recipes(written(tmp_path / "others", name, spec, run))
        assert name in caught.value.detail("ja")
        assert (recipes.RECIPES, list(recipes.__path__), recipes.EXTERNAL_DIRECTORIES) == (before, path, [])
        for module in [one for one in sys.modules if one.startswith(f"llmlora.recipes.{NAME}")]:
            del sys.modules[module]

    def test_declaration_that_loads_torch_is_refused(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delitem(sys.modules, "torch", raising=False)
        loads = f"import sys, types\nsys.modules['torch'] = types.ModuleType('torch')\n{SPEC}"
        try:
            with pytest.raises(ExternalRecipeError, match="loads torch"):
                recipes.add_recipes(written(tmp_path / "others", spec=loads))
        finally:
            sys.modules.pop("torch", None)
            for module in [one for one in sys.modules if one.startswith(f"llmlora.recipes.{NAME}")]:
                del sys.modules[module]

    def test_directory_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(ExternalRecipeError, match="no such directory"):
            recipes.add_recipes(tmp_path / "nowhere")

    def test_recipe_is_gone_with_its_directory(self, stranger: Path) -> None:
        assert find_recipe(NAME).family == "letters"
        forget(stranger)
        try:
            with pytest.raises(RecipeNotFoundError, match=NAME):
                find_recipe(NAME)
        finally:
            recipes.add_recipes(stranger)
