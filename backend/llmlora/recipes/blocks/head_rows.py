"""How many positions meet the output head at a time. Free of torch: the forecast reckons with it, too."""

# Logits of one chunk in float32. The loss holds about three such tensors, and large vocabularies (152 and 262 thousand
# tokens) would take as much for every few hundred positions as a small model's weights.
CHUNK_BYTES = 256 << 20
_FLOAT_BYTES = 4


def head_rows(vocabulary: int, chunk_bytes: int = CHUNK_BYTES) -> int:
    """Positions whose logits fit into `chunk_bytes`, at least one."""
    return max(1, chunk_bytes // (_FLOAT_BYTES * vocabulary))
