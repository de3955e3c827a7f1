"""`export`: a trained adapter as GGUF, alone or merged into its base."""

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from llmlora.contracts.recipe import BaseModelInput
from llmlora.entry.console import AsJson, DataDir, err, load_settings, out, print_json, run_async
from llmlora.kit.settings import Settings

if TYPE_CHECKING:
    from llmlora.engine.process_host import EventSink
    from llmlora.features.deployments.exports import GgufFile


def export(
    job_or_path: Annotated[
        str, typer.Argument(help="Job id, run directory or final_model directory. ジョブまたはフォルダー。")
    ],
    target: Annotated[
        Literal["adapter", "merged", "base"],
        typer.Option("--target", help="The LoRA alone, the merged model, or the base. 出力するもの。"),
    ] = "adapter",
    outtype: Annotated[
        Literal["f32", "f16", "bf16", "q8_0"],
        typer.Option("--outtype", help="adapter: f16 f32 q8_0; merged, base: f16 bf16 q8_0. 数値の形式。"),
    ] = "f16",
    base: Annotated[
        str | None,
        typer.Option("--base", "-b", help="Base model, where no job names it. ベースモデル。"),
    ] = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Convert an adapter to GGUF and check the file. アダプターを GGUF に変換します。

    The same export is made once; later calls find the file again.
    """
    file = run_async(_export(load_settings(data_dir), job_or_path, target, outtype, base))
    if as_json:
        print_json(
            {
                "kind": file.kind,
                "target": target,
                "outtype": file.outtype,
                "path": str(file.path),
                "sha256": file.sha256,
                "size_bytes": file.size_bytes,
                "reused": file.reused,
            }
        )
        return
    out().print(f"{file.path}", highlight=False, soft_wrap=True)
    out().print(f"sha256 {file.sha256}  {file.size_bytes / 1e6:.1f} MB", highlight=False)


async def base_model_named(settings: Settings, reference: str, sink: "EventSink") -> BaseModelInput:
    """The base model of a reference, imported if it is new.

    Raises:
        AppError: as `features.models.service.ensure_base_model`.
    """
    from llmlora.engine.embedded.services import open_database
    from llmlora.features.models.service import as_input, ensure_base_model

    async with open_database(settings) as database:
        row = await ensure_base_model(database, settings, reference, sink=sink)
    return as_input(row, settings.data_dir)


async def _export(
    settings: Settings, job_or_path: str, target: str, outtype: str, base: str | None
) -> "GgufFile":
    from llmlora.entry.commands.train import cancel_on_signals
    from llmlora.entry.event_view import EventView
    from llmlora.features.deployments.adapters import find_adapter
    from llmlora.features.deployments.exports import ensure_adapter_gguf, ensure_base_gguf

    cancel = cancel_on_signals()
    with EventView(err()) as view:
        chosen = None if base is None else await base_model_named(settings, base, view.show)
        adapter = find_adapter(job_or_path, settings.data_dir, chosen)
        if target == "base":
            return await ensure_base_gguf(
                adapter.base, settings.data_dir, outtype=outtype, sink=view.show, cancel=cancel
            )
        return await ensure_adapter_gguf(
            adapter, settings.data_dir, target=target, outtype=outtype, sink=view.show, cancel=cancel
        )
