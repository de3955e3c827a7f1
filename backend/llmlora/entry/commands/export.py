"""`export`: a trained adapter as GGUF, alone or merged into its base."""

from typing import Annotated, Any, Literal

import typer

from llmlora.entry.console import AsJson, DataDir, load_settings, print_json, run_async, show
from llmlora.entry.inputs import job_id_named
from llmlora.entry.language import words
from llmlora.entry.lazy import more_help
from llmlora.kit.settings import Settings


@more_help(
    ja="同じ変換は 1 回だけ実行し、2 回目からは前にできたファイルを示します。",
    en="The same export is made once; later calls find the file again.",
)
def export(
    job: Annotated[
        str,
        typer.Argument(
            help=words(ja="学習したジョブの番号です。", en="The id of the job that trained the adapter.")
        ),
    ],
    target: Annotated[
        Literal["adapter", "merged", "base"],
        typer.Option(
            "--target",
            help=words(
                ja="変換するものです。アダプターだけ、結合したモデル、ベースモデルから選びます。",
                en="What to convert: the adapter alone, the merged model, or the base model.",
            ),
        ),
    ] = "adapter",
    outtype: Annotated[
        Literal["f32", "f16", "bf16", "q8_0", "q4_K_M"],
        typer.Option(
            "--outtype",
            help=words(
                ja="数値の形式です。adapter では f16、f32、q8_0、ほかでは f16、bf16、q8_0、q4_K_M を選べます。",
                en="The number format: f16, f32 or q8_0 for adapter; f16, bf16, q8_0 or q4_K_M for merged and base.",
            ),
        ),
    ] = "f16",
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Have a job export a GGUF, unless an earlier one has.

    Raises:
        JobIdNeededError: a directory was given.
    """
    settings = load_settings(data_dir)
    document = run_async(_export(settings, job_id_named(job), {"target": target, "outtype": outtype}))
    if as_json:
        print_json({"target": target, "outtype": outtype, **document})
        return
    show(document["path"])
    show(f"sha256 {document['sha256']}  {document['size_bytes'] / 1e6:.1f} MB")


async def _export(settings: Settings, job_id: str, config: dict[str, str]) -> dict[str, Any]:
    from llmlora.entry.inputs import gguf_made
    from llmlora.entry.workplace import workplace

    async with workplace(settings) as place:
        await place.detail(job_id)
        made, reused = await gguf_made(place, training_job_id=job_id, config=config)
    kept = made.model_dump(mode="json", include={"kind", "sha256", "size_bytes"})
    return {**kept, "path": str(settings.data_dir / made.path), "reused": reused}
