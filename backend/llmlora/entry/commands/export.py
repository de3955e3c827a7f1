"""`export`: a trained adapter as GGUF, alone or merged into its base."""

from typing import Annotated, Any, Literal

import typer

from llmlora.entry.console import AsJson, DataDir, load_settings, out, print_json, run_async
from llmlora.entry.inputs import job_id_named
from llmlora.kit.settings import Settings


def export(
    job: Annotated[str, typer.Argument(help="Id of the job that trained it. 学習のジョブ番号。")],
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
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Convert an adapter to GGUF and check the file. アダプターを GGUF に変換します。

    The same export is made once; later calls find the file again.

    Raises:
        JobIdNeededError: a directory was given.
    """
    settings = load_settings(data_dir)
    document = run_async(_export(settings, job_id_named(job), {"target": target, "outtype": outtype}))
    if as_json:
        print_json({"target": target, "outtype": outtype, **document})
        return
    out().print(document["path"], markup=False, highlight=False, soft_wrap=True)
    out().print(f"sha256 {document['sha256']}  {document['size_bytes'] / 1e6:.1f} MB", highlight=False)


async def _export(settings: Settings, job_id: str, config: dict[str, str]) -> dict[str, Any]:
    from llmlora.entry.inputs import gguf_made
    from llmlora.entry.workplace import workplace

    async with workplace(settings) as place:
        await place.detail(job_id)
        made, reused = await gguf_made(place, training_job_id=job_id, config=config)
    kept = made.model_dump(mode="json", include={"kind", "sha256", "size_bytes"})
    return {**kept, "path": str(settings.data_dir / made.path), "reused": reused}
