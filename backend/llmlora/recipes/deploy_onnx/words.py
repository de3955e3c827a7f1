"""What the gate says when it is red: sentences whose facts stand in braces."""

from llmlora.contracts.text import Text

READ_OTHERWISE = Text(
    ja="「{text}」の読み方が {index} 番目のトークンから、学習時と違います（学習時 {expected!r}、配信 {served!r}）。正規化（大文字と小文字、全角と半角など）かトークナイザーが違います。学習時のトークナイザーで書き出し直してください。",
    en="“{text}” is read differently from training, starting at token {index} (trained {expected!r}, served {served!r}). The normalization (such as letter case or width) or the tokenizer differs. Export again with the tokenizer used in training.",
)
NAMED_OTHERWISE = Text(
    ja="「{text}」に対して、学習したモデルなら「{expected}」と答える値に、配信側は「{served}」というラベルを付けています。ラベルの順序が違います。書き出しをやり直してください。",
    en="For “{text}”, the served model labels “{served}” what the trained model labels “{expected}”. The order of the labels differs. Export the model again.",
)
LOGITS_OFF = Text(
    ja="「{text}」のロジットが {value:.2g} ずれています（許容 {limit:.2g}）。重みか分類の層（ヘッド）が、学習したものと違います。書き出しをやり直してください。",
    en="The logits of “{text}” are off by {value:.2g} (allowed {limit:.2g}). The weights or the classifying layer (head) are not those that were trained. Export the model again.",
)
OUTPUTS_OFF = Text(
    ja="行「{text}」の予測が {value:.2g} ずれています（許容 {limit:.2g}）。モデルか、列の読み方（欠損の補完、カテゴリーの番号）が、学習したものと違います。書き出しをやり直してください。",
    en="The prediction for the row “{text}” is off by {value:.2g} (allowed {limit:.2g}). The model, or how columns are read (gaps, categories), is not what was trained. Export the model again.",
)
CHOSEN_OTHERWISE = Text(
    ja="「{text}」に、学習したモデルは「{expected}」、配信側は「{served}」と答えます。許容値（tolerance）を小さくして、書き出しをやり直してください。",
    en="For “{text}”, the trained model answers “{expected}” and the served one “{served}”. Lower the tolerance and export again.",
)
