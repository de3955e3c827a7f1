"""What a gate says when it is red, by the kind of the fault, and the likely causes: sentences whose facts stand in braces."""

from llmlora.contracts.text import Text

PROMPT_DIFFERS = Text(
    ja="質問「{prompt}」のプロンプトが {index} 番目のトークンから、学習時と違います（学習時 {expected!r}、配信 {served!r}）。チャットテンプレートかトークナイザーが違います。学習時のテンプレートで配信してください。",
    en="The prompt for “{prompt}” differs from training, starting at token {index} (trained {expected!r}, served {served!r}). The chat template or the tokenizer differs. Serve the model with the template used in training.",
)
PROMPT_LACKS = Text(
    ja="質問「{prompt}」のプロンプトが {index} 番目のトークンから、学習時と違います。配信側に {expected!r} がありません。チャットテンプレートが違います（既定のシステムプロンプトが抜けた可能性があります）。学習時のテンプレートで配信してください。",
    en="The prompt for “{prompt}” differs from training, starting at token {index}: the server omits {expected!r}. Its chat template differs (it may have dropped a default system prompt). Serve the model with the template used in training.",
)
DIVERGENCE = Text(
    ja="質問「{prompt}」の答えが {index} 番目のトークンで違います（学習したモデル {expected!r}、配信 {served!r}、差 {gap:.2f} nat、許容 {limit:.2f}）。{cause}",
    en="The answer to “{prompt}” differs at token {index} (trained {expected!r}, served {served!r}, apart by {gap:.2f} nats, allowed {limit:.2f}). {cause}",
)
LARGEST_DELTA = Text(
    ja="質問「{prompt}」の {index} 番目のトークン {token!r} の対数確率が {value:.3f} nat ずれています（許容 {limit:.3f}）。{cause}",
    en="The log-probability of token {index} ({token!r}) in the answer to “{prompt}” is off by {value:.3f} nats (allowed {limit:.3f}). {cause}",
)
NOTHING_COMPARED = Text(
    ja="比べられるトークンが 1 つもありません。配信側が対数確率を返しているか確認してください。",
    en="There are no tokens to compare. Check that the server returns log-probabilities.",
)
BASE_ANSWERS = Text(
    ja="配信側の対数確率の差は、学習したモデルと {to_trained:.3f} nat、ベースモデルと {to_base:.3f} nat です。{cause}",
    en="The log-probabilities of the server differ by {to_trained:.3f} nats from the trained model and by {to_base:.3f} from the base model. {cause}",
)
MEAN_OFF = Text(
    ja="{what}のずれが平均 {value:.3f} nat です（許容 {limit:.3f}）。{cause}",
    en="Log-probabilities of {what} are off by {value:.3f} nats on average (allowed {limit:.3f}). {cause}",
)
ANSWERS_TOKENS = Text(ja="答えのトークンの対数確率", en="the answers' tokens")
LIKELIEST_ALTERNATIVES = Text(ja="候補トークンの対数確率", en="the likeliest alternatives")
NEVER_STOPS = Text(
    ja="質問「{prompt}」で学習したモデルは {index} 番目のトークン {end!r} で終わりますが、配信側は終わりません（finish_reason={finish_reason}）。GGUF の EOS が {end!r} になっていません。GGUF への変換をやり直すか、stop に加えてください。",
    en="The trained model ends its answer to “{prompt}” at token {index} with {end!r}, but the server does not (finish_reason={finish_reason}). The EOS token of the GGUF is not {end!r}. Convert to GGUF again, or add {end!r} to stop.",
)
NOTHING_STOPPED = Text(
    ja="{prompts} 問すべてで、学習したモデルの答えが {longest} トークン以内に終わらないため、配信側が止まるかどうかを確かめられません。学習を増やす（epochs、learning_rate）か、deploy の max_tokens を増やすか、短く答えられる質問を prompts に指定してください。",
    en="The trained model did not end any of its {prompts} answers within {longest} tokens, so the check cannot show that the server stops. Train longer (epochs, learning_rate), raise max_tokens of deploy, or give prompts with short answers.",
)
RUNS_PAST_END = Text(
    ja="質問「{prompt}」の答えが終了トークン {end!r} の後も続いています。GGUF の EOS が {end!r} になっていません。GGUF への変換をやり直すか、stop に加えてください。",
    en="The answer to “{prompt}” goes on after the end token {end!r}. The EOS token of the GGUF is not {end!r}. Convert to GGUF again, or add {end!r} to stop.",
)
SHOWS_SPECIAL = Text(
    ja="質問「{prompt}」の答えに特殊トークン {token!r} が文字として出ています。EOS、stop、テンプレートのいずれかが違います。学習時の設定で配信してください。",
    en="The answer to “{prompt}” shows the special token {token!r} as text. The EOS token, the stop list or the template is wrong. Serve the model as it was trained.",
)

# Why answers or log-probabilities are off although the prompts are equal.
NO_ADAPTER = Text(
    ja="アダプターが適用されず、ベースモデルが答えています。adapter の番号と scale を確認してください。",
    en="The adapter is not applied, and the base model answers. Check the index and the scale of the adapter.",
)
ROUNDING = Text(
    ja="量子化の誤差が許容差を超えています。より高い精度（q8_0 や f16）で変換し直してください。",
    en="The rounding error of the quantization exceeds the tolerance. Convert again with a higher precision (q8_0 or f16).",
)
OTHER_WEIGHTS = Text(
    ja="重みが違います。アダプターが別のベースモデルのものか、壊れたか、入れ替わったか、量子化が強すぎます。GGUF への変換をやり直してください。",
    en="The weights differ: the adapter belongs to another base model, is damaged or was mixed up, or the quantization is too strong. Convert to GGUF again.",
)
MISSED_END = Text(
    ja="配信側が応答の終わりで止まっていません。EOS か stop の設定を直してください。",
    en="The server does not end its answer there. Fix its EOS token or its stop list.",
)
