"""The product's reader."""

import sys

from llmlora.recipes.blocks.gguf.reader import GgufReader
from reading import measure

measure(GgufReader, sys.argv[1])
