"""Why there are no pages."""

from llmlora.kit.errors import UnavailableError


class NodeMissingError(UnavailableError):
    """No Node.js that is new enough, and none could be fetched."""

    code = "node_missing"
    ja = "Node.js {wanted} 以上がなく、取得もできませんでした（{reason}）。Node.js をインストールするか、--no-pages で API だけを起動してください。"
    en = "Node.js {wanted} or later was not found and could not be downloaded ({reason}). Install Node.js, or start only the API with --no-pages."


class PagesNotBuiltError(UnavailableError):
    """A step of the build failed."""

    code = "pages_not_built"
    ja = "画面をビルドできませんでした（{step}）。{log} を確認してください。--no-pages を付けると API だけを起動します。最後の行: {last}"
    en = "The pages could not be built ({step}). Check {log}; --no-pages starts only the API. Last line: {last}"
