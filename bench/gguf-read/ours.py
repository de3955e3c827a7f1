"""The product's reader."""

import sys

from reading import measure

from llmlora.recipes.blocks.gguf.reader import GgufReader

measure(GgufReader, sys.argv[1])
