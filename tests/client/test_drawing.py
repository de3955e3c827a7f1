"""The surface of the client is what the OpenAPI document says: names, types and pages."""

import json

import pytest

from llmlora.client.generated import models
from llmlora.devtools.checks.python_client.operations import method_name, operations_of
from llmlora.devtools.checks.python_client.types import annotation, class_name, docstring, identifier

from tests.factories import REPOSITORY

DOCUMENT = json.loads((REPOSITORY / "docs" / "openapi.json").read_bytes())


class TestNames:
    @pytest.mark.parametrize(
        ("namespace", "operation", "method"),
        [
            ("datasets", "list_datasets", "list"),
            ("datasets", "list_dataset_rows", "list_rows"),
            ("jobs", "create_training_job", "create"),
            ("jobs", "list_waiting_jobs", "list_waiting"),
            ("batches", "create_batch", "create"),
            ("batches", "list_batches", "list"),
            ("deployments", "predict_with_deployment", "predict"),
            ("webhooks", "try_webhook", "try_"),
            ("search", "search_everything", "everything"),
            ("openai", "create_chat_completion", "create_chat_completion"),
        ],
    )
    def test_methods_are_operations_without_their_noun(
        self, namespace: str, operation: str, method: str
    ) -> None:
        assert method_name(namespace, operation) == method

    def test_classes_have_names_that_people_write(self) -> None:
        assert class_name("Page_JobOut_") == "PageOfJobOut"
        assert class_name("llmlora__features__chat__schemas__SessionOut") == "ChatSessionOut"
        assert class_name("llmlora__contracts__sweep__Outcome") == "SweepOutcome"
        assert class_name("Outcome-Input") == "OutcomeInput"
        assert identifier("last-event-id") == "last_event_id"
        assert identifier("with") == "with_"

    def test_two_operations_of_one_name_are_refused(self) -> None:
        one = {"operationId": "list_dogs", "tags": ["dogs"], "summary": "Dogs", "responses": {"204": {}}}
        with pytest.raises(ValueError, match=r"dogs\.list"):
            operations_of(
                {"paths": {"/dogs": {"delete": one}, "/all-dogs": {"delete": one}}, "components": {}}
            )


class TestTypes:
    @pytest.mark.parametrize(
        ("schema", "asked", "type_"),
        [
            ({"anyOf": [{"type": "null"}, {"type": "integer"}]}, False, "int | None"),
            ({"type": "array", "items": {"type": "string"}}, True, "Sequence[str]"),
            ({"type": "array", "items": {"type": "string"}}, False, "list[str]"),
            ({"type": "object", "additionalProperties": {"type": "number"}}, False, "dict[str, float]"),
            ({"enum": ["a", "b"]}, True, "Literal['a', 'b']"),
            ({"enum": ["a", "b"]}, False, "Literal['a', 'b'] | str"),
            ({"$ref": "#/components/schemas/TextItem"}, True, "TextItem | Mapping[str, JsonValue]"),
            ({"type": "string", "format": "date-time"}, False, "datetime"),
            (
                {"prefixItems": [{"type": "integer"}, {"type": "number"}], "type": "array"},
                False,
                "tuple[int, float]",
            ),
        ],
    )
    def test_schemas_are_types_of_python(self, schema: dict[str, object], asked: bool, type_: str) -> None:
        assert annotation(schema, asked=asked) == type_

    def test_unknown_type_is_refused(self) -> None:
        with pytest.raises(ValueError, match="decimal"):
            annotation({"type": "decimal"})

    def test_descriptions_stay_one_docstring(self) -> None:
        assert docstring('Says """hello""".', "") == "\"\"\"Says '''hello'''.\"\"\"\n"


class TestWhole:
    def test_every_operation_with_an_answer_has_a_method(self) -> None:
        named = {(one.verb.lower(), one.path) for one in operations_of(DOCUMENT)}
        every = {(verb, path) for path, verbs in DOCUMENT["paths"].items() for verb in verbs}
        assert every - named == {("get", "/api/errors/{code}")}

    def test_every_model_can_be_built(self) -> None:
        built = [
            one for one in vars(models).values() if isinstance(one, type) and issubclass(one, models.Model)
        ]
        assert len(built) > 200
        for model in built:
            model.model_rebuild(raise_errors=True)

    def test_newer_platforms_may_say_more(self) -> None:
        item = models.TextItem.model_validate({"type": "text", "text": "a", "tone": "kind"})
        assert item.model_dump()["tone"] == "kind"
        change = models.StateChange.model_validate({"type": "state", "state": "paused"})
        assert change.state == "paused"
