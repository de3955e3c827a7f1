"""`python -m tests.with_ollama.standin --port P --models DIR --registry DIR`: serve on loopback until SIGTERM."""

import argparse
from pathlib import Path

import uvicorn

from llmlora.kit.processes import die_with_parent

from tests.with_ollama.standin.app import Settings, build_app
from tests.with_ollama.standin.character import CHARACTERS, FIRST
from tests.with_ollama.standin.create import seed
from tests.with_ollama.standin.door import CuttableProtocol
from tests.with_ollama.standin.pull import PIECE_BYTES
from tests.with_ollama.standin.store import Store


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(description="A stand-in for an Ollama server, for tests.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--models", type=Path, required=True, help="the store, as $OLLAMA_MODELS")
    parser.add_argument("--registry", type=Path, required=True, help="a store that can be pulled from")
    parser.add_argument("--character", choices=CHARACTERS, default=FIRST, help="the release that is played")
    parser.add_argument("--version", help="what /api/version says instead")
    parser.add_argument("--pull-piece-bytes", type=int, default=PIECE_BYTES)
    parser.add_argument("--pull-delay-s", type=float, default=Settings.pull_delay_s, help="after each piece")
    parser.add_argument(
        "--idle-s", type=float, default=Settings.idle_s, help="a model stays loaded that long"
    )
    parser.add_argument("--seed", action="append", default=[], metavar="NAME=GGUF", help="can be pulled")
    given = vars(parser.parse_args())
    die_with_parent()
    port = given.pop("port")
    for name, _, gguf in (one.partition("=") for one in given.pop("seed")):
        seed(Store(given["registry"]), name, Path(gguf), {})
    uvicorn.run(
        build_app(Settings(**given)),
        host="127.0.0.1",
        port=port,
        http=CuttableProtocol,
        log_level="warning",
        timeout_graceful_shutdown=1,
    )


main()
