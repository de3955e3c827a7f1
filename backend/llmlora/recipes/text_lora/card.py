"""What lies beside an adapter: `training_args.json` for programs, a model card for people."""

import json
from pathlib import Path

from llmlora.contracts.run import RunSpec
from llmlora.data.token_ledger import Ledger
from llmlora.recipes.blocks.loop import LoopResult
from llmlora.recipes.blocks.placement import Placement
from llmlora.recipes.text_lora.spec import TextLoraConfig

CARD = """---
library_name: peft
base_model: {reference}
tags: [lora, llmlora]
---

# {job_id}

LoRA アダプター / LoRA adapter

| | |
|---|---|
| base model | `{reference}` |
| base weights (sha256) | `{weights_digest}` |
| data set | `{dataset_id}` ({rows} rows, sha256 `{dataset_sha256}`) |
| rank, alpha | {rank}, {alpha} |
| steps | {steps} |
| supervised tokens | {supervised_tokens} |
| precision | {precision} on {device} |

## Metrics

{metrics}

## Use

```python
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

base = AutoModelForCausalLM.from_pretrained("{base_path}")
model = PeftModel.from_pretrained(base, "final_model")
tokenizer = AutoTokenizer.from_pretrained("final_model")
```
"""


def write_card(
    directory: Path,
    config: TextLoraConfig,
    spec: RunSpec,
    ledger: Ledger,
    placement: Placement,
    result: LoopResult,
) -> None:
    """Write both files into `directory`."""
    dataset, base = spec.inputs.dataset(), spec.inputs.base_model()
    arguments = {
        "recipe": spec.recipe,
        "job_id": spec.job_id,
        "config": config.model_dump(mode="json"),
        "base_model": base.reference,
        "base_weights_digest": base.weights_digest,
        "tokenizer_hash": base.tokenizer_hash,
        "template_hash": base.template_hash,
        "config_hash": base.config_hash,
        "dataset_id": dataset.id,
        "dataset_sha256": dataset.sha256,
        "device": placement.device.type,
        "precision": placement.precision,
        "threads": placement.threads,
        "ledger": ledger.model_dump(mode="json"),
        "steps": result.steps,
        "stopped_early": result.stopped_early,
        "metrics": result.metrics,
    }
    (directory / "training_args.json").write_text(json.dumps(arguments, ensure_ascii=False, indent=2))
    card = CARD.format(
        job_id=spec.job_id,
        reference=base.reference,
        weights_digest=base.weights_digest,
        base_path=base.path,
        dataset_id=dataset.id,
        dataset_sha256=dataset.sha256,
        rows=ledger.rows_kept,
        rank=config.rank,
        alpha=config.effective_alpha,
        steps=result.steps,
        supervised_tokens=ledger.supervised_tokens,
        precision=placement.precision,
        device=placement.device.type,
        metrics="\n".join(f"- {name}: {value:.6g}" for name, value in sorted(result.metrics.items())),
    )
    (directory / "README.md").write_text(card)
