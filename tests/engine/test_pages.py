"""Building the pages: once for a set of sources, by one at a time, whole or not at all."""

import json
import subprocess
import threading
from pathlib import Path

import pytest

from llmlora.engine.pages.build import built_pages, digest_of_sources
from llmlora.engine.pages.errors import PagesNotBuiltError
from llmlora.engine.pages.node import OLDEST, Node, require_node

pytestmark = pytest.mark.slow

# Stands for Next.js: writes what its standalone build writes, and notes that it ran.
NEXT = """
const fs = require("node:fs");
fs.appendFileSync("builds.txt", "built\\n");
const source = fs.readFileSync("src/page.tsx", "utf8");
if (source.includes("broken")) { console.error("page.tsx: unexpected token"); process.exit(1); }
fs.mkdirSync(".next/standalone", { recursive: true });
fs.mkdirSync(".next/static", { recursive: true });
fs.writeFileSync(".next/standalone/server.js", source);
fs.writeFileSync(".next/static/page.js", source);
"""


@pytest.fixture(scope="module")
def node() -> Node:
    return require_node()


@pytest.fixture
def frontend(tmp_path: Path) -> Path:
    """A folder of pages whose one dependency, `next`, lies beside it."""
    root = tmp_path / "frontend"
    builder = root / "next" / "dist" / "bin"
    builder.mkdir(parents=True)
    (builder / "next").write_text(NEXT)
    (root / "next" / "package.json").write_text(json.dumps({"name": "next", "version": "1.0.0"}))
    package = {"name": "pages", "version": "1.0.0", "dependencies": {"next": "file:next"}}
    (root / "package.json").write_text(json.dumps(package))
    packages = {
        "": package,
        "next": {"version": "1.0.0"},
        "node_modules/next": {"resolved": "next", "link": True},
    }
    lock = {"name": "pages", "version": "1.0.0", "lockfileVersion": 3, "packages": packages}
    (root / "package-lock.json").write_text(json.dumps(lock))
    for name in ("next.config.ts", "postcss.config.mjs", "tsconfig.json"):
        (root / name).write_text("")
    (root / "src").mkdir()
    (root / "src" / "page.tsx").write_text("first")
    return root


def silent(_ja: str, _en: str) -> None:
    pass


def builds(frontend: Path) -> int:
    return (frontend / "builds.txt").read_text().count("built")


class TestBuiltPages:
    def test_is_built_once_and_anew_when_a_source_changed(self, frontend: Path, node: Node) -> None:
        first = built_pages(node, silent, frontend)
        assert first.server.read_text() == "first"
        assert (first.static / "page.js").exists()
        assert built_pages(node, silent, frontend) == first
        assert builds(frontend) == 1
        (frontend / "src" / "page.tsx").write_text("second")
        second = built_pages(node, silent, frontend)
        assert second.server.read_text() == "second"
        assert first.server.read_text() == "first"  # a server that runs keeps its files
        assert builds(frontend) == 2

    def test_two_at_once_build_once(self, frontend: Path, node: Node) -> None:
        threads = [threading.Thread(target=built_pages, args=(node, silent, frontend)) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert builds(frontend) == 1

    def test_failure_names_the_last_line_and_leaves_no_build(self, frontend: Path, node: Node) -> None:
        (frontend / "src" / "page.tsx").write_text("broken")
        with pytest.raises(PagesNotBuiltError) as caught:
            built_pages(node, silent, frontend)
        assert "page.tsx: unexpected token" in caught.value.detail("en")
        assert [p.name for p in (frontend / ".pages").iterdir() if p.is_dir()] == []

    def test_old_builds_are_forgotten(self, frontend: Path, node: Node) -> None:
        for number in range(5):
            (frontend / "src" / "page.tsx").write_text(f"page {number}")
            newest = built_pages(node, silent, frontend)
        kept = [p for p in (frontend / ".pages").iterdir() if p.is_dir()]
        assert len(kept) == 3
        assert newest.folder in kept

    def test_build_that_is_served_stays_however_old(self, frontend: Path, node: Node) -> None:
        first = built_pages(node, silent, frontend).folder
        with subprocess.Popen([node.node, "-e", "setInterval(() => {}, 1000)"], cwd=first) as server:
            try:
                for text in ("second", "third", "fourth", "fifth"):
                    (frontend / "src" / "page.tsx").write_text(text)
                    built_pages(node, silent, frontend)
                assert (first / "server.js").read_text() == "first"
            finally:
                server.kill()


class TestDigestOfSources:
    def test_ignores_tests_and_sees_every_other_change(self, frontend: Path) -> None:
        before = digest_of_sources(frontend)
        (frontend / "src" / "page.test.tsx").write_text("a test")
        assert digest_of_sources(frontend) == before
        (frontend / "messages").mkdir()
        (frontend / "messages" / "ja.json").write_text("{}")
        assert digest_of_sources(frontend) != before


def test_node_is_new_enough(node: Node) -> None:
    said = subprocess.run([node.node, "--version"], capture_output=True, text=True, check=True).stdout
    assert tuple(int(part) for part in said.strip().lstrip("v").split(".")) >= OLDEST
