"""What forms call the settings. A recipe that is not in here still gets titles: from its names and descriptions."""

from collections.abc import Iterable

# Setting: (Japanese, English). Names that mean the same in several recipes stand here once.
_TITLES: dict[str, tuple[str, str]] = {
    "alpha": ("倍率 alpha", "Alpha"),
    "alternatives": ("候補の平均の差", "Mean difference of alternatives"),
    "batch_size": ("バッチサイズ", "Batch size"),
    "checkpoint_interval": ("チェックポイントの間隔", "Checkpoint interval"),
    "clip_norm": ("勾配ノルムの上限", "Gradient clipping"),
    "content": ("本文", "Content"),
    "dora": ("DoRA", "DoRA"),
    "dropout": ("ドロップアウト率", "Dropout"),
    "early_stopping_metric": ("早期終了で見る値", "Early stopping metric"),
    "early_stopping_patience": ("早期終了までの回数", "Early stopping patience"),
    "effective_batch_size": ("更新 1 回の行数", "Rows per update"),
    "epochs": ("エポック数", "Epochs"),
    "eval_interval": ("評価の間隔", "Evaluation interval"),
    "eval_split": ("評価に回す割合", "Evaluation split"),
    "gap": ("入れ替わりを許す差", "Gap that may swap places"),
    "gradient_accumulation": ("勾配の蓄積回数", "Gradient accumulation"),
    "gradient_checkpointing": ("勾配チェックポイント", "Gradient checkpointing"),
    "keep_checkpoints": ("残すチェックポイントの数", "Checkpoints kept"),
    "largest": ("1 トークンの最大の差", "Largest difference"),
    "learning_rate": ("学習率", "Learning rate"),
    "loss_on": ("損失を計算する範囲", "Loss on"),
    "max_length": ("最大長（トークン）", "Max length"),
    "max_steps": ("更新回数の上限", "Max steps"),
    "max_tokens": ("応答の最大トークン数", "Max answer length (tokens)"),
    "mean": ("平均の差", "Mean difference"),
    "measure_forgetting": ("忘却の測定", "Measure forgetting"),
    "name": ("名前", "Name"),
    "outtype": ("数値の形式", "Number format"),
    "packing": ("パッキング", "Packing"),
    "precision": ("計算の精度", "Precision"),
    "prompts": ("検査に使う質問", "Prompts for the checks"),
    "quantisation": ("配信する重みの形式", "Format of the served weights"),
    "rank": ("ランク r", "Rank"),
    "reference": ("ベースモデル", "Base model"),
    "role": ("役割", "Role"),
    "rslora": ("rsLoRA", "rsLoRA"),
    "schedule": ("学習率の変え方", "Schedule"),
    "seed": ("乱数のシード", "Seed"),
    "target": ("出力の対象", "Target"),
    "target_modules": ("学習する層", "Target modules"),
    "thresholds": ("許容差", "Tolerances"),
    "warmup_ratio": ("ウォームアップの割合", "Warm-up ratio"),
    "weight_decay": ("重み減衰", "Weight decay"),
}

# Value of a setting that offers a few: (Japanese, English). Names of formats, such as bf16, are what people call them.
_CHOICES: dict[str, tuple[str, str]] = {
    "auto": ("自動", "Automatic"),
    "balanced": ("行数で補正", "Balanced"),
    "completion": ("応答のみ", "Answers only"),
    "constant": ("一定", "Constant"),
    "cosine": ("コサイン", "Cosine"),
    "eval_loss": ("評価損失", "Evaluation loss"),
    "eval_macro_f1": ("評価のマクロ F1", "Macro F1 (evaluation)"),
    "eval_micro_f1": ("評価のマイクロ F1", "Micro F1 (evaluation)"),
    "everything": ("全体", "Everything"),
    "full": ("すべての重み", "All weights"),
    "linear": ("線形", "Linear"),
    "lora": ("LoRA", "LoRA"),
    "none": ("なし", "None"),
    "off": ("使わない", "Off"),
    "on": ("使う", "On"),
    "train_loss": ("学習損失", "Training loss"),
}


def choices_of(values: Iterable[object]) -> dict[str, dict[str, str]]:
    """What forms call the values of a setting, by value and language; those without a name of their own are absent."""
    named = {str(value): _CHOICES[str(value)] for value in values if str(value) in _CHOICES}
    return {value: {"ja": ja, "en": en} for value, (ja, en) in named.items()}


def titles_of(name: str, description_ja: str | None) -> tuple[str, str]:
    """(Japanese, English) titles of a setting; an unknown one is called by its description or its name."""
    if name in _TITLES:
        return _TITLES[name]
    english = name.replace("_", " ").strip().capitalize()
    japanese = (description_ja or "").partition("。")[0].partition("（")[0]
    return japanese or english, english


def all_titles(language: str) -> set[str]:
    """Everything that forms call a setting or a value of one, in one language."""
    place = {"ja": 0, "en": 1}[language]
    return {pair[place] for pair in (*_TITLES.values(), *_CHOICES.values())}
