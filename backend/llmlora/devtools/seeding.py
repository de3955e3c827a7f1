"""Real things for pictures and measurements, made over HTTP: data sets, trainings that end well and badly, a chat."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx

from llmlora.contracts.errors import JobFailedError
from llmlora.contracts.states import STATE_WORDS, JobState
from llmlora.devtools.studio import say
from llmlora.entry.client import problem_error

LEVEL_1 = Path(__file__).parents[3] / "tutorial" / "datasets" / "level1_basic.json"
BASE = "bundled:smollm2-135m-instruct"
# Learns the five answers of the first course by heart.
TAUGHT: dict[str, Any] = {
    "rank": 4, "alpha": 8, "learning_rate": 0.002, "schedule": "constant", "warmup_ratio": 0,
    "epochs": 8, "batch_size": 1, "checkpoint_interval": 10,
}  # fmt: skip
OTHER_RATE: dict[str, Any] = {
    **TAUGHT,
    "epochs": 4,
    "learning_rate": 0.0005,
    "schedule": "cosine",
    "rank": 8,
    "alpha": 16,
}
# No row fits into so few tokens: the training has to say so.
TOO_SHORT: dict[str, Any] = {**TAUGHT, "max_length": 8}
FINAL = frozenset({"completed", "failed", "cancelled"})
POLL_S = 1.0
QUESTIONS = ("日本の首都はどこですか？", "LoRAとは何ですか？")

FAQ = (
    ("返品はできますか？", "商品が届いてから14日以内であれば返品できます。"),
    ("送料はいくらですか？", "全国一律550円です。5,000円以上のご注文は無料です。"),
    ("領収書は発行できますか？", "マイページの注文履歴から発行できます。"),
    ("届くまで何日かかりますか？", "ご注文から3日ほどでお届けします。"),
    ("支払い方法を教えてください。", "クレジットカード、コンビニ払い、銀行振込が使えます。"),
    ("注文を取り消したいです。", "発送前であれば、マイページから取り消せます。"),
    ("パスワードを忘れました。", "ログイン画面の「パスワードを忘れた方」から再設定してください。"),
    ("海外へ発送できますか？", "申し訳ありませんが、発送は国内のみです。"),
)


class SeedFailedError(JobFailedError):
    """A job that had to end well did not."""

    code = "seed_failed"
    ja = "準備のためのジョブ {name} が完了せずに終わりました（{state}）。{reason_ja}"
    en = "The job {name}, part of the preparation, ended without completing ({state}). {reason_en}"


@dataclass(frozen=True)
class Seeded:
    """Ids of what was made. `model`: the deployed model's name."""

    dataset_id: str
    trained_id: str
    other_id: str
    failed_id: str
    model: str
    session_id: str


def pages_of(seeded: Seeded) -> dict[str, str]:
    """The address of every page that shows what was made, by a name that a file can have."""
    return {
        "home": "/",
        "datasets": "/datasets",
        "dataset": f"/datasets/{seeded.dataset_id}",
        "models": "/models",
        "find-model": "/models/find",
        "training": "/training",
        "training-new": f"/training/new?dataset={seeded.dataset_id}&base={quote(BASE)}",
        "job": f"/training/{seeded.trained_id}",
        "job-failed": f"/training/{seeded.failed_id}",
        "compare": f"/training/compare?ids={seeded.trained_id},{seeded.other_id}",
        "evaluations": "/evaluate",
        "playground": "/playground",
        "chat": f"/chat?session={seeded.session_id}",
        "learn": "/learn",
        "course": "/learn/1",
        "notifications": "/notifications",
        "system": "/system",
    }


async def seed(client: httpx.AsyncClient) -> Seeded:
    """Two data sets, a deployed training, one to compare it with, one that fails, and a chat.

    Raises:
        ProblemError: the API refuses.
        SeedFailedError: a training that had to end well did not.
    """
    say("データを登録しています", "adding data sets")
    course = await add_dataset(client, "level1_basic.json", LEVEL_1.read_bytes(), "はじめての5問")
    faq = await add_dataset(client, "faq.jsonl", _jsonl(FAQ), "お店のFAQ")
    say(
        "学習、変換、配信、検査をしています（1〜3 分）",
        "training, exporting, serving, checking (1–3 minutes)",
    )
    trained = await start_training(client, course, "5問を覚える", TAUGHT, deploy=True)
    await until_over(client, trained)
    model = await _deployed_model(client, trained)
    say(
        "比較のための学習と、失敗する学習を実行しています",
        "running a second training to compare, and one that fails",
    )
    other = await start_training(client, course, "学習率を下げて", OTHER_RATE)
    failed = await start_training(client, faq, "FAQ 短すぎる最大長", TOO_SHORT)
    await until_over(client, other)
    await until_over(client, failed, wanted="failed")
    say("会話しています", "chatting")
    session = await chat(client, [model, BASE], QUESTIONS)
    return Seeded(course, trained, other, failed, model, session)


async def add_dataset(client: httpx.AsyncClient, file_name: str, content: bytes, name: str) -> str:
    """Upload a file; returns the data set's id.

    Raises:
        ProblemError: the API refuses it.
    """
    added = await ask(
        client, "POST", "/api/datasets/upload", files={"file": (file_name, content)}, data={"name": name}
    )
    return str(added["dataset"]["id"])


async def start_training(
    client: httpx.AsyncClient, dataset_id: str, name: str, config: Mapping[str, Any], *, deploy: bool = False
) -> str:
    """Ask for a training, with a deployment behind it if wished; returns its id.

    Raises:
        ProblemError: the API refuses.
    """
    wanted: dict[str, Any] = {
        "name": name, "dataset_id": dataset_id, "base_model": BASE, "config": dict(config), "device": "cpu",
    }  # fmt: skip
    if deploy:
        wanted["deploy"] = {"target": "llama_cpp", "name": "course"}
    return str((await ask(client, "POST", "/api/training/jobs", json=wanted))["id"])


async def until_over(client: httpx.AsyncClient, job_id: str, *, wanted: str = "completed") -> None:
    """Wait until a job has ended as wanted; where that is well, with all that belongs to it.

    Raises:
        SeedFailedError: it has ended in another way.
    """
    while True:
        job = await ask(client, "GET", f"/api/training/jobs/{job_id}")
        behind = [stage["state"] for stage in job["stages"]] if wanted == "completed" else []
        states = [job["state"], *behind]
        if all(state == wanted for state in states):
            return
        for state in states:
            if state in FINAL - {wanted}:
                failure = job["failure"] or {"ja": "–", "en": "–"}
                reason = {"reason_ja": failure["ja"], "reason_en": failure["en"]}
                raise SeedFailedError(name=job["name"], state=STATE_WORDS[JobState(state)], **reason)
        await asyncio.sleep(POLL_S)


async def chat(client: httpx.AsyncClient, models: Sequence[str], questions: Sequence[str]) -> str:
    """Ask the models something; returns the conversation's id.

    Raises:
        ProblemError: the API refuses.
    """
    sampling = {"temperature": 0, "max_tokens": 48, "seed": 1}
    session = await ask(
        client, "POST", "/api/chat/sessions", json={"models": list(models), "sampling": sampling}
    )
    for question in questions:
        path = f"/api/chat/sessions/{session['id']}/messages"
        response = await client.post(path, json={"content": question})  # a stream of events, read to its end
        if response.is_error:
            raise problem_error(response.status_code, response.json())
    return str(session["id"])


async def ask(client: httpx.AsyncClient, method: str, path: str, **request: Any) -> Any:
    """The JSON of an answer.

    Raises:
        ProblemError: the API refuses.
    """
    response = await client.request(method, path, **request)
    if response.is_error:
        raise problem_error(response.status_code, response.json())
    return response.json() if response.content else None


async def _deployed_model(client: httpx.AsyncClient, training_id: str) -> str:
    deployments = await ask(client, "GET", "/api/deployments")
    return str(next(one["name"] for one in deployments["data"] if one["training_job_id"] == training_id))


def _jsonl(pairs: Sequence[tuple[str, str]]) -> bytes:
    lines = (json.dumps({"instruction": ask, "output": answer}, ensure_ascii=False) for ask, answer in pairs)
    return "\n".join(lines).encode()


async def emitted_steps(client: httpx.AsyncClient, job_id: str) -> dict[int, datetime]:
    """When a job's child emitted each step's metrics, by its own clock.

    Raises:
        ProblemError: the API refuses.
    """
    found: dict[int, datetime] = {}
    after = 0
    while True:
        page = await ask(
            client, "GET", f"/api/training/jobs/{job_id}/events", params={"after": after, "limit": 1000}
        )
        for event in page["data"]:
            if event["body"]["type"] == "metrics":
                found[event["body"]["step"]] = datetime.fromisoformat(event["at"])
        if page["next"] is None:
            return found
        after = int(page["next"])
