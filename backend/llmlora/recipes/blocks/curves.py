"""Curves that every training with the shared loop draws. Free of torch."""

from llmlora.contracts.recipe import Metric
from llmlora.contracts.text import Text

TRAIN_LOSS = Metric(
    "train/loss", Text(ja="学習損失", en="Training loss"), "loss", "loss", "down", main=True, tile="last"
)
EVAL_LOSS = Metric(
    "eval/loss", Text(ja="評価損失", en="Evaluation loss"), "loss", "loss", "down", tile="last", sparse=True
)
LEARNING_RATE = Metric(
    "train/learning_rate", Text(ja="学習率", en="Learning rate"), "learning_rate", "rate", tile="last"
)
GRAD_NORM = Metric("train/grad_norm", Text(ja="勾配ノルム", en="Gradient norm"), "grad_norm", tile="last")
SPEED = Metric(
    "train/tokens_per_s", Text(ja="トークン/秒", en="Tokens/s"), "speed", "tokens_per_s", "up", tile="last"
)
MEMORY = Metric("memory/bytes", Text(ja="メモリ", en="Memory"), "memory", "bytes", "down", tile="peak")
EPOCH = Metric("train/epoch", Text(ja="エポック", en="Epoch"), "epoch", "epochs", drawn=False)
