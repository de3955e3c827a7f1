"""`jobs` and `events`: what a running `up` works on. They speak the API."""

from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from llmlora.entry.client import api_client, ask, follow_events
from llmlora.entry.console import AsJson, DataDir, err, load_settings, out, print_json
from llmlora.entry.tables import Column, WholeTable

app = typer.Typer(no_args_is_help=True, help="Jobs of a running `up`. ジョブの一覧と操作。")
JobId = Annotated[str, typer.Argument(help="Id of a job. ジョブ番号。")]
JOBS = "/api/training/jobs"


@app.command("list")
def list_jobs(
    state: Annotated[
        list[str] | None, typer.Option("--state", help="Only jobs in this state. 状態。")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=200, help="How many. 件数。")] = 50,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """List jobs, newest first. ジョブを新しい順に一覧します。"""
    with api_client(load_settings(data_dir)) as client:
        page = ask(client, "GET", JOBS, params={"limit": limit, "state": state or []})
    if as_json:
        print_json(page)
        return
    table = WholeTable(
        Column("id", no_wrap=True),
        "名前 name",
        "レシピ recipe",
        "状態 state",
        "進み具合 progress",
        "経過 age",
    )
    for job in page["data"]:
        age = datetime.now(UTC) - datetime.fromisoformat(job["created_at"])
        table.add_row(
            job["id"],
            job["name"],
            job["recipe"],
            job["state"],
            _progress(job),
            f"{age.total_seconds():.0f} s",
        )
    out().print(table)


@app.command("show")
def show_job(job_id: JobId, data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Show one job with its stages and artifacts. ジョブの詳細を表示します。"""
    with api_client(load_settings(data_dir)) as client:
        job = ask(client, "GET", f"{JOBS}/{job_id}")
    if as_json:
        print_json(job)
        return
    out().print(f"[bold]{job['name']}[/] {job['id']} {job['state']} {_progress(job)}", highlight=False)
    for stage in job["stages"]:
        out().print(f"  {stage['recipe']}: {stage['state']}", highlight=False)
    for artifact in job["artifacts"]:
        out().print(
            f"  {artifact['kind']}: {artifact['path']}", markup=False, highlight=False, soft_wrap=True
        )
    if job["failure"]:
        out().print(f"✗ {job['failure']['code']}", highlight=False)
        out().print(f"{job['failure']['ja']}\n{job['failure']['en']}", markup=False, highlight=False)


@app.command("logs")
def show_logs(
    job_id: JobId,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Wait for more. 続きを待ちます。")] = False,
    data_dir: DataDir = None,
) -> None:
    """Print the log of a job. ジョブのログを表示します。"""
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


@app.command("cancel")
def cancel_job(
    job_id: JobId,
    discard: Annotated[
        bool, typer.Option("--discard", help="Delete its checkpoints, too. チェックポイントも破棄します。")
    ] = False,
    data_dir: DataDir = None,
) -> None:
    """Stop a job and keep a checkpoint. ジョブを止め、チェックポイントを残します。"""
    body = {"checkpoint": "discard" if discard else "keep"}
    with api_client(load_settings(data_dir)) as client:
        job = ask(client, "POST", f"{JOBS}/{job_id}/cancel", json=body)
    out().print(f"{job['id']} {job['state']} ({job['desired']})", highlight=False)


@app.command("resume")
def resume_job(job_id: JobId, data_dir: DataDir = None) -> None:
    """Resume from the last checkpoint in a new job. 続きから再開します。"""
    with api_client(load_settings(data_dir)) as client:
        job = ask(client, "POST", f"{JOBS}/{job_id}/resume")
    out().print(job["id"], highlight=False)


@app.command("delete")
def delete_job(
    job_id: JobId,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask. 確認しません。")] = False,
    data_dir: DataDir = None,
) -> None:
    """Delete a job that has ended, with its files. 終わったジョブをファイルごと削除します。"""
    with api_client(load_settings(data_dir)) as client:
        files = ask(client, "GET", f"{JOBS}/{job_id}/files")
        if not yes:
            size = f"{files['size_bytes'] / 1e6:.1f} MB"
            typer.confirm(f"{job_id}（{size}）を削除しますか / delete?", abort=True, err=True)
        done = ask(client, "DELETE", f"{JOBS}/{job_id}")
    freed = f"{done['freed_bytes'] / 1e6:.1f} MB"
    out().print(f"{done['id']} 空き +{freed} / freed {freed}", highlight=False)


def events(
    job_id: JobId,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Wait for more. 続きを待ちます。")] = False,
    after: Annotated[
        int, typer.Option("--after", min=0, help="Only events after this number. この番号より後のイベント。")
    ] = 0,
    data_dir: DataDir = None,
) -> None:
    """Print the events of a job, one JSON document per line. イベントを 1 行ずつ表示します。"""
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
    return f"{progress['stage']} {progress['done']}/{progress['total']} {progress['unit']}"


def _print_line(at: str, line: dict[str, Any]) -> None:
    out().print(
        f"{at[11:19]} {line['level']:7} {line['message']}", markup=False, highlight=False, soft_wrap=True
    )
