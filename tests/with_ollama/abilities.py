"""What the server beside the tests does, found by asking it: releases differ, and a real one is what it is."""

from dataclasses import dataclass
from typing import Any, Literal

import pytest

from tests.with_ollama.asking import Client


@dataclass(frozen=True)
class Abilities:
    """As `standin.character.Character`, but of any server."""

    adapters: Literal["applies", "refuses", "ignores"]
    rewrites_uploads: bool
    quantises_ggufs: bool

    def need(self, *, adapters: bool = False, quantising: bool = False) -> None:
        """Skip a test of what the server does not do."""
        if adapters and self.adapters != "applies":
            pytest.skip(f"this server {self.adapters} adapters")
        if quantising and not self.quantises_ggufs:
            pytest.skip("this server quantises no GGUFs")


def abilities_of(client: Client, *, base: str, f16: bytes, adapter: bytes) -> Abilities:
    """Ask a server that holds the blob `base`. Its tags stay: some servers delete a blob with the last that names it."""
    client.made("able-plain", files={"base.gguf": base})
    made = _end(
        client, "able-tuned", files={"base.gguf": base}, adapters={"adapter.gguf": client.upload(adapter)}
    )
    shown = client.post("/api/show", model="able-tuned").json().get("modelfile", "")
    applied: Literal["applies", "ignores"] = "applies" if "\nADAPTER " in shown else "ignores"
    small = _end(client, "able-small", files={"base.gguf": client.upload(f16)}, quantize="q8_0")
    plain = client.post("/api/show", model="able-plain").json()["modelfile"]
    return Abilities(
        adapters=applied if made else "refuses",
        rewrites_uploads=base.removeprefix("sha256:") not in plain,
        quantises_ggufs=small,
    )


def _end(client: Client, model: str, **body: Any) -> bool:
    response = client.post("/api/create", model=model, **body)
    return response.is_success and response.text.rstrip().endswith('"success"}')
