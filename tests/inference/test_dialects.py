"""Turns reach each inference engine in its own words, and nothing of them is lost."""

import json
from typing import Any

import pytest

from llmlora.contracts.inference import ChatMessage
from llmlora.inference.dialect import Dialect
from llmlora.inference.llama_cpp import OPENAI
from llmlora.inference.ollama.backend import OLLAMA


def said(dialect: Dialect, **keys: Any) -> dict[str, Any]:
    """One turn in the engine's words."""
    (turn,) = dialect.turns((ChatMessage(**keys),))
    return turn


def called(dialect: Dialect, arguments: Any, *, bare: bool = False) -> Any:
    """What becomes of the arguments of a call."""
    function = {"name": "look_up", "arguments": arguments}
    calls = [function if bare else {"id": "c1", "function": function}]
    turn = said(dialect, role="assistant", content="", tool_calls=json.dumps(calls))
    (call,) = turn["tool_calls"]
    assert call["function"]["name"] == "look_up"
    assert call.get("id") == (None if bare else "c1")
    return call["function"]["arguments"]


@pytest.mark.parametrize("bare", [False, True])
class TestArguments:
    @pytest.mark.parametrize("written", ['{"city": "東京"}', {"city": "東京"}])
    def test_are_text_for_openais_route_and_an_object_for_ollama(self, written: Any, bare: bool) -> None:
        assert called(OPENAI, written, bare=bare) == '{"city": "東京"}'
        assert called(OLLAMA, written, bare=bare) == {"city": "東京"}

    def test_that_are_no_json_stay_as_they_were_written(self, bare: bool) -> None:
        assert called(OPENAI, "city=東京", bare=bare) == "city=東京"
        assert called(OLLAMA, "city=東京", bare=bare) == "city=東京"


class TestTurn:
    def test_plain_one_has_role_and_content_alone(self) -> None:
        for dialect in (OPENAI, OLLAMA):
            assert said(dialect, role="user", content="") == {"role": "user", "content": ""}

    def test_of_calls_alone_has_null_content_where_openai_wants_it(self) -> None:
        calls = '[{"function": {"name": "f"}}]'
        assert said(OPENAI, role="assistant", content="", tool_calls=calls)["content"] is None
        assert said(OPENAI, role="assistant", content="One.", tool_calls=calls)["content"] == "One."
        assert said(OLLAMA, role="assistant", content="", tool_calls=calls)["content"] == ""

    def test_names_reasoning_and_tool_are_kept_under_the_engines_keys(self) -> None:
        answer = {"role": "assistant", "content": "4", "reasoning": "2 + 2"}
        assert said(OPENAI, **answer)["reasoning_content"] == said(OLLAMA, **answer)["thinking"] == "2 + 2"
        tool = {"role": "tool", "content": "4", "name": "add", "tool_call_id": "c1"}
        assert said(OPENAI, **tool) == tool
        assert said(OLLAMA, **tool) == {
            "role": "tool",
            "content": "4",
            "tool_name": "add",
            "tool_call_id": "c1",
        }
