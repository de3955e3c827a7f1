"""Every family of models ends in green gates, or is refused before its training; docs/families.md is drawn from here."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from llmlora.contracts.recipe import BaseModelInput
from llmlora.features.deployments.adapters import TrainedAdapter

from tests.factories import REPOSITORY
from tests.families.bases import build
from tests.families.chain import Workshop, by_adapter, by_merged, export, import_base, told, train
from tests.families.families import FAMILIES, FORMATS, Family, table

DOCUMENT = REPOSITORY / "docs" / "families.md"
WRITE = "LLMLORA_WRITE_FAMILIES"
QUICK = [family for family in FAMILIES if family.quick]


def _id(family: Family) -> str:
    return family.name.replace(" ", "-")


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Path]:
    """A directory that is emptied at once: a family takes a gigabyte."""
    yield tmp_path
    shutil.rmtree(tmp_path, ignore_errors=True)


def taught(family: Family, stand_in: Path, room: Path) -> tuple[Workshop, TrainedAdapter]:
    """The family's base, and an adapter that knows the answers."""
    shop = import_base(build(family.base, stand_in, room / "base"), room / "work")
    return shop, train(shop)


@pytest.mark.slow
@pytest.mark.parametrize("family", QUICK, ids=_id)
def test_one_family_of_each_tokenizer_kind_is_served_as_trained(
    family: Family, bundled_model: BaseModelInput, room: Path
) -> None:
    assert told(lambda: by_adapter(*taught(family, bundled_model.path, room))) == family.adapter


@pytest.mark.long
@pytest.mark.parametrize("family", FAMILIES, ids=_id)
class TestEveryFamily:
    def test_adapter_and_merged_model_are_as_the_table_says(
        self, family: Family, bundled_model: BaseModelInput, room: Path
    ) -> None:
        made: list[tuple[Workshop, TrainedAdapter]] = []

        def first() -> str:
            made.append(taught(family, bundled_model.path, room))
            return by_adapter(*made[0])

        adapter = told(first)
        merged = told(lambda: by_merged(*made[0])) if made else adapter
        assert {"adapter": adapter, "merged": merged} == {"adapter": family.adapter, "merged": family.merged}

    def test_own_gguf_is_as_the_table_says(
        self, family: Family, bundled_model: BaseModelInput, room: Path
    ) -> None:
        from llmlora.recipes.deploy_ollama.quantise import quantise

        found = {}
        whole = _whole_gguf(family, bundled_model.path, room)
        for name in FORMATS:
            file = room / f"own-{name}.gguf"
            if name == "f16":
                shutil.copyfile(whole, file)
            else:
                quantise(whole, file, name, threads=1, on_bytes=lambda _done, _total: None)

            def route(file: Path = file, name: str = name) -> str:
                shop = import_base(file, room / name)
                return by_adapter(shop, train(shop))

            found[name] = told(route)
            shutil.rmtree(room / name, ignore_errors=True)
        if family.gguf is None:
            pytest.skip(f"NOT IN THE TABLE YET: {found}")
        assert found == dict(family.gguf)


def _whole_gguf(family: Family, stand_in: Path, room: Path) -> Path:
    """The tiny base as llama.cpp's converter writes it in f16."""
    shop = import_base(build(family.base, stand_in, room / "base"), room / "work")
    return export(shop, None, "base")


@pytest.mark.parametrize("scope", ["all", pytest.param("long", marks=pytest.mark.long)])
def test_document_lists_what_is_tried(scope: str) -> None:
    if os.environ.get(WRITE) and scope == "long":
        DOCUMENT.write_text(table(), encoding="utf-8")
    assert DOCUMENT.read_text(encoding="utf-8") == table(), f"{WRITE}=1 ./llmlora test long"
