"""Whether an adapter belongs to a base model: by the hashes of all that it was trained on, never by a name."""

import json
from pathlib import Path
from typing import Any

from llmlora.contracts.run import BaseModelInput
from llmlora.kit.errors import InvalidInputError

TRAINING_ARGS = "training_args.json"
# Parts of a base model, by their keys in `training_args.json`, and what people call them.
_PARTS = {
    "base_weights_digest": ("weights_digest", "重み", "weights"),
    "tokenizer_hash": ("tokenizer_hash", "トークナイザー", "tokenizer"),
    "template_hash": ("template_hash", "チャットテンプレート", "chat template"),
    "config_hash": ("config_hash", "設定（config.json など）", "settings (config.json and the like)"),
}


class ForeignAdapterError(InvalidInputError):
    """The adapter was trained on another base model: on other weights, or on the same with another tokenizer."""

    code = "foreign_adapter"
    ja = (
        "このアダプターは別のベースモデルで学習されています（{part_ja}が違います。学習時: {trained}、指定: {given}）。"
        "学習に使ったベースモデルを指定してください。"
    )
    en = (
        "This adapter was trained on another base model (its {part_en}: {trained}, not {given}). "
        "Choose the base it was trained on."
    )


def refuse_foreign_adapter(adapter_dir: Path, base: BaseModelInput) -> bool:
    """Whether there were hashes to compare; adapters of other tools have none, old ones not all.

    Raises:
        ForeignAdapterError: names the first part of the base that is another one.
    """
    told = _training_args(adapter_dir)
    for key, (field, ja, en) in _PARTS.items():
        trained, given = told.get(key), getattr(base, field)
        if trained is not None and given is not None and trained != given:
            raise ForeignAdapterError(trained=trained[:12], given=given[:12], part_ja=ja, part_en=en)
    return told.get("base_weights_digest") is not None


def _training_args(adapter_dir: Path) -> dict[str, Any]:
    path = adapter_dir / TRAINING_ARGS
    if not path.is_file():
        return {}
    told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return told
