"""`webhooks`: addresses that are told when a job ends. They speak the API."""

import sys
import time
from collections.abc import Mapping
from typing import Annotated, Any

import typer

from llmlora.contracts.text import Text
from llmlora.entry.client import api_client, ask
from llmlora.entry.console import AsJson, DataDir, load_settings, print_json, show
from llmlora.entry.language import language, localized, localized_text, words
from llmlora.entry.tables import Column, Listing

app = typer.Typer(no_args_is_help=True)
WEBHOOKS = "/api/webhooks"
WebhookId = Annotated[str, typer.Argument(help=words(ja="Webhook の番号です。", en="The id of a webhook."))]
TRY_S = 30.0
LOOK_S = 0.5


# What the API's codes mean to a person.
EVENTS = {
    "finished": Text(ja="完了", en="finished"),
    "failed": Text(ja="失敗", en="failed"),
    "cancelled": Text(ja="中止", en="cancelled"),
    "deployed": Text(ja="デプロイ", en="deployed"),
    "test": Text(ja="テスト送信", en="test"),
}
STATES = {
    "waiting": Text(ja="送信待ち", en="waiting"),
    "sending": Text(ja="送信中", en="being sent"),
    "delivered": Text(ja="送信済み", en="delivered"),
    "failed": Text(ja="失敗", en="failed"),
}
SIGNATURES = {
    "none": Text(ja="なし", en="none"),
    "signed": Text(ja="あり", en="signed"),
    "lost": Text(ja="署名できません", en="cannot be signed"),
}
PROBLEMS = {
    "unreachable": Text(ja="接続できません。", en="no connection"),
    "timed_out": Text(ja="時間内に応答がありません。", en="no response in time"),
    "broken_off": Text(ja="応答の前に接続が切れました。", en="closed before a response"),
    "redirected": Text(ja="別のアドレスへ転送されました。", en="redirected to another address"),
    "refused": Text(ja="受け付けられませんでした。", en="not accepted"),
    "secret_gone": Text(ja="秘密鍵を読めません。", en="the secret cannot be read"),
}


@app.command(
    "list",
    help=words(
        ja="Webhook と、それぞれの最後の送信を一覧します。",
        en="List the webhooks, each with its last message.",
    ),
)
def list_webhooks(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """The webhooks, a row each."""
    with api_client(load_settings(data_dir)) as client:
        hooks = ask(client, "GET", WEBHOOKS)["data"]
        last = {
            hook["id"]: ask(client, "GET", f"{WEBHOOKS}/{hook['id']}/deliveries", params={"limit": 1})["data"]
            for hook in hooks
        }
    if as_json:
        print_json([{**hook, "last": next(iter(last[hook["id"]]), None)} for hook in hooks])
        return
    table = Listing(
        Column(localized("番号", "id"), is_whole=True),
        Column(localized("宛先", "address"), is_whole=True),
        localized("形式", "shape"),
        localized("通知", "events"),
        localized("署名", "signature"),
        localized("最後の送信", "last message"),
    )
    for hook in hooks:
        told = next(iter(last[hook["id"]]), None)
        events = localized("、", ", ").join(_words(EVENTS, one) for one in hook["events"])
        table.add(
            hook["id"],
            hook["url"],
            hook["shape"],
            events if hook["enabled"] else localized("オフ", "off"),
            _words(SIGNATURES, hook["signature"]),
            "–" if told is None else _outcome(told),
        )
    show(table)


@app.command("add", help=words(ja="Webhook を登録します。", en="Register a webhook."))
def add_webhook(
    url: Annotated[
        str, typer.Argument(help=words(ja="送信先のアドレスです。", en="The address to post to."))
    ],
    event: Annotated[
        list[str] | None,
        typer.Option(
            "--event",
            help=words(
                ja="知らせる内容です（finished、failed、cancelled、deployed）。省略するとすべてを知らせます。",
                en="What to notify of: finished, failed, cancelled or deployed; by default all of them.",
            ),
        ),
    ] = None,
    shape: Annotated[
        str,
        typer.Option(
            "--shape",
            help=words(
                ja="本文の形式です（auto、json、slack、discord）。auto ではアドレスから判断します。",
                en="The shape of the message: auto, json, slack or discord; with auto the address decides.",
            ),
        ),
    ] = "auto",
    spoken: Annotated[
        str | None,
        typer.Option(
            "--language",
            help=words(
                ja="通知の文の言語です（ja、en）。省略すると、表示と同じ言語になります。",
                en="The language of the messages, ja or en; by default that of what is shown.",
            ),
        ),
    ] = None,
    pages_url: Annotated[
        str | None,
        typer.Option(
            "--pages-url",
            help=words(
                ja="通知のリンクが開く画面のアドレスです。",
                en="The address of the pages to which links in messages lead.",
            ),
        ),
    ] = None,
    sign: Annotated[
        bool,
        typer.Option(
            "--sign",
            help=words(
                ja="署名に使う秘密鍵を尋ねます。標準入力からも渡せます。",
                en="Ask for a secret to sign with; it can come from standard input, too.",
            ),
        ),
    ] = False,
    data_dir: DataDir = None,
) -> None:
    """Register an address, and print its id alone."""
    body: dict[str, Any] = {
        "url": url,
        "shape": shape,
        "language": spoken or language(),
        "pages_url": pages_url,
    }
    if event:
        body["events"] = event
    if sign:  # never an argument: those are seen by everybody on the machine
        piped = None if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
        body["secret"] = piped or typer.prompt(localized("秘密鍵", "Secret"), hide_input=True, err=True)
    with api_client(load_settings(data_dir)) as client:
        show(ask(client, "POST", WEBHOOKS, json=body)["id"])


@app.command(
    "remove",
    help=words(ja="Webhook を、送信の履歴とともに削除します。", en="Delete a webhook and its history."),
)
def remove_webhook(webhook_id: WebhookId, data_dir: DataDir = None) -> None:
    """Forget an address."""
    with api_client(load_settings(data_dir)) as client:
        ask(client, "DELETE", f"{WEBHOOKS}/{webhook_id}")


@app.command(
    "test",
    help=words(ja="テスト送信をして、その結果を表示します。", en="Send a test message and show how it went."),
)
def try_webhook(webhook_id: WebhookId, data_dir: DataDir = None) -> None:
    """Send a message that says that it is a test."""
    with api_client(load_settings(data_dir)) as client:
        told = ask(client, "POST", f"{WEBHOOKS}/{webhook_id}/test")
        deadline = time.monotonic() + TRY_S
        while told["state"] != "delivered" and not told["problem"] and time.monotonic() < deadline:
            time.sleep(LOOK_S)
            recent = ask(client, "GET", f"{WEBHOOKS}/{webhook_id}/deliveries")["data"]
            told = next((one for one in recent if one["id"] == told["id"]), told)
    show(_outcome(told))
    if told["state"] != "delivered":
        raise typer.Exit(1)


def _outcome(told: dict[str, Any]) -> str:
    """Of which event a message was, how far it got, and why no further."""
    said = f"{_words(EVENTS, told['event'])}: {_words(STATES, told['state'])}"
    why = [] if told["problem"] is None else [_words(PROBLEMS, told["problem"]).rstrip("。")]
    why += [] if told["status"] is None else [f"HTTP {told['status']}"]
    return said + (localized(f"（{'、'.join(why)}）", f" ({', '.join(why)})") if why else "")


def _words(known: Mapping[str, Text], code: str) -> str:
    """What a code means; one that this version does not know keeps its name."""
    return localized_text(known[code]) if code in known else code
