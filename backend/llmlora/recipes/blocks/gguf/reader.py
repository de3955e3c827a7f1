"""Reads GGUF files in a third of the time: `numpy.memmap` makes an object of its own for each of a million slices."""

from typing import Any

import gguf
import numpy as np


class GgufReader(gguf.GGUFReader):  # type: ignore[misc]
    """gguf's reader over a plain array of the same mapped bytes; nothing else differs.

    Raises:
        ValueError: not a GGUF, or cut off in its header.
    """

    @property
    def data(self) -> Any:
        """The file, mapped: (bytes,) uint8."""
        return self._plain

    @data.setter
    def data(self, mapped: Any) -> None:
        self._plain = np.asarray(mapped)
