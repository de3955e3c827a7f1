"""What the stand-in stores, and how: as it was recorded of a real v0.33.0-rc2."""

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import gguf
import numpy as np
import pytest

from llmlora.inference.ollama.connection import is_old

from tests.with_ollama.abilities import Abilities
from tests.with_ollama.asking import PIECE_BYTES, Client, big_gguf, digest_of, lines
from tests.with_ollama.standin.process import Standin

pytestmark = [pytest.mark.timeout(300), pytest.mark.slow]


class TestBlobs:
    def test_head_tells_known_from_unknown(self, client: Client, base: str) -> None:
        assert client.http.head(f"/api/blobs/{base}").status_code == 200
        assert client.http.head(f"/api/blobs/{digest_of(b'?')}").status_code == 404

    def test_new_bytes_are_201(self, client: Client, standin: Standin) -> None:
        new = uuid4().bytes  # a real server keeps what the last run sent
        assert client.http.post(f"/api/blobs/{digest_of(new)}", content=new).status_code == 201
        stored = standin.models / "blobs" / digest_of(new).replace(":", "-")
        assert stored.read_bytes() == new

    def test_other_bytes_are_refused_and_not_kept(self, client: Client, standin: Standin) -> None:
        wanted = digest_of(b"wanted")
        response = client.http.post(f"/api/blobs/{wanted}", content=b"other")
        assert response.status_code == 400
        got = digest_of(b"other")
        assert response.json() == {"error": f'digest mismatch, expected "{wanted}", got "{got}"'}
        assert client.http.head(f"/api/blobs/{wanted}").status_code == 404
        assert not list((standin.models / "blobs").glob("sha256-????????????????"))

    def test_an_upload_that_breaks_off_leaves_nothing(self, client: Client, standin: Standin) -> None:
        def broken() -> Iterator[bytes]:
            yield b"half"
            raise ConnectionAbortedError

        with pytest.raises(ConnectionAbortedError):
            client.http.post(f"/api/blobs/{digest_of(b'halves')}", content=broken())
        assert client.http.head(f"/api/blobs/{digest_of(b'halves')}").status_code == 404
        deadline = time.monotonic() + 60  # the server hears of it a moment later
        while list((standin.models / "blobs").glob("sha256-????????????????")):
            assert time.monotonic() < deadline, "the half was kept"
            time.sleep(0.05)

    def test_what_is_no_digest_is_400(self, client: Client) -> None:
        assert client.http.post("/api/blobs/sha256:1", content=b"").json() == {
            "error": "invalid digest format"
        }


class TestCreate:
    def test_lines_come_in_the_recorded_order(self, client: Client, base: str, abilities: Abilities) -> None:
        said = [line["status"] for line in client.create("order", files={"base.gguf": base}, system="Hi.")]
        assert said[:2] == ["parsing GGUF", "verifying conversion"]
        assert said[3] == "using autodetected template chatml"
        assert (said[2] == f"using existing layer {base}") is not abilities.rewrites_uploads
        told = (
            "creating new layer sha256:",
            "using existing layer sha256:",
        )  # of the last run, on a real server
        assert all(line.startswith(told) for line in (said[2], *said[4:-2]))
        assert said[-2:] == ["writing manifest", "success"]

    def test_show_says_what_was_stored(self, client: Client, base: str) -> None:
        client.made(
            "told", files={"base.gguf": base}, system="Hi.", license="MIT", parameters={"num_ctx": 512}
        )
        told = client.post("/api/show", model="told").json()
        assert told["system"] == "Hi."
        assert told["license"] == "MIT"
        assert told["details"] == {
            "parent_model": "",
            "format": "gguf",
            "family": "llama",
            "families": ["llama"],
            "parameter_size": "134.52M",
            "quantization_level": "Q4_1",
        }
        assert told["model_info"]["general.architecture"] == "llama"
        assert told["capabilities"] == ["completion"]
        stops = {
            line.split(maxsplit=1)[1] for line in told["parameters"].splitlines() if line.startswith("stop")
        }
        assert stops == {'"<|im_start|>"', '"<|im_end|>"'}
        assert "num_ctx                        512" in told["parameters"]

    def test_given_stops_replace_the_guessed(self, client: Client, base: str) -> None:
        client.made("stops", files={"base.gguf": base}, parameters={"stop": ["END"]})
        told = client.post("/api/show", model="stops").json()
        assert told["parameters"].split() == ["stop", '"END"']

    def test_given_template_is_stored_as_it_is(self, client: Client, base: str) -> None:
        said = client.create("own", files={"base.gguf": base}, template="<{{ .Prompt }}>")
        assert said[-1] == {"status": "success"}
        assert client.post("/api/show", model="own").json()["template"] == "<{{ .Prompt }}>"

    def test_store_is_laid_out_as_ollamas(self, client: Client, standin: Standin, base: str) -> None:
        client.made("me/laid:v1", files={"base.gguf": base})
        manifest = standin.models / "manifests" / "registry.ollama.ai" / "me" / "laid" / "v1"
        document = json.loads(manifest.read_bytes())
        assert document["schemaVersion"] == 2
        kinds = [layer["mediaType"] for layer in document["layers"]]
        assert kinds == [f"application/vnd.ollama.image.{kind}" for kind in ("model", "template", "params")]
        for layer in (document["config"], *document["layers"]):
            blob = standin.models / "blobs" / layer["digest"].replace(":", "-")
            assert blob.stat().st_size == layer["size"]
            assert digest_of(blob.read_bytes()) == layer["digest"]

    def test_from_takes_all_layers_along(self, client: Client, base: str) -> None:
        client.made("parent", files={"base.gguf": base}, system="Hi.", parameters={"num_ctx": 512})
        client.made("child", **{"from": "parent"}, parameters={"temperature": 0.5})
        told = client.post("/api/show", model="child").json()
        assert told["system"] == "Hi."
        assert told["details"]["parent_model"] == "parent:latest"
        assert {"512", "0.5"} <= set(told["parameters"].split())

    def test_unknown_from_is_pulled(self, client: Client) -> None:
        assert client.create("child", **{"from": "nowhere"}) == [
            {"status": "pulling manifest"},
            {"error": "pull model manifest: file does not exist"},
        ]

    def test_missing_blob_is_an_error_line(self, client: Client, standin: Standin) -> None:
        missing = digest_of(b"missing")
        last = client.create("lost", files={"base.gguf": missing})[-1]
        path = standin.models / "blobs" / missing.replace(":", "-")
        assert last == {"error": f"open {path}: no such file or directory"}
        assert client.post("/api/show", model="lost").status_code == 404

    def test_other_files_are_not_gguf(self, client: Client, base: str, abilities: Abilities) -> None:
        other = client.upload(b"not a model at all")
        wrong = {"error": "supplied file was not in GGUF format"}
        assert client.create("bad", files={"base.gguf": other})[-1] == wrong
        abilities.need(adapters=True)
        assert client.create("bad", files={"base.gguf": base}, adapters={"a.gguf": other})[-1] == wrong

    def test_truncated_gguf_is_an_error_line(self, client: Client, base_gguf: Path) -> None:
        cut = client.upload(base_gguf.read_bytes()[:5_000_000])
        said = client.create("cut", files={"base.gguf": cut})[-1]["error"]
        assert re.fullmatch(r'tensor "[\w.]+" offset\+size \(\d+\) exceeds file size \(5000000\)', said)

    def test_bad_template_is_an_error_line(self, client: Client, base: str) -> None:
        last = client.create("jinja", files={"base.gguf": base}, template="{{ shout .Prompt }}")[-1]
        assert last["error"].startswith('template error: template: :1: function "shout" not defined')

    @pytest.mark.parametrize("body", [{}, {"modelfile": "FROM x"}])
    def test_nothing_to_make_it_of_is_400(self, client: Client, body: dict[str, str]) -> None:
        response = client.post("/api/create", model="none", **body)
        assert response.status_code == 400
        assert response.json() == {"error": "neither 'from' or 'files' was specified"}

    @pytest.mark.parametrize("name", ["", "a b", "a/b/c/d", "-a", "a:b:c"])
    def test_bad_name_is_400(self, client: Client, name: str) -> None:
        response = client.post("/api/create", model=name, files={})
        assert (response.status_code, response.json()) == (400, {"error": "invalid model name"})

    def test_without_stream_only_the_end_is_told(self, client: Client, base: str) -> None:
        done = client.post("/api/create", model="quiet", files={"base.gguf": base}, stream=False)
        assert done.json() == {"status": "success"}
        other = client.upload(b"not a model at all")
        failed = client.post("/api/create", model="quiet", files={"base.gguf": other}, stream=False)
        assert failed.status_code == 400


class TestQuantize:
    @pytest.fixture(autouse=True)
    def quantises(self, abilities: Abilities) -> None:
        abilities.need(quantising=True)

    def test_q8_0_is_a_smaller_layer_of_the_same_model(
        self, client: Client, standin: Standin, wide: bytes
    ) -> None:
        source = client.upload(wide)
        said = client.create("small", files={"base.gguf": source}, quantize="q8_0")
        assert said[-1] == {"status": "success"}
        shown = client.post("/api/show", model="small").json()
        assert shown["details"]["quantization_level"] == "Q8_0"
        manifest = json.loads(
            (standin.models / "manifests/registry.ollama.ai/library/small/latest").read_bytes()
        )
        layer = manifest["layers"][0]
        assert layer["digest"] != source
        assert layer["size"] < 0.65 * len(wide)
        reader = gguf.GGUFReader(standin.models / "blobs" / layer["digest"].replace(":", "-"))
        assert reader.fields["tokenizer.ggml.tokens"].contents() == ["a", "b"]
        narrow = gguf.quants.dequantize(reader.tensors[0].data, reader.tensors[0].tensor_type)
        wanted = np.random.default_rng(0).normal(size=(64, 256))
        assert np.abs(narrow - wanted).max() < 0.02

    def test_a_quantized_source_is_refused(self, client: Client, base: str) -> None:
        last = client.create("again", files={"base.gguf": base}, quantize="q8_0")[-1]
        assert last == {"error": "quantization is only supported for F16, BF16 and F32 models"}

    def test_unknown_type_is_refused(self, client: Client, wide: bytes) -> None:
        last = client.create("k", files={"base.gguf": client.upload(wide)}, quantize="q5_K_M")[-1]
        known = "F32, F16, Q4_K_S, Q4_K_M, Q8_0"
        assert last == {"error": f"unsupported quantization type Q5_K_M - supported types are {known}"}


class TestModels:
    def test_list_running_copy_and_delete(self, client: Client, plain: str) -> None:
        client.chat(plain)
        running = client.http.get("/api/ps").json()["models"]
        assert running  # tags with the same weights go by the name of the first
        assert all(model["size_vram"] == 0 and model["expires_at"] for model in running)
        assert client.post("/api/copy", source=plain, destination="twin:v2").status_code == 200
        listed = {model["name"]: model for model in client.http.get("/api/tags").json()["models"]}
        assert listed["twin:v2"]["digest"] == listed[f"{plain}:latest"]["digest"]
        assert listed["twin:v2"]["details"]["context_length"] == 8192
        assert client.http.request("DELETE", "/api/delete", json={"model": "twin:v2"}).status_code == 200
        assert client.http.request("DELETE", "/api/delete", json={"model": "twin:v2"}).status_code == 404
        assert client.chat(plain)["done"]

    def test_show_names_the_tag_it_did_not_find(self, client: Client) -> None:
        response = client.post("/api/show", model="nope")
        assert (response.status_code, response.json()) == (404, {"error": "model 'nope:latest' not found"})

    def test_names_ignore_case(self, client: Client, plain: str) -> None:
        assert client.post("/api/show", model=plain.upper()).status_code == 200

    def test_hello_and_version(self, client: Client) -> None:
        assert client.http.get("/").text == "Ollama is running"
        told = client.http.get("/api/version").json()["version"]
        assert re.match(r"v?\d+\.\d+\.\d+", told)
        assert not is_old(told)

    def test_a_last_use_unloads(self, client: Client, plain: str) -> None:
        client.chat(plain)
        assert (
            client.post("/api/chat", model=plain, keep_alive=0, stream=False).json()["done_reason"]
            == "unload"
        )
        assert plain + ":latest" not in [m["name"] for m in client.http.get("/api/ps").json()["models"]]


class TestPull:
    def test_progress_then_success(self, client: Client, standin: Standin, base_gguf: Path) -> None:
        standin.seed("library/far", base_gguf, system="From afar.")
        said = lines(client.post("/api/pull", model="far"))
        assert said[0] == {"status": "pulling manifest"}
        assert [line["status"] for line in said[-3:]] == [
            "verifying sha256 digest",
            "writing manifest",
            "success",
        ]
        assert client.post("/api/show", model="far").json()["system"] == "From afar."

    def test_cancelled_pull_goes_on_where_it_was(
        self, client: Client, standin: Standin, tmp_path: Path
    ) -> None:
        size = 20 * PIECE_BYTES
        standin.seed("slow", big_gguf(tmp_path / "big.gguf", size))
        with client.http.stream("POST", "/api/pull", json={"model": "slow"}) as response:
            for text in response.iter_lines():
                if json.loads(text).get("completed", 0) >= 2 * PIECE_BYTES:
                    break
        assert client.post("/api/show", model="slow").status_code == 404
        assert len(list((standin.models / "blobs").glob("*-partial"))) == 1
        counts = [
            line["completed"] for line in lines(client.post("/api/pull", model="slow")) if "completed" in line
        ]
        assert counts[0] >= 2 * PIECE_BYTES
        assert client.post("/api/show", model="slow").status_code == 200
        assert not list((standin.models / "blobs").glob("*-partial"))

    def test_unknown_model_is_an_error_line(self, client: Client) -> None:
        response = client.post("/api/pull", model="nowhere")
        assert response.status_code == 200
        assert lines(response)[-1] == {"error": "pull model manifest: file does not exist"}

    def test_broken_blob_is_found_out(self, client: Client, standin: Standin, tmp_path: Path) -> None:
        standin.seed("rotten", big_gguf(tmp_path / "rotten.gguf", 1 << 20, seed=1))
        manifest = standin.registry / "manifests/registry.ollama.ai/library/rotten/latest"
        digest = json.loads(manifest.read_bytes())["layers"][0]["digest"]
        blob = standin.registry / "blobs" / digest.replace(":", "-")
        blob.write_bytes(bytes(blob.stat().st_size))
        assert lines(client.post("/api/pull", model="rotten"))[-1]["error"].startswith("digest mismatch")
