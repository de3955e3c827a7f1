"""A repository as the hub lists it."""

import re
from dataclasses import dataclass
from typing import Any

import httpx2


@dataclass(frozen=True)
class HubFile:
    """A file as the hub lists it. `size_bytes` and the hashes are None where a mirror leaves them out."""

    name: str
    size_bytes: int | None
    sha256: str | None
    git_sha1: str | None


@dataclass(frozen=True)
class Snapshot:
    """A repository at one commit, and the licence its card names."""

    repo: str
    commit: str
    files: dict[str, HubFile]
    licence: str | None


def read_listing(repo: str, response: httpx2.Response) -> Snapshot:
    """What the answer to `/api/models/…?blobs=true` tells.

    Raises:
        ValueError: it is not a hub that answers.
    """
    try:
        told = response.json()
        siblings, card = told["siblings"], told.get("cardData") or {}
        files = {file.name: file for file in map(_file, siblings)}
        commit = str(told["sha"])
        if not re.fullmatch(r"[0-9a-f]{7,64}", commit):
            raise ValueError(commit)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"HTTP {response.status_code} without a listing of files") from error
    licence = card.get("license_name") if card.get("license") == "other" else card.get("license")
    return Snapshot(repo, commit, files, str(licence) if licence else None)


def _file(sibling: dict[str, Any]) -> HubFile:
    lfs = sibling.get("lfs") or {}
    size = lfs.get("size", sibling.get("size"))
    return HubFile(
        name=str(sibling["rfilename"]),
        size_bytes=None if size is None else int(size),
        sha256=_hash(lfs.get("sha256"), 64),
        git_sha1=None if lfs else _hash(sibling.get("blobId"), 40),
    )


def _hash(told: object, digits: int) -> str | None:
    """A hash that is one: it also names a file of ours."""
    return told if isinstance(told, str) and re.fullmatch(rf"[0-9a-f]{{{digits}}}", told) else None
