"""Whether an adapter belongs to a base model: by the digest of the weights it was trained on, never by a name."""

import json
from pathlib import Path

from llmlora.contracts.recipe import BaseModelInput
from llmlora.kit.errors import InvalidInputError

TRAINING_ARGS = "training_args.json"


class ForeignAdapterError(InvalidInputError):
    """The adapter was trained on other weights."""

    code = "foreign_adapter"
    ja = "このアダプターは別のベースモデルで学習されています（学習時 {trained}、指定 {given}）。学習に使ったベースモデルを指定してください。"
    en = "This adapter was trained on another base model ({trained}, not {given}). Choose the base it was trained on."


def trained_base_digest(adapter_dir: Path) -> str | None:
    """`base_weights_digest` of `training_args.json`; None for adapters that other tools made."""
    path = adapter_dir / TRAINING_ARGS
    if not path.is_file():
        return None
    digest = json.loads(path.read_text(encoding="utf-8")).get("base_weights_digest")
    return None if digest is None else str(digest)


def refuse_foreign_adapter(adapter_dir: Path, base: BaseModelInput) -> bool:
    """Whether the digests were there to compare.

    Raises:
        ForeignAdapterError: the adapter was trained on other weights.
    """
    trained = trained_base_digest(adapter_dir)
    if trained is not None and trained != base.weights_digest:
        raise ForeignAdapterError(trained=trained[:12], given=base.weights_digest[:12])
    return trained is not None
