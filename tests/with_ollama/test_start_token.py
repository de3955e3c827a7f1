"""Case 18 on Ollama: a start token that the base's tokenizer adds and the training's template does not write."""

import json
from pathlib import Path

import pytest

from llmlora.contracts.run import BaseModelInput
from llmlora.recipes.blocks.tokenizer import HfChatTokenizer, load_tokenizer
from llmlora.recipes.deploy_ollama.attempt import learn

from tests.cases.tiny import CHATML, tokenizer_files

START = "<|endoftext|>"


def tokenizer(source: Path, directory: Path, template: str, *, adds_start: bool) -> HfChatTokenizer:
    tokenizer_files(source, directory, template=template)
    path = directory / "tokenizer.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    if adds_start:
        start = {"SpecialToken": {"id": START, "type_id": 0}}
        document["post_processor"] = {
            "type": "TemplateProcessing",
            "single": [start, {"Sequence": {"id": "A", "type_id": 0}}],
            "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
            "special_tokens": {START: {"id": START, "ids": [0], "tokens": [START]}},
        }
    path.write_text(json.dumps(document), encoding="utf-8")
    config = directory / "tokenizer_config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | {"bos_token": START}))
    return load_tokenizer(directory)


class TestStart:
    @pytest.mark.parametrize(
        ("template", "adds_start", "beside_its_base", "merged"),
        [
            (CHATML, True, START, ""),  # only a merged model is asked as it was trained
            ("{{ bos_token }}" + CHATML, True, START, START),
            (CHATML, False, "", ""),
        ],
        ids=["added and not written", "added and written", "neither"],
    )
    def test_of_each_form(
        self, template: str, adds_start: bool, beside_its_base: str, merged: str,
        bundled_model: BaseModelInput, tmp_path: Path,
    ) -> None:  # fmt: skip
        known = learn(tokenizer(bundled_model.path, tmp_path / "t", template, adds_start=adds_start))
        assert (known.start_of(merged=False), known.start_of(merged=True)) == (beside_its_base, merged)
        assert known.leaves_start_out is (beside_its_base != merged)
