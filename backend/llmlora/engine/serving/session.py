"""An exported model that predicts, loaded: texts in, outcomes out. Neither torch nor transformers is needed."""

import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime
from tokenizers import Encoding, Tokenizer

from llmlora.contracts.prediction import Head, Item, LabelScore, Outcome, PredictionAnswer
from llmlora.data.predictor_files import (
    MODEL_NAME,
    TOKENIZER_NAME,
    PredictorFileMissingError,
    read_head,
    refuse_unmarked,
)
from llmlora.kit.files import sha256_of_file

# Rows of one pass: short texts gain little beyond it, and long ones would take memory by its square.
BATCH = 16
_COLUMNS = {"input_ids": "ids", "attention_mask": "attention_mask", "token_type_ids": "type_ids"}
"""By an input of the graph, what of a tokenized text it takes."""


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
            self._session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime has a class of its own for each of its states
            raise PredictorFileMissingError(path=path, reason=str(error)[:200]) from error
        refuse_unmarked(directory, self._session.get_modelmeta().custom_metadata_map)
        self.head: Head = read_head(directory)
        self._tokenizer = _tokenizer(directory / TOKENIZER_NAME)
        self._inputs = [one.name for one in self._session.get_inputs()]
        self.model_sha256 = sha256_of_file(path)

    def predict(self, items: Sequence[Item]) -> PredictionAnswer:
        """An outcome for each item."""
        begun = time.perf_counter()
        outcomes: list[Outcome] = []
        for start in range(0, len(items), BATCH):
            texts = [one.text for one in items[start : start + BATCH]]
            encoded = self._tokenizer.encode_batch(texts)
            for encoding, logits in zip(encoded, self._logits(encoded), strict=True):
                outcomes.append(_outcome(self.head, encoding, logits))
        took_ms = (time.perf_counter() - begun) * 1000
        return PredictionAnswer(
            outcomes=tuple(outcomes), model_sha256=self.model_sha256, took_ms=round(took_ms, 3)
        )

    def _logits(self, encoded: Sequence[Encoding]) -> npt.NDArray[np.float32]:
        """(rows, labels)."""
        fed = {
            name: np.array([getattr(one, _COLUMNS[name]) for one in encoded], dtype=np.int64)
            for name in self._inputs
        }
        found: npt.NDArray[np.float32] = self._session.run(None, fed)[0]
        return found


def shares_of(head: Head, logits: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    """Softmax where one label is right, the logistic function of each where several may be. (labels,)"""
    values = logits.astype(np.float64)
    if head.task == "multi_label":
        return np.asarray(1 / (1 + np.exp(-values)))
    raised = np.exp(values - values.max())
    return np.asarray(raised / raised.sum())


def _outcome(head: Head, encoding: Encoding, logits: npt.NDArray[np.float32]) -> Outcome:
    shares = shares_of(head, logits)
    best = int(shares.argmax())
    is_chosen = shares >= head.threshold if head.task == "multi_label" else np.arange(len(shares)) == best
    order = np.argsort(-shares, kind="stable")
    read = [id_ for id_, seen in zip(encoding.ids, encoding.attention_mask, strict=True) if seen]
    return Outcome(
        labels=tuple(
            LabelScore(label=head.labels[i], score=float(shares[i]), is_chosen=bool(is_chosen[i]))
            for i in order
        ),
        logits=tuple(float(one) for one in logits),
        input_ids=tuple(read),
        is_cut=bool(encoding.overflowing),
    )


def _tokenizer(path: Path) -> Tokenizer:
    try:
        return Tokenizer.from_file(str(path))
    except Exception as error:  # tokenizers raises no class of its own
        raise PredictorFileMissingError(path=path, reason=str(error)[:200]) from error
