"""Cases 18, 21 and 23: prompts begin as in training, answers end where training ended them, refused turns stay refused."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from llmlora.contracts.events import Artifact, ArtifactKind
from llmlora.contracts.inference import ChatAnswer, ChatMessage, ChatRequest, Sampling
from llmlora.contracts.run import BaseModelInput, FileInput, RunInputs, RunSpec
from llmlora.contracts.states import JobState
from llmlora.data.chat_files import ends_of, template_of
from llmlora.engine.embedded.services import ServiceUrls
from llmlora.engine.hosts.running import Outcome, run_dir_of
from llmlora.engine.serving.llama_cpp import AdapterFile, LlamaCppSpec, RunningServer, llama_cpp_server
from llmlora.engine.serving.pool import ServerPool
from llmlora.features.openai.chat import router
from llmlora.inference.errors import TemplateRefusedError
from llmlora.kit.db import Database
from llmlora.kit.ids import new_id
from llmlora.kit.settings import Settings

from tests.cases.tiny import (
    CHATML,
    NO_SYSTEM,
    random_gguf,
    random_llama,
    sentencepiece_gguf,
    tokenizer_files,
)
from tests.factories import dataset_of, model_input, question, text_lora_run
from tests.features.chat_door import client_of, events_of, registered_base, running_app
from tests.here import run_here

pytestmark = [pytest.mark.timeout(600), pytest.mark.slow]

HERE = Path(__file__).parent
CONVERSATIONS = (
    (("user", "Who keeps the keys?"),),
    (("system", "Be brief."), ("user", "Who?")),
    (("user", "Who?"), ("assistant", "The porter."), ("user", " Where? ")),
)
TEMPLATES = {
    "without start": CHATML,
    "none": None,
    "writes start": "{{ bos_token }}" + CHATML,
    "asks about thinking": "{% if enable_thinking is defined %}!{% endif %}{% if tools is not none %}?{% endif %}" + CHATML,
    "begins indented": "  {%- if tools %}T{% endif %}\n\n" + CHATML,
}  # fmt: skip


def turns(*said: tuple[str, str]) -> tuple[ChatMessage, ...]:
    return tuple(ChatMessage.model_validate({"role": role, "content": content}) for role, content in said)


def greedy(
    text: str, *, max_tokens: int, adapter: int | None = None, stop: tuple[str, ...] = ()
) -> ChatRequest:
    sampling = Sampling(temperature=0, max_tokens=max_tokens, stop=stop)
    return ChatRequest(
        model="llmlora", messages=turns(("user", text)), sampling=sampling, adapter=adapter, top_logprobs=3
    )


@asynccontextmanager
async def served(gguf: Path, work_dir: Path, **more: Any) -> AsyncIterator[RunningServer]:
    async with llama_cpp_server(LlamaCppSpec(gguf=gguf, n_ctx=512, threads=1, **more), work_dir) as server:
        yield server


@pytest.fixture(scope="module")
def start_gguf(bundled_model: BaseModelInput, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Case 18's: llama.cpp would begin every prompt with a start token."""
    path = tmp_path_factory.mktemp("gguf") / "start.gguf"
    return random_gguf(path, bundled_model.path, template=CHATML, adds_start=True)


class TestPromptBegins:
    @pytest.mark.parametrize("template", TEMPLATES.values(), ids=TEMPLATES.keys())
    def test_as_in_training(
        self, template: str | None, bundled_model: BaseModelInput, start_gguf: Path, tmp_path: Path
    ) -> None:
        from llmlora.recipes.blocks.reference import rendered_ids
        from llmlora.recipes.blocks.tokenizer import load_tokenizer

        directory = tokenizer_files(bundled_model.path, tmp_path / "tokenizer", template=template)
        trained = load_tokenizer(directory)

        async def scenario() -> None:
            async with served(start_gguf, tmp_path / "server", tokenizer=directory) as server:
                for said in CONVERSATIONS:
                    expected = rendered_ids(trained, turns(*said))
                    assert await server.backend.prompt_ids(turns(*said)) == expected
                    request = greedy("", max_tokens=1).model_copy(update={"messages": turns(*said)})
                    assert (await server.backend.answer(request)).prompt_tokens == len(expected)

        asyncio.run(scenario())

    @pytest.mark.parametrize(
        ("template", "starts"), [("a {{ messages[0].content }}", 0), ("{{ bos_token }}b", 1)]
    )
    def test_without_a_second_start_where_the_vocabulary_adds_one(
        self, template: str, starts: int, tmp_path: Path
    ) -> None:
        tokenizer = tmp_path / "tokenizer"
        tokenizer.mkdir()
        (tokenizer / "tokenizer_config.json").write_text(
            '{"bos_token": {"content": "<s>"}, "eos_token": "</s>"}'
        )
        (tokenizer / "chat_template.jinja").write_text(template)

        async def scenario() -> None:
            gguf = sentencepiece_gguf(tmp_path / "spm.gguf")
            async with served(gguf, tmp_path / "server", tokenizer=tokenizer) as server:
                ids = await server.backend.prompt_ids(turns(("user", "c")))
                assert ids is not None
                assert (ids.count(1), ids[0] == 1) == (starts, starts == 1)

        asyncio.run(scenario())


class TestAnswerEnds:
    def test_at_a_reserved_token_that_llama_cpp_does_not_know(
        self, bundled_model: BaseModelInput, tmp_path: Path
    ) -> None:
        """The third token of the random answer is made the end of turn: by the tokenizer, not by the GGUF."""
        tokenizer = tokenizer_files(bundled_model.path, tmp_path / "tokenizer", template=CHATML)

        async def answer(gguf: Path, request: ChatRequest, **more: Any) -> tuple[ChatAnswer, str]:
            async with served(gguf, tmp_path / "server", **more) as server:
                streamed = "".join([piece.text async for piece in server.backend.stream(request)])
                return await server.backend.answer(request), streamed

        async def scenario() -> None:
            plain = random_gguf(tmp_path / "plain.gguf", tokenizer, template=CHATML, adds_start=False)
            usual, _ = await answer(plain, greedy("Who?", max_tokens=6), tokenizer=tokenizer)
            ids = [token.id for token in usual.tokens]
            assert len(set(ids[:3])) == 3
            assert ids[2] is not None
            named = {ids[2]: "<turn_over>"}
            gguf = random_gguf(
                tmp_path / "named.gguf", tokenizer, template=CHATML, adds_start=False, renamed=named
            )
            endless, _ = await answer(gguf, greedy("Who?", max_tokens=6), tokenizer=tokenizer)
            assert (endless.finish_reason, endless.completion_tokens) == ("length", 6)

            tokenizer_files(bundled_model.path, tokenizer, template=CHATML, eos="<turn_over>")
            ended, streamed = await answer(gguf, greedy("Who?", max_tokens=6), tokenizer=tokenizer)
            assert (ended.finish_reason, ended.completion_tokens) == ("stop", 3)
            assert ended.text == streamed == b"".join(token.bytes_ for token in usual.tokens[:2]).decode()
            assert [token.id for token in ended.tokens] == ids[:3]
            assert ended.tokens[-1].bytes_ == b""
            word = usual.tokens[1].bytes_.decode()
            cut, _ = await answer(gguf, greedy("Who?", max_tokens=6, stop=(word,)), tokenizer=tokenizer)
            assert (cut.finish_reason, cut.text) == ("stop", usual.tokens[0].bytes_.decode())

        asyncio.run(scenario())

    def test_where_the_files_of_any_age_say(self, bundled_model: BaseModelInput, tmp_path: Path) -> None:
        files: list[tuple[dict[str, Any], tuple[str, ...]]] = [
            ({"tokenizer_config.json": {"eos_token": "<|im_end|>"}}, ("<|im_end|>",)),
            ({"tokenizer_config.json": {"eos_token": {"content": "<end_of_turn>"}}}, ("<end_of_turn>",)),
            ({"tokenizer_config.json": {}, "special_tokens_map.json": {"eos_token": "</s>"}}, ("</s>",)),
            (
                {
                    "tokenizer_config.json": {"eos_token": "<eos>"},
                    "generation_config.json": {"eos_token_id": [1, 107]},
                    "tokenizer.json": {
                        "added_tokens": [
                            {"id": 1, "content": "<eos>"},
                            {"id": 107, "content": "<end_of_turn>"},
                        ]
                    },
                },
                ("<end_of_turn>", "<eos>"),
            ),
            ({"tokenizer_config.json": ["no object"]}, ()),
        ]
        for number, (documents, expected) in enumerate(files):
            directory = tmp_path / str(number)
            directory.mkdir()
            for name, document in documents.items():
                (directory / name).write_text(json.dumps(document))
            assert ends_of(directory) == expected
        listed = [{"name": "tool_use", "template": "T"}, {"name": "default", "template": "D"}]
        (tmp_path / "0" / "tokenizer_config.json").write_text(json.dumps({"chat_template": listed}))
        assert template_of(tmp_path / "0") == "D"


def run(recipe: str, config: dict[str, Any], data_dir: Path, **inputs: Any) -> tuple[Outcome, Path]:
    spec = RunSpec(
        job_id=new_id("job"),
        epoch=1,
        recipe=recipe,
        config=config,
        inputs=RunInputs(**inputs),
        data_dir=data_dir,
    )
    return run_here(spec), run_dir_of(spec)


def exported(target: str, data_dir: Path, **inputs: Any) -> Path:
    outcome, run_dir = run("export_gguf", {"target": target, "outtype": "f16"}, data_dir, **inputs)
    assert outcome.state is JobState.COMPLETED, outcome.failure
    made: Artifact = next(a for a in outcome.artifacts if a.kind is ArtifactKind.GGUF)
    return run_dir / made.path


class TestChain:
    """Case 21: turns end with `<issue_closed>`, which neither the tokenizer's eos nor llama.cpp's list of names says."""

    def test_taught_end_is_served_and_exported(self, bundled_model: BaseModelInput, tmp_path: Path) -> None:
        from llmlora.recipes.blocks.gguf.reader import GgufReader

        template = CHATML.replace("<|im_end|>", "<issue_closed>")
        directory = tokenizer_files(
            bundled_model.path, tmp_path / "base", template=template, eos="<|endoftext|>"
        )
        vocabulary = json.loads((bundled_model.path / "config.json").read_bytes())["vocab_size"]
        base = model_input(random_llama(directory, vocabulary=vocabulary, eos_id=0))
        rows = [
            json.loads(line)
            for line in (HERE / "21-end-token-llama-cpp-does-not-know" / "porter.jsonl").open()
        ]
        data = dataset_of(
            [question(i, r["instruction"], r["output"]) for i, r in enumerate(rows, 1)], tmp_path
        )
        lesson = {"rank": 32, "learning_rate": 0.01, "max_steps": 60, "batch_size": 3, "schedule": "constant"}
        spec = text_lora_run(data, base, tmp_path, **lesson)
        outcome = run_here(spec)
        assert outcome.state is JobState.COMPLETED, outcome.failure
        assert outcome.reports["ledger"]["end_of_turn"] == "<issue_closed>"
        final = run_dir_of(spec) / "final_model"
        inputs = {"base_model": base, "adapter": FileInput(path=final, sha256="")}
        adapter, whole = (exported(target, tmp_path, **inputs) for target in ("adapter", "base"))

        async def scenario() -> tuple[ChatAnswer, dict[str, Any]]:
            adapters = (AdapterFile(name="tuned", path=adapter),)
            async with served(whole, tmp_path / "server", adapters=adapters, tokenizer=final) as server:
                answer = await server.backend.answer(
                    greedy(rows[1]["instruction"], max_tokens=100, adapter=0)
                )
                config = {"prompts": [row["instruction"] for row in rows], "quantisation": "f16"}
                gated, _ = await asyncio.to_thread(
                    run, "deploy_llama_cpp", config, tmp_path, **inputs, endpoint=server.endpoint
                )
                return answer, gated.reports["gates"]

        answer, gates = asyncio.run(scenario())
        assert (answer.text, answer.finish_reason) == (rows[1]["output"], "stop")
        assert answer.completion_tokens < 30
        assert gates["stop"]["reference_stops"] == 3
        assert gates["stop"]["passed"], gates["stop"]["faults"]
        assert not [fault for fault in gates["parity"]["faults"] if fault["kind"] == "prompt_ids"]
        reader = GgufReader(exported("merged", tmp_path, **inputs))
        assert reader.get_field("tokenizer.ggml.eos_token_id").contents() == 10
        assert reader.get_field("tokenizer.ggml.add_eos_token").contents() is False


SYSTEM = {"role": "system", "content": "Be brief."}
HELLO = {"role": "user", "content": "Hello"}


class TestTemplateRefuses:
    """Case 23: what the template does not take in training it does not take when served, in its own words."""

    @pytest.fixture
    def tokenizer(self, bundled_model: BaseModelInput, tmp_path: Path) -> Path:
        return tokenizer_files(bundled_model.path, tmp_path / "tokenizer", template=NO_SYSTEM)

    def test_system_turn_and_turns_out_of_order(
        self, tokenizer: Path, start_gguf: Path, tmp_path: Path
    ) -> None:
        async def scenario() -> None:
            async with served(start_gguf, tmp_path / "server", tokenizer=tokenizer) as server:
                for said, words in (
                    ((("system", "Be brief."), ("user", "Hello")), "no system turn"),
                    ((("user", "Hello"), ("user", "Hello?")), "have to alternate"),
                    ((("tool", "42"), ("user", "Hello")), "have to alternate"),
                ):
                    with pytest.raises(TemplateRefusedError, match=words):
                        await server.backend.prompt_ids(turns(*said))
                assert (await server.backend.answer(greedy("Hello", max_tokens=2))).completion_tokens == 2

        asyncio.run(scenario())

    @pytest.mark.anyio
    async def test_by_openais_route_with_400_and_by_the_chat_page(
        self,
        tokenizer: Path,
        start_gguf: Path,
        tmp_path: Path,
        settings: Settings,
        services: ServiceUrls,
        database: Database,
    ) -> None:
        async def asked(client: httpx.AsyncClient, name: str, *messages: Any, **more: Any) -> httpx.Response:
            body = {"model": name, "messages": messages, "max_tokens": 2, **more}
            return await client.post("/v1/chat/completions", json=body)

        async with (
            ServerPool(tmp_path / "pool") as pool,
            registered_base(database, start_gguf, path=str(tokenizer)) as base,
            running_app(settings, services, pool, router) as app,
            client_of(app) as client,
        ):
            for more in ({}, {"stream": True}):
                refused = await asked(client, base.reference, SYSTEM, HELLO, **more)
                assert refused.status_code == 400
                assert "this model takes no system turn" in refused.json()["error"]["message"]
                assert refused.json()["error"]["code"] == "template_refused"
            given = {"models": [base.reference], "system": "Be brief."}
            chat = (await client.post("/api/chat/sessions", json=given)).json()["id"]
            said = await client.post(f"/api/chat/sessions/{chat}/messages", json={"content": "Hello"})
            name, data = events_of(said.text)[-1]
            assert (name, data["problem"]["code"]) == ("error", "template_refused")
            assert "this model takes no system turn" in data["problem"]["detail"]
            answer = await asked(client, base.reference, HELLO)
            assert (answer.status_code, answer.json()["usage"]["completion_tokens"]) == (200, 2)
