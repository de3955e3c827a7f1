"""What a job's failure says, by its code: who has to act, and what that person can do. Errors of their own (`AppError`) bring their words along."""

from dataclasses import dataclass

from llmlora.contracts.events import Failure, FailureClass
from llmlora.contracts.text import Text

CHILD_DIED = "child_died"


@dataclass(frozen=True)
class FailureWords:
    """Who has to act, and the sentence with its facts in braces."""

    failure_class: FailureClass
    words: Text


# How a worker was lost is the code; what to do about it is the same.
_WORKER_LOST = FailureWords(
    FailureClass.INFRASTRUCTURE,
    Text(
        ja="ジョブを実行していたワーカーが応答しなくなりました。メモリとディスクを確認して、続きから再開してください。",
        en="The worker that ran the job stopped responding. Check memory and disk, then resume the job.",
    ),
)
FAILURES: dict[str, FailureWords] = {
    "artifact_broken": FailureWords(
        FailureClass.INFRASTRUCTURE,
        Text(
            ja="{name} のファイルが記録と一致しません。ディスクを確認してください。",
            en="The files of {name} do not match their record. Check the disk.",
        ),
    ),
    CHILD_DIED: FailureWords(
        FailureClass.INFRASTRUCTURE,
        Text(
            ja="実行中のプロセスが途中で終了しました（{how}、最後の出力: {last}）。メモリが足りているか確認して、続きから再開してください。",
            en="The process of the run ended early ({how}; last output: {last}). Check that there is enough memory, then resume.",
        ),
    ),
    "disk_full": FailureWords(
        FailureClass.DISK_FULL,
        Text(
            ja="ディスクの空きがありません（{path}）。空きを作るか、--data-dir で別の場所を指定してください。",
            en="The disk is full ({path}). Free some space, or choose another --data-dir.",
        ),
    ),
    "out_of_memory": FailureWords(
        FailureClass.OUT_OF_MEMORY,
        Text(
            ja="メモリが足りません。batch_size か max_length を小さくするか、gradient_checkpointing を on にしてください。",
            en="There is not enough memory. Lower batch_size or max_length, or set gradient_checkpointing to on.",
        ),
    ),
    "recipe_error": FailureWords(
        FailureClass.RECIPE,
        Text(
            ja="実行中に予期しないエラーが起きました（{error}）。ログを確認してください。",
            en="The run failed with an unexpected error ({error}). Check the log.",
        ),
    ),
    "worker_outage": FailureWords(
        FailureClass.INFRASTRUCTURE,
        Text(
            ja="ジョブの準備中に、必要なサービスに接続できませんでした（{error}）。システムのページか ./llmlora doctor で確認してください。",
            en="A service that the job needs could not be reached while the job was prepared ({error}). Check the System page or ./llmlora doctor.",
        ),
    ),
    "lease_lapsed": _WORKER_LOST,
    "worker_died": _WORKER_LOST,
}


def failure_of(code: str, **facts: object) -> Failure:
    """A failure in words."""
    found = FAILURES[code]
    said = found.words.filled(**facts)
    return Failure(failure_class=found.failure_class, code=code, ja=said.ja, en=said.en)
