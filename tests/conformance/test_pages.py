"""No page knows a recipe, a target or a data kind by its name, but for the one file of each registry: read in the sources."""

import re
from collections.abc import Iterator

import pytest

from llmlora.data.kinds.registry import BUILT_IN as FAMILIES
from llmlora.devtools.checks.pages import FRONTEND
from llmlora.recipes import BUILT_IN, RECIPES

SRC = FRONTEND / "src"
RECIPE_NAMES = frozenset(BUILT_IN)
TARGET_NAMES = frozenset(spec.deploys.name for spec in RECIPES.values() if spec.deploys)
KIND_NAMES = frozenset(kind.name for family in FAMILIES for kind in family.kinds)

# The one place of each: what is special about some of them, with something for all others beside it.
REGISTRIES = ("entities/target/registry.ts", "entities/dataset/kinds/registry.tsx")
# A name of a target is also that of an inference engine, of a source of base models, of a kind of files, and of Ollama
# itself, which has pages of its own: these say so beside it, or stand in the folder or file named here.
OTHER_THINGS = re.compile(
    r"""\b(engine|source|kind)\b\s*[!=]==\s*["']ollama["']|\bt\(["']ollama["']|(id|name)=["']ollama["']"""
)
# A kind may be called like an element, a role of ARIA, or a button's word: the parts that draw those say so.
WORDS_OF_HTML = re.compile(
    r"""(role=|kind=|kind: |ComponentProps<|getByRole\(|queryByRole\(|\bt\()["']table["']"""
)
ELSEWHERE = (
    "entities/ollama/",  # what is special about Ollama, for its own pages and the registry of targets
    "entities/model/reference.ts",  # sources of base models
    "entities/chat/choose.ts",
    "views/job/files-tab.tsx",  # kinds of files
    "views/new-training/base-field.tsx",
    "views/models/base-models-card.tsx",
    "views/system/findings.ts",  # parts of the machine that doctor looks at
)
TEXT = re.compile(r"""(["'`])((?:(?!\1)[^\\\n]|\\.)*)\1""")


def sources() -> Iterator[tuple[str, str]]:
    """Every file of the pages but what is generated, and tests."""
    for path in sorted(SRC.rglob("*")):
        name = path.relative_to(SRC).as_posix()
        if path.suffix in {".ts", ".tsx", ".json"} and "generated" not in name and ".test." not in name:
            yield name, path.read_text("utf-8")


def named(code: str, names: frozenset[str]) -> set[str]:
    """Those names that stand in the code as texts of their own."""
    return {text for _, text in TEXT.findall(code)} & names


class TestPages:
    def test_name_no_recipe_anywhere(self) -> None:
        word = re.compile(rf"(?<![\w-])({'|'.join(RECIPE_NAMES)})(?![\w-])")
        assert {name: word.findall(code) for name, code in sources() if word.search(code)} == {}

    def test_name_no_kind_outside_its_registry(self) -> None:
        naming = {
            name: found
            for name, code in sources()
            if (found := named(WORDS_OF_HTML.sub("", code), KIND_NAMES))
        }
        assert set(naming) <= set(REGISTRIES), naming

    def test_name_no_target_outside_its_registry(self) -> None:
        naming = {
            name: found
            for name, code in sources()
            if not name.startswith(ELSEWHERE) and (found := named(OTHER_THINGS.sub("", code), TARGET_NAMES))
        }
        assert set(naming) <= set(REGISTRIES), naming

    def test_every_registry_is_still_one(self) -> None:
        assert all((SRC / name).is_file() for name in REGISTRIES)

    @pytest.mark.parametrize("code", ['"{}"', "'{}'", "`{}`", 'x === "{}"', 'new Set(["a", "{}"])'])
    def test_a_name_is_seen_however_it_is_written(self, code: str) -> None:
        for name in (*RECIPE_NAMES, *TARGET_NAMES, *KIND_NAMES):
            assert named(code.replace("{}", name), RECIPE_NAMES | TARGET_NAMES | KIND_NAMES) == {name}
