"""`export`: a trained adapter as GGUF, alone or merged into its base."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from llmlora.entry.commands.train import cancel_on_signals
from llmlora.entry.console import AsJson, DataDir, err, load_settings, out, print_json, run_async
from llmlora.kit.settings import Settings

if TYPE_CHECKING:
    from llmlora.features.jobs.schemas import ArtifactOut


def export(
    job_or_path: Annotated[
        str,
        typer.Argument(help="Id of a job, or a run or final_model directory. ジョブ番号またはフォルダー。"),
    ],
    target: Annotated[
        Literal["adapter", "merged", "base"],
        typer.Option(
            "--target", help="The adapter alone, the merged model, or the base model. 変換するもの。"
        ),
    ] = "adapter",
    outtype: Annotated[
        Literal["f32", "f16", "bf16", "q8_0", "q4_K_M"],
        typer.Option(
            "--outtype", help="adapter: f16 f32 q8_0; merged, base: f16 bf16 q8_0 q4_K_M. 数値の形式。"
        ),
    ] = "f16",
    base: Annotated[
        str | None,
        typer.Option("--base", "-b", help="Base model, if no job names it. ベースモデル。"),
    ] = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Convert an adapter to GGUF and check the file. アダプターを GGUF に変換します。

    The same export is made once; later calls find the file again.
    """
    settings = load_settings(data_dir)
    document = run_async(_export(settings, job_or_path, target, outtype, base))
    if as_json:
        print_json({"target": target, "outtype": outtype, **document})
        return
    out().print(document["path"], markup=False, highlight=False, soft_wrap=True)
    out().print(f"sha256 {document['sha256']}  {document['size_bytes'] / 1e6:.1f} MB", highlight=False)


async def _export(
    settings: Settings, job_or_path: str, target: str, outtype: str, base: str | None
) -> dict[str, Any]:
    """A job's adapter by a job; a directory's in a child of this command."""
    from llmlora.entry.workplace import workplace
    from llmlora.features.jobs.errors import JobNotFoundError

    if Path(job_or_path).name == job_or_path and base is None:
        async with workplace(settings) as place:
            try:
                await place.detail(job_or_path)
            except JobNotFoundError:
                pass  # a run of `train --local`
            else:
                return await _export_by_job(place, job_or_path, {"target": target, "outtype": outtype})
    return await _export_locally(settings, job_or_path, target, outtype, base)


async def _export_by_job(place: Any, job_id: str, config: dict[str, Any]) -> dict[str, Any]:
    from llmlora.entry.event_view import EventView
    from llmlora.entry.inputs import shaped
    from llmlora.entry.workplace import refuse_failed
    from llmlora.features.jobs.schemas import JobCreate

    request = shaped(JobCreate, recipe="export_gguf", training_job_id=job_id, config=config)
    known = await place.same_result(request, "gguf")
    if known is not None:
        return _document(place.settings, known, reused=True)
    job_ids = await place.create(request)
    cancel = cancel_on_signals()
    with EventView(err()) as view:
        jobs = await place.run(job_ids, view.show, cancel)
    refuse_failed(jobs)
    if not jobs[0].artifacts:
        raise typer.Exit(130)
    return _document(place.settings, jobs[0].artifacts[0], reused=False)


def _document(settings: Settings, artifact: "ArtifactOut", *, reused: bool) -> dict[str, Any]:
    path = str(settings.data_dir / artifact.path)
    kept = artifact.model_dump(mode="json", include={"kind", "sha256", "size_bytes"})
    return {**kept, "path": path, "reused": reused}


async def _export_locally(
    settings: Settings, job_or_path: str, target: str, outtype: str, base: str | None
) -> dict[str, Any]:
    from llmlora.engine.embedded.services import open_database
    from llmlora.entry.event_view import EventView
    from llmlora.entry.inputs import base_model_named
    from llmlora.features.deployments.adapters import find_adapter
    from llmlora.features.deployments.exports import ensure_adapter_gguf, ensure_base_gguf

    cancel = cancel_on_signals()
    with EventView(err()) as view:
        chosen = None
        if base is not None:
            async with open_database(settings) as database:
                chosen = await base_model_named(database, settings, base, view.show)
        adapter = find_adapter(job_or_path, settings.data_dir, chosen)
        if target == "base":
            file = await ensure_base_gguf(
                adapter.base, settings.data_dir, outtype=outtype, sink=view.show, cancel=cancel
            )
        else:
            file = await ensure_adapter_gguf(
                adapter, settings.data_dir, target=target, outtype=outtype, sink=view.show, cancel=cancel
            )
    facts = {"kind": file.kind, "sha256": file.sha256, "size_bytes": file.size_bytes}
    return {**facts, "path": str(file.path), "reused": file.reused}
