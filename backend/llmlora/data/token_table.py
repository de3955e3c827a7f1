"""Tokenized rows on disk: flat memory-mapped arrays, so that a data set larger than memory trains.

Guarantee: reading row i costs O(its tokens); nothing else is kept in memory but one offset per row.
"""

from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from llmlora.data.mask import Tokenized

Number = TypeVar("Number", bound=np.generic)


class TokenTableWriter:
    """Appends rows to `ids.bin`, `mask.bin` and `offsets.npy` below a directory."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._directory = directory
        self._ids = (directory / "ids.bin").open("wb")
        self._mask = (directory / "mask.bin").open("wb")
        self._offsets = [0]

    @property
    def rows(self) -> int:
        """Rows that were appended."""
        return len(self._offsets) - 1

    def append(self, row: Tokenized) -> None:
        """Add one row at the end."""
        self._ids.write(row.ids.astype(np.int32).tobytes())
        self._mask.write(row.mask.astype(np.uint8).tobytes())
        self._offsets.append(self._offsets[-1] + len(row.ids))

    def close(self) -> "TokenTable":
        """Finish writing and open the table for reading."""
        self._ids.close()
        self._mask.close()
        np.save(self._directory / "offsets.npy", np.asarray(self._offsets, dtype=np.int64))
        return TokenTable(self._directory)


class TokenTable:
    """Rows by index. `lengths` and `supervised`: (rows,) int64 token counts."""

    def __init__(self, directory: Path) -> None:
        self._offsets: npt.NDArray[np.int64] = np.load(directory / "offsets.npy")
        total = int(self._offsets[-1])
        self._ids = _map(directory / "ids.bin", np.int32, total)
        self._mask = _map(directory / "mask.bin", np.uint8, total)
        self.lengths: npt.NDArray[np.int64] = np.diff(self._offsets)
        # The first token of a row is predicted from nothing: it can carry no loss.
        self.supervised: npt.NDArray[np.int64] = np.asarray(
            [int(self.mask(i)[1:].sum()) for i in range(len(self.lengths))], dtype=np.int64
        )

    def __len__(self) -> int:
        return len(self.lengths)

    @property
    def largest_id(self) -> int:
        """The largest token id of all rows."""
        return int(self._ids.max(initial=0))

    def ids(self, index: int) -> npt.NDArray[np.int32]:
        """(T,) int32 token ids of a row."""
        return self._ids[self._offsets[index] : self._offsets[index + 1]]

    def mask(self, index: int) -> npt.NDArray[np.bool_]:
        """(T,) bool, True where the token carries loss."""
        return self._mask[self._offsets[index] : self._offsets[index + 1]].astype(np.bool_)


def _map(path: Path, dtype: type[Number], length: int) -> npt.NDArray[Number]:
    """A read-only map; an empty file cannot be mapped."""
    return np.memmap(path, dtype=dtype, mode="r", shape=(length,)) if length else np.empty(0, dtype=dtype)
