"""An exported model that predicts, loaded: items in, outcomes out. Neither torch nor transformers nor scikit-learn is needed."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime
from tokenizers import Encoding, Tokenizer

from llmlora.contracts.prediction import (
    ColumnsItem,
    Head,
    InputType,
    Item,
    LabelScore,
    Outcome,
    PredictionAnswer,
    TextItem,
)
from llmlora.data.column_encoder import read_encoder
from llmlora.data.predictor_files import (
    MODEL_NAME,
    TOKENIZER_NAME,
    PredictorFileMissingError,
    read_head,
    refuse_unmarked,
)
from llmlora.data.scalars import Scalar, is_missing
from llmlora.kit.files import sha256_of_file

# Rows of one pass: short texts gain little beyond it, and long ones would take memory by its square.
BATCH = 16
_COLUMNS = {"input_ids": "ids", "attention_mask": "attention_mask", "token_type_ids": "type_ids"}
"""By an input of the graph, what of a tokenized text it takes."""


class _TextReader:
    """Texts as ids, by the tokenizer of the export."""

    def __init__(self, directory: Path, session: onnxruntime.InferenceSession, head: Head) -> None:
        self._tokenizer, self._head = _tokenizer(directory / TOKENIZER_NAME), head
        self._session, self._inputs = session, [one.name for one in session.get_inputs()]

    def outcomes(self, items: Sequence[Item]) -> list[Outcome]:
        """One for each item."""
        encoded = self._tokenizer.encode_batch([one.text for one in items if isinstance(one, TextItem)])
        fed = {
            name: np.array([getattr(one, _COLUMNS[name]) for one in encoded], dtype=np.int64)
            for name in self._inputs
        }
        logits: npt.NDArray[np.float32] = self._session.run(None, fed)[0]
        return [_text_outcome(self._head, *one) for one in zip(encoded, logits, strict=True)]


class _ColumnsReader:
    """Cells as numbers, by `columns.json`."""

    def __init__(self, directory: Path, session: onnxruntime.InferenceSession, head: Head) -> None:
        self._encoder, self._session, self._head = read_encoder(directory), session, head

    def outcomes(self, items: Sequence[Item]) -> list[Outcome]:
        """One for each item."""
        rows = [
            {name: _cell(value) for name, value in one.columns.items()}
            for one in items
            if isinstance(one, ColumnsItem)
        ]
        name = self._session.get_inputs()[0].name
        outputs = self._session.run(None, {name: self._encoder.encode_rows(rows)})[0]
        return [_columns_outcome(self._head, one) for one in outputs.reshape(len(rows), -1)]


_READERS: Mapping[InputType, type[_TextReader | _ColumnsReader]] = {
    "text": _TextReader,
    "columns": _ColumnsReader,
}


class PredictorSession:
    """One model. Not for two threads at once: a lock would only hide that they wait."""

    def __init__(self, directory: Path, *, threads: int) -> None:
        """Load and check.

        Raises:
            PredictorFileMissingError, PredictorFileChangedError, PredictorUnmarkedError: it is not what was exported.
        """
        path = directory / MODEL_NAME
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
        # Threads that spin stall whoever trains beside them.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime has a class of its own for each of its states
            raise PredictorFileMissingError(path=path, reason=str(error)[:200]) from error
        refuse_unmarked(directory, session.get_modelmeta().custom_metadata_map)
        self.head: Head = read_head(directory)
        self._reader = _READERS[self.head.input](directory, session, self.head)
        self.model_sha256 = sha256_of_file(path)

    def predict(self, items: Sequence[Item]) -> PredictionAnswer:
        """An outcome for each item, which are of the type that the model takes."""
        begun = time.perf_counter()
        outcomes: list[Outcome] = []
        for start in range(0, len(items), BATCH):
            outcomes += self._reader.outcomes(items[start : start + BATCH])
        took_ms = (time.perf_counter() - begun) * 1000
        return PredictionAnswer(
            outcomes=tuple(outcomes), model_sha256=self.model_sha256, took_ms=round(took_ms, 3)
        )


def shares_of(head: Head, logits: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    """Softmax where one label is right, the logistic function of each where several may be. (labels,)"""
    values = logits.astype(np.float64)
    if head.task == "multi_label":
        return np.asarray(1 / (1 + np.exp(-values)))
    raised = np.exp(values - values.max())
    return np.asarray(raised / raised.sum())


def _text_outcome(head: Head, encoding: Encoding, logits: npt.NDArray[np.float32]) -> Outcome:
    read = [id_ for id_, seen in zip(encoding.ids, encoding.attention_mask, strict=True) if seen]
    return Outcome(
        labels=_labels(head, shares_of(head, logits)),
        logits=tuple(float(one) for one in logits),
        input_ids=tuple(read),
        is_cut=bool(encoding.overflowing),
    )


def _columns_outcome(head: Head, outputs: npt.NDArray[np.float32]) -> Outcome:
    """Of probabilities, or of an amount."""
    told = tuple(float(one) for one in outputs)
    if head.task == "number":
        return Outcome(labels=(), logits=told, number=told[0])
    return Outcome(labels=_labels(head, outputs.astype(np.float64)), logits=told)


def _labels(head: Head, shares: npt.NDArray[np.float64]) -> tuple[LabelScore, ...]:
    best = int(shares.argmax())
    is_chosen = shares >= head.threshold if head.task == "multi_label" else np.arange(len(shares)) == best
    order = np.argsort(-shares, kind="stable")
    return tuple(
        LabelScore(label=head.labels[i], score=float(shares[i]), is_chosen=bool(is_chosen[i])) for i in order
    )


def _cell(value: Scalar) -> Scalar:
    """A text that stands for no value is none, as it was when the rows were read that the model has learned from."""
    return None if isinstance(value, str) and is_missing(value) else value


def _tokenizer(path: Path) -> Tokenizer:
    try:
        return Tokenizer.from_file(str(path))
    except Exception as error:  # tokenizers raises no class of its own
        raise PredictorFileMissingError(path=path, reason=str(error)[:200]) from error
