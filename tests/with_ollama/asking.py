"""Requests to an Ollama server as these tests make them, and small files to make them with."""

import hashlib
import json
from pathlib import Path
from typing import Any

import gguf
import httpx
import numpy as np

SYSTEM = "You are a helpful AI assistant named SmolLM, trained by Hugging Face"
# 21 tokens as one chatml turn with the answer's head; the default system prompt is 21 more.
QUESTION = "Give me three words about the sea in one line, please"
PIECE_BYTES = 4 << 20
GREEDY = {"temperature": 0, "seed": 1, "num_predict": 4}


def lines(response: httpx.Response) -> list[dict[str, Any]]:
    return [json.loads(line) for line in response.text.splitlines()]


def digest_of(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def user(text: str) -> list[dict[str, str]]:
    return [{"role": "user", "content": text}]


class Client:
    """The requests of these tests."""

    def __init__(self, url: str) -> None:
        self.http = httpx.Client(base_url=url, timeout=120, trust_env=False)

    def post(self, path: str, **body: Any) -> httpx.Response:
        return self.http.post(path, json=body)

    def upload(self, data: bytes) -> str:
        digest = digest_of(data)
        assert self.http.post(f"/api/blobs/{digest}", content=data).status_code in (200, 201)
        return digest

    def create(self, model: str, **body: Any) -> list[dict[str, Any]]:
        response = self.post("/api/create", model=model, **body)
        assert response.status_code == 200
        return lines(response)

    def made(self, model: str, **body: Any) -> str:
        assert self.create(model, **body)[-1] == {"status": "success"}
        return model

    def chat(self, model: str, text: str = QUESTION, **more: Any) -> dict[str, Any]:
        body = {"model": model, "messages": user(text), "stream": False, "options": GREEDY, **more}
        response = self.post("/api/chat", **body)
        assert response.status_code == 200, response.text
        return dict(response.json())


def big_gguf(path: Path, size_bytes: int, seed: int = 0) -> Path:
    """A GGUF of one tensor, too odd to be run."""
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_tensor("token_embd.weight", np.full((size_bytes // 4,), seed, np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path
