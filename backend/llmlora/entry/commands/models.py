"""`models add|list|show|recommended|search`: base models, each exactly one set of weights."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from llmlora.entry.console import AsJson, DataDir, load_settings, out, print_json, run_async
from llmlora.entry.tables import Column, WholeTable
from llmlora.kit.settings import Settings

if TYPE_CHECKING:
    from llmlora.features.discovery.schemas import Fit, FoundModels, RecommendedList
    from llmlora.features.models.schemas import BaseModelOut

app = typer.Typer(no_args_is_help=True, help="Base models. ベースモデルの登録と一覧。")

HOW_TO_WRITE = "bundled:smollm2-135m-instruct, path:/DIRECTORY_OR_GGUF, hf:OWNER/NAME[@REVISION]"


class SortChoice(StrEnum):
    """What stands first."""

    DOWNLOADS = "downloads"
    LIKES = "likes"
    RECENT = "recent"


VERDICT_WORDS = {
    "fits": "余裕あり fits", "tight": "余裕なし tight", "does_not_fit": "足りない does not fit", "unknown": "不明 unknown",
}  # fmt: skip
JAPANESE_WORDS = {"main": "得意 main", "among_others": "対応 among others", "no": "対象外 no"}


@app.command("add")
def add(
    reference: Annotated[str, typer.Argument(help=f"The model: {HOW_TO_WRITE}. ベースモデル。")],
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Check a base model and register it with the digest of its weights. ベースモデルを登録します。"""
    model = run_async(_add(load_settings(data_dir), reference))
    _print(model, as_json=as_json)


@app.command("list")
def list_models(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """List the base models, the bundled one included. ベースモデルを一覧します。"""
    models = run_async(_list(load_settings(data_dir)))
    if as_json:
        print_json({"data": [model.model_dump(mode="json") for model in models], "next": None})
        return
    table = WholeTable("reference", "parameters", "context", "license", "id")
    for model in models:
        table.add_row(
            model.reference,
            _millions(model.parameters),
            str(model.context_length or ""),
            model.licence or "",
            model.id or "初回に準備 on first use",
        )
    out().print(table)


@app.command("show")
def show(
    reference: Annotated[
        str, typer.Argument(help="Reference or id of a registered model. ベースモデルの参照または番号。")
    ],
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Show the details of a base model. ベースモデルの詳細を表示します。"""
    _print(run_async(_show(load_settings(data_dir), reference)), as_json=as_json)


@app.command("recommended")
def recommended(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """List good base models, those that fit this machine first. このマシンに合うベースモデルを一覧します。"""
    found = run_async(_recommended(load_settings(data_dir)))
    if as_json:
        print_json(found.model_dump(mode="json"))
        return
    _print_recommended(found)


@app.command("search")
def search(
    query: Annotated[str, typer.Argument(help="Part of a name. 名前の一部。")],
    language: Annotated[
        str | None, typer.Option(help="Language, such as ja. 言語。", show_default=False)
    ] = None,
    licence: Annotated[
        str | None,
        typer.Option("--license", help="License, such as apache-2.0. ライセンス。", show_default=False),
    ] = None,
    max_billions: Annotated[
        float | None,
        typer.Option(
            min=0.001,
            max=10_000,
            help="Largest size, in billions of weights. 大きさの上限（10 億）。",
            show_default=False,
        ),
    ] = None,
    sort: Annotated[SortChoice, typer.Option(help="Order. 並べ方。")] = SortChoice.DOWNLOADS,
    limit: Annotated[int, typer.Option(min=1, max=50, help="How many. 件数。")] = 10,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Search Hugging Face for base models that fit this machine. Hugging Face でベースモデルを探します。"""
    most = None if max_billions is None else round(max_billions * 1e9)
    filters = {"language": language, "licence": licence, "max_parameters": most}
    found = run_async(_search(load_settings(data_dir), query, sort, limit, filters))
    if as_json:
        print_json(found.model_dump(mode="json"))
        return
    _print_found(found)


async def _add(settings: Settings, reference: str) -> "BaseModelOut":
    from llmlora.entry.inputs import imported_base_model
    from llmlora.entry.workplace import workplace
    from llmlora.features.models.service import as_out

    async with workplace(settings) as place:
        row = await imported_base_model(place, reference)
    return as_out(row, settings.data_dir)


async def _list(settings: Settings) -> "list[BaseModelOut]":
    from llmlora.engine.embedded.services import open_database
    from llmlora.features.models.service import as_out, bundled_out, list_base_models
    from llmlora.recipes.blocks.bundled_models import BUNDLED_MODELS

    async with open_database(settings) as database:
        rows = await list_base_models(database)
    models = [as_out(row, settings.data_dir) for row in rows]
    here = {one.reference for one in models}
    return [*models, *(bundled_out(one) for name, one in BUNDLED_MODELS.items() if name not in here)]


async def _show(settings: Settings, reference: str) -> "BaseModelOut":
    from llmlora.engine.embedded.services import open_database
    from llmlora.features.models.catalogue import find_base_model_out

    async with open_database(settings) as database:
        return await find_base_model_out(database, settings.data_dir, reference)


async def _recommended(settings: Settings) -> "RecommendedList":
    from llmlora.engine.embedded.services import open_database
    from llmlora.features.discovery.service import list_recommended

    async with open_database(settings) as database:
        return await list_recommended(database, settings)


async def _search(
    settings: Settings, query: str, sort: SortChoice, limit: int, filters: Mapping[str, Any]
) -> "FoundModels":
    from llmlora.engine.embedded.services import open_database
    from llmlora.features.discovery.found import search_models
    from llmlora.features.hub.searching import HubQuery

    asked = HubQuery(
        words=query.strip(),
        task="text-generation",
        gated=None,
        sort=sort.value,
        limit=limit,
        after=None,
        **filters,
    )
    async with open_database(settings) as database:
        return await search_models(database, settings, asked)


def _print_found(found: "FoundModels") -> None:
    table = WholeTable(_reference_column(), "parameters", "学習 training", "license", "disk")
    for one in found.data:
        obstacle = one.obstacle and f"取り込めません cannot be imported: {one.obstacle.ja} {one.obstacle.en}"
        table.add_row(
            one.reference,
            _millions(one.parameters),
            obstacle or (VERDICT_WORDS["unknown"] if one.fit is None else _training(one.fit)),
            (one.licence or "") + (" (gated)" if one.gated else ""),
            "" if one.disk is None else _gib(one.disk.needed_bytes),
        )
    out().print(table)


def _reference_column() -> Column:
    return Column("reference", min_width=30, overflow="fold")


def _print_recommended(found: "RecommendedList") -> None:
    table = WholeTable(
        _reference_column(), "parameters", "学習 training", "日本語 Japanese", "license", "disk"
    )
    for one in found.data:
        table.add_row(
            one.reference,
            _millions(one.parameters),
            _training(one.fit),
            JAPANESE_WORDS[one.japanese],
            one.licence + (" (gated)" if one.gated else ""),
            _gib(one.disk.needed_bytes),
        )
    out().print(table)
    machine = found.machine
    memory = f"{_gib(machine.free_bytes)} / {_gib(machine.total_bytes)}"
    out().print(f"{machine.name} ({machine.device}): 空き free {memory}", markup=False, highlight=False)
    how = f"./llmlora models add REFERENCE で取り込めます / imports one; 時間は {found.examples:,} 件 × {found.example_tokens} トークンを 1 周 / "
    how += f"times: one pass over {found.examples:,} examples of {found.example_tokens} tokens"
    out().print(how, markup=False, highlight=False)


def _training(fit: "Fit") -> str:
    """The verdict, what is needed, how long it takes, and what would make it fit."""
    needed = next((preset.memory.needed_bytes for preset in fit.presets if preset.first), None)
    told = [VERDICT_WORDS[fit.verdict], "" if needed is None else _gib(needed)]
    if fit.seconds is not None and fit.verdict != "does_not_fit":
        told.append(f"{fit.seconds / 60:,.0f} min")
    if fit.lighter is not None:
        told.append(f"→ {fit.lighter.title.ja} {fit.lighter.title.en}")
    return " ".join(filter(None, told))


def _gib(size_bytes: int) -> str:
    return f"{size_bytes / 2**30:.1f} GiB"


def _print(model: "BaseModelOut", *, as_json: bool) -> None:
    document = model.model_dump(mode="json")
    if as_json:
        print_json(document)
        return
    table = WholeTable("key", "value", show_header=False, title=model.reference)
    for key, value in document.items():
        table.add_row(key, "-" if value is None else str(value))
    out().print(table)
    licence = model.licence or "不明 unknown（モデルカードを確認してください / see the model card）"
    out().print(f"ライセンス license: {licence}", markup=False, highlight=False)


def _millions(parameters: int | None) -> str:
    return "" if parameters is None else f"{parameters / 1e6:.1f} M"
