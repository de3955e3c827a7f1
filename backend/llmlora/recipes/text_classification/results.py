"""What a run leaves: the classifier, whole and proved, and how good it is."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from peft import PeftModel
from torch import Tensor

from llmlora.contracts.evaluation import FILE, MOST_MISTAKES, REPORT, Evaluation, Mistake
from llmlora.contracts.events import ArtifactKind, Progress, Report
from llmlora.contracts.prediction import (
    HEAD_NAME,
    HELD_NAME,
    LONGEST_TEXT,
    MOST_ITEMS,
    Head,
    HeldItems,
    TextItem,
)
from llmlora.contracts.run import Context
from llmlora.data.kinds.registry import family_of
from llmlora.kit.files import published_directory, write_atomically
from llmlora.recipes.blocks.adapter import refuse_incomplete as refuse_incomplete_adapter
from llmlora.recipes.blocks.adapter import save_adapter
from llmlora.recipes.blocks.classified import (
    LEVEL,
    RESAMPLES,
    answers_of,
    class_table,
    confusion_of,
    coverage,
    figures,
    majority,
    outcomes_of,
)
from llmlora.recipes.blocks.completeness import moved_since, refuse_incomplete, refuse_other_answers
from llmlora.recipes.blocks.encoder import logits_of
from llmlora.recipes.blocks.loop import LoopResult
from llmlora.recipes.blocks.placement import Placement
from llmlora.recipes.text_classification.rows import Rows
from llmlora.recipes.text_classification.spec import TextClassificationConfig

DIRECTORY, ADAPTER = "classifier", "adapter"
PROVED_TEXTS = 16
CARD = """---
library_name: transformers
pipeline_tag: text-classification
base_model: {reference}
tags: [llmlora]
---

# {job_id}

テキスト分類 / text classification

| | |
|---|---|
| base model | `{reference}` |
| base weights (sha256) | `{weights_digest}` |
| data set | `{dataset_id}` ({rows} rows, sha256 `{dataset_sha256}`) |
| labels | {labels} |
| method | {method} |
| steps | {steps} |

## Metrics

{metrics}

## Use

```python
from transformers import pipeline

classify = pipeline("text-classification", model="{directory}", top_k=None)
classify(["…"])
```
"""


@dataclass(frozen=True)
class Trained:
    """What the loop has left. `untrained`: digests of the tensors before it, by the names of the model without an adapter."""

    model: Any
    tokenizer: Any
    untrained: Mapping[str, bytes]
    max_length: int
    placement: Placement
    result: LoopResult


def publish(
    config: TextClassificationConfig, trained: Trained, rows: Rows, asked: Tensor | None, ctx: Context
) -> None:
    """Announce the evaluation, where rows were kept for one, then the classifier. `asked`: logits (N, C) of the test rows.

    Raises:
        AppError: what was written is not what was trained; nothing is announced then.
        RunCancelledError: SIGTERM was seen.
    """
    target = ctx.run_dir / DIRECTORY
    shutil.rmtree(target, ignore_errors=True)
    ctx.emit(Progress(stage="check", done=0, total=1, unit="models"))
    with published_directory(target) as temporary:
        _write(config, trained, rows, temporary, ctx)
    ctx.emit(Progress(stage="check", done=1, total=1, unit="models"))
    found = None if asked is None else evaluation_of(config, rows, asked, ctx)
    if found is not None:
        ctx.emit(Report(name=REPORT, body=found.report()))
        path = ctx.run_dir / FILE
        write_atomically(path, found.model_dump_json(indent=1).encode())
        ctx.publish(ArtifactKind.REPORT, FILE, path, {one.name: one.value for one in found.figures})
    facts = {} if found is None else {one.name: one.value for one in found.figures}
    ctx.publish(ArtifactKind.MODEL, DIRECTORY, target, {**trained.result.metrics, **facts})


def evaluation_of(config: TextClassificationConfig, rows: Rows, asked: Tensor, ctx: Context) -> Evaluation:
    """On rows that were neither learned from nor stopped by. `asked`: their logits (N, C)."""
    expected = rows.marks[list(rows.test)]
    answers = answers_of(asked.double().numpy(), expected, several=rows.several, threshold=config.threshold)
    overall, each = figures(answers, config.seed)
    numbers = [rows.examples[at].row for at in rows.test]
    outcomes = outcomes_of(answers, rows.labels, numbers)
    wrong = sorted((one for one in outcomes if not one.correct), key=lambda one: -one.confidence)
    dataset = ctx.spec.inputs.dataset()
    family, by_row = family_of(dataset.kind), {one.row: one for one in rows.examples}
    return Evaluation(
        kind=dataset.kind,
        dataset_id=dataset.id,
        dataset_sha256=dataset.sha256,
        rows=len(rows.test),
        labels=rows.labels,
        several=rows.several,
        seed=config.seed,
        confidence_level=LEVEL,
        resamples=RESAMPLES,
        figures=overall,
        baseline=majority(expected, rows.marks[list(rows.train)], config.seed),
        classes=class_table(answers, rows.labels, each),
        confusion=None if rows.several else confusion_of(answers, rows.labels),
        curves=(coverage(answers),),
        mistakes=tuple(
            Mistake(outcome=one, example=family.shown(by_row[one.row]).model_dump(mode="json"))
            for one in wrong[:MOST_MISTAKES]
        ),
        outcomes=outcomes,
    )


def _write(
    config: TextClassificationConfig, trained: Trained, rows: Rows, directory: Path, ctx: Context
) -> None:
    """The directory's files, each tensor that moved and the answers of a new process compared with what was trained."""
    texts = _held_texts(rows)
    model = trained.model.cpu().float().eval()
    proved = texts[:PROVED_TEXTS]
    logits = logits_of(model, trained.tokenizer, proved, trained.max_length)
    if isinstance(model, PeftModel):
        save_adapter(model, directory / ADAPTER)
        refuse_incomplete_adapter(model, directory / ADAPTER)
        model = model.merge_and_unload()
    moved = moved_since(trained.untrained, model)
    model.save_pretrained(str(directory))
    refuse_incomplete(model, moved, directory)
    trained.tokenizer.save_pretrained(directory)
    head = Head(
        task="multi_label" if rows.several else "single_label",
        labels=rows.labels,
        max_length=trained.max_length,
        threshold=config.threshold,
    )
    (directory / HEAD_NAME).write_text(head.model_dump_json(indent=1), encoding="utf-8")
    held = HeldItems(items=tuple(TextItem(type="text", text=text) for text in texts))
    (directory / HELD_NAME).write_text(held.model_dump_json(indent=1), encoding="utf-8")
    difference = refuse_other_answers(directory, proved, logits, rows.labels, trained.max_length, ctx)
    ctx.log(
        f"{len(moved)} 個の重みが学習で変わり、すべて保存されています。別のプロセスで読み込んだときの出力の差は最大 {difference:.1e} です / "
        f"all {len(moved)} tensors that the training changed are saved; loaded by a new process, the outputs differ by at most {difference:.1e}"
    )
    _write_card(config, trained, rows, directory, ctx, len(moved))


def _held_texts(rows: Rows) -> list[str]:
    """Texts that were not learned from, as far as there are such; what is asked to prove a copy."""
    order = (*rows.test, *rows.held_out, *rows.train)
    texts = dict.fromkeys(rows.examples[at].text for at in order)
    return [text for text in texts if len(text) <= LONGEST_TEXT and text.strip()][:MOST_ITEMS]


def _write_card(
    config: TextClassificationConfig,
    trained: Trained,
    rows: Rows,
    directory: Path,
    ctx: Context,
    moved: int,
) -> None:
    dataset, base = ctx.spec.inputs.dataset(), ctx.spec.inputs.base_model()
    result = trained.result
    arguments = {
        "recipe": ctx.spec.recipe,
        "job_id": ctx.spec.job_id,
        "config": config.model_dump(mode="json"),
        "base_model": base.reference,
        "base_weights_digest": base.weights_digest,
        "tokenizer_hash": base.tokenizer_hash,
        "config_hash": base.config_hash,
        "dataset_id": dataset.id,
        "dataset_sha256": dataset.sha256,
        "labels": rows.labels,
        "device": trained.placement.device.type,
        "precision": trained.placement.precision,
        "threads": trained.placement.threads,
        "ledger": rows.ledger.model_dump(mode="json"),
        "rows": {"train": len(rows.train), "eval": len(rows.held_out), "test": len(rows.test)},
        "moved_tensors": moved,
        "steps": result.steps,
        "stopped_early": result.stopped_early,
        "metrics": result.metrics,
    }
    text = json.dumps(arguments, ensure_ascii=False, indent=2)
    (directory / "training_args.json").write_text(text, encoding="utf-8")
    card = CARD.format(
        job_id=ctx.spec.job_id,
        reference=base.reference,
        weights_digest=base.weights_digest,
        dataset_id=dataset.id,
        dataset_sha256=dataset.sha256,
        rows=len(rows.examples),
        labels=", ".join(rows.labels),
        method=config.method,
        steps=result.steps,
        directory=DIRECTORY,
        metrics="\n".join(f"- {name}: {value:.6g}" for name, value in sorted(result.metrics.items())),
    )
    (directory / "README.md").write_text(card, encoding="utf-8")
