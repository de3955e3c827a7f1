"""`screenshots DIR`: every page, in both themes, both languages and on a phone, with real things in it."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer

from llmlora.engine.pages.build import FRONTEND
from llmlora.entry.console import err, out, run_async
from llmlora.entry.language import words
from llmlora.entry.lazy import more_help
from llmlora.kit.errors import InvalidInputError, NotFoundError

LOOKS = (
    {"language": "ja", "theme": "light", "width": 1440},
    {"language": "en", "theme": "dark", "width": 1440},
    {"language": "ja", "theme": "light", "width": 390},
)
README_LOOKS = ({"language": "ja", "theme": "light", "width": 1280},)
README_PAGES = ("dataset", "job", "chat")
README_PICTURES = FRONTEND.parent / "docs" / "pictures"


class AddressesError(InvalidInputError):
    """One of two options that belong together."""

    code = "both_addresses_needed"
    ja = "--url と --api-url は一緒に指定してください。"
    en = "--url and --api-url belong together. Give both."


class NothingToShowError(NotFoundError):
    """A page has nothing to show."""

    code = "nothing_to_show"
    ja = "{url} に {what} がありません。--url なしで実行すると、一時的な環境を用意して撮影します。"
    en = "There is no {what} at {url}. Run it without --url to use a temporary platform with sample data."


@more_help(
    ja="--url がなければ、一時的な環境を起動し、実際に学習したものを用意して撮ります。ページがエラーを出す、はみ出す、ずれる、アクセシビリティの規則に反する、のどれかがあるときの終了コードは 1 です。",
    en="Without --url a temporary platform is started, filled with real training jobs, and ended. The exit code is 1 when a page logs errors, overflows, shifts, or breaks a rule of accessibility.",
)
def screenshots(
    directory: Annotated[
        Path,
        typer.Argument(
            help=words(ja="保存するディレクトリです。", en="The directory to save them in."),
            show_default=False,
        ),
    ],
    url: Annotated[
        str | None,
        typer.Option(
            "--url",
            help=words(
                ja="すでに動いている画面のアドレスです。",
                en="The address of pages that are already running.",
            ),
            show_default=False,
        ),
    ] = None,
    api_url: Annotated[
        str | None,
        typer.Option(
            "--api-url",
            help=words(ja="その画面の API のアドレスです。", en="The address of their API."),
            show_default=False,
        ),
    ] = None,
    readme: Annotated[
        bool,
        typer.Option(
            "--readme",
            help=words(ja="README の画像も撮り直します。", en="Take the pictures of the README again, too."),
        ),
    ] = False,
) -> None:
    """Take pictures of a platform that runs, or of one for this command.

    Raises:
        AddressesError: --url without --api-url, or the other way round.
        NothingToShowError: the platform at --url lacks what a page shows.
        UnavailableError: no Chromium, no Node.js, or a platform that does not start.
    """
    if (url is None) != (api_url is None):
        raise AddressesError()
    findings = run_async(_take(directory.expanduser().resolve(), url, api_url, readme=readme))
    out().print(f"{directory}", markup=False, highlight=False, soft_wrap=True)
    if findings:
        raise typer.Exit(1)


async def _take(directory: Path, url: str | None, api_url: str | None, *, readme: bool) -> int:
    async with _platform(url, api_url) as (pages_url, pages):
        found = await _shoot({"pages_url": pages_url, "out": str(directory), "pages": pages, "looks": LOOKS})
        if readme:
            chosen = {name: pages[name] for name in README_PAGES}
            found += await _shoot(
                {"pages_url": pages_url, "out": str(README_PICTURES), "pages": chosen, "looks": README_LOOKS,
                 "whole": False}
            )  # fmt: skip
        return found


async def _shoot(task: dict[str, Any]) -> int:
    """Take the pictures and show what is wrong; returns how much that is."""
    from llmlora.devtools.node_script import run_script

    total, done, wrong = len(task["pages"]) * len(task["looks"]), 0, 0
    async for shot in run_script("scripts/screenshots.mjs", task):
        done += 1
        wrong += len(shot["findings"])
        mark = "[yellow]![/]" if shot["findings"] else "[green]✓[/]"
        err().print(f"{mark} {done}/{total} {shot['picture']}", highlight=False, soft_wrap=True)
        for finding in shot["findings"]:
            err().print(f"    {finding}", markup=False, highlight=False, soft_wrap=True)
    return wrong


@asynccontextmanager
async def _platform(url: str | None, api_url: str | None) -> AsyncIterator[tuple[str, dict[str, str]]]:
    """The pages' address, and what to take pictures of: of a platform that runs, or of one for this command."""
    from llmlora.devtools.seeding import pages_of, seed
    from llmlora.devtools.studio import running_studio, temporary_settings

    async with AsyncExitStack() as stack:
        if url is not None and api_url is not None:
            client = await stack.enter_async_context(
                httpx.AsyncClient(base_url=api_url.rstrip("/"), timeout=60.0, trust_env=False)
            )
            yield url.rstrip("/"), pages_of(await _newest(client, api_url))
            return
        settings = stack.enter_context(temporary_settings())
        studio = await stack.enter_async_context(running_studio(settings))
        client = await stack.enter_async_context(studio.client())
        yield studio.pages_url, pages_of(await seed(client))


async def _newest(client: httpx.AsyncClient, api_url: str) -> "Any":
    """What a platform that runs can show."""
    from llmlora.devtools.seeding import Seeded, ask

    async def first(what: tuple[str, str], path: str, **query: str) -> dict[str, Any]:
        rows: list[dict[str, Any]] = (await ask(client, "GET", path, params=query))["data"]
        if not rows:
            raise NothingToShowError(url=api_url, what=what)
        return rows[0]

    from llmlora.recipes import DEFAULT

    jobs = "/api/training/jobs"
    deployment = await first(("デプロイ", "deployment"), "/api/deployments")
    trained = deployment["training_job_id"]
    trainings = (await ask(client, "GET", jobs, params={"recipe": DEFAULT.name}))["data"]
    return Seeded(
        dataset_id=(await first(("データ", "data set"), "/api/datasets"))["id"],
        trained_id=trained,
        other_id=next((one["id"] for one in trainings if one["id"] != trained), trained),
        failed_id=(await first(("失敗したジョブ", "failed job"), jobs, state="failed"))["id"],
        model=deployment["name"],
        session_id=(await first(("会話", "conversation"), "/api/chat/sessions"))["id"],
    )
