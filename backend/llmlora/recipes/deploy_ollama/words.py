"""What a registration tells: what helped where the first attempt did not do, and what is registered otherwise than sent."""

from llmlora.contracts.text import Text

# Why base and adapter become one model; they stand before `MERGED`.
NOT_SERVED = Text(
    ja="このバージョンの Ollama はアダプターを登録しても使わないため、",
    en="This version of Ollama accepts adapters but does not use them.",
)
ADDS_START = Text(
    ja="ベースモデルの GGUF が、学習時のプロンプトにない開始トークンを付けるため、",
    en="The GGUF of the base model adds a start token that the prompts in training did not have.",
)
NOTHING_TO_SEND = Text(
    ja="アダプターを重ねる形では登録できないため、",
    en="The model cannot be registered as a base with an adapter.",
)
TAKES_NO_ADAPTERS = Text(
    ja="このバージョンの Ollama にはアダプターを登録できないため（{reason}）、",
    en="This version of Ollama cannot register adapters ({reason}).",
)
MERGED = Text(
    ja="{why}ベースとアダプターを 1 つのモデルに結合して登録しました。",
    en="{why} Base and adapter were merged into one model, which was registered.",
)
QUANTISED = Text(
    ja="Ollama が量子化しなかったため（{reason}）、llmlora が {outtype} に量子化して登録しました。",
    en="Ollama did not quantize the model ({reason}), so llmlora quantized it to {outtype} and registered it.",
)
OWN_TEMPLATE = Text(
    ja="Ollama が推測したテンプレートが学習時と違ったため、学習時のテンプレートを渡して登録し直しました。",
    en="The template that Ollama guessed differs from the one used in training, so the model was registered again with the training template.",
)
EVERY_STOP = Text(
    ja="答えが終わらなかったため、すべての特殊トークンを stop に加えて登録し直しました。",
    en="Answers did not end, so the model was registered again with every special token in the stop list.",
)

PARTS = {
    "base": Text(ja="重み", en="weights"),
    "adapter": Text(ja="アダプター", en="adapter"),
    "seal": Text(ja="来歴", en="provenance"),
}
NOT_AS_SENT = Text(
    ja="Ollama の {name} の{part}が、送ったものと違います（送信: {sent}、登録: {registered}）。同じ名前で別のモデルが登録された可能性があります。登録し直してください。",
    en="What {name} in Ollama has as its {part} is not what was sent (sent {sent}, registered {registered}). Another model may have been registered under this name. Register it again.",
)
