"""`webhooks`: addresses that are told when a job ends. They speak the API."""

import sys
import time
from typing import Annotated, Any

import typer

from llmlora.entry.client import api_client, ask
from llmlora.entry.console import AsJson, DataDir, load_settings, out, print_json
from llmlora.entry.tables import Column, WholeTable

app = typer.Typer(
    no_args_is_help=True, help="Addresses notified when a job ends. ジョブの終わりを知らせる宛先（Webhook）。"
)
WEBHOOKS = "/api/webhooks"
WebhookId = Annotated[str, typer.Argument(help="Id of a webhook. Webhook の番号。")]
TRY_S = 30.0
LOOK_S = 0.5


@app.command("list")
def list_webhooks(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """List webhooks and their last message. Webhook と最後の送信を一覧します。"""
    with api_client(load_settings(data_dir)) as client:
        hooks = ask(client, "GET", WEBHOOKS)["data"]
        last = {
            hook["id"]: ask(client, "GET", f"{WEBHOOKS}/{hook['id']}/deliveries", params={"limit": 1})["data"]
            for hook in hooks
        }
    if as_json:
        print_json([{**hook, "last": next(iter(last[hook["id"]]), None)} for hook in hooks])
        return
    table = WholeTable(
        Column("id", no_wrap=True), "宛先 address", "形式 shape", "通知 events", "署名 signature", "最後 last"
    )
    for hook in hooks:
        told = next(iter(last[hook["id"]]), None)
        table.add_row(
            hook["id"],
            hook["url"],
            hook["shape"],
            " ".join(hook["events"]) if hook["enabled"] else "off",
            hook["signature"],
            "–" if told is None else _outcome(told),
        )
    out().print(table)


@app.command("add")
def add_webhook(
    url: Annotated[str, typer.Argument(help="Address to post to. 送信先のアドレス。")],
    event: Annotated[
        list[str] | None,
        typer.Option("--event", help="finished, failed, cancelled, deployed; all by default. 知らせる内容。"),
    ] = None,
    shape: Annotated[str, typer.Option("--shape", help="auto, json, slack, discord. 本文の形式。")] = "auto",
    language: Annotated[str, typer.Option("--language", help="ja, en. 文の言語。")] = "ja",
    pages_url: Annotated[
        str | None, typer.Option("--pages-url", help="Where links lead. リンク先の画面のアドレス。")
    ] = None,
    sign: Annotated[
        bool, typer.Option("--sign", help="Ask for a secret to sign with. 署名の秘密鍵を尋ねます。")
    ] = False,
    data_dir: DataDir = None,
) -> None:
    """Register an address. Webhook を登録します。"""
    body: dict[str, Any] = {"url": url, "shape": shape, "language": language, "pages_url": pages_url}
    if event:
        body["events"] = event
    if sign:  # never an argument: those are seen by everybody on the machine
        piped = None if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
        body["secret"] = piped or typer.prompt("secret", hide_input=True, err=True)
    with api_client(load_settings(data_dir)) as client:
        out().print(ask(client, "POST", WEBHOOKS, json=body)["id"], highlight=False)


@app.command("remove")
def remove_webhook(webhook_id: WebhookId, data_dir: DataDir = None) -> None:
    """Forget a webhook and its history. Webhook を削除します。"""
    with api_client(load_settings(data_dir)) as client:
        ask(client, "DELETE", f"{WEBHOOKS}/{webhook_id}")


@app.command("test")
def try_webhook(webhook_id: WebhookId, data_dir: DataDir = None) -> None:
    """Send a test message and show how it went. テスト送信して結果を表示します。"""
    with api_client(load_settings(data_dir)) as client:
        told = ask(client, "POST", f"{WEBHOOKS}/{webhook_id}/test")
        deadline = time.monotonic() + TRY_S
        while told["state"] != "delivered" and not told["problem"] and time.monotonic() < deadline:
            time.sleep(LOOK_S)
            recent = ask(client, "GET", f"{WEBHOOKS}/{webhook_id}/deliveries")["data"]
            told = next((one for one in recent if one["id"] == told["id"]), told)
    out().print(_outcome(told), highlight=False)
    if told["state"] != "delivered":
        raise typer.Exit(1)


def _outcome(told: dict[str, Any]) -> str:
    said = " ".join(str(told[name]) for name in ("problem", "status") if told[name] is not None)
    return f"{told['event']}: {told['state']} {said}".rstrip()
