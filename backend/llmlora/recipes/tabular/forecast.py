"""What the training of a model over a table takes of memory and disk.

A cell in memory is an object of Python (about 60 bytes) and, encoded, a float32 in three copies: all rows, those of a fold, and what the model
keeps. How many columns there are is not known before the data is read, so a number is assumed, and told.
"""

from itertools import pairwise

from llmlora.contracts.forecast import Expected, Facts, Forecaster, LengthForecast, MemoryForecast, Part
from llmlora.recipes.blocks.forecast.conversions import no_data, no_time
from llmlora.recipes.blocks.forecast.memory import LIBRARIES_BYTES, choose_place, verdict_of
from llmlora.recipes.tabular.spec import TabularConfig

ASSUMED_COLUMNS = 30
CELL_BYTES = 60 + 3 * 4
NODE_BYTES = 80
"""Of a tree: two children, feature, threshold, impurity, two counts and the values."""


def expect(facts: Facts) -> Expected:
    """By the rows."""
    config = facts.config
    assert isinstance(config, TabularConfig)
    rows = facts.lengths_of(1).rows
    if rows is None:
        return Expected(
            no_data("データを選ぶと分かります", "known once data is chosen"), None, no_time(), None
        )
    model_bytes = _model_bytes(config, rows)
    parts = [
        Part(
            name="table",
            size_bytes=rows * ASSUMED_COLUMNS * CELL_BYTES,
            ja=f"{rows:,} 行 × {ASSUMED_COLUMNS} 列と仮定した表と、その数値",
            en=f"The table, assuming {rows:,} rows × {ASSUMED_COLUMNS} columns, and its numbers",
        ),
        Part(name="model", size_bytes=model_bytes, ja="モデル", en="The model"),
        Part(
            name="libraries",
            size_bytes=LIBRARIES_BYTES,
            ja="Python とライブラリ",
            en="Python and its libraries",
        ),
    ]
    return Expected(_rows(rows), _memory(facts, parts), no_time(), _disk(model_bytes))


def _model_bytes(config: TabularConfig, rows: int) -> int:
    match config.model:
        case "random_forest":
            leaves = max(1, rows // (config.min_samples_leaf or 1))
            nodes = min(2 * leaves, 2 ** (config.max_depth + 1)) if config.max_depth else 2 * leaves
            return config.n_estimators * nodes * NODE_BYTES
        case "gradient_boosting":
            return (config.max_iter or 100) * 62 * NODE_BYTES  # 31 leaves a tree
        case "svm":
            return rows * ASSUMED_COLUMNS * 8
        case "neural_network":
            sizes = [ASSUMED_COLUMNS, *config.hidden_layers]
            return 3 * 4 * sum(one * other for one, other in pairwise(sizes))
        case "linear":
            return ASSUMED_COLUMNS * 8


def _memory(facts: Facts, parts: list[Part]) -> MemoryForecast:
    place = choose_place("cpu", "fp32", facts.machine)
    peak = sum(part.size_bytes for part in parts)
    return MemoryForecast(
        device=place.device,
        precision=place.precision,
        recompute=False,
        longest_pass_tokens=0,
        peak_bytes=peak,
        free_bytes=place.free_bytes,
        total_bytes=place.total_bytes,
        verdict=verdict_of(peak, place.free_bytes),
        parts=parts,
    )


def _disk(model_bytes: int) -> tuple[Part, ...]:
    return (
        Part(
            name="model",
            size_bytes=2 * model_bytes,
            ja="完成したモデル（skops と ONNX）",
            en="The finished model (skops and ONNX)",
        ),
    )


def _rows(rows: int) -> LengthForecast:
    return LengthForecast(
        rows=rows,
        tokens_per_epoch=None,
        supervised_tokens_per_epoch=None,
        longest_row_tokens=None,
        basis="none",
        ja="表の行数から推定",
        en="estimated from the rows of the table",
    )


FORECAST = Forecaster(expect)
