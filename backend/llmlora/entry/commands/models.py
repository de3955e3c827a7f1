"""`models add|list|show|recommended|search`: base models, each exactly one set of weights."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from llmlora.contracts.text import Text
from llmlora.entry.console import AsJson, DataDir, load_settings, print_json, run_async, show
from llmlora.entry.language import localized, localized_text, words
from llmlora.entry.tables import Column, Facts, Listing
from llmlora.kit.settings import Settings

if TYPE_CHECKING:
    from llmlora.features.discovery.schemas import Fit, FoundModelOut, FoundModels, RecommendedList
    from llmlora.features.models.schemas import BaseModelOut

app = typer.Typer(no_args_is_help=True)

HOW_TO_WRITE = "bundled:smollm2-135m-instruct, path:/DIRECTORY_OR_GGUF, hf:OWNER/NAME[@REVISION]"


class SortChoice(StrEnum):
    """What stands first."""

    DOWNLOADS = "downloads"
    LIKES = "likes"
    RECENT = "recent"


VERDICT_WORDS = {
    "fits": Text(ja="余裕あり", en="fits"),
    "tight": Text(ja="余裕なし", en="tight"),
    "does_not_fit": Text(ja="足りない", en="does not fit"),
    "unknown": Text(ja="不明", en="unknown"),
}
JAPANESE_WORDS = {
    "main": Text(ja="得意", en="main language"),
    "among_others": Text(ja="対応", en="among others"),
    "no": Text(ja="対象外", en="no"),
}


@app.command(
    "add",
    help=words(
        ja="ベースモデルを確かめ、重みのハッシュとともに登録します。",
        en="Check a base model and register it with the digest of its weights.",
    ),
)
def add(
    reference: Annotated[
        str,
        typer.Argument(
            help=words(
                ja=f"ベースモデルです。{HOW_TO_WRITE.replace(', ', '、')} のように書きます。",
                en=f"The base model, written like {HOW_TO_WRITE}.",
            )
        ),
    ],
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Have a job import a base model."""
    model = run_async(_add(load_settings(data_dir), reference))
    _print(model, as_json=as_json)


@app.command(
    "list",
    help=words(
        ja="ベースモデルを、付属のものも含めて一覧します。", en="List the base models, bundled ones included."
    ),
)
def list_models(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """The base models, a row each."""
    models = run_async(_list(load_settings(data_dir)))
    if as_json:
        print_json({"data": [model.model_dump(mode="json") for model in models], "next": None})
        return
    table = Listing(
        _reference_column(),
        localized("大きさ", "size"),
        localized("文脈長", "context"),
        localized("ライセンス", "license"),
        Column(localized("番号", "id"), is_whole=True),
    )
    for model in models:
        table.add(
            model.reference,
            _millions(model.parameters),
            str(model.context_length or ""),
            model.licence or "",
            model.id or localized("初回に準備", "on first use"),
        )
    show(table)


@app.command(
    "show", help=words(ja="ベースモデルの詳細を表示します。", en="Show the details of a base model.")
)
def show_model(
    reference: Annotated[
        str,
        typer.Argument(
            help=words(
                ja="登録したベースモデルの参照または番号です。",
                en="The reference or the id of a registered base model.",
            )
        ),
    ],
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """All that is known of a base model."""
    _print(run_async(_show(load_settings(data_dir), reference)), as_json=as_json)


@app.command(
    "recommended",
    help=words(
        ja="おすすめのベースモデルを、このマシンに合うものから順に一覧します。",
        en="List good base models, those that fit this machine first.",
    ),
)
def recommended(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Base models that are known to be good."""
    found = run_async(_recommended(load_settings(data_dir)))
    if as_json:
        print_json(found.model_dump(mode="json"))
        return
    _print_recommended(found)


@app.command(
    "search",
    help=words(
        ja="Hugging Face でベースモデルを探し、このマシンに合うかを示します。",
        en="Search Hugging Face for base models, and tell which fit this machine.",
    ),
)
def search(
    query: Annotated[str, typer.Argument(help=words(ja="名前の一部です。", en="A part of the name."))],
    language: Annotated[
        str | None,
        typer.Option(
            help=words(
                ja="この言語のモデルだけを探します（例: ja）。",
                en="Only models for this language, such as ja.",
            ),
            show_default=False,
        ),
    ] = None,
    licence: Annotated[
        str | None,
        typer.Option(
            "--license",
            help=words(
                ja="このライセンスのモデルだけを探します（例: apache-2.0）。",
                en="Only models under this license, such as apache-2.0.",
            ),
            show_default=False,
        ),
    ] = None,
    max_billions: Annotated[
        float | None,
        typer.Option(
            min=0.001,
            max=10_000,
            help=words(
                ja="大きさの上限です。10 億個の重みを 1 とします。",
                en="The largest size, in billions of weights.",
            ),
            show_default=False,
        ),
    ] = None,
    sort: Annotated[
        SortChoice,
        typer.Option(
            help=words(
                ja="並べ方です。ダウンロードの多い順、いいねの多い順、新しい順から選びます。",
                en="The order: most downloads, most likes or most recent first.",
            )
        ),
    ] = SortChoice.DOWNLOADS,
    limit: Annotated[
        int, typer.Option(min=1, max=50, help=words(ja="表示する件数です。", en="How many to show."))
    ] = 10,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """What the hub has, judged for this machine."""
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
    table = Listing(
        _reference_column(),
        localized("大きさ", "size"),
        localized("学習", "training"),
        localized("ライセンス", "license"),
        localized("ディスク", "disk"),
    )
    for one in found.data:
        unknown = localized_text(VERDICT_WORDS["unknown"])
        table.add(
            one.reference,
            _millions(one.parameters),
            _obstacle(one) or (unknown if one.fit is None else _training(one.fit)),
            (one.licence or "") + (" (gated)" if one.gated else ""),
            "" if one.disk is None else _gib(one.disk.needed_bytes),
        )
    show(table)


def _obstacle(found: "FoundModelOut") -> str:
    """Why it cannot be imported; empty where it can."""
    if found.obstacle is None:
        return ""
    return localized(f"取り込めません: {found.obstacle.ja}", f"It cannot be imported: {found.obstacle.en}")


def _reference_column() -> Column:
    return Column(localized("参照", "reference"), is_whole=True)


def _print_recommended(found: "RecommendedList") -> None:
    table = Listing(
        _reference_column(),
        localized("大きさ", "size"),
        localized("学習", "training"),
        localized("日本語", "Japanese"),
        localized("ライセンス", "license"),
        localized("ディスク", "disk"),
    )
    for one in found.data:
        table.add(
            one.reference,
            _millions(one.parameters),
            _training(one.fit),
            localized_text(JAPANESE_WORDS[one.japanese]),
            one.licence + (" (gated)" if one.gated else ""),
            _gib(one.disk.needed_bytes),
        )
    show(table)
    machine = found.machine
    free, total = _gib(machine.free_bytes), _gib(machine.total_bytes)
    show(
        localized(
            f"{machine.name} ({machine.device}): メモリの空き {free} / {total}",
            f"{machine.name} ({machine.device}): {free} of {total} memory free",
        )
    )
    show(
        localized(
            f"時間は、{found.example_tokens} トークンの例 {found.examples:,} 件を 1 周したときの目安です。",
            f"Times are for one pass over {found.examples:,} examples of {found.example_tokens} tokens.",
        )
    )
    call = "./llmlora models add"
    show(
        localized(
            f"取り込むには、{call} に続けて参照を書きます。",
            f"To import one, write its reference after {call}.",
        )
    )


def _training(fit: "Fit") -> str:
    """The verdict, what is needed, how long it takes, and what would make it fit."""
    needed = next((preset.memory.needed_bytes for preset in fit.presets if preset.first), None)
    told = [localized_text(VERDICT_WORDS[fit.verdict]), "" if needed is None else _gib(needed)]
    if fit.seconds is not None and fit.verdict != "does_not_fit":
        minutes = f"{fit.seconds / 60:,.0f}"
        told.append(localized(f"{minutes} 分", f"{minutes} min"))
    if fit.lighter is not None:
        told.append(f"→ {localized_text(fit.lighter.title)}")
    return localized("、", ", ").join(filter(None, told))


def _gib(size_bytes: int) -> str:
    return f"{size_bytes / 2**30:.1f} GiB"


def _print(model: "BaseModelOut", *, as_json: bool) -> None:
    document = model.model_dump(mode="json")
    if as_json:
        print_json(document)
        return
    facts = Facts(model.reference)
    for key, value in document.items():
        facts.add(key, "-" if value is None else str(value))
    show(facts)
    licence = model.licence or localized(
        "不明です。モデルカードを確認してください。", "unknown; see the model card"
    )
    show(localized(f"ライセンス: {licence}", f"License: {licence}"))


def _millions(parameters: int | None) -> str:
    return "" if parameters is None else f"{parameters / 1e6:.1f} M"
