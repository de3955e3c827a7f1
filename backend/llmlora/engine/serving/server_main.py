"""`python -m llmlora.engine.serving.server_main SPEC.json`: a llama-server in a process of its own.

Writes one JSON line on descriptor 3, `{"address": …}` or `{"error": …}`, then serves until it is killed or its owner
dies. The API key comes by the environment: neither `ps` nor a file shows it.
"""

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import xllamacpp

from llmlora.engine.serving.prompt import served_template
from llmlora.engine.serving.spec import API_KEY_VARIABLE, LlamaCppSpec
from llmlora.kit.limits import usable_cores
from llmlora.kit.processes import EVENTS_FD, die_with_parent

# Errors only: llama.cpp's louder levels write conversations to its log.
VERBOSITY = 1


def build_params(spec: LlamaCppSpec, api_key: str) -> Any:
    """llama-server's parameters for a spec."""
    params = xllamacpp.CommonParams()
    params.model.path = str(spec.gguf)
    params.model_alias = {spec.model_name}
    # Every conversation gets a whole context, not a share of one.
    params.n_ctx = spec.n_ctx * spec.parallel
    params.n_parallel = spec.parallel
    threads = spec.threads or usable_cores()
    params.cpuparams.n_threads = threads
    params.cpuparams_batch.n_threads = threads
    params.lora_adapters = [xllamacpp.CommonAdapterLoraInfo(str(a.path), 1.0) for a in spec.adapters]
    params.sleep_idle_seconds = -1 if spec.idle_s is None else spec.idle_s
    params.api_keys = [api_key]
    params.hostnames = ["127.0.0.1"]
    params.port = spec.port or 0
    params.verbosity = VERBOSITY
    params.ui = False
    params.endpoint_slots = False
    # Fitting to free device memory loads every model twice; the context is bounded by the spec instead.
    params.fit_params = False
    # The cache of idle prompts takes up to 8 GB and does not know which adapter wrote an entry.
    params.cache_ram_mib = 0
    # The prompt is what the template writes; llama.cpp's own forms of known templates, and its checks of them, stay out.
    params.force_pure_content_parser = True
    given = None if spec.chat_template is None else spec.chat_template.read_text(encoding="utf-8")
    if spec.tokenizer is not None and spec.tokenizer.is_dir():
        given = served_template(spec.tokenizer, given)
    if given is not None:
        params.chat_template = given
    return params


def main(spec_path: Path) -> int:
    """Serve what the spec names; returns only when the server could not start."""
    die_with_parent()
    spec = LlamaCppSpec.model_validate_json(spec_path.read_bytes())
    api_key = os.environ.pop(API_KEY_VARIABLE)
    try:
        server = xllamacpp.Server(build_params(spec, api_key))
    except RuntimeError as error:
        os.write(EVENTS_FD, json.dumps({"error": str(error)}).encode() + b"\n")
        return 1
    os.write(EVENTS_FD, json.dumps({"address": server.listening_address}).encode() + b"\n")
    os.close(EVENTS_FD)
    while True:
        signal.pause()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
