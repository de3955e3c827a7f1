"""`python round_trip.py DATABASE_URL REDIS_URL DATA_DIR FILE…`: each file through the doors of a studio of its own process.

One JSON line an answer: what is asked is named first.
"""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import httpx

from llmlora.engine.embedded.services import ServiceUrls
from llmlora.entry.api import create_app
from llmlora.kit.settings import Settings


def tell(asked: str, answer: httpx.Response) -> Any:
    is_json = "json" in answer.headers.get("content-type", "")
    body = (
        answer.json() if is_json else {"type": answer.headers["content-type"], "bytes": len(answer.content)}
    )
    sys.stdout.write(json.dumps([asked, answer.status_code, body]) + "\n")
    return body


async def main(database_url: str, redis_url: str, data_dir: str, *files: str) -> None:
    app = create_app(Settings(data_dir=Path(data_dir)), ServiceUrls(database_url, redis_url))
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://localhost") as client,
    ):
        tell("kinds", await client.get("/api/data-kinds"))
        for file in files:
            sent = {"file": (Path(file).name, Path(file).read_bytes())}
            tell("preview", await client.post("/api/datasets/preview", files=sent))
            added = tell("upload", await client.post("/api/datasets/upload", files=sent))
            if "dataset" not in added:
                continue
            id_ = added["dataset"]["id"]
            rows = tell("rows", await client.get(f"/api/datasets/{id_}/rows"))
            tell("list", await client.get("/api/datasets", params={"kind": added["dataset"]["kind"]}))
            tell("tokens", await client.get(f"/api/datasets/{id_}/tokens", params={"base_model": "x"}))
            for row in rows["data"]:
                media = f"/api/datasets/{id_}/media/{row['photo']['sha256']}"
                tell("media", await client.get(media))
                tell("thumbnail", await client.get(media, params={"thumbnail": "true"}))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
