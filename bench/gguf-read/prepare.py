"""Writes a GGUF whose vocabulary has 262,144 tokens, scores and types, and one small tensor."""

import sys
from pathlib import Path

import gguf
import numpy as np

TOKENS = 262_144

writer = gguf.GGUFWriter(Path(sys.argv[1]) / "model.gguf", "llama")
writer.add_token_list([f"token {number}" for number in range(TOKENS)])
writer.add_token_scores([float(-number) for number in range(TOKENS)])
writer.add_token_types([1] * TOKENS)
writer.add_tensor("token_embd.weight", np.arange(4096, dtype=np.float32).reshape(64, 64))
writer.write_header_to_file()
writer.write_kv_data_to_file()
writer.write_tensors_to_file()
writer.close()
