"""Packs rows best-fit decreasing: no padding, never splits a row.

Source: best-fit bin packing as in Ding et al. 2024, "Fewer Truncations Improve Language Modeling".
"""

from bisect import bisect_left, insort
from collections.abc import Sequence


def pack_best_fit(lengths: Sequence[int], capacity: int) -> list[list[int]]:
    """Bins of row indices whose lengths add up to at most `capacity` tokens. O(n log n) comparisons.

    Raises:
        ValueError: a row is longer than `capacity`.
    """
    bins: list[list[int]] = []
    room: list[tuple[int, int]] = []  # (tokens left, bin), sorted
    for index in sorted(range(len(lengths)), key=lambda i: (-lengths[i], i)):
        length = lengths[index]
        if length > capacity:
            raise ValueError(f"row {index} has {length} tokens, more than {capacity}")
        at = bisect_left(room, (length, -1))
        if at == len(room):
            bins.append([index])
            left, chosen = capacity - length, len(bins) - 1
        else:
            left, chosen = room.pop(at)
            bins[chosen].append(index)
            left -= length
        insort(room, (left, chosen))
    return bins
