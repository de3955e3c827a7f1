"""`export`: what a training has left as a file: GGUF, alone or merged into its base, or Core ML."""

from typing import Annotated, Any, Literal

import typer

from llmlora.contracts.events import ArtifactKind
from llmlora.entry.console import AsJson, DataDir, load_settings, out, print_json, run_async
from llmlora.entry.inputs import job_id_named
from llmlora.kit.errors import InvalidInputError
from llmlora.kit.settings import Settings


class SettingUnreadableError(InvalidInputError):
    """A setting is not written as name=value."""

    code = "setting_unreadable"
    ja = "設定 {given} を読めません。precision=float32 のように、名前=値の形で指定してください。"
    en = "The setting {given} cannot be read. Write it as name=value, for example precision=float32."


def export(
    job: Annotated[str, typer.Argument(help="Id of the job that trained it. 学習のジョブ番号。")],
    kind: Annotated[
        Literal["gguf", "coreml"], typer.Option("--as", help="What is made: gguf or coreml. 形式。")
    ] = "gguf",
    target: Annotated[
        Literal["adapter", "merged", "base"] | None,
        typer.Option(
            "--target", help="GGUF: the adapter alone, the merged model, or the base model. 変換するもの。"
        ),
    ] = None,
    outtype: Annotated[
        Literal["f32", "f16", "bf16", "q8_0", "q4_K_M"] | None,
        typer.Option(
            "--outtype", help="adapter: f16 f32 q8_0; merged, base: f16 bf16 q8_0 q4_K_M. 数値の形式。"
        ),
    ] = None,
    setting: Annotated[
        list[str] | None,
        typer.Option("--set", help="Another setting of the export, name=value; repeatable. ほかの設定。"),
    ] = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Export a trained model to GGUF or Core ML and check it. 学習したモデルを GGUF か Core ML に書き出します。

    The same export is made once; later calls find the file again.

    Raises:
        JobIdNeededError: a directory was given.
        SettingUnreadableError: a setting is not name=value.
    """
    settings = load_settings(data_dir)
    given = {"target": target, "outtype": outtype}
    config = {name: value for name, value in given.items() if value is not None} | _settings(setting or [])
    document = run_async(_export(settings, job_id_named(job), ArtifactKind(kind), config))
    if as_json:
        print_json(document)
        return
    out().print(document["path"], markup=False, highlight=False, soft_wrap=True)
    out().print(f"sha256 {document['sha256']}  {document['size_bytes'] / 1e6:.1f} MB", highlight=False)


def _settings(given: list[str]) -> dict[str, str]:
    found = dict[str, str]()
    for one in given:
        name, separator, value = one.partition("=")
        if not separator:
            raise SettingUnreadableError(given=one)
        found[name.strip()] = value.strip()
    return found


async def _export(
    settings: Settings, job_id: str, kind: ArtifactKind, config: dict[str, str]
) -> dict[str, Any]:
    from llmlora.entry.inputs import file_made
    from llmlora.entry.workplace import workplace

    async with workplace(settings) as place:
        await place.detail(job_id)
        made, used, reused = await file_made(place, kind, training_job_id=job_id, config=config)
    kept = made.model_dump(mode="json", include={"kind", "sha256", "size_bytes"})
    return {**used, **kept, "path": str(settings.data_dir / made.path), "reused": reused}
