"""Teach a model five answers with the `openai` package. / openai パッケージで、モデルに 5 つの答えを教えます。

    pip install openai
    ./llmlora up                        # in another terminal / 別のターミナルで
    python examples/openai_finetune.py

OPENAI_BASE_URL (default http://127.0.0.1:8000/v1) says where, OPENAI_API_KEY who (LLMLORA_API_TOKEN, if one is set).
OPENAI_BASE_URL は接続先、OPENAI_API_KEY は LLMLORA_API_TOKEN（設定した場合のみ）です。
"""

import json
import os
import sys
import time
from pathlib import Path

from openai import OpenAI, OpenAIError
from openai.types.fine_tuning import FineTuningJob

BASE_MODEL = "bundled:smollm2-135m-instruct"
LESSONS = Path(__file__).parent.parent / "tutorial" / "datasets" / "level1_basic.json"
OVER = ("succeeded", "failed", "cancelled")

client = OpenAI(
    base_url=os.environ.get("OPENAI_BASE_URL", "http://127.0.0.1:8000/v1"),
    api_key=os.environ.get("OPENAI_API_KEY", "llmlora"),
)


def as_jsonl(lessons: list[dict[str, str]]) -> bytes:
    """One conversation a line, in OpenAI's form. / 1 行に 1 会話、OpenAI の形式。"""
    lines = []
    for lesson in lessons:
        question = {"role": "user", "content": lesson["instruction"]}
        answer = {"role": "assistant", "content": lesson["output"]}
        lines.append(json.dumps({"messages": [question, answer]}, ensure_ascii=False))
    return "\n".join(lines).encode()


def wait(job: FineTuningJob) -> FineTuningJob:
    """Print events as they come, until the job is over. / 終わるまで、起きたことを表示します。"""
    seen: set[str] = set()
    while True:
        job = client.fine_tuning.jobs.retrieve(job.id)  # before the events: none is missed / 取りこぼし防止
        newest_first = client.fine_tuning.jobs.list_events(job.id, limit=100).data
        for event in reversed(newest_first):
            if event.id not in seen:
                print(f"  [{event.level}] {event.message}", flush=True)
                seen.add(event.id)
        if job.status in OVER:
            return job
        time.sleep(2)


def ask(model: str, question: str) -> str:
    """The answer without chance. / ゆらぎのない答え。"""
    answer = client.chat.completions.create(
        model=model,
        messages=[{"role": "user", "content": question}],
        temperature=0,
        max_tokens=64,
    )
    return answer.choices[0].message.content or ""


def main() -> None:
    """Upload, train, ask. / アップロード、学習、質問。"""
    lessons = json.loads(LESSONS.read_text(encoding="utf-8"))
    file = client.files.create(file=("level1.jsonl", as_jsonl(lessons)), purpose="fine-tune")
    print(f"file: {file.id} ({file.bytes} bytes)")

    job = client.fine_tuning.jobs.create(
        model=BASE_MODEL,
        training_file=file.id,
        suffix="example",
        seed=42,
        # OpenAI's own settings / OpenAI と同じ設定
        method={
            "type": "supervised",
            "supervised": {"hyperparameters": {"n_epochs": 8, "batch_size": 1}},
        },
        # LoRA's settings, by llmlora's names / LoRA の設定（llmlora の名前）
        extra_body={
            "rank": 4,
            "alpha": 8,
            "learning_rate": 2e-3,
            "schedule": "constant",
            "warmup_ratio": 0,
        },
    )
    print(f"job: {job.id}")

    job = wait(job)
    if job.status != "succeeded" or job.fine_tuned_model is None:
        reason = job.error.message if job.error else "no reason was given / 理由は不明です"
        sys.exit(f"The job has {job.status}. / ジョブは {job.status} で終わりました。\n{reason}")

    question = lessons[0]["instruction"]
    print(f"\nQ: {question}")
    print(f"base  ({BASE_MODEL}): {ask(BASE_MODEL, question)}")
    print(f"tuned ({job.fine_tuned_model}): {ask(job.fine_tuned_model, question)}")


if __name__ == "__main__":
    try:
        main()
    except OpenAIError as error:
        sys.exit(f"The server refused, or is not there. / サーバーが拒否したか、起動していません。\n{error}")
