#!/usr/bin/env python3
"""講座 1 を HTTP だけで最後まで試します。 Goes through the first course by HTTP alone, on a system that runs.

python3 tutorial/scripts/test_tutorial_flow.py [--url http://127.0.0.1:8000] [--timeout 1800] [--json]

Five questions are taught twice: in one epoch, after which the model has not learned them, and in eight, after which it gives all
five answers word for word. Needs nothing but Python; LLMLORA_API_TOKEN is shown where it is set. What was made stays.
Exit code 0: as the course says; 1: not so; 5: the system does not answer.
"""

import argparse
import json
import os
import sys
import time
import urllib.error
import urllib.request
import uuid
from pathlib import Path
from typing import Any, NoReturn

DATA = Path(__file__).resolve().parents[1] / "datasets" / "level1_basic.json"
BASE = "bundled:smollm2-135m-instruct"
SETTINGS = {"rank": 4, "alpha": 8, "batch_size": 1, "learning_rate": 0.002}
FINAL = ("completed", "failed", "cancelled")
LOOK_S = 1.0


class CourseError(Exception):
    """Something is not as the course says: Japanese, English."""

    def __init__(self, ja: str, en: str) -> None:
        super().__init__(f"{ja} / {en}")
        self.ja, self.en = ja, en


class Studio:
    """The API of a running system."""

    def __init__(self, url: str, timeout_s: float) -> None:
        self.url, self.deadline = url.rstrip("/"), time.monotonic() + timeout_s
        token = os.environ.get("LLMLORA_API_TOKEN", "").strip()
        self.headers = {"accept-language": "ja", **({"authorization": f"Bearer {token}"} if token else {})}
        # What a proxy of the environment would answer is not the studio.
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def ask(self, path: str, body: bytes | None = None, kind: str = "application/json") -> Any:
        """The JSON of an answer."""
        headers = {**self.headers, **({"content-type": kind} if body is not None else {})}
        request = urllib.request.Request(self.url + path, data=body, headers=headers)  # noqa: S310 - http(s), as given
        try:
            with self.opener.open(request, timeout=300) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            told = error.read().decode(errors="replace")
            raise CourseError(f"{path} が断られました（{error.code}）: {told}", f"{path} was refused ({error.code})") from error

    def post(self, path: str, document: dict[str, Any]) -> Any:
        """Send a document."""
        return self.ask(path, json.dumps(document).encode())

    def upload(self, path: Path) -> str:
        """Id of the dataset that a file becomes."""
        border = uuid.uuid4().hex
        head = f'--{border}\r\ncontent-disposition: form-data; name="file"; filename="{path.name}"\r\n\r\n'
        body = head.encode() + path.read_bytes() + f"\r\n--{border}--\r\n".encode()
        answer = self.ask("/api/datasets/upload", body, f"multipart/form-data; boundary={border}")
        return str(answer["dataset"]["id"])

    def taught(self, dataset_id: str, epochs: int, say: Any) -> str | None:
        """Train and deploy; the name to chat with, None where the gates refuse the model."""
        asked = {
            "name": f"level1 {epochs}",
            "dataset_id": dataset_id,
            "base_model": BASE,
            "config": {**SETTINGS, "epochs": epochs},
            "deploy": {"target": "llama_cpp"},
        }
        job_id = self.post("/api/training/jobs", asked)["id"]
        told = ""
        while True:
            if time.monotonic() > self.deadline:
                raise CourseError(f"{job_id} が時間内に終わりません", f"{job_id} does not end in time")
            stages = self.ask(f"/api/training/jobs/{job_id}")["stages"]
            now = ", ".join(f"{one['recipe']} {one['state']}" for one in stages)
            if now != told:
                say(f"  {job_id}: {now}")
                told = now
            if any(is_refused(one) for one in stages):
                return None
            if any(one["state"] in ("failed", "cancelled") for one in stages):
                raise CourseError(f"{job_id} が失敗しました（{now}）", f"{job_id} failed ({now})")
            if all(one["state"] in FINAL for one in stages):
                break
            time.sleep(LOOK_S)
        found = self.ask(f"/api/deployments?training_job_id={job_id}")["data"]
        ready = [one["name"] for one in found if one["state"] == "ready"]
        if not ready:
            raise CourseError(f"{job_id} の配信が使えません", f"{job_id} has no deployment that is ready")
        return str(ready[0])

    def answer(self, model: str, question: str) -> str:
        """What the model says."""
        messages = [{"role": "user", "content": question}]
        asked = {"model": model, "messages": messages, "temperature": 0, "max_tokens": 48}
        answered = self.post("/v1/chat/completions", asked)
        return str(answered["choices"][0]["message"]["content"]).strip()


def is_refused(stage: dict[str, Any]) -> bool:
    """Whether the gates have found that the model does not do what was taught, such as to stop."""
    return stage["state"] == "failed" and (stage["failure"] or {}).get("code") == "gate_failed"


def course(studio: Studio, say: Any) -> dict[str, Any]:
    """Both trainings and what they answer."""
    rows = json.loads(DATA.read_text(encoding="utf-8"))
    studio.ask("/readyz")
    dataset_id = studio.upload(DATA)
    say(f"データ / data: {dataset_id}")
    right: dict[int, int] = {}
    answers = []
    for epochs in (1, 8):
        say(f"エポック / epochs: {epochs}")
        model = studio.taught(dataset_id, epochs, say)
        right[epochs] = 0
        if model is None:
            say("  検査に不合格: まだ学べていません / refused by its gates: it has not learned yet")
            continue
        for row in rows:
            said = studio.answer(model, row["instruction"])
            is_right = said == row["output"]
            right[epochs] += is_right
            answers.append({"epochs": epochs, "question": row["instruction"], "answer": said, "right": is_right})
            say(f"  {'○' if is_right else '×'} {row['instruction']} → {said}")
    if right[1] == len(rows):
        raise CourseError("1 周ですべて覚えました。講座の説明と違います", "one epoch was enough, which the course denies")
    if right[8] < len(rows):
        raise CourseError(f"8 周で {right[8]} / {len(rows)} しか答えません", f"eight epochs: {right[8]} of {len(rows)} are right")
    return {"dataset_id": dataset_id, "right": right, "of": len(rows), "answers": answers}


def give_up(error: Exception, code: int, *, as_json: bool) -> NoReturn:
    """Say why and leave."""
    if as_json:
        sys.stdout.write(json.dumps({"ok": False, "error": str(error)}, ensure_ascii=False) + "\n")
    sys.stderr.write(f"✗ {error}\n")
    sys.exit(code)


def main() -> None:
    """Run the course and tell how it went."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--url", default="http://127.0.0.1:8000", help="address of the API / API の場所")
    parser.add_argument("--timeout", type=float, default=1800.0, help="seconds for all of it / 全体の制限時間（秒）")
    parser.add_argument("--json", action="store_true", help="print one JSON document / JSON で出力")
    given = parser.parse_args()

    def say(line: str) -> None:
        (sys.stderr if given.json else sys.stdout).write(line + "\n")

    try:
        found = course(Studio(given.url, given.timeout), say)
    except CourseError as error:
        give_up(error, 1, as_json=given.json)
    except (OSError, ValueError) as error:  # nobody listens, or it is no studio
        cure = f"{given.url} に API がありません。./llmlora up で起動してください / No API at {given.url}: start it with ./llmlora up"
        give_up(CourseError(cure, str(error)), 5, as_json=given.json)
    if given.json:
        sys.stdout.write(json.dumps({"ok": True, **found}, ensure_ascii=False) + "\n")
    else:
        say("✓ 講座のとおりです / as the course says")


if __name__ == "__main__":
    main()
