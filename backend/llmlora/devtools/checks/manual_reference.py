"""The reference pages of the manual, drawn from the code: settings, recipes, API, events, metrics; Japanese and English."""

import inspect
import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from llmlora.devtools.checks.setting_words import SETTING_WORDS_JA

REPOSITORY = Path(__file__).parents[4]
_DRAWN = "<!-- Drawn from the code by ./llmlora check --write. -->\n"
_EVENT_WORDS_JA = {
    "progress": "実行の進み具合。eta_s は、わかるまで null です。",
    "metrics": "1 ステップの値。名前は「分割/指標」か、指標だけです。not_finite は、数でない値（NaN、無限大）を言葉で示します。",
    "log": "人が読む 1 行。step があれば、そのステップの値を述べています。",
    "resources": "実行がいま使っているものと、マシンの残り。cpu_percent の 100 は 1 コアです。",
    "checkpoint": "再開できるディレクトリ。マニフェストがあれば、中身はそろっています。",
    "artifact": "実行が作ったファイルと、そのハッシュ。",
    "report": "実行についての文書（ledger、gates、plan など）。",
    "failure": "失敗の理由と、何を変えればよいか。ログを除き、その実行の最後のイベントです。",
    "finished": "頼まれたことをすべて終えたか、中止されて途中まで保存して終わりました。",
    "state": "ジョブの状態が変わりました。reason は lease_lapsed のような、変わらない語です。",
}
_TAG_WORDS_JA = {
    "chat": "会話", "courses": "講座", "data kinds": "データの種類", "datasets": "データ", "deployments": "配信", "evaluations": "評価",
    "hub": "Hugging Face", "jobs": "ジョブ", "labels": "名前、タグ、メモ", "models": "モデル", "needs": "何が何を使っているか", "ollama": "Ollama",
    "openai": "OpenAI 互換", "recipes": "レシピ", "search": "検索", "session": "ブラウザーのセッション", "system": "システム", "webhooks": "Webhook",
}  # fmt: skip


def manual_pages() -> dict[Path, Callable[[], str]]:
    """Every page that is drawn, and what draws it."""
    drawn = {
        "settings": settings_page, "recipes": recipes_page, "api": api_page, "events": events_page, "metrics": metrics_page
    }  # fmt: skip
    return {
        REPOSITORY / "docs" / language / "reference" / f"{name}.md": partial(make, language)
        for language in ("ja", "en")
        for name, make in drawn.items()
    }


def settings_page(language: str) -> str:
    """Every variable with its default and what it is for."""
    from llmlora.devtools.checks.reference import variable_of
    from llmlora.kit.settings import Settings

    ja = language == "ja"
    lines = [
        "# 設定\n" if ja else "# Settings\n",
        _DRAWN,
        "環境変数か、リポジトリーの `.env` に書きます（`.env.example` を写して使えます）。コマンドの `--data-dir` などは、これより優先されます。\n"
        if ja
        else "Set them in the environment, or in `.env` of the repository (copy `.env.example`). Options of commands, such as `--data-dir`, win over them.\n",
    ]
    for name, field in Settings.model_fields.items():
        default = "~/.local/share/llmlora" if name == "data_dir" else field.get_default()
        words = (SETTING_WORDS_JA.get(name) if ja else None) or str(field.description)
        shown = f"`{default}`" if default not in (None, "") else ("なし" if ja else "none")
        lines.append(f"## `{variable_of(name, field)}` {{#{name}}}\n")
        lines.append(f"{_plain(words)}\n")
        lines.append(f"{'初期値' if ja else 'Default'}: {shown}\n")
    return "\n".join(lines)


def recipes_page(language: str) -> str:
    """Every recipe: what it takes, what it leaves, every setting with its bounds."""
    from llmlora.features.recipes.service import list_recipes

    ja = language == "ja"
    lines = [
        "# レシピ\n" if ja else "# Recipes\n",
        _DRAWN,
        "学習、変換、配信など、ジョブが行う仕事をレシピと呼びます。設定は、ジョブのファイル（`./llmlora train --config`）と `POST /api/training/jobs` の `config` に書きます。\n"
        if ja
        else "What a job does (train, convert, deploy …) is a recipe. Its settings stand in a job file (`./llmlora train --config`) and in `config` of `POST /api/training/jobs`.\n",
    ]
    for recipe in (one.model_dump(mode="json") for one in list_recipes()):
        lines += _recipe(recipe, language)
    return "\n".join(lines)


def _recipe(recipe: dict[str, Any], language: str) -> Iterator[str]:
    ja = language == "ja"
    yield f"## {recipe['title'][language]} (`{recipe['name']}`) {{#{recipe['name']}}}\n"
    yield f"{_plain(recipe['summary'][language])}\n"
    for name, one in recipe["inputs"].items():
        what = ", ".join(
            f"`{kind}`" for kind in (*one["dataset_kinds"], *one["base_model_tasks"], *one["artifacts"])
        )
        required = ("必須" if ja else "required") if one["required"] else ("省略可" if ja else "optional")
        yield f"- {'入力' if ja else 'Input'} `{name}`: {one['title'][language]} ({required}){f': {what}' if what else ''}"
    if recipe["artifacts"]:
        yield f"- {'成果物' if ja else 'Leaves'}: {', '.join(f'`{one}`' for one in recipe['artifacts'])}"
    if recipe["deploys"]:
        yield f"- {'配信先' if ja else 'Deploys to'}: `{recipe['deploys']}`"
    yield f"- {'再開できます' if ja else 'Can be resumed'}\n" if recipe["resumable"] else ""
    schema = recipe["config_schema"]
    if schema.get("properties"):
        yield "| 設定 | 意味 | 値 | 初期値 |" if ja else "| Setting | Meaning | Values | Default |"
        yield "|---|---|---|---|"
        for name, one in schema["properties"].items():
            words = one.get("description_ja" if ja else "description") or ""
            default = (
                f"`{json.dumps(recipe['defaults'][name])}`"
                if name in recipe["defaults"]
                else ("必須" if ja else "required")
            )
            yield f"| `{name}` | {_cell(words)} | {_cell(_values(one, schema.get('$defs', {})))} | {default} |"
        yield ""


def _values(one: dict[str, Any], named: dict[str, Any]) -> str:
    """`integer ≥ 1 ≤ 512`, `cosine, linear, constant`, `number > 0 or null`."""
    if "$ref" in one:
        one = named[one["$ref"].rpartition("/")[2]]
    if "anyOf" in one:
        return " / ".join(dict.fromkeys(_values(part, named) for part in one["anyOf"]))
    if "enum" in one:
        return ", ".join(f"`{value}`" for value in one["enum"])
    if "const" in one:
        return f"`{one['const']}`"
    signs = {
        "minimum": "≥",
        "exclusiveMinimum": ">",
        "maximum": "≤",
        "exclusiveMaximum": "<",
        "minLength": "≥",
        "maxLength": "≤",
    }
    bounds = " ".join(f"{sign} {one[key]}" for key, sign in signs.items() if key in one)
    return f"{one.get('type', 'any')} {bounds}".strip()


def api_page(language: str) -> str:
    """Every route with its parameters and bodies in brief."""
    document = json.loads((REPOSITORY / "docs" / "openapi.json").read_text(encoding="utf-8"))
    ja = language == "ja"
    lines = [
        "# HTTP API\n",
        _DRAWN,
        (
            "すべての経路の一覧です。説明文は API の文書と同じ英語です。動いている API では、`/docs` で試せます。スキーマの全体はリポジトリーの `docs/openapi.json` にあります。\n\n"
            "エラーは RFC 9457 の形（`application/problem+json`）で、変わらない `code` と、何を変えればよいかを述べる `detail` を持ちます。言語は `Accept-Language` に従います。"
            '一覧は `{"data": […], "next": カーソルか null}` の形で、続きは `after` に `next` を渡します。ジョブの作成には `Idempotency-Key` を使えます。\n'
            if ja
            else "Every route. A running API lets you try them at `/docs`; the schemas stand whole in `docs/openapi.json` of the repository.\n\n"
            "Errors are problems as in RFC 9457 (`application/problem+json`) with a stable `code` and a `detail` that says what to change, in the language of `Accept-Language`. "
            'Lists are `{"data": […], "next": cursor or null}`; give `next` as `after`. Creating jobs takes an `Idempotency-Key`.\n'
        ),
    ]
    named = document["components"]["schemas"]
    groups: dict[str, list[str]] = {}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            tag = (operation.get("tags") or ["other"])[0]
            groups.setdefault(tag, []).append(_operation(path, method, operation, named, language))
    for tag in sorted(groups):
        title = _TAG_WORDS_JA.get(tag, tag) if ja else tag[:1].upper() + tag[1:]
        lines += [f"## {title} {{#{tag.replace(' ', '-')}}}\n", *groups[tag]]
    return "\n".join(lines)


def _operation(
    path: str, method: str, operation: dict[str, Any], named: dict[str, Any], language: str
) -> str:
    ja = language == "ja"
    lines = [f"### {method.upper()} {path} {{#{operation['operationId']}}}\n"]
    lines.append(
        _plain((operation.get("description") or operation["summary"]).partition("Raises:")[0]) + "\n"
    )
    for one in operation.get("parameters", ()):
        schema = one.get("schema", {})
        where = {"query": "?", "path": "{}", "header": "header"}.get(one["in"], one["in"])
        needed = "" if not one.get("required") else (", 必須" if ja else ", required")
        about = f": {_plain(one['description'])}" if one.get("description") else ""
        lines.append(f"- `{one['name']}` ({where}{needed}) {_plain(_values(schema, named))}{about}")
    body = operation.get("requestBody", {}).get("content", {})
    for kind, one in body.items():
        lines.append(f"- {'本文' if ja else 'Body'}: `{kind}` {_ref(one.get('schema', {}))}")
    answers = [
        f"{status} {_ref(content.get('schema', {}))}".strip()
        for status, one in operation["responses"].items()
        if status < "4"
        for content in (one.get("content") or {"": {}}).values()
    ]
    if answers:
        lines.append(f"- {'応答' if ja else 'Answers'}: {', '.join(dict.fromkeys(answers))}")
    return "\n".join(lines) + "\n"


def _ref(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return f"`{schema['$ref'].rpartition('/')[2]}`"
    if schema.get("type") == "array":
        return f"list of {_ref(schema.get('items', {}))}".rstrip()
    return ""


def events_page(language: str) -> str:
    """Every kind of event with its example."""
    from llmlora.contracts import events

    ja = language == "ja"
    bodies = {
        cls.model_fields["type"].default: cls
        for _, cls in inspect.getmembers(events, inspect.isclass)
        if hasattr(cls, "model_fields") and "type" in cls.model_fields
    }
    lines = [
        "# イベント\n" if ja else "# Events\n",
        _DRAWN,
        "ジョブに起こることは、すべて番号の付いたイベントになります。番号は 1 から始まり、やり直しをまたいでも欠けません。ページ、Server-Sent Events、WebSocket のどれで読んでも同じです（`GET /api/training/jobs/{id}/events`、`/ws`、`./llmlora events`）。\n"
        if ja
        else "Everything that happens to a job is a numbered event, from 1 on and without a gap over all attempts, however it is read: in pages, as server-sent events or by WebSocket (`GET /api/training/jobs/{id}/events`, `/ws`, `./llmlora events`).\n",
    ]
    for path in sorted((REPOSITORY / "docs" / "events").glob("*.json")):
        about = _EVENT_WORDS_JA[path.stem] if ja else _plain(inspect.getdoc(bodies[path.stem]) or "")
        lines += [
            f"## {path.stem}\n",
            f"{about}\n",
            "```json",
            path.read_text(encoding="utf-8").rstrip(),
            "```\n",
        ]
    return "\n".join(lines)


def metrics_page(language: str) -> str:
    """Curves that recipes draw, and what Prometheus reads at /metrics."""
    from llmlora.features.recipes.service import list_recipes
    from llmlora.features.system.measured import Metrics

    ja = language == "ja"
    lines = ["# 指標\n" if ja else "# Metrics\n", _DRAWN]
    for recipe in (one.model_dump(mode="json") for one in list_recipes()):
        if recipe["metrics"]:
            lines.append(f"## {recipe['title'][language]} (`{recipe['name']}`) {{#{recipe['name']}}}\n")
            lines.append("| 名前 | 意味 | 単位 | よいのは |" if ja else "| Name | Meaning | Unit | Better |")
            lines.append("|---|---|---|---|")
            better = (
                {"down": "小さい", "up": "大きい", "neither": "–"}
                if ja
                else {"down": "lower", "up": "higher", "neither": "–"}
            )
            lines += [
                f"| `{one['name']}` | {_cell(one['title'][language])} | {one['unit']} | {better[one['better']]} |"
                for one in recipe["metrics"]
            ]
            lines.append("")
    lines.append("## Prometheus (`GET /metrics`) {#prometheus}\n")
    lines.append(
        "説明は API が出すものと同じ英語です。\n"
        if ja
        else "With a token set, scrape with `Authorization: Bearer …`.\n"
    )
    lines.append(
        "| 名前 | 種類 | 説明 |\n|---|---|---|" if ja else "| Name | Type | Meaning |\n|---|---|---|"
    )
    families = sorted(Metrics().registry.collect(), key=lambda one: one.name)
    lines += [
        f"| `{one.name}` | {one.type} | {_cell(one.documentation)} |"
        for one in families
        if one.name.startswith("llmlora")
    ]
    return "\n".join(lines) + "\n"


def _plain(words: str) -> str:
    """A sentence for Markdown: on one line, nothing in it taken for a tag."""
    return " ".join(words.split()).replace("<", "&lt;")


def _cell(words: str) -> str:
    return _plain(words).replace("|", "\\|")
