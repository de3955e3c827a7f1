"""Trains a LoRA adapter: ledger → model → loop → `final_model/`."""

import hashlib
import math
import shutil
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from transformers import AutoConfig

from llmlora.contracts.events import ArtifactKind, Progress, Report
from llmlora.contracts.recipe import number_of
from llmlora.contracts.run import BaseModelInput, Context, DatasetInput
from llmlora.data.held import HELD_PROMPTS_FILE, HeldPromptCollector, HeldPrompts
from llmlora.data.kinds.registry import kind_words
from llmlora.data.kinds.text.ledger import build_ledger
from llmlora.data.kinds.text.names import CHAT, COMPLETION, INSTRUCTION
from llmlora.data.kinds.text.stored import read_texts
from llmlora.data.mask import row_length
from llmlora.data.token_ledger import Ledger
from llmlora.data.token_table import TokenTable
from llmlora.kit.errors import InvalidInputError
from llmlora.kit.files import published_directory
from llmlora.recipes.blocks.adapter import (
    add_adapter,
    does_nothing,
    refuse_incomplete,
    save_adapter,
    trainable_parameters,
)
from llmlora.recipes.blocks.attention import choose_attention
from llmlora.recipes.blocks.base_model import load_causal_lm, refuse_id_beyond, refuse_tokens_beyond
from llmlora.recipes.blocks.batches import BatchPlan, plan_batches, split_rows
from llmlora.recipes.blocks.cancelling import stop_if_cancelled, stop_within_passes, until_cancelled
from llmlora.recipes.blocks.checkpoint import load_state, whole_checkpoint
from llmlora.recipes.blocks.divergence import Circumstances
from llmlora.recipes.blocks.gguf.rehearsal import Intention, rehearse_exports
from llmlora.recipes.blocks.head import head_stands_alone, summed_loss
from llmlora.recipes.blocks.head_rows import head_rows
from llmlora.recipes.blocks.loop import LoopResult, LoopSettings, train
from llmlora.recipes.blocks.memory import should_recompute
from llmlora.recipes.blocks.placement import Placement, choose_placement, tune_threads
from llmlora.recipes.blocks.segments import lay_end_to_end
from llmlora.recipes.blocks.tokenizer import HfChatTokenizer, load_tokenizer
from llmlora.recipes.text_lora.card import write_card
from llmlora.recipes.text_lora.forgetting_report import forgetting_report, perplexities
from llmlora.recipes.text_lora.spec import TextLoraConfig


class WrongDatasetKindError(InvalidInputError):
    """The recipe does not take this kind of data set."""

    code = "wrong_dataset_kind"
    ja = "このレシピでは、{kind}のデータを使えません。使える種類: {known}"
    en = "This recipe cannot use data of the kind {kind}. It can use: {known}"


class MaxLengthBeyondContextError(InvalidInputError):
    """Rows longer than the model can see were asked for."""

    code = "max_length_beyond_context"
    ja = "最大長（max_length）{max_length} は、モデルの文脈長 {context} を超えています。{context} 以下にしてください。"
    en = "max_length {max_length} exceeds the context of the model, {context}. Use at most {context}."


@dataclass(frozen=True)
class TextTask:
    """Next-token prediction on the supervised tokens. A batch is a list of row indices of the table."""

    model: torch.nn.Module
    table: TokenTable
    plan: BatchPlan
    held_out: tuple[int, ...]
    placement: Placement
    joined: bool
    """Rows of a batch share one forward pass; False for models that would mix them."""
    head_rows: int | None
    """Positions that meet the head at a time; None: all."""
    ctx: Context

    @property
    def steps_per_epoch(self) -> int:
        """Optimizer steps an epoch."""
        return self.plan.steps_per_epoch

    def batches_of(self, step: int) -> list[list[int]]:
        """Forward passes of a step; one row each where rows must not share a pass."""
        batches = self.plan.batches_of(step)
        return batches if self.joined else [[row] for batch in batches for row in batch]

    def weight(self, batch: list[int]) -> int:
        """Supervised tokens."""
        return int(self.table.supervised[batch].sum())

    def tokens(self, batch: list[int]) -> int:
        """All tokens."""
        return int(self.table.lengths[batch].sum())

    def loss_sum(self, batch: list[int]) -> Tensor:
        """Negative log-likelihood summed over the supervised tokens: () float32."""
        rows = [
            (torch.from_numpy(self.table.ids(i).astype("int64")), torch.from_numpy(self.table.mask(i)))
            for i in batch
        ]
        return summed_loss(self.model, lay_end_to_end(rows, self.placement.device), self.head_rows)

    def shown(self, loss: float, seen_weight: int) -> dict[str, float]:
        """Perplexity, and how much was learned from."""
        return {
            "train/perplexity": math.exp(min(loss, 80.0)),
            "train/supervised_tokens": float(seen_weight),
        }

    def typical_pass(self) -> None:
        """Forwards and backwards over a batch of middling length, for timing; leaves no gradients."""
        batches = sorted(self.batches_of(0), key=self.tokens)
        with self.placement.autocast():
            loss = self.loss_sum(batches[len(batches) // 2])
        loss.backward()  # type: ignore[no-untyped-call]
        self.model.zero_grad(set_to_none=True)

    @torch.no_grad()
    def text_loss(self, ids: Tensor) -> tuple[float, int]:
        """Of a text (T,) int64: its negative log-likelihood, all tokens but the first supervised, and their number."""
        mask = torch.ones(len(ids), dtype=torch.bool)
        self.model.eval()
        with self.placement.autocast():
            segments = lay_end_to_end([(ids, mask)], self.placement.device)
            loss = summed_loss(self.model, segments, self.head_rows).item()
        self.model.train()
        return loss, len(segments.labels)

    @torch.no_grad()
    def evaluate(self) -> dict[str, float]:
        """Mean loss per supervised token and its exponential over the held-out rows.

        Raises:
            RunCancelledError: SIGTERM was seen.
        """
        if not self.held_out:
            return {}
        self.model.eval()
        size = self.plan.batch_size if self.joined else 1
        total, weight = 0.0, 0
        for at in range(0, len(self.held_out), size):
            stop_if_cancelled(self.ctx)
            batch = list(self.held_out[at : at + size])
            with self.placement.autocast():
                total += self.loss_sum(batch).item()
            weight += self.weight(batch)
        self.model.train()
        mean = total / max(weight, 1)
        return {"loss": mean, "perplexity": float(torch.tensor(mean).clamp(max=80).exp())}


def run(config: TextLoraConfig, ctx: Context) -> None:
    """Train and publish the adapter.

    Raises:
        AppError: the data, the settings or the machine do not allow it; the message says what to change.
        RunCancelledError: SIGTERM was seen; a checkpoint was saved.
    """
    dataset, base = ctx.spec.inputs.dataset(), ctx.spec.inputs.base_model()
    torch.manual_seed(config.seed)
    tokenizer = load_tokenizer(base.path)
    described = AutoConfig.from_pretrained(base.path, local_files_only=True, trust_remote_code=False)
    vocabulary = int(described.get_text_config().vocab_size)
    refuse_tokens_beyond(tokenizer.inner, vocabulary)
    max_length = _max_length(config, described)
    held = HeldPromptCollector()
    table, ledger = _count(config, dataset, tokenizer, max_length, held, ctx)
    refuse_id_beyond(tokenizer.inner, vocabulary, table.largest_id)
    # Converters look the end of text up by this name: it has to be the token that ends a turn.
    if ledger.end_of_turn is not None and ledger.end_of_turn in tokenizer.special_texts:
        tokenizer.end_turns_with(ledger.end_of_turn)
    rehearse_exports(ctx, _intention(config, tokenizer, ledger))
    placement = choose_placement(_resources(ctx), config.precision)
    task, model = _prepare(config, base, table, placement, max_length, ctx)
    if _resources(ctx).threads is None:
        # However often it is timed, the same dropout follows. Only the CPU's generator: to look at a GPU's takes its memory.
        with torch.random.fork_rng(devices=[]):
            task = replace(task, placement=tune_threads(placement, task.typical_pass))
    ctx.log(
        f"{placement.device.type} {placement.precision}, {task.placement.threads} threads; "
        f"{sum(p.numel() for p in trainable_parameters(model).values()):,} trainable parameters"
    )
    settings = _loop_settings(config, task.plan, fingerprint_of(config, dataset, base))
    # A new adapter changes nothing, also where a checkpoint is about to take its place: this is the base.
    before = (
        perplexities(tokenizer, _context(described), task.text_loss) if config.measure_forgetting else None
    )
    # From here on there is something to lose: the loop looks at `cancelled`, saves and leaves by itself.
    with ctx.without_interruption():
        result = train(task, trainable_parameters(model), settings, task.placement, ctx)
        if does_nothing(model):
            raise Circumstances(config.learning_rate, placement.precision, result.steps).unmoved(result.steps)
        if before is not None:
            after = perplexities(tokenizer, _context(described), task.text_loss)
            ctx.emit(Report(name="forgetting", body=forgetting_report(before, after)))
        prompts = held.pick(set(range(len(table))).difference(task.held_out))
        _publish(config, model, tokenizer, ledger, prompts, task.placement, result, ctx)


def fingerprint_of(config: TextLoraConfig, dataset: DatasetInput, base: BaseModelInput) -> str:
    """What a checkpoint must share with the run that resumes from it."""
    # One is looked at, not trained on; of the other the two settings tell that it has become.
    steps = config.model_dump_json(exclude={"measure_forgetting", "effective_batch_size"})
    text = f"{steps}\n{dataset.sha256}\n{base.identity}"
    return hashlib.sha256(text.encode()).hexdigest()


def _resources(ctx: Context) -> Any:
    """A resumed run keeps its thread count: sums then round as before."""
    resources = ctx.spec.resources
    if resources.threads is not None or (checkpoint := whole_checkpoint(ctx.spec)) is None:
        return resources
    return resources.model_copy(update={"threads": load_state(checkpoint)["threads"]})


def _context(described: Any) -> int | None:
    """Tokens that the model sees; None where it does not say."""
    context: int | None = getattr(described.get_text_config(), "max_position_embeddings", None)
    return context


def _max_length(config: TextLoraConfig, described: Any) -> int:
    context = _context(described)
    if config.max_length and context and config.max_length > context:
        raise MaxLengthBeyondContextError(max_length=config.max_length, context=context)
    return row_length(config.max_length, context)


def _count(
    config: TextLoraConfig,
    dataset: DatasetInput,
    tokenizer: HfChatTokenizer,
    max_length: int,
    held: HeldPromptCollector,
    ctx: Context,
) -> tuple[TokenTable, Ledger]:
    kinds = {INSTRUCTION, CHAT, COMPLETION}
    if dataset.kind not in kinds:
        raise WrongDatasetKindError(kind=kind_words(dataset.kind), known=kind_words(*sorted(kinds)))
    table, ledger = build_ledger(
        until_cancelled(read_texts(dataset.path), ctx),
        tokenizer,
        max_length=max_length,
        loss_on=config.loss_on,
        directory=ctx.run_dir / "tokens",
        on_rows=lambda rows: ctx.emit(Progress(stage="tokenize", done=rows, total=dataset.rows, unit="rows")),
        on_whole=held.note,
    )
    ctx.emit(Progress(stage="tokenize", done=dataset.rows, total=dataset.rows, unit="rows"))
    ctx.emit(Report(name="ledger", body=ledger.model_dump(mode="json")))
    return table, ledger


def _prepare(
    config: TextLoraConfig,
    base: BaseModelInput,
    table: TokenTable,
    placement: Placement,
    max_length: int,
    ctx: Context,
) -> tuple[TextTask, Any]:
    ctx.emit(Progress(stage="load", done=0, total=1, unit="models"))
    model = load_causal_lm(base.path, dtype=placement.dtype)
    model.to(placement.device)
    joined = _choose_attention(model, placement.device, int(table.lengths.max()), ctx)
    at_once = _choose_head_rows(model, placement.device, ctx)
    torch.manual_seed(config.seed)
    adapted = _with_adapter(config, model, rank=config.rank)
    rows, held_out = split_rows(len(table), config.eval_split, config.seed)
    plan = plan_batches(
        rows,
        table.lengths.tolist(),
        batch_size=number_of(config.batch_size),
        gradient_accumulation=config.gradient_accumulation,
        pack_to=max_length if config.packing else None,
        seed=config.seed,
    )
    if should_recompute(config.gradient_checkpointing, model, placement, _longest_pass(plan, table, joined)):
        model.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
        ctx.log("gradient checkpointing is on")
    adapted.train()
    stop_within_passes(adapted, ctx)
    ctx.emit(Progress(stage="load", done=1, total=1, unit="models"))
    return TextTask(adapted, table, plan, tuple(held_out), placement, joined, at_once, ctx=ctx), adapted


def _choose_attention(model: Any, device: torch.device, longest: int, ctx: Context) -> bool:
    """Whether the rows of a batch share a pass. `longest`: tokens of the longest row."""
    chosen = choose_attention(model, device, longest)
    if chosen.reason is not None:
        ctx.log(
            f"{chosen.reason}: its own attention is used, every row gets a pass of its own", level="warning"
        )
    return chosen.joined


def _choose_head_rows(model: Any, device: torch.device, ctx: Context) -> int | None:
    vocabulary = int(model.config.get_text_config().vocab_size)
    row = torch.arange(8) % vocabulary, torch.ones(8, dtype=torch.bool)
    if head_stands_alone(model, lay_end_to_end([row], device)):
        return head_rows(vocabulary)
    ctx.log(
        "the model's head cannot be asked in parts: the logits of a pass are made at once", level="warning"
    )
    return None


def _with_adapter(config: TextLoraConfig, model: Any, *, rank: int) -> Any:
    return add_adapter(
        model,
        rank=rank,
        alpha=config.effective_alpha,
        dropout=config.dropout,
        target_modules=config.target_modules,
        rslora=config.rslora,
        dora=config.dora,
    )


def _intention(config: TextLoraConfig, tokenizer: HfChatTokenizer, ledger: Ledger) -> Intention:
    shaping = config.model_dump_json(include={"rank", "alpha", "target_modules", "rslora", "dora"})
    return Intention(
        put_on=partial(_with_adapter, config),
        rank=config.rank,
        settings=shaping,
        tokenizer=tokenizer.inner,
        end_of_turn=ledger.end_of_turn,
    )


def _longest_pass(plan: BatchPlan, table: TokenTable, joined: bool) -> int:
    """Tokens of the largest forward pass that can occur."""
    units = sorted((int(table.lengths[list(unit)].sum()) for unit in plan.units), reverse=True)
    return sum(units[: plan.batch_size]) if joined else int(table.lengths.max())


def _loop_settings(config: TextLoraConfig, plan: BatchPlan, fingerprint: str) -> LoopSettings:
    return LoopSettings(
        total_steps=plan.total_steps(config.epochs, config.max_steps),
        learning_rate=config.learning_rate,
        schedule=config.schedule,
        warmup_ratio=config.warmup_ratio,
        weight_decay=config.weight_decay,
        clip_norm=config.clip_norm,
        eval_interval=config.eval_interval or plan.steps_per_epoch,
        patience=config.early_stopping_patience,
        watched=config.early_stopping_metric.replace("_", "/"),
        checkpoint_interval=config.checkpoint_interval,
        keep_checkpoints=config.keep_checkpoints,
        fingerprint=fingerprint,
    )


def _publish(
    config: TextLoraConfig,
    model: Any,
    tokenizer: HfChatTokenizer,
    ledger: Ledger,
    prompts: HeldPrompts,
    placement: Placement,
    result: LoopResult,
    ctx: Context,
) -> None:
    """Write `final_model/` in the layout users know and announce it."""
    target = ctx.run_dir / "final_model"
    shutil.rmtree(target, ignore_errors=True)
    with published_directory(target) as temporary:
        save_adapter(model, temporary)
        refuse_incomplete(model, temporary)
        tokenizer.inner.save_pretrained(temporary)
        (temporary / HELD_PROMPTS_FILE).write_text(prompts.model_dump_json(indent=1), encoding="utf-8")
        write_card(temporary, config, ctx.spec, ledger, placement, result)
    _drop_tokens(ctx.run_dir / "tokens")
    ctx.publish(ArtifactKind.ADAPTER, "final_model", target, dict(result.metrics))


def _drop_tokens(directory: Path) -> None:
    shutil.rmtree(directory, ignore_errors=True)
