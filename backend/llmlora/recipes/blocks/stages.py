"""Parts of a run that several recipes have, and what people call them. Free of torch."""

from llmlora.contracts.recipe import Stage, Step
from llmlora.contracts.text import Text

REHEARSE = Stage("rehearse", Text(ja="変換の試行", en="Test conversion"), prepares=True)
TOKENIZE = Stage("tokenize", Text(ja="トークン化", en="Tokenizing"), prepares=True)
LOAD = Stage("load", Text(ja="モデルの読み込み", en="Loading the model"), prepares=True)
TRAIN = Stage("train", Text(ja="ステップ", en="Step"))
PREPARE = Stage("prepare", Text(ja="準備", en="Preparing"), prepares=True)
CONVERT = Stage("convert", Text(ja="変換", en="Converting"))
EVALUATE = Stage("evaluate", Text(ja="評価", en="Evaluating"))
CHECK = Stage("check", Text(ja="確認", en="Checking"))
PUBLISH = Stage("publish", Text(ja="仕上げ", en="Finishing"))
GATES = Stage("gates", Text(ja="質問", en="Question"))
HASH = Stage("hash", Text(ja="照合", en="Verifying"), prepares=True)
MERGE = Stage("merge", Text(ja="結合", en="Merging"))
QUANTISE = Stage("quantise", Text(ja="量子化", en="Quantizing"))

CHECKED = Step(
    "gates",
    Text(ja="検査", en="Checks"),
    Text(ja="同じ答え・停止", en="Same answers, stops"),
    since=GATES.name,
)
