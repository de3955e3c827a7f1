"""`param` names a field of the request, whatever shapes the value could have had."""

from typing import Any

import openai
import pytest

from llmlora.kit.validation import field_problems
from llmlora.tables.base_model import BaseModelRow

from tests.features.openai.door import created, refused

pytestmark = pytest.mark.anyio


class TestFieldProblems:
    @pytest.mark.parametrize(
        ("body", "wrong"),
        [
            ({"stop": ["a", ""]}, "/body/stop/1"),
            ({"stop": 5}, "/body/stop"),
            ({"stop": ["a"] * 9}, "/body/stop"),
            ({"messages": [{"role": "user", "content": [{"text": "a"}]}]}, "/body/messages/0/content/0/type"),
            ({"messages": [{"role": "user", "content": 3}]}, "/body/messages/0/content"),
            ({"messages": [{"content": "a"}]}, "/body/messages/0/role"),
            ({"logit_bias": {"a": "b"}}, "/body/logit_bias/a"),
        ],
    )
    def test_name_what_was_written(self, body: dict[str, Any], wrong: str) -> None:
        from fastapi.exceptions import RequestValidationError
        from pydantic import ValidationError

        from llmlora.features.openai.schemas import ChatCompletionRequest

        whole = {"model": "m", "messages": [{"role": "user", "content": "a"}]} | body
        with pytest.raises(ValidationError) as caught:
            ChatCompletionRequest.model_validate(whole)
        errors = [{**one, "loc": ("body", *one["loc"])} for one in caught.value.errors()]
        error = RequestValidationError(errors, body=whole)
        assert [one.pointer for one in field_problems(error.errors(), body=error.body)] == [wrong]


class TestFineTuning:
    @pytest.mark.parametrize(
        ("more", "param"),
        [
            ({"suffix": 5}, "suffix"),
            ({"metadata": {"a/b": 5}}, "metadata.a/b"),
            ({"method": {"type": "dpo", "dpo": {}}}, "method.type"),
            ({"integrations": [{"type": "wandb"}]}, "integrations"),
            ({"hyperparameters": {"n_epochs": 0}}, "hyperparameters.n_epochs"),
        ],
    )
    async def test_names_the_parameter(
        self, client: openai.AsyncOpenAI, base: BaseModelRow, file_id: str, more: dict[str, Any], param: str
    ) -> None:
        error = await refused(created(client, base, file_id, **more))
        assert error.param == param
        assert "[" not in error.message.split("(given")[0]

    async def test_suffix_of_any_script_survives(
        self, client: openai.AsyncOpenAI, base: BaseModelRow, file_id: str
    ) -> None:
        made = await created(
            client, base, file_id, suffix="顧客窓口 2024/春", metadata={"team": "窓口"}, seed=7
        )
        again = await client.fine_tuning.jobs.retrieve(made.id)
        told = again.model_dump()
        assert told["user_provided_suffix"] == "顧客窓口 2024/春"
        assert (again.metadata, again.seed) == ({"team": "窓口"}, 7)
        without = await created(client, base, file_id)
        assert without.model_dump()["user_provided_suffix"] is None
