"""A studio that has seen much: a running job of many steps, a long line of waiting jobs, many data sets and models."""

import shutil
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from llmlora.contracts.events import StateChange
from llmlora.contracts.states import JobState
from llmlora.engine.embedded.services import open_database
from llmlora.engine.jobs.capacity import Capacity, Slots
from llmlora.engine.jobs.event_store import append_state
from llmlora.engine.jobs.queue import claim_next_job
from llmlora.features.jobs.repository import keep_job
from llmlora.kit.clock import utc_now
from llmlora.kit.ids import new_id
from llmlora.kit.settings import Settings
from llmlora.tables.base_model import BaseModelRow
from llmlora.tables.job import JobRow

CURVES = {
    "train/loss": "0.2 + 3 * exp(-step / 9000.0) + 0.1 * sin(step / 3.0)",
    "eval/loss": "0.3 + 3 * exp(-step / 9000.0)",
    "train/learning_rate": "2e-4 * (1 - step / 60000.0)",
    "train/grad_norm": "1 + 0.5 * sin(step / 7.0)",
    "train/tokens_per_s": "900 + 30 * sin(step / 50.0)",
    "memory/bytes": "1e9 + 1e6 * sin(step / 500.0)",
}
EVENTS_A_STEP = 3
FAR_AWAY = timedelta(days=30)


# Of a base model, beside its columns.
FACTS = {
    "files": {}, "requested": [], "ignored_files": [], "gguf_sha256": None,
    "model_type": "llama", "vocab_size": 32_000, "dtype": "F32", "eos_token": "</s>", "linear_layers": {"q_proj": 2, "v_proj": 2},
}  # fmt: skip


@dataclass(frozen=True)
class History:
    """Ids of two running jobs, one a thousand times as long, and how many of the rest there are."""

    short_job: str
    long_job: str
    waiting: int
    datasets: int
    models: int


async def record_history(
    data_dir: Path, *, short: int, long: int, waiting: int, datasets: int, models: int
) -> History:
    """Write it into the database of a running studio; nothing of it is ever taken by its worker.

    There has to be a data set already, whose row is copied under other names.
    """
    async with open_database(Settings(data_dir=data_dir)) as database, database.unit_of_work() as session:
        short_job, long_job = [await _running_job(session, steps) for steps in (short, long)]
        for place in range(waiting):
            await _waiting_job(session, f"待つ学習 {place + 1:03}")
        copied = """
            INSERT INTO dataset
            SELECT (jsonb_populate_record(CAST(NULL AS dataset), to_jsonb(one) || jsonb_build_object(
                'id', 'ds_copy' || n, 'name', 'データ ' || lpad(CAST(n AS text), 3, '0'), 'created_at', now() - n * interval '1 minute'
            ))).*
            FROM (SELECT * FROM dataset ORDER BY created_at LIMIT 1) AS one, generate_series(1, :count) AS n
        """
        await session.execute(text(copied), {"count": datasets})
        one = await session.scalar(
            text("SELECT id FROM dataset WHERE id NOT LIKE 'ds_copy%' ORDER BY created_at LIMIT 1")
        )
        for number in range(1, datasets + 1):
            shutil.copytree(data_dir / "datasets" / one, data_dir / "datasets" / f"ds_copy{number}")
        for number in range(1, models + 1):
            session.add(_base_model(f"hf:history/model-{number:03}", number))
    return History(short_job, long_job, waiting, datasets, models)


def _base_model(reference: str, minutes_ago: int) -> BaseModelRow:
    """One that can be chosen, and chatted with as far as the list knows."""
    id_ = new_id("model")
    return BaseModelRow(
        id=id_,
        reference=reference,
        source="hf",
        path=f"models/{id_}",
        gguf_path=f"models/{id_}/model.gguf",
        architecture="LlamaForCausalLM",
        parameters=1,
        context_length=2048,
        weights_digest=id_,
        tokenizer_hash=id_,
        size_bytes=1,
        facts=FACTS,
        created_at=utc_now() - timedelta(minutes=minutes_ago),
    )


async def _waiting_job(session: AsyncSession, name: str) -> None:
    job = _job(name, JobState.QUEUED)
    job.next_run_at = utc_now() + FAR_AWAY
    await keep_job(session, job, ())
    await append_state(session, job, StateChange(state=JobState.QUEUED))


async def _running_job(session: AsyncSession, steps: int) -> str:
    """Claimed by a worker that never ends its lease, with curves, log lines and signs of progress."""
    job = _job(f"{steps} ステップ", JobState.QUEUED)
    await keep_job(session, job, ())
    free = Slots(Capacity(cpus=64, gpus=(), memory_bytes=1 << 50, identity="-", born="-")).free()
    claimed = await claim_next_job(session, "wk_history", free, only=frozenset({job.id}))
    assert claimed is not None
    claimed.lease_until = utc_now() + FAR_AWAY
    first = claimed.head_seq + 1
    claimed.head_seq += EVENTS_A_STEP * steps
    claimed.progress = {"stage": "train", "done": steps, "total": steps * 2, "unit": "steps", "eta_s": 600}
    claimed.latest_metrics = {"train/loss": {"step": steps, "value": 0.25}}
    await session.flush()
    values = {"job": job.id, "steps": steps, "first": first, "per_step": EVENTS_A_STEP}
    for name, value in CURVES.items():
        every = max(1, steps // 50) if name.startswith("eval/") else 1
        points = f"""
            INSERT INTO metric_point (job_id, name, step, epoch, value, at)
            SELECT :job, :name, step, 1, {value}, now() FROM generate_series(1, :steps, :every) AS step
        """
        await session.execute(text(points), {"job": job.id, "name": name, "steps": steps, "every": every})
    roll_up = "SELECT roll_up_points(:job, CAST(:names AS varchar[]), 0, :steps)"
    await session.execute(text(roll_up), {"job": job.id, "names": list(CURVES), "steps": steps})
    bodies = {
        0: "json_build_object('type', 'metrics', 'step', step, 'values', json_build_object('train/loss', 0.25))",
        1: "json_build_object('type', 'log', 'level', 'info', 'message', 'step ' || step || ' of ' || :steps)",
        2: "json_build_object('type', 'progress', 'stage', 'train', 'done', step, 'total', 2 * :steps, 'unit', 'steps')",
    }
    types = {0: "metrics", 1: "log", 2: "progress"}
    for place, body in bodies.items():
        events = f"""
            INSERT INTO event (job_id, seq, epoch, at, type, body)
            SELECT :job, :first + :per_step * (step - 1) + {place}, 1, now(), '{types[place]}', {body}
            FROM generate_series(1, CAST(:steps AS integer)) AS step
        """
        await session.execute(text(events), values)
    return job.id


def _job(name: str, state: JobState) -> JobRow:
    now = utc_now()
    return JobRow(
        id=new_id("job"),
        name=name,
        recipe="text_lora",
        state=state,
        config={},
        inputs={},
        next_run_at=now - timedelta(minutes=1),  # the clock of a transaction stands where it began
        created_at=now,
    )
