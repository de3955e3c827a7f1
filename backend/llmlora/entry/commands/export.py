"""`export`: what a training has left as a file: GGUF, alone or merged into its base, or Core ML."""

from typing import Annotated, Any, Literal

import typer

from llmlora.contracts.events import ArtifactKind
from llmlora.entry.console import AsJson, DataDir, load_settings, print_json, run_async, show
from llmlora.entry.inputs import job_id_named
from llmlora.entry.language import words
from llmlora.entry.lazy import more_help
from llmlora.kit.errors import InvalidInputError
from llmlora.kit.settings import Settings


class SettingUnreadableError(InvalidInputError):
    """A setting is not written as name=value."""

    code = "setting_unreadable"
    ja = "設定 {given} を読めません。precision=float32 のように、名前=値の形で指定してください。"
    en = "The setting {given} cannot be read. Write it as name=value, for example precision=float32."


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
    kind: Annotated[
        Literal["gguf", "coreml"],
        typer.Option("--as", help=words(ja="書き出す形式です。", en="The format of the export.")),
    ] = "gguf",
    target: Annotated[
        Literal["adapter", "merged", "base"] | None,
        typer.Option(
            "--target",
            help=words(
                ja="GGUF に変換するものです。アダプターだけ、結合したモデル、ベースモデルから選びます。",
                en="What to convert to GGUF: the adapter alone, the merged model, or the base model.",
            ),
        ),
    ] = None,
    outtype: Annotated[
        Literal["f32", "f16", "bf16", "q8_0", "q4_K_M"] | None,
        typer.Option(
            "--outtype",
            help=words(
                ja="数値の形式です。adapter では f16、f32、q8_0、ほかでは f16、bf16、q8_0、q4_K_M を選べます。",
                en="The number format: f16, f32 or q8_0 for adapter; f16, bf16, q8_0 or q4_K_M for merged and base.",
            ),
        ),
    ] = None,
    setting: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            help=words(
                ja="書き出しのほかの設定です。名前=値の形で書きます。",
                en="Another setting of the export, as name=value.",
            ),
        ),
    ] = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Have a job export a model, unless an earlier one has.

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
    show(document["path"])
    show(f"sha256 {document['sha256']}  {document['size_bytes'] / 1e6:.1f} MB")


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
