"""The bundled model, SmolLM2-135M-Instruct, in numbers: so that a forecast needs no import."""

from llmlora.contracts.architecture import LLAMA_LAYERS, Architecture
from llmlora.contracts.plan import KnownBase

BUNDLED_ARCHITECTURE = Architecture(
    layers=30,
    hidden=576,
    heads=9,
    kv_heads=3,
    head_dim=64,
    intermediate=1536,
    vocab=49152,
    context=8192,
    parameters=134_515_008,
    linear_layers=dict.fromkeys(LLAMA_LAYERS, 30),
)
# Its files: the weights in float32 beside the GGUF they came from, and the tokenizer.
BUNDLED_SIZE_BYTES = 644_000_000
BUNDLED_TOKENIZER_BYTES = 3_500_000
BUNDLED_KNOWN = KnownBase(BUNDLED_ARCHITECTURE, BUNDLED_SIZE_BYTES, BUNDLED_TOKENIZER_BYTES)
