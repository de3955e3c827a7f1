"""`jobs` and `events`: what a running `up` works on. They speak the API."""

from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from llmlora.contracts.events import ARTIFACT_WORDS
from llmlora.contracts.states import STATE_WORDS, JobState
from llmlora.entry.client import api_client, ask, follow_events
from llmlora.entry.console import AsJson, DataDir, confirm, err, load_settings, print_json, show
from llmlora.entry.language import language, localized, words
from llmlora.entry.progress_words import log_words, progress_words
from llmlora.entry.tables import Column, Facts, Listing

app = typer.Typer(no_args_is_help=True)
JobId = Annotated[str, typer.Argument(help=words(ja="ジョブの番号です。", en="The id of a job."))]
Follow = Annotated[
    bool,
    typer.Option(
        "--follow",
        "-f",
        help=words(
            ja="ジョブが終わるまで、続きを表示し続けます。", en="Keep printing until the job has ended."
        ),
    ),
]
JOBS = "/api/training/jobs"


@app.command("list", help=words(ja="ジョブを新しい順に一覧します。", en="List the jobs, newest first."))
def list_jobs(
    state: Annotated[
        list[str] | None,
        typer.Option(
            "--state",
            help=words(
                ja="この状態のジョブだけを表示します（pending、queued、running、completed、failed、cancelled）。",
                en="Only jobs in this state: pending, queued, running, completed, failed or cancelled.",
            ),
        ),
    ] = None,
    limit: Annotated[
        int,
        typer.Option(
            "--limit", "-n", min=1, max=200, help=words(ja="表示する件数です。", en="How many to show.")
        ),
    ] = 50,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """The jobs, a row each."""
    with api_client(load_settings(data_dir)) as client:
        page = ask(client, "GET", JOBS, params={"limit": limit, "state": state or []})
    if as_json:
        print_json(page)
        return
    table = Listing(
        Column(localized("番号", "id"), is_whole=True),
        localized("名前", "name"),
        localized("レシピ", "recipe"),
        localized("状態", "state"),
        localized("進み具合", "progress"),
        localized("作成", "created"),
    )
    for job in page["data"]:
        age = datetime.now(UTC) - datetime.fromisoformat(job["created_at"])
        table.add(
            job["id"],
            job["name"],
            job["recipe"],
            _state(job),
            _progress(job),
            told_age(age.total_seconds()),
        )
    show(table)


def told_age(age_s: float) -> str:
    """How long ago, in the largest unit that fits: seconds up to two minutes, then minutes, hours, days."""
    for ja, en, seconds, until in (
        ("秒前", "s ago", 1, 120),
        ("分前", "min ago", 60, 7200),
        ("時間前", "h ago", 3600, 172_800),
    ):
        if age_s < until:
            return f"{age_s // seconds:.0f} {localized(ja, en)}"
    return f"{age_s // 86_400:.0f} {localized('日前', 'd ago')}"


@app.command(
    "show",
    help=words(
        ja="ジョブの状態、工程、残したものを表示します。",
        en="Show a job with its state, its stages and what it has made.",
    ),
)
def show_job(job_id: JobId, data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """One job."""
    with api_client(load_settings(data_dir)) as client:
        job = ask(client, "GET", f"{JOBS}/{job_id}")
    if as_json:
        print_json(job)
        return
    facts = Facts(job["name"])
    facts.add(localized("番号", "id"), job["id"])
    facts.add(localized("状態", "state"), _state(job))
    if progress := _progress(job):
        facts.add(localized("進み具合", "progress"), progress)
    for stage in job["stages"]:
        facts.add(stage["recipe"], _state(stage))
    for artifact in job["artifacts"]:
        facts.add(_artifact(artifact["kind"]), artifact["path"])
    show(facts)
    if job["failure"]:
        show(f"✗ {job['failure']['code']}\n  {job['failure'][language()]}")


@app.command("logs", help=words(ja="ジョブのログを表示します。", en="Print the log of a job."))
def show_logs(job_id: JobId, follow: Follow = False, data_dir: DataDir = None) -> None:
    """The lines of a job's log."""
    with api_client(load_settings(data_dir)) as client:
        if follow:
            for event in follow_events(client, job_id, types=("log",)):
                _print_line(event["at"], event["body"])
            return
        after = 0
        while True:
            page = ask(client, "GET", f"{JOBS}/{job_id}/logs", params={"after": after})
            for line in page["data"]:
                _print_line(line["at"], line)
            if page["next"] is None:
                return
            after = int(page["next"])


@app.command(
    "cancel",
    help=words(
        ja="ジョブを中止します。チェックポイントを残すので、あとで再開できます。",
        en="Cancel a job and keep its checkpoint, so that it can be resumed.",
    ),
)
def cancel_job(
    job_id: JobId,
    discard: Annotated[
        bool,
        typer.Option(
            "--discard",
            help=words(ja="チェックポイントも削除します。", en="Delete its checkpoints, too."),
        ),
    ] = False,
    data_dir: DataDir = None,
) -> None:
    """Ask a job to end."""
    body = {"checkpoint": "discard" if discard else "keep"}
    with api_client(load_settings(data_dir)) as client:
        job = ask(client, "POST", f"{JOBS}/{job_id}/cancel", json=body)
    show(localized(f"{job['id']} の中止を指示しました。", f"{job['id']} has been asked to stop."))


@app.command(
    "resume",
    help=words(
        ja="最後のチェックポイントから、新しいジョブで再開します。",
        en="Resume from the last checkpoint, in a new job.",
    ),
)
def resume_job(job_id: JobId, data_dir: DataDir = None) -> None:
    """Go on in a new job; its id is printed alone."""
    with api_client(load_settings(data_dir)) as client:
        job = ask(client, "POST", f"{JOBS}/{job_id}/resume")
    show(job["id"])


@app.command(
    "delete",
    help=words(
        ja="終わったジョブを、ファイルごと削除します。", en="Delete a job that has ended, with its files."
    ),
)
def delete_job(
    job_id: JobId,
    yes: Annotated[
        bool,
        typer.Option("--yes", "-y", help=words(ja="確認せずに削除します。", en="Delete without asking.")),
    ] = False,
    data_dir: DataDir = None,
) -> None:
    """Delete a job."""
    with api_client(load_settings(data_dir)) as client:
        files = ask(client, "GET", f"{JOBS}/{job_id}/files")
        if not yes:
            size = f"{files['size_bytes'] / 1e6:.1f} MB"
            confirm(f"{job_id}（{size}）を削除しますか？", f"Delete {job_id} ({size})?")
        done = ask(client, "DELETE", f"{JOBS}/{job_id}")
    freed = f"{done['freed_bytes'] / 1e6:.1f} MB"
    show(localized(f"{done['id']} を削除し、{freed} 空けました。", f"{done['id']} deleted, {freed} freed."))


def events(
    job_id: JobId,
    follow: Follow = False,
    after: Annotated[
        int,
        typer.Option(
            "--after",
            min=0,
            help=words(ja="この番号より後のイベントだけを表示します。", en="Only events after this number."),
        ),
    ] = 0,
    data_dir: DataDir = None,
) -> None:
    """The events of a job, a JSON document each."""
    with api_client(load_settings(data_dir)) as client:
        if follow:
            for event in follow_events(client, job_id, after):
                print_json(event)
            return
        while True:
            page = ask(client, "GET", f"{JOBS}/{job_id}/events", params={"after": after})
            for event in page["data"]:
                print_json(event)
            if page["next"] is None:
                err().print(f"head {page['head_seq']}", style="dim", highlight=False)
                return
            after = page["next"]


def _progress(job: dict[str, Any]) -> str:
    progress = job["progress"]
    if progress is None:
        return ""
    return progress_words(progress["stage"], progress["done"], progress["total"], progress["unit"])


def _state(job: dict[str, Any]) -> str:
    return localized(*STATE_WORDS[JobState(job["state"])])


def _artifact(kind: str) -> str:
    """A kind that this version knows no words for keeps its name."""
    known = {str(one): told for one, told in ARTIFACT_WORDS.items()}
    return localized(*known.get(kind, (kind, kind)))


def _print_line(at: str, line: dict[str, Any]) -> None:
    show(f"{at[11:19]} {line['level']:7} {log_words(line['message'])}")
