"""A model that predicts, exported: a directory whose one file names all others by their hashes.

`model.onnx` carries in its metadata the hashes of `head.json` (the labels in their order, the length) and of `tokenizer.json` (how
a text is normalised, split, cut and padded) or `columns.json` (how cells become numbers). Whoever knows the hash of `model.onnx` knows all that an answer depends on.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError

from llmlora.contracts.prediction import COLUMNS_NAME, HEAD_NAME, Head
from llmlora.kit.errors import InvalidInputError

MODEL_NAME, TOKENIZER_NAME = "model.onnx", "tokenizer.json"
METADATA = {
    HEAD_NAME: "llmlora.head_sha256",
    TOKENIZER_NAME: "llmlora.tokenizer_sha256",
    COLUMNS_NAME: "llmlora.columns_sha256",
}
"""By a file, the key of its hash in the metadata of `model.onnx`."""
_PARTS = {
    HEAD_NAME: ("ラベルとその順序", "the labels and their order"),
    TOKENIZER_NAME: ("テキストの正規化と分割", "how a text is normalized and split"),
    COLUMNS_NAME: ("列の読み方（欠損の補完、カテゴリーの番号）", "how columns are read (gaps, categories)"),
}


class PredictorFileMissingError(InvalidInputError):
    """A file of a model that predicts is not there, or cannot be read."""

    code = "predictor_file_missing"
    ja = "予測モデルのファイル {path} がないか、読めません（{reason}）。書き出しをやり直してください。"
    en = "The file {path} of a model that predicts is missing or cannot be read ({reason}). Export the model again."


class PredictorFileChangedError(InvalidInputError):
    """Labels or tokenizer are not those that the model was exported with."""

    code = "predictor_file_changed"
    ja = "{path} が書き出したときと違います。{part}が変わるため、このモデルは使えません。元のファイルに戻すか、書き出しをやり直してください。"
    en = "{path} differs from what was exported. That changes {part}, so the model is not served. Restore the file, or export the model again."


class PredictorUnmarkedError(InvalidInputError):
    """No export of ours has made the file."""

    code = "predictor_unmarked"
    ja = "{path} は、このスタジオが書き出した ONNX ではありません。学習のページからデプロイしてください。"
    en = "{path} is not an ONNX file that this studio has exported. Deploy it from the page of its training."


def read_head(directory: Path) -> Head:
    """What the outputs mean.

    Raises:
        PredictorFileMissingError: the file is not there, or is not a head.
    """
    path = directory / HEAD_NAME
    try:
        return Head.model_validate_json(path.read_bytes())
    except OSError as error:
        raise PredictorFileMissingError(path=path, reason=error.strerror) from error
    except ValidationError as error:
        raise PredictorFileMissingError(path=path, reason=f"{error.errors()[0]['msg']}") from error


def marks_of(directory: Path) -> dict[str, str]:
    """The metadata that `model.onnx` gets: the hashes of the files beside it."""
    return {
        key: hashlib.sha256((directory / name).read_bytes()).hexdigest()
        for name, key in METADATA.items()
        if (directory / name).is_file()
    }


def refuse_unmarked(directory: Path, metadata: Mapping[str, str]) -> None:
    """Check that the files beside `model.onnx` are those that it was exported with.

    Raises:
        PredictorUnmarkedError: it does not say.
        PredictorFileMissingError: one is not there.
        PredictorFileChangedError: one is another; says what that changes.
    """
    marked = {name: key for name, key in METADATA.items() if key in metadata}
    if HEAD_NAME not in marked or len(marked) < 2:  # the head, and how what goes in is read
        raise PredictorUnmarkedError(path=directory / MODEL_NAME)
    for name, key in marked.items():
        path = directory / name
        try:
            found = hashlib.sha256(path.read_bytes()).hexdigest()
        except OSError as error:
            raise PredictorFileMissingError(path=path, reason=error.strerror) from error
        if found != metadata[key]:
            raise PredictorFileChangedError(path=path, part=_PARTS[name])
