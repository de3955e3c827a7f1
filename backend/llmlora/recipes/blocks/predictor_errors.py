"""Why a trained model that predicts cannot be exported. Free of torch."""

from llmlora.kit.errors import InvalidInputError


class HeadLostError(InvalidInputError):
    """Tensors that the model needs are not in its files: transformers would fill them with random numbers."""

    code = "head_lost"
    ja = "{path} に、モデルに必要な重み（{names}）がありません。このまま使うと、分類の層がでたらめな値になります。学習をもう一度実行してください。"
    en = "Weights that the model needs are missing from {path} ({names}). Used as it is, its classifying layer would be random. Run the training again."


class LabelOrderError(InvalidInputError):
    """config.json and head.json name the classes differently."""

    code = "label_order"
    ja = "{path} のラベルの順序が一致しません（config.json: {model}、head.json: {head}）。このままでは、別のラベルとして答えてしまいます。学習をもう一度実行してください。"
    en = "The labels in {path} do not match (config.json: {model}; head.json: {head}). The model would answer with the wrong labels. Run the training again."


class TokenizerUnusableError(InvalidInputError):
    """Only a tokenizer of the tokenizers library travels with an export, and it has to be able to pad."""

    code = "tokenizer_unusable"
    ja = "{path} のトークナイザーは、モデルと一緒に書き出せません。tokenizer.json とパディング用のトークンがあるモデルで学習してください。"
    en = "The tokenizer in {path} cannot be exported with the model. Train a model that has a tokenizer.json and a padding token."


class ModelNotOfTextsError(InvalidInputError):
    """It reads the columns of a table, and its files are of another kind."""

    code = "model_not_of_texts"
    ja = "{path} は文章ではなく表の列を読むモデルなので、この形式には書き出せません。ONNX に書き出してください。"
    en = "{path} is a model that reads the columns of a table, not texts, and cannot be exported in this form. Export it to ONNX."


class ExportDiffersError(InvalidInputError):
    """The file computes something else than the model that was exported."""

    code = "export_differs"
    ja = "書き出した ONNX の出力が、学習したモデルと違います（差 {difference:.2g}、許容 {limit:.2g}）。このモデルは書き出せません。ほかのベースモデルで学習してください。"
    en = "The exported ONNX model answers differently from the trained one (by {difference:.2g}, allowed {limit:.2g}). This model cannot be exported. Train another base model."
