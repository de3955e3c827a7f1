"""Asks the hub for models by name and by what they are, and for their configs: small questions, one try each.

The addresses and parameters are those of the installed `huggingface_hub` (`HfApi.list_models`).
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import parse_qs, quote, urlsplit

import httpx

from llmlora.features.hub.errors import (
    HubSearchBusyError,
    HubSearchRefusedError,
    HubSearchUnreachableError,
)
from llmlora.features.hub.listing import ListedModel, read_listed
from llmlora.features.hub.service import HubAccess, without_credentials
from llmlora.kit.errors import AppError
from llmlora.recipes.blocks.hub_errors import HubTokenRefusedError

Sort = Literal["downloads", "likes", "recent"]
_SORTS: Mapping[Sort, str] = {"downloads": "downloads", "likes": "likes", "recent": "lastModified"}
_TOLD = (
    "sha", "gated", "downloads", "likes", "lastModified", "cardData", "tags", "pipeline_tag", "safetensors",
    "siblings", "config",
)  # fmt: skip
_TIMEOUT = httpx.Timeout(15.0, connect=5.0)
MOST_BYTES = 16 << 20
MOST_CONFIG_BYTES = 1 << 20
CONFIGS_S = 6.0
"""What a page of results waits for configs; a verdict that comes later is not waited for."""
AT_A_TIME = 6
CONFIGS_KEPT = 2000
# The hub counts requests in windows of five minutes.
_USUAL_WAIT_S = 300


@dataclass(frozen=True)
class HubQuery:
    """What is looked for. `language`: ISO 639-1; `licence`: as the hub writes them; `task`: as the hub calls them;
    `max_parameters`: of the weights; `after`: `next` of the page before."""

    words: str
    language: str | None
    licence: str | None
    task: str | None
    max_parameters: int | None
    gated: bool | None
    sort: Sort
    limit: int
    after: str | None


@dataclass(frozen=True)
class HubPage:
    """Models, and where the next begin."""

    models: Sequence[ListedModel]
    next: str | None


async def search(access: HubAccess, asked: HubQuery) -> HubPage:
    """One page of models with safetensors.

    Raises:
        HubSearchUnreachableError, HubSearchBusyError, HubSearchRefusedError, HubTokenRefusedError
    """
    async with _asking(access) as http:
        response = await _get(http, access, "/api/models", _parameters(asked), MOST_BYTES)
        following = response.links.get("next", {}).get("url")
        try:
            models = [read_listed(one) for one in response.json()]
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise HubSearchUnreachableError(
                endpoint=_shown(access), reason=("モデルの一覧でない応答", "the answer is no list of models")
            ) from error
    return HubPage(models, _cursor(following))


async def configs(access: HubAccess, models: Sequence[ListedModel]) -> dict[str, Mapping[str, Any]]:
    """`config.json` by repository, of those that may be read and come in time; each commit's is asked for once."""
    found = {model.repo: _kept[_key(model)] for model in models if _key(model) in _kept}
    wanted = [model for model in models if model.repo not in found]
    turn = asyncio.Semaphore(AT_A_TIME)

    async def bring(http: httpx.AsyncClient, model: ListedModel) -> None:
        async with turn:
            address = f"/{model.repo}/resolve/{quote(model.commit or 'main', safe='')}/config.json"
            try:
                told = (await _get(http, access, address, {}, MOST_CONFIG_BYTES)).json()
            except (AppError, ValueError):
                return  # a gated one, or one without: nothing is said of it
        if isinstance(told, dict):
            found[model.repo] = told
            if model.commit is not None:
                _keep(_key(model), told)

    try:
        async with asyncio.timeout(CONFIGS_S), _asking(access) as http, asyncio.TaskGroup() as group:
            for model in wanted:
                group.create_task(bring(http, model))
    except TimeoutError:
        pass
    return found


def _parameters(asked: HubQuery) -> dict[str, Any]:
    filters = ["safetensors", asked.language, f"license:{asked.licence}" if asked.licence else None]
    most = None if asked.max_parameters is None else f"max:{asked.max_parameters / 1e9:g}B"
    given: dict[str, Any] = {
        "search": asked.words or None,
        "filter": [one for one in filters if one],
        "pipeline_tag": asked.task,
        "num_parameters": most,
        "gated": None if asked.gated is None else str(asked.gated).lower(),
        "sort": _SORTS[asked.sort],
        "limit": asked.limit,
        "expand": list(_TOLD),
        "cursor": asked.after,
    }
    return {name: value for name, value in given.items() if value is not None}


@asynccontextmanager
async def _asking(access: HubAccess) -> AsyncIterator[httpx.AsyncClient]:
    """httpx shows the token to no other origin that it is sent on to."""
    headers = {} if access.token is None else {"Authorization": f"Bearer {access.token}"}
    async with httpx.AsyncClient(
        base_url=access.endpoint, headers=headers, timeout=_TIMEOUT, follow_redirects=True
    ) as http:
        yield http


async def _get(
    http: httpx.AsyncClient, access: HubAccess, address: str, params: Mapping[str, Any], most_bytes: int
) -> httpx.Response:
    """A whole answer.

    Raises:
        HubSearchUnreachableError, HubSearchBusyError, HubSearchRefusedError, HubTokenRefusedError
    """
    shown = _shown(access)
    try:
        async with http.stream("GET", address, params=params) as response:
            content = bytearray()
            async for piece in response.aiter_bytes():
                content += piece
                if len(content) > most_bytes:
                    raise HubSearchUnreachableError(
                        endpoint=shown, reason=("応答が大きすぎる", "the answer is too large")
                    )
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise HubSearchUnreachableError(endpoint=shown, reason=type(error).__name__) from error
    match response.status_code:
        case 200:
            headers = {"Link": response.headers.get("Link", "")}
            return httpx.Response(200, headers=headers, content=bytes(content))
        case 429:
            raise HubSearchBusyError(endpoint=shown, wait_s=_asked_to_wait_s(response))
        case 401 | 403 if access.token is not None:
            raise HubTokenRefusedError(endpoint=shown)
        case status if status >= 500:
            raise HubSearchUnreachableError(endpoint=shown, reason=f"HTTP {status}")
        case status:
            raise HubSearchRefusedError(endpoint=shown, status=status)


def _asked_to_wait_s(response: httpx.Response) -> int:
    after = response.headers.get("Retry-After", "").strip()
    return int(after) if after.isdigit() else _USUAL_WAIT_S


def _cursor(address: str | None) -> str | None:
    return None if address is None else next(iter(parse_qs(urlsplit(address).query).get("cursor", [])), None)


def _shown(access: HubAccess) -> str:
    return without_credentials(access.endpoint)


def _key(model: ListedModel) -> tuple[str, str | None]:
    return model.repo, model.commit


def _keep(key: tuple[str, str | None], config: Mapping[str, Any]) -> None:
    if len(_kept) >= CONFIGS_KEPT:
        _kept.clear()
    _kept[key] = config


_kept: dict[tuple[str, str | None], Mapping[str, Any]] = {}
"""What was asked of a commit does not change."""
