"""A model of the Hugging Face hub at one commit. What would be refused is refused before the weights are fetched."""

import errno
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
from huggingface_hub import HfApi, constants, snapshot_download
from huggingface_hub.errors import (
    FileMetadataError,
    GatedRepoError,
    HfHubHTTPError,
    LocalEntryNotFoundError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
    RevisionNotFoundError,
    XetDownloadError,
)
from huggingface_hub.utils.tqdm import tqdm

from llmlora.contracts.events import Progress
from llmlora.contracts.recipe import Context
from llmlora.recipes.blocks.base_model_errors import (
    HubGatedError,
    HubRepositoryMissingError,
    HubRevisionMissingError,
    HubTokenRefusedError,
    HubUnreachableError,
)
from llmlora.recipes.blocks.model_files import (
    SINGLE_WEIGHTS,
    WEIGHTS_INDEX,
    read_json,
    refuse_by_config,
    refuse_by_names,
    used_names,
)
from llmlora.recipes.import_base_model.progress import stop_if_cancelled
from llmlora.recipes.import_base_model.reference import Reference
from llmlora.recipes.import_base_model.sources import Made, Origin, publish

LISTING_TIMEOUT_S = 20.0
POLL_S = 0.3
# The client's 10 MB pieces take minutes on a slow line, and only between pieces does a cancelled download stop.
PIECE_BYTES = 256 << 10
KEPT_PAPERS = ("README.md", "LICENSE", "LICENSE.md", "LICENSE.txt", "NOTICE")


@dataclass(frozen=True)
class Snapshot:
    """A repository at one commit: its files and sizes, and the licence its card names."""

    repo: str
    commit: str
    sizes: dict[str, int]
    licence: str | None


def from_hub(reference: Reference, models: Path, ctx: Context) -> Origin:
    """Fetch a repository's safetensors at one commit; the reference then names that commit.

    Raises:
        HubGatedError, HubRepositoryMissingError, HubRevisionMissingError, HubTokenRefusedError,
        HubUnreachableError: each with its own cure.
        InvalidInputError: a leaf of `base_model_errors`, mostly before the weights are fetched.
    """
    with _told_apart(reference):
        snapshot = _list(reference)
    refuse_by_names(str(reference), tuple(snapshot.sizes))
    pinned = Reference("hf", reference.name, snapshot.commit)

    def make(temporary: Path) -> Made:
        _fetch(snapshot, temporary, ctx)
        return Made(snapshot.licence)

    return publish(pinned, str(pinned), models, ctx, make)


def _list(reference: Reference) -> Snapshot:
    info = HfApi(token=_token()).model_info(
        reference.name, revision=reference.revision, files_metadata=True, timeout=LISTING_TIMEOUT_S
    )
    card: Any = info.card_data or {}
    licence = card.get("license_name") if card.get("license") == "other" else card.get("license")
    sizes = {file.rfilename: file.size or 0 for file in info.siblings or ()}
    return Snapshot(reference.name, str(info.sha), sizes, str(licence) if licence else None)


def _fetch(snapshot: Snapshot, directory: Path, ctx: Context) -> None:
    """The small files first; the weights when those pass."""
    names = used_names(tuple(snapshot.sizes))
    small = [n for n in names if not n.endswith(".safetensors")]
    _download(snapshot, directory, [*small, *(n for n in KEPT_PAPERS if n in snapshot.sizes)], ctx)
    refuse_by_config(directory, tuple(small), read_json(directory / "config.json"))
    _download(snapshot, directory, _weight_names(snapshot, directory), ctx)
    # The hub's client keeps notes here; they are no part of the model.
    shutil.rmtree(directory / ".cache", ignore_errors=True)


def _weight_names(snapshot: Snapshot, directory: Path) -> list[str]:
    """Only what transformers loads: repositories often hold the same weights twice."""
    if SINGLE_WEIGHTS in snapshot.sizes:
        return [SINGLE_WEIGHTS]
    shards = read_json(directory / WEIGHTS_INDEX).get("weight_map")
    named = {str(name) for name in shards.values()} if isinstance(shards, dict) else set()
    return sorted(named & set(used_names(tuple(snapshot.sizes))))


def _download(snapshot: Snapshot, directory: Path, names: list[str], ctx: Context) -> None:
    total = _bytes_below(directory) + sum(snapshot.sizes.get(name, 0) for name in names)
    if not names:
        return
    if shutil.disk_usage(directory).free < total:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(directory))
    failures: list[BaseException] = []

    def fetch() -> None:
        try:
            snapshot_download(
                snapshot.repo,
                revision=snapshot.commit,
                local_dir=directory,
                allow_patterns=names,
                token=_token(),
                max_workers=4,
                tqdm_class=_stopper(ctx),
            )
        except BaseException as error:
            failures.append(error)

    constants.DOWNLOAD_CHUNK_SIZE = PIECE_BYTES
    # In a thread, so that a line that has gone silent does not hold up a cancel.
    thread = threading.Thread(target=fetch, daemon=True)
    thread.start()
    while thread.is_alive():
        thread.join(POLL_S)
        stop_if_cancelled(ctx)
        done = min(_bytes_below(directory), total)
        ctx.emit(Progress(stage="download", done=done, total=total, unit="bytes"))
    with _told_apart(Reference("hf", snapshot.repo, snapshot.commit)):
        for failure in failures:
            raise failure


def _stopper(ctx: Context) -> type[tqdm]:
    """A progress bar, never drawn (the child has no terminal), that ends a cancelled run's download threads."""

    class Stopper(tqdm):
        def update(self, n: float | None = 1) -> Any:
            stop_if_cancelled(ctx)
            return super().update(n)

    return Stopper


def _bytes_below(directory: Path) -> int:
    """Bytes on disk so far; files may be renamed while we look."""
    total = 0
    for path in directory.rglob("*"):
        with suppress(FileNotFoundError):
            total += path.stat().st_size if path.is_file() else 0
    return total


def _token() -> str | bool:
    """The token the job was given, and never one that lies about on the machine."""
    return os.environ.get("HF_TOKEN") or False


@contextmanager
def _told_apart(reference: Reference) -> Iterator[None]:
    """Turn the client's errors into ours."""
    repo, revision = reference.name, reference.revision or "main"
    try:
        yield
    except GatedRepoError as error:
        raise HubGatedError(repo=repo) from error
    except RepositoryNotFoundError as error:
        raise HubRepositoryMissingError(repo=repo) from error
    except RevisionNotFoundError as error:
        raise HubRevisionMissingError(repo=repo, revision=revision) from error
    except HfHubHTTPError as error:
        status = error.response.status_code
        if status in (401, 403):  # without a token the hub answers so for what is private or absent
            raise (HubTokenRefusedError() if _token() else HubRepositoryMissingError(repo=repo)) from error
        raise _unreachable(f"HTTP {status}") from error
    except (
        OfflineModeIsEnabled,
        LocalEntryNotFoundError,
        FileMetadataError,
        XetDownloadError,
        httpx2.HTTPError,
    ) as error:
        raise _unreachable(repr(error)) from error


def _unreachable(reason: str) -> HubUnreachableError:
    return HubUnreachableError(endpoint=constants.ENDPOINT, reason=reason[:300])
