"""What the stand-in answers: real tokens of a real model, in Ollama's shapes."""

import json
import time
from collections.abc import Callable

import pytest

from tests.with_ollama.abilities import Abilities
from tests.with_ollama.asking import GREEDY, QUESTION, SYSTEM, Client, lines, user
from tests.with_ollama.standin.process import Standin

pytestmark = [pytest.mark.timeout(300), pytest.mark.slow]


class TestChat:
    def test_guessed_template_drops_the_default_system_prompt(
        self, client: Client, plain: str, base: str
    ) -> None:
        told = client.made("told-who", files={"base.gguf": base}, system=SYSTEM)
        assert client.chat(plain)["prompt_eval_count"] == 21
        assert client.chat(told)["prompt_eval_count"] == 42

    def test_debug_shows_the_rendered_prompt(self, client: Client, plain: str) -> None:
        shown = client.chat(plain, "Hi", _debug_render_only=True)
        assert shown["_debug_info"]["rendered_template"] == (
            "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n"
        )

    def test_a_system_message_wins_over_the_models(self, client: Client, base: str) -> None:
        client.made("told", files={"base.gguf": base}, system="Model's.")
        messages = [{"role": "system", "content": "Mine."}, *user("Hi")]
        shown = client.chat("told", messages=messages, _debug_render_only=True)
        assert "Mine." in shown["_debug_info"]["rendered_template"]
        assert "Model's." not in shown["_debug_info"]["rendered_template"]

    def test_answer_has_all_counters(self, client: Client, plain: str) -> None:
        answer = client.chat(plain)
        assert answer["message"]["role"] == "assistant"
        assert answer["message"]["content"]
        assert (answer["done"], answer["done_reason"], answer["eval_count"]) == (True, "length", 4)
        for name in ("total_duration", "prompt_eval_duration", "eval_duration"):
            assert answer[name] > 10_000
        assert answer["load_duration"] < answer["total_duration"]

    def test_greedy_answers_repeat(self, client: Client, plain: str) -> None:
        first, second = (client.chat(plain)["message"]["content"] for _ in range(2))
        assert first == second

    def test_stream_says_the_same_piece_by_piece(self, client: Client, plain: str) -> None:
        response = client.post("/api/chat", model=plain, messages=user(QUESTION), options=GREEDY)
        assert response.headers["content-type"] == "application/x-ndjson"
        *pieces, last = lines(response)
        assert len(pieces) == 4
        assert not any(piece["done"] for piece in pieces)
        whole = "".join(piece["message"]["content"] for piece in pieces)
        assert whole == client.chat(plain)["message"]["content"]
        assert last["message"] == {"role": "assistant", "content": ""}
        assert (last["done"], last["eval_count"]) == (True, 4)

    def test_a_client_that_leaves_stops_the_answer(self, client: Client, plain: str) -> None:
        body = {"model": plain, "messages": user("Count to 1000."), "options": {"num_predict": 2000}}
        with client.http.stream("POST", "/api/chat", json=body) as response:
            next(response.iter_lines())
        began = time.monotonic()
        client.chat(plain)
        assert time.monotonic() - began < 10

    def test_answer_ends_at_the_models_end_token(self, client: Client, plain: str) -> None:
        answer = client.chat(plain, "Say only: yes", options={**GREEDY, "num_predict": 200})
        assert answer["done_reason"] == "stop"
        assert "<|im_end|>" not in answer["message"]["content"]

    def test_stop_string_ends_it_and_is_left_out(self, client: Client, plain: str) -> None:
        first_word = client.chat(plain)["message"]["content"].split()[1]
        answer = client.chat(plain, options={**GREEDY, "stop": [first_word]})
        assert answer["done_reason"] == "stop"
        assert first_word not in answer["message"]["content"]

    def test_log_probabilities_carry_bytes(self, client: Client, plain: str) -> None:
        answer = client.chat(plain, logprobs=True, top_logprobs=3)
        assert len(answer["logprobs"]) == 4
        spelt = b"".join(bytes(token["bytes"]) for token in answer["logprobs"])
        assert spelt.decode() == answer["message"]["content"]
        for token in answer["logprobs"]:
            best = token["top_logprobs"]
            assert len(best) == 3
            assert (best[0]["token"], best[0]["logprob"]) == (token["token"], token["logprob"])
            assert 0 > best[0]["logprob"] >= best[1]["logprob"] >= best[2]["logprob"]

    def test_tokens_of_a_character_are_one_entry_and_their_pieces_replaced(
        self, client: Client, plain: str
    ) -> None:
        options = {**GREEDY, "num_predict": 16}
        question = "Repeat after me: 海の歌、山の歌、日本の歌"
        answer = client.chat(plain, question, options=options, logprobs=True, top_logprobs=20)
        entries = answer["logprobs"]
        assert len(entries) < answer["eval_count"]
        for entry in entries:
            assert entry["token"].encode() == bytes(entry["bytes"] or ())
        offered = [other for entry in entries for other in entry["top_logprobs"]]
        pieces = [other for other in offered if "\ufffd" in other["token"]]
        assert pieces
        assert all(bytes(other["bytes"]) == other["token"].encode() for other in pieces)
        assert all(other["bytes"] is None for other in offered if not other["token"])

    def test_answer_that_repeats_itself_is_aborted_without_a_reason(self, client: Client, plain: str) -> None:
        prompt = "buffalo " * 60 + "buffalo"
        body = {"model": plain, "prompt": prompt, "raw": True, "options": {**GREEDY, "num_predict": 80}}
        answer = client.post("/api/generate", **body, stream=False).json()
        assert (answer["done"], "done_reason" in answer) == (False, False)
        last = lines(client.post("/api/generate", **body))[-1]
        assert not last["done"]

    def test_raw_prompt_is_the_rendered_one(self, client: Client, plain: str) -> None:
        prompt = client.chat(plain, _debug_render_only=True)["_debug_info"]["rendered_template"]
        body = {"model": plain, "prompt": prompt, "raw": True, "stream": False, "options": GREEDY}
        answer = client.post("/api/generate", **body).json()
        assert answer["response"] == client.chat(plain)["message"]["content"]
        templated = client.post("/api/generate", **{**body, "prompt": QUESTION, "raw": False}).json()
        assert templated["response"] == answer["response"]
        assert templated["prompt_eval_count"] == 21

    def test_old_turns_give_way_to_the_context(self, client: Client, plain: str) -> None:
        messages = [*user("word " * 80), {"role": "assistant", "content": "Yes."}, *user("Last?")]
        shown = client.chat(plain, messages=messages, options={"num_ctx": 64}, _debug_render_only=True)
        assert "word" not in shown["_debug_info"]["rendered_template"]
        assert "Last?" in shown["_debug_info"]["rendered_template"]

    def test_unknown_model_is_404(self, client: Client) -> None:
        response = client.post("/api/chat", model="nope", messages=user("Hi"))
        assert (response.status_code, response.json()) == (404, {"error": "model 'nope' not found"})

    def test_broken_json_is_400(self, client: Client) -> None:
        response = client.http.post("/api/chat", content=b'{"model": "plain", ')
        assert (response.status_code, response.json()) == (400, {"error": "unexpected EOF"})

    def test_too_many_alternatives_are_400(self, client: Client, plain: str) -> None:
        body = {"model": plain, "messages": user("Hi"), "logprobs": True, "top_logprobs": 21}
        assert client.post("/api/chat", **body).status_code == 400


class TestAdapters:
    @pytest.fixture(autouse=True)
    def applies(self, abilities: Abilities) -> None:
        abilities.need(adapters=True)

    def test_adapter_is_applied_and_keeps_its_digest(
        self, client: Client, standin: Standin, base: str, plain: str, make_adapter: Callable[..., bytes]
    ) -> None:
        adapter = client.upload(make_adapter())
        client.made("tuned", files={"base.gguf": base}, adapters={"adapter.gguf": adapter})
        client.made("tuned-from", **{"from": plain}, adapters={"adapter.gguf": adapter})
        assert client.chat("tuned")["message"] != client.chat(plain)["message"]
        assert client.chat("tuned-from")["message"] == client.chat("tuned")["message"]
        manifest = json.loads(
            (standin.models / "manifests/registry.ollama.ai/library/tuned/latest").read_bytes()
        )
        layer = next(layer for layer in manifest["layers"] if layer["mediaType"].endswith(".adapter"))
        assert (layer["digest"], layer["from"]) == (adapter, "adapter.gguf")

    def test_adapter_of_another_base_is_found_out_when_it_is_loaded(
        self, client: Client, base: str, make_adapter: Callable[..., bytes]
    ) -> None:
        adapter = client.upload(make_adapter(width=32))
        client.made("misfit", files={"base.gguf": base}, adapters={"adapter.gguf": adapter})
        assert client.post("/api/chat", model="misfit", messages=user("Hi")).status_code == 500


class TestOpenAi:
    def test_completion_says_what_chat_says(self, client: Client, plain: str) -> None:
        body = {"model": plain, "messages": user(QUESTION), "temperature": 0, "max_tokens": 4}
        answer = client.post("/v1/chat/completions", **body).json()
        assert answer["choices"][0]["message"] == client.chat(plain)["message"]
        assert answer["choices"][0]["finish_reason"] == "length"
        assert answer["usage"] == {"prompt_tokens": 21, "completion_tokens": 4, "total_tokens": 25}

    def test_stream_ends_with_done(self, client: Client, plain: str) -> None:
        body = {"model": plain, "messages": user(QUESTION), "temperature": 0, "max_tokens": 4, "stream": True}
        response = client.post("/v1/chat/completions", **body, stream_options={"include_usage": True})
        events = [line.removeprefix("data: ") for line in response.text.splitlines() if line]
        assert events[-1] == "[DONE]"
        assert json.loads(events[-2])["usage"]["total_tokens"] == 25
        chunks = [choice for event in events[:-1] for choice in json.loads(event)["choices"]]
        assert (chunks[-1]["delta"], chunks[-1]["finish_reason"]) == ({}, "length")
        said = "".join(chunk["delta"].get("content", "") for chunk in chunks)
        assert said == client.chat(plain)["message"]["content"]

    def test_models_and_errors_have_its_shapes(self, client: Client, plain: str) -> None:
        assert plain + ":latest" in [m["id"] for m in client.http.get("/v1/models").json()["data"]]
        response = client.post("/v1/chat/completions", model="nope", messages=user("Hi"))
        assert response.status_code == 404
        assert response.json()["error"]["type"] == "not_found_error"
