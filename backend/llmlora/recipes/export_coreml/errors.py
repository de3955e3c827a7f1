"""Why a model does not become a Core ML package, or not this one. Free of torch."""

from llmlora.kit.errors import AppError, InvalidInputError


class CoremlMissingError(InvalidInputError):
    """coremltools is not installed: it has no wheel for this machine, or this Python."""

    code = "coremltools_missing"
    ja = "Core ML への書き出しには coremltools が必要ですが、このマシンにはありません（{reason}）。`pip install coremltools==9.0` を実行してください。coremltools は macOS と x86_64 の Linux でだけ動くので、ほかのマシンでは、そのどちらかのワーカーで書き出してください。"
    en = "Exporting to Core ML needs coremltools, which is not here ({reason}). Run `pip install coremltools==9.0`. It exists for macOS and for Linux on x86_64 alone: elsewhere, export with a worker on one of those."


class CoremlUnconvertibleError(InvalidInputError):
    """coremltools cannot express the model."""

    code = "coreml_unconvertible"
    ja = "coremltools {version} では、{architecture} を Core ML に変換できません（{reason}）。ほかのベースモデルで学習するか、GGUF や ONNX に書き出してください。"
    en = "coremltools {version} cannot convert {architecture} to Core ML ({reason}). Train another base model, or export to GGUF or ONNX."


class CoremlLengthError(InvalidInputError):
    """A row would be longer than the model reads, or than all of it is used."""

    code = "coreml_length"
    ja = "length {length} は、このモデルで使える長さ {longest} を超えています。{longest} 以下にしてください。"
    en = "length {length} exceeds what this model can be exported with, {longest}. Use at most {longest}."


class CoremlInterfaceError(AppError):
    """The package's inputs, outputs or labels are not what was asked for."""

    code = "coreml_interface"
    ja = "書き出したパッケージの{what_ja}が違います（{found}、正しくは {expected}）。このパッケージは使えません。書き出しをやり直してください。"
    en = "The exported package has other {what_en} ({found} instead of {expected}). It is not usable. Export again."


class CoremlFileChangedError(AppError):
    """A file beside the package is not the one whose hash the package holds."""

    code = "coreml_file_changed"
    ja = "{name} が、パッケージを書き出したときと違います。ラベルやトークンの番号が変わるため、このパッケージは使えません。書き出しをやり直してください。"
    en = "{name} differs from what the package was exported with. Labels or token ids would change, so the package is not usable. Export again."


class CoremlWeightsError(AppError):
    """A trained tensor is not in the package, or is another there."""

    code = "coreml_weights_differ"
    ja = "学習した重み {tensor} が、書き出したパッケージにないか、値が違います（{count} 個を照合）。ディスクの空きと、coremltools と torch のバージョンを確認してください。"
    en = "The trained weights {tensor} are missing from the exported package or differ there ({count} were compared). Check the disk, and the versions of coremltools and torch."


class CoremlOverflowError(InvalidInputError):
    """Values on the way are beyond what float16 holds."""

    code = "coreml_overflow"
    ja = "計算の途中の値 {value:.3g}（{operation}）が float16 の範囲（65504 まで）を超えます。precision を float32 にして書き出してください。"
    en = "A value on the way, {value:.3g} ({operation}), exceeds what float16 can hold (up to 65504). Export with precision float32."


class CoremlDiffersError(InvalidInputError):
    """The package computes something else than the trained model."""

    code = "coreml_differs"
    ja = "書き出したパッケージの出力が、学習したモデルと違います（{row} 行目: 差 {difference:.2g}、許容 {limit:.2g}）。precision を float32 にするか、ほかのベースモデルで学習してください。"
    en = "The exported package answers differently from the trained model (row {row}: by {difference:.2g}, allowed {limit:.2g}). Export with precision float32, or train another base model."
