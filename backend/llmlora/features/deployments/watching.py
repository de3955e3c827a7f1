"""Whether what was proved is still what is served: tags by their manifest's digest, files by size, time and sha256.

Nothing is written down: a tag or a file that is put back is what was proved again. An Ollama that cannot be reached has
changed nothing: its tags are as they were last seen.
"""

import asyncio
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from llmlora.features.deployments.errors import DeploymentFileChangedError, DeploymentFileGoneError
from llmlora.features.deployments.schemas import DeployedFiles, DeploymentOut, Deviation, FilePrint, Part
from llmlora.inference.ollama.errors import (
    OllamaBlobGoneError,
    OllamaModelMissingError,
    OllamaTunedModelChangedError,
    OllamaTunedModelMissingError,
)
from llmlora.inference.ollama.identity import Identity
from llmlora.inference.ollama.neighbour import Neighbour
from llmlora.kit.errors import AppError, UnavailableError
from llmlora.kit.files import sha256_of_file

READY = "ready"
# A list does not read more of a file whose time alone has changed; whoever uses it does.
READ_FOR_LISTS_BYTES = 64 << 20
_WORDS: dict[Part, tuple[str, str]] = {
    "weights": ("重みが違います", "its weights differ"),
    "adapter": ("アダプターが違います", "its adapter differs"),
    "settings": (
        "テンプレート、システムプロンプト、パラメーターのいずれかが違います",
        "its template, system prompt or parameters differ",
    ),
    "unknown": ("登録の内容が違います", "its registration differs"),
}


async def watch(found: Sequence[DeploymentOut], ollama: Neighbour, data_dir: Path) -> list[DeploymentOut]:
    """The deployments of a list as they are now: one look at Ollama's tags, one at the files."""
    needs_tags = any(one.tag is not None and one.state == READY for one in found)
    return await watch_beside(await _digests_if_there(ollama) if needs_tags else None, found, data_dir)


async def watch_beside(
    digests: Mapping[str, str] | None, found: Sequence[DeploymentOut], data_dir: Path
) -> list[DeploymentOut]:
    """As `watch`, by the digests of Ollama's tags under their names in small letters; None: nobody can tell."""
    ready = [one for one in found if one.state == READY]
    deviations: dict[str, Deviation] = {}
    if digests is not None:
        seen = {one.id: _of_tag(one, digests) for one in ready if one.tag is not None}
        deviations |= {id_: deviation for id_, deviation in seen.items() if deviation is not None}
    deviations |= await asyncio.to_thread(_of_files, ready, data_dir, READ_FOR_LISTS_BYTES)
    return [_shown(one, deviations.get(one.id)) for one in found]


async def watch_closely(one: DeploymentOut, ollama: Neighbour, data_dir: Path) -> DeploymentOut:
    """One deployment as it is now, with the parts that differ where they can be told."""
    [shown] = await watch([one], ollama, data_dir)
    if shown.deviation is None or shown.deviation.state == "gone" or one.tag is None:
        return shown
    try:
        async with ollama.server() as server:
            now = await server.details(one.tag.tag)
    except (UnavailableError, OllamaModelMissingError, OllamaBlobGoneError):
        return shown
    return _shown(one, _changed(one.name, Identity.of_gates(one.gates).differs_in(now) or ("unknown",)))


async def refuse_deviation(one: DeploymentOut, ollama: Neighbour, data_dir: Path) -> None:
    """Check before it answers that a ready deployment is what was proved.

    Raises:
        OllamaTunedModelMissingError: its tag is gone.
        OllamaTunedModelChangedError: its tag means something else.
        DeploymentFileGoneError: a file that is served from is gone.
        DeploymentFileChangedError: a file that is served from has changed.
        UnavailableError: Ollama cannot be reached, or fails.
    """
    if one.files is not None:
        await refuse_changed_files(one, data_dir)
        return
    async with ollama.server() as server:
        digests = {model.name.lower(): model.digest for model in await server.installed()}
    deviation = _of_tag(one, digests)
    if deviation is None:
        return
    if deviation.state == "gone":
        raise OllamaTunedModelMissingError(name=one.name)
    raise _changed_error(one.name, deviation.parts)


async def refuse_changed_files(one: DeploymentOut, data_dir: Path) -> None:
    """Check that the files that llama.cpp serves are those that its gates asked.

    Raises:
        DeploymentFileGoneError: one is gone.
        DeploymentFileChangedError: one has changed.
    """
    if one.files is None:
        return
    error = await asyncio.to_thread(_file_error, one.name, one.files, data_dir, None)
    if error is not None:
        raise error


def print_of(path: Path, sha256: str | None) -> FilePrint | None:
    """How a file is now; None: there is no such file. Blocking."""
    try:
        found = path.stat()
    except OSError:
        return None
    return FilePrint(size_bytes=found.st_size, mtime_ns=found.st_mtime_ns, sha256=sha256)


def differs_from(one: DeploymentOut, digest: str) -> bool:
    """Whether a tag of that digest is not what was proved; a release that kept no digest could not tell."""
    proved = Identity.of_gates(one.gates).tag_digest
    return proved is not None and proved != digest


async def _digests_if_there(ollama: Neighbour) -> Mapping[str, str] | None:
    """Digests of Ollama's tags, by name in small letters; None while it cannot be asked."""
    if (await ollama.status()).state != "running":
        return None
    try:
        async with ollama.server() as server:
            return {one.name.lower(): one.digest for one in await server.installed()}
    except UnavailableError:
        return None


def _of_tag(one: DeploymentOut, digests: Mapping[str, str]) -> Deviation | None:
    digest = digests.get(one.name.lower())
    if digest is None:
        error = OllamaTunedModelMissingError(name=one.name)
        return _deviation("gone", (), error)
    return _changed(one.name, ("unknown",)) if differs_from(one, digest) else None


def _changed(name: str, parts: tuple[Part, ...]) -> Deviation:
    return _deviation("changed", parts, _changed_error(name, parts))


def _changed_error(name: str, parts: tuple[Part, ...]) -> OllamaTunedModelChangedError:
    ja = "、".join(_WORDS[part][0] for part in parts)
    en = "; ".join(_WORDS[part][1] for part in parts)
    return OllamaTunedModelChangedError(name=name, what_ja=ja, what_en=en)


def _of_files(found: Sequence[DeploymentOut], data_dir: Path, read_bytes: int) -> dict[str, Deviation]:
    deviations = {}
    for one in found:
        if one.files is not None and (error := _file_error(one.name, one.files, data_dir, read_bytes)):
            is_gone = isinstance(error, DeploymentFileGoneError)
            deviations[one.id] = _deviation("gone" if is_gone else "changed", ("file",), error)
    return deviations


def _file_error(name: str, files: DeployedFiles, data_dir: Path, read_bytes: int | None) -> AppError | None:
    """The first file that is not as it was proved. `read_bytes`: no larger one is read; None: any."""
    for path in dict.fromkeys((*files.served, *files.prints)):
        if not (data_dir / path).exists():
            return DeploymentFileGoneError(name=name, file=path)
    for path, proved in files.prints.items():
        if not _is_same(data_dir / path, proved, read_bytes):
            return DeploymentFileChangedError(name=name, file=path)
    return None


def _is_same(path: Path, proved: FilePrint, read_bytes: int | None) -> bool:
    now = print_of(path, None)
    if now is None or now.size_bytes != proved.size_bytes:
        return False
    # Same size, other time: a copy, a restore, or an edit. Only the bytes can tell.
    is_touched = now.mtime_ns != proved.mtime_ns
    if not is_touched or proved.sha256 is None or (read_bytes is not None and now.size_bytes > read_bytes):
        return True
    return _digest_at(path, now.size_bytes, now.mtime_ns) == proved.sha256


@lru_cache(maxsize=4096)
def _digest_at(path: Path, _size_bytes: int, _mtime_ns: int) -> str:
    return sha256_of_file(path)


def _deviation(state: str, parts: tuple[Part, ...], error: AppError) -> Deviation:
    words = {language: error.detail(language) for language in ("ja", "en")}
    return Deviation.model_validate({"state": state, "parts": parts, "code": error.code, **words})


def _shown(one: DeploymentOut, deviation: Deviation | None) -> DeploymentOut:
    if deviation is None:
        return one
    return one.model_copy(update={"state": deviation.state, "deviation": deviation})
