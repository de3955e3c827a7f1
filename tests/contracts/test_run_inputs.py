"""What a run is given: kept in `spec.json` by name and type, read by name, refused in words."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from llmlora.contracts.run import (
    BaseModelInput,
    DatasetInput,
    EndpointInput,
    FileInput,
    RunInputNotGivenError,
    RunInputs,
    RunSpec,
)

BASE: dict[str, Any] = {
    "id": "bm_1",
    "reference": "path:/models/one",
    "path": "/models/one",
    "weights_digest": "w",
    "tokenizer_hash": "t",
    "template_hash": None,
    "gguf": "/models/one.gguf",
}
ROWS: dict[str, Any] = {
    "id": "ds_1", "kind": "text.instruction", "path": "/data/rows.parquet", "sha256": "r", "rows": 3,
}  # fmt: skip
FILE: dict[str, Any] = {"path": "/jobs/job_1/1/final_model", "sha256": "f"}
SERVER: dict[str, Any] = {"engine": "ollama", "base_url": "http://127.0.0.1:11434", "model": "faq:f16"}


class TestMapping:
    def test_any_name_survives_its_own_json(self) -> None:
        given = RunInputs(
            teacher=BaseModelInput(**BASE),
            held_out=DatasetInput(**ROWS),
            draft=FileInput(**FILE),
            judge=EndpointInput(**SERVER),
        )
        read = RunInputs.model_validate_json(given.model_dump_json())
        assert read == given
        assert read.base_model("teacher").gguf == Path("/models/one.gguf")
        assert read.dataset("held_out").rows == 3
        assert read.file("draft").sha256 == "f"
        assert read.endpoint("judge").model == "faq:f16"

    def test_names_of_accessors_are_names_as_any_other(self) -> None:
        given = RunInputs(dataset=DatasetInput(**ROWS), file=FileInput(**FILE), also=FileInput(**FILE))
        assert given.dataset().id == "ds_1"
        assert given.file("file") == given.file("also")

    def test_what_is_added_leaves_the_rest(self) -> None:
        given = RunInputs(base_model=BaseModelInput(**BASE))
        more = given.also(endpoint=EndpointInput(**SERVER), adapter=None)
        assert (more.endpoint().engine, more.base_model().id) == ("ollama", "bm_1")
        assert "adapter" not in more
        assert "endpoint" not in given

    @pytest.mark.parametrize("wrong", [{"type": "model"}, "a path", {"type": "file"}])
    def test_what_is_no_reference_is_refused(self, wrong: Any) -> None:
        with pytest.raises(ValidationError):
            RunInputs.model_validate({"adapter": wrong})


class TestMissing:
    @pytest.mark.parametrize(
        ("kind", "ja", "en"),
        [
            ("dataset", "データを指定", "a data set"),
            ("base_model", "ベースモデルを指定", "a base model"),
            ("file", "ファイルを指定", "a file"),
            ("endpoint", "推論サーバーを指定", "a running inference server"),
        ],
    )
    def test_is_told_by_its_name(self, kind: str, ja: str, en: str) -> None:
        with pytest.raises(RunInputNotGivenError) as caught:
            getattr(RunInputs(), kind)("teacher")
        assert "teacher" in caught.value.detail("ja")
        assert ja in caught.value.detail("ja")
        assert en in caught.value.detail("en")

    def test_other_sort_under_the_name_is_as_good_as_none(self) -> None:
        with pytest.raises(RunInputNotGivenError, match="a data set"):
            RunInputs(dataset=FileInput(**FILE)).dataset()


class TestFilesOfEarlierReleases:
    def test_references_without_a_type_are_told_by_their_names(self, tmp_path: Path) -> None:
        written = {
            "job_id": "job_1", "epoch": 2, "recipe": "text_lora", "config": {}, "data_dir": str(tmp_path),
            "inputs": {
                "dataset": ROWS, "base_model": BASE, "adapter": FILE, "adapter_gguf": None, "base_gguf": FILE,
                "endpoint": SERVER,
            },
            "resources": {"device": "cpu", "cores": None, "threads": 1}, "resume_from": None, "resume_else": [],
            "exports": [{"target": "adapter", "outtype": "f16"}],
        }  # fmt: skip
        spec = RunSpec.model_validate(written)
        assert spec.inputs.dataset().sha256 == "r"
        assert spec.inputs.base_model().reference == "path:/models/one"
        assert spec.inputs.file("adapter") == spec.inputs.file("base_gguf")
        assert spec.inputs.endpoint().model == "faq:f16"
        assert "adapter_gguf" not in spec.inputs
        assert spec.followers == ()
