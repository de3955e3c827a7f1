"""Why there are no pages."""

from llmlora.kit.errors import UnavailableError


class NodeMissingError(UnavailableError):
    """No Node.js that is new enough, and none could be fetched."""

    code = "node_missing"
    ja = "Node.js {wanted} 以上がなく、取得もできませんでした（{reason}）。Node.js を入れるか、--no-pages で API だけを起動してください。"
    en = "There is no Node.js {wanted} or newer and it could not be fetched ({reason}). Install Node.js, or start the API alone with --no-pages."


class PagesNotBuiltError(UnavailableError):
    """A step of the build failed."""

    code = "pages_not_built"
    ja = "画面を組み立てられませんでした（{step}）。{log} を確認してください。--no-pages なら API だけを起動します。最後の行: {last}"
    en = (
        "The pages could not be built ({step}). See {log}; --no-pages starts the API alone. Last line: {last}"
    )
