"""What stays on disk after a run, in parts."""

from llmlora.contracts.forecast import Part

# Bytes of a number in a GGUF; q8_0 adds one half-precision scale to every 32. q4_K_M mixes q4_K and q6_K: about 4.9 bits.
BYTES_OF_OUTTYPE = {"f32": 4.0, "f16": 2.0, "bf16": 2.0, "q8_0": 34 / 32, "q4_K_M": 4.9 / 8}
# A row of the token table: ids as int32 and a byte of mask; it goes when the run ends.
TOKEN_TABLE_BYTES = 5


def exported_bytes(target: str, outtype: str, parameters: int) -> int:
    """What a model's GGUF takes while it is made; next to nothing for an adapter's.

    A merged model lies there once more, in its own number format (at most four bytes a weight); one that is quantized by
    the way of f16 lies there in that, too.
    """
    if target == "adapter":
        return 0
    merged = 4 * parameters if target == "merged" else 0
    plain = BYTES_OF_OUTTYPE["f16"] if outtype == "q4_K_M" else 0
    return round((BYTES_OF_OUTTYPE[outtype] + plain) * parameters) + merged


def training_parts(
    lora_weights: int,
    *,
    steps: int | None,
    checkpoint_interval: int,
    keep_checkpoints: int,
    keeps_best: bool,
    tokens: int,
    tokenizer_bytes: int,
) -> list[Part]:
    """Checkpoints (weights and two moments in float32, with early stopping the best weights too), adapter, GGUF."""
    written = keep_checkpoints if steps is None else min(keep_checkpoints, steps // checkpoint_interval)
    each = (16 if keeps_best else 12) * lora_weights
    return [
        Part(
            name="checkpoints",
            size_bytes=written * each,
            ja=f"チェックポイント {written} 個 × {each / 1e6:.1f} MB",
            en=f"{written} checkpoints × {each / 1e6:.1f} MB",
        ),
        Part(
            name="adapter",
            size_bytes=4 * lora_weights + tokenizer_bytes,
            ja="完成したアダプター（fp32）とトークナイザー",
            en="The finished adapter in float32 and its tokenizer",
        ),
        Part(
            name="gguf",
            size_bytes=round(BYTES_OF_OUTTYPE["f16"] * lora_weights),
            ja="デプロイするときの GGUF（f16）",
            en="The GGUF in f16, if the adapter is deployed",
        ),
        Part(
            name="tokens",
            size_bytes=TOKEN_TABLE_BYTES * tokens,
            ja="トークン化したデータ（終了時に削除）",
            en="The tokenized data (deleted when the run ends)",
        ),
    ]
