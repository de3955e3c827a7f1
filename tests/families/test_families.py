"""Every family of models ends in green gates, or is refused before its training; docs/families.md is drawn from here."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from llmlora.contracts.run import BaseModelInput

from tests.factories import REPOSITORY
from tests.families.bases import build
from tests.families.chain import (
    BY_BOTH,
    BY_MERGED,
    Workshop,
    by_adapter,
    by_merged,
    export,
    import_base,
    told,
    train,
)
from tests.families.families import FAMILIES, FORMATS, WITH_BASE, Family, table
from tests.plugins.adapters import TrainedAdapter

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


def imported(family: Family, stand_in: Path, room: Path) -> Workshop:
    """The family's base."""
    steps = family.base.steps
    return import_base(build(family.base, stand_in, room / "base"), room / "work", steps=steps)


@pytest.mark.slow
@pytest.mark.parametrize("family", QUICK, ids=_id)
def test_quick_family_is_served_as_trained(family: Family, bundled_model: BaseModelInput, room: Path) -> None:
    def route() -> str:
        shop = imported(family, bundled_model.path, room)
        return by_adapter(shop, train(shop, *BY_BOTH))

    assert told(route) == family.adapter


@pytest.mark.long
@pytest.mark.parametrize("family", FAMILIES, ids=_id)
class TestEveryFamily:
    def test_adapter_and_merged_model_are_as_the_table_says(
        self, family: Family, bundled_model: BaseModelInput, room: Path
    ) -> None:
        shop = imported(family, bundled_model.path, room)
        learnt: list[TrainedAdapter] = []

        def beside() -> str:
            learnt.append(train(shop, *BY_BOTH))
            return by_adapter(shop, learnt[0])

        adapter = told(beside)
        merged = told(lambda: by_merged(shop, learnt[0] if learnt else train(shop, *BY_MERGED)))
        assert {"adapter": adapter, "merged": merged} == {"adapter": family.adapter, "merged": family.merged}

    def test_own_gguf_is_as_the_table_says(
        self, family: Family, bundled_model: BaseModelInput, room: Path
    ) -> None:
        from llmlora.recipes.blocks.gguf.quantise import quantise

        found: dict[str, str] = {}
        whole = _whole_gguf(family, bundled_model.path, room)
        for name in FORMATS:
            file = room / f"own-{name}.gguf"
            if name == "f16":
                shutil.copyfile(whole, file)
            else:
                quantise(whole, file, name, threads=1, on_bytes=lambda _done, _total: None)
            found |= _routes_of(file, family, room / name)
            shutil.rmtree(room / name, ignore_errors=True)
        assert found == dict(family.gguf)


def _routes_of(file: Path, family: Family, room: Path) -> dict[str, str]:
    """What becomes of a GGUF as the base: beside its adapter and, for the last format, as one with it."""
    name, shops, learnt = file.stem.removeprefix("own-"), list[Workshop](), list[TrainedAdapter]()

    def beside() -> str:
        shops.append(import_base(file, room, steps=family.base.steps))
        learnt.append(train(shops[0], "adapter", "merged"))
        return by_adapter(shops[0], learnt[0])

    found = {name: told(beside)}
    if name == FORMATS[-1]:
        found[WITH_BASE] = told(lambda: by_merged(shops[0], learnt[0])) if learnt else found[name]
    return found


def _whole_gguf(family: Family, stand_in: Path, room: Path) -> Path:
    """The tiny base as llama.cpp's converter writes it in f16."""
    return export(imported(family, stand_in, room), None, "base")


@pytest.mark.parametrize("scope", ["all", pytest.param("long", marks=pytest.mark.long)])
def test_document_lists_what_is_tried(scope: str) -> None:
    if os.environ.get(WRITE) and scope == "long":
        DOCUMENT.write_text(table(), encoding="utf-8")
    assert DOCUMENT.read_text(encoding="utf-8") == table(), f"{WRITE}=1 ./llmlora test long"
