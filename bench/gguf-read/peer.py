"""The reader of the package gguf."""

import sys

import gguf
from reading import measure

measure(gguf.GGUFReader, sys.argv[1])
