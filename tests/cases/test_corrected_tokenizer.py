"""Case 24: the same weights with a corrected tokenizer are another model (llama.cpp issue 7289, unsloth issue 468)."""

import json
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import pytest
from gguf import GGUFValueType

from llmlora.contracts.run import BaseModelInput
from llmlora.engine.embedded.services import ServiceUrls
from llmlora.entry.inputs import gguf_made, imported_base_model
from llmlora.entry.workplace import workplace
from llmlora.features.models.repository import keep
from llmlora.features.models.service import as_input as base_input
from llmlora.features.models.service import row_of_import
from llmlora.kit.db import Database
from llmlora.kit.ids import new_id
from llmlora.kit.settings import Settings
from llmlora.recipes.blocks.lineage import ForeignAdapterError, refuse_foreign_adapter
from llmlora.tables.base_model import BaseModelRow

from tests.cases.bases import change_json, random_model, same_weights, with_tokenizer_of
from tests.fakes.here_host import HERE
from tests.plugins.base_models import as_input, import_model

Change = Callable[[Path], None]


@pytest.fixture(scope="module")
def before(tiny_model_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Turns end with <|endoftext|>."""
    directory = with_tokenizer_of(
        tiny_model_dir, tmp_path_factory.mktemp("case24") / "before", eos_token="<|endoftext|>"
    )
    template = directory / "chat_template.jinja"
    template.write_text(template.read_text().replace("<|im_end|>", "<|endoftext|>"))
    sizes = {"vocab_size": 49_152, "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 2}
    return random_model(directory, **sizes, tie_word_embeddings=True)


@pytest.fixture(scope="module")
def after(tiny_model_dir: Path, before: Path) -> Path:
    """The same weights; turns end with <|im_end|>."""
    directory = same_weights(before, before.parent / "after")
    return with_tokenizer_of(tiny_model_dir, directory, eos_token="<|im_end|>")


def imported(directory: Path, data_dir: Path) -> BaseModelInput:
    outcome = import_model(f"path:{directory}", data_dir)
    assert outcome.failure is None, outcome.failure
    return as_input(outcome.artifacts[0])


def end_of(path: Path) -> int:
    """`tokenizer.ggml.eos_token_id`, a uint32."""
    key = b"tokenizer.ggml.eos_token_id"
    content = path.read_bytes()
    at = content.index(key) + len(key)
    kind, value = struct.unpack_from("<II", content, at)
    assert kind == GGUFValueType.UINT32
    return int(value)


@pytest.mark.slow
class TestTwoBases:
    @pytest.mark.anyio
    async def test_are_two_records_and_two_files_and_each_finds_its_own_again(
        self, before: Path, after: Path, tmp_path: Path, own_urls: ServiceUrls
    ) -> None:
        urls = {"database_url": own_urls.database_url, "redis_url": own_urls.redis_url}
        async with workplace(Settings(data_dir=tmp_path, **urls), HERE) as place:
            first, second = [await imported_base_model(place, f"path:{one}") for one in (before, after)]
            assert first.weights_digest == second.weights_digest
            assert first.id != second.id
            assert first.template_hash != second.template_hash
            asked = {"config": {"target": "base", "outtype": "f16"}}
            files = [await gguf_made(place, base_model=one.id, **asked) for one in (second, first)]
            again = [await gguf_made(place, base_model=one.id, **asked) for one in (second, first)]
            assert [reused for _, reused in (*files, *again)] == [False, False, True, True]
            assert [made.path for made, _ in again] == [made.path for made, _ in files]
            for directory, (made, _), end_id in zip((after, before), files, (2, 0), strict=True):
                template = (directory / "chat_template.jinja").read_bytes()
                assert template in (tmp_path / made.path).read_bytes()
                assert end_of(tmp_path / made.path) == end_id
            damaged = tmp_path / files[0][0].path
            damaged.write_bytes(damaged.read_bytes()[:-1] + b"x")
            anew, reused = await gguf_made(place, base_model=second.id, **asked)
            assert (reused, anew.sha256) == (False, files[0][0].sha256)


def _reword(directory: Path) -> None:
    template = directory / "chat_template.jinja"
    template.write_text(template.read_text() + "{# corrected #}")


def _tell_tool_use(directory: Path) -> None:
    (directory / "additional_chat_templates").mkdir()
    (directory / "additional_chat_templates" / "tool_use.jinja").write_text("{{ messages }}")


CORRECTIONS: dict[str, Change] = {
    "end token": lambda d: change_json(d / "tokenizer_config.json", eos_token="<|im_start|>"),
    "template": _reword,
    "template for tools": _tell_tool_use,
    "way to split": lambda d: change_json(d / "tokenizer_config.json", add_prefix_space=True),
    "rotary base": lambda d: change_json(d / "config.json", rope_theta=500_000.0),
    "end token of the config": lambda d: change_json(d / "config.json", eos_token_id=0),
}


class TestIdentity:
    @pytest.mark.parametrize("correction", CORRECTIONS)
    def test_every_correction_makes_another_model(self, after: Path, tmp_path: Path, correction: str) -> None:
        changed = same_weights(after, tmp_path / "model")
        known = imported(changed, tmp_path / "data")
        CORRECTIONS[correction](changed)
        corrected = imported(changed, tmp_path / "data")
        assert corrected.weights_digest == known.weights_digest
        assert corrected.id != known.id
        assert corrected.identity != known.identity
        assert corrected.text_identity != known.text_identity

    def test_what_tools_write_about_themselves_makes_none(self, after: Path, tmp_path: Path) -> None:
        changed = same_weights(after, tmp_path / "model")
        known = imported(changed, tmp_path / "data")
        change_json(changed / "config.json", transformers_version="9.0", _name_or_path="/elsewhere")
        change_json(changed / "tokenizer_config.json", name_or_path="/elsewhere")
        assert imported(changed, tmp_path / "data") == known


class TestPublishedFiles:
    def test_correction_by_hand_is_undone_when_the_model_is_added_again(
        self, tiny_gguf: Path, tmp_path: Path
    ) -> None:
        known = imported(tiny_gguf, tmp_path)
        published = (known.path / "tokenizer_config.json").read_bytes()
        change_json(known.path / "tokenizer_config.json", eos_token="<|im_start|>")
        again = imported(tiny_gguf, tmp_path)
        assert again == known
        assert (known.path / "tokenizer_config.json").read_bytes() == published


@pytest.mark.anyio
class TestRecords:
    async def test_directory_that_is_as_it_was_keeps_the_id_that_it_was_given_in_another_way(
        self, after: Path, tmp_path: Path, database: Database
    ) -> None:
        outcome = import_model(f"path:{after}", tmp_path)
        row = row_of_import(outcome.artifacts[0], f"path:{after}", tmp_path)
        old = row.model_copy(update={"id": new_id("model"), "facts": {**row.facts}})
        del old.facts["config_hash"]  # registered before it was known
        async with database.unit_of_work() as session:
            await keep(session, BaseModelRow.model_validate(old.model_dump()))
            assert base_input(old, tmp_path).config_hash == row.facts["config_hash"]
            kept = await keep(session, row)
            assert (kept.id, kept.facts["config_hash"]) == (old.id, base_input(old, tmp_path).config_hash)
            await session.rollback()


class TestLineage:
    BASE = BaseModelInput(
        id="m",
        reference="path:/m",
        path=Path("/m"),
        weights_digest="w" * 64,
        tokenizer_hash="t" * 64,
        template_hash="c" * 64,
        config_hash="s" * 64,
    )
    TOLD: ClassVar = {
        "base_weights_digest": "w" * 64,
        "tokenizer_hash": "t" * 64,
        "template_hash": "c" * 64,
        "config_hash": "s" * 64,
    }

    @pytest.mark.parametrize(
        ("key", "word"),
        [("base_weights_digest", "weights"), ("tokenizer_hash", "tokenizer"), ("template_hash", "chat template"),
         ("config_hash", "settings")],
    )  # fmt: skip
    def test_adapter_of_other_words_is_foreign(self, tmp_path: Path, key: str, word: str) -> None:
        self.write(tmp_path, {**self.TOLD, key: "x" * 64})
        with pytest.raises(ForeignAdapterError, match=word) as caught:
            refuse_foreign_adapter(tmp_path, self.BASE)
        assert caught.value.detail("ja") != caught.value.detail("en")

    @pytest.mark.parametrize("missing", ["config_hash", "template_hash", "tokenizer_hash"])
    def test_adapter_from_before_a_hash_was_kept_is_not(self, tmp_path: Path, missing: str) -> None:
        self.write(tmp_path, {key: value for key, value in self.TOLD.items() if key != missing})
        assert refuse_foreign_adapter(tmp_path, self.BASE)

    def test_adapter_of_another_tool_tells_nothing(self, tmp_path: Path) -> None:
        assert not refuse_foreign_adapter(tmp_path, self.BASE)

    def write(self, directory: Path, told: dict[str, Any]) -> None:
        (directory / "training_args.json").write_text(json.dumps(told))
